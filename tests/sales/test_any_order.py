"""Whatever is done in whatever order: one customer for a lead, a status that is the pure function of its facts, facts
that are those of its documents, counters that say what a count says."""

from datetime import date

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadhub.extensions import db
from leadhub.leads import bin
from leadhub.leads.checks import FieldRefused
from leadhub.leads.counters import jobs, services
from leadhub.leads.counters.models import CounterState, LeadDays
from leadhub.leads.models import Lead
from leadhub.leads.services import LeadGone, create_lead, update_lead
from leadhub.leads.statuses.facts import facts_of, standing_of
from leadhub.lists.models import LossReason
from leadhub.plugins.api import LeadDraft
from leadhub.sales import customers, facts, queries
from leadhub.sales.drafts import QuotationDraft
from leadhub.sales.models import CustomerLead
from leadhub.sales.parties import NotNow
from leadhub.sales.quotations import queries as quotation_queries
from leadhub.sales.quotations import services as quotations
from leadhub.sales.quotations.services import ACTS

STATUSES = st.sampled_from(("open", "opportunity", "closed", "do-not-contact"))
STAGES = st.sampled_from(("sales.in-evaluation", "sales.converted", "sales.lost"))
OTHERS = ("submit", "remove", "customer", "unlink", "delete_customer", "bin", "fold")
DONE = st.lists(
    st.one_of(
        st.tuples(st.sampled_from((*sorted(ACTS), *OTHERS)), st.integers(0, 1)),
        st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 1)),
        st.tuples(st.just("status"), STATUSES) | st.tuples(st.just("stage"), STAGES),
    ),
    min_size=3,
    max_size=14,
)


def do(lead, name, what, ada):
    rows = {row.number: row for row in quotation_queries.quotations_of(lead)}
    row = rows.get(f"Q-{what}")
    if name == "submit":
        number = f"Q-{what}-{len(rows)}" if row else f"Q-{what}"
        quotations.add(lead, QuotationDraft(number=number, sent_on=date(2026, 11, 30)), by=ada)
    elif name in ACTS and row:
        reason = db.session.scalars(sa.select(LossReason)).first()
        quotations.act(row, name, by=ada, reason=reason, order_number="O-1")
    elif name == "remove" and row:
        quotations.remove(row, by=ada)
    elif name == "customer":
        customers.make_customer(lead, by=ada)
    elif name == "unlink":
        customers.unlink_customer(lead, by=ada)
    elif name == "delete_customer" and (customer := queries.customer_of(lead)):
        customers.delete_customer(customer, by=ada)
    elif name == "bin":
        bin.delete(lead, by=ada)
        bin.restore(lead, by=ada)
    elif name == "fold":
        jobs.fold_block()
    elif name in ("status", "stage"):
        answers = {"lost_reason": "price"} if what in ("closed", "sales.lost") else {}
        update_lead(lead, {name: what} | answers, by=ada, version=lead.version)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(done=DONE)
def test_nothing_breaks_what_must_hold(context, person, done):
    ada = person("ada")
    services.recount(db.session.connection())
    lead = create_lead(LeadDraft(channel="form", last_name="Dupont", organisation="Acme"), by=ada)
    for name, what in [("submit", 0), ("submit", 1), *done]:
        try:
            with db.session.begin_nested():
                do(lead, name, what, ada)
        except (NotNow, FieldRefused, LeadGone):
            db.session.refresh(lead)
    db.session.flush()
    db.session.expire_all()

    _holds(db.session.get(Lead, lead.id))
    db.session.rollback()


def _holds(lead):
    links = db.session.scalars(sa.select(CustomerLead).where(CustomerLead.lead_id == lead.id)).all()
    assert len(links) <= 1
    told, (_facts, verdict) = facts_of(lead.id), standing_of(lead)
    assert lead.status_id == verdict.status.id
    now = facts.facts_of(queries.documents_of(lead, links[0].customer.title if links else ""))
    for name, said in now.items():
        assert (told[name].holds if name in told else False) == said.holds, name
    assert (lead.customer_since is not None) == bool(links)
    while jobs.fold_block():
        pass
    names = [column for column in LeadDays.__table__.columns if column.name != "leads"]
    kept = {tuple(row[:-1]): row[-1] for row in db.session.execute(sa.select(*names, LeadDays.leads)) if row[-1]}
    zone = db.session.scalar(sa.select(CounterState.time_zone))
    assert services.counted(db.session.connection(), zone).days == kept
