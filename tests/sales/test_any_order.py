"""Whatever is done in whatever order: one customer for a lead, a status that is the pure function of its facts, these
those of its documents, numbers that rise and stay, amounts that add up, counters that say what a count says."""

from contextlib import suppress

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadhub.extensions import db
from leadhub.leads import bin
from leadhub.leads.checks import FieldRefused
from leadhub.leads.counters import jobs, services
from leadhub.leads.counters.models import CounterState, LeadDays
from leadhub.leads.services import LeadGone
from leadhub.sales.customers import CustomerGone, HasCustomer
from leadhub.sales.parties import NotNow, StaleDocument
from tests.sales.world import World

DECLARED = (NotNow, StaleDocument, FieldRefused, LeadGone, bin.SomewhereElse, CustomerGone, HasCustomer)
"""What may be refused; anything else is a defect."""
OFTEN = ("do_quotation", "do_quotation", "do_order", "do_opportunity", "new_submitted", "try_any")
NOW_AND_THEN = (
    "new_opportunity", "new_quotation", "new_order", "told_quotation", "submit", "revise", "expire", "order_of",
    "change_opportunity", "change_quotation", "change_order", "make", "link", "unlink", "delete_customer", "bin",
    "fold", "choose", "move", "say_since", "delete_status",
)  # fmt: skip
ACTS = ("nothing", *OFTEN, *OFTEN, *NOW_AND_THEN)  # what is of no account becomes nothing in the example that is shown
DONE = st.tuples(st.sampled_from(ACTS), st.integers(0, 5), st.integers(0, 11))


@pytest.mark.slow
def test_nothing_breaks_what_must_hold(context, person, database, size):
    ada = person("ada")
    services.recount(db.session.connection())
    begun = World(ada)
    db.session.commit()

    @settings(
        max_examples=size(200, 40 if database == "sqlite" else 15),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(done=st.lists(DONE, min_size=10, max_size=24))
    def try_it(done):
        world = begun.as_it_began()
        try:
            for name, which, how in done:
                with suppress(*DECLARED), db.session.begin_nested():
                    world.do(name, which, how)
                world.check()
            counters_agree()
        finally:
            db.session.rollback()

    try_it()


def counters_agree():
    while jobs.fold_block():
        pass
    names = [column for column in LeadDays.__table__.columns if column.name != "leads"]
    kept = {tuple(row[:-1]): row[-1] for row in db.session.execute(sa.select(*names, LeadDays.leads)) if row[-1]}
    zone = db.session.scalar(sa.select(CounterState.time_zone))
    assert services.counted(db.session.connection(), zone).days == kept
