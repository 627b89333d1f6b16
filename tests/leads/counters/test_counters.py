"""The counters say what a count of the leads says, whatever happens to them and whenever changes are folded."""

from collections import Counter
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadhub.accounts.models import Role, User
from leadhub.extensions import db
from leadhub.leads import bin
from leadhub.leads.counters import jobs
from leadhub.leads.counters.models import LeadCount, LeadDelta
from leadhub.leads.counters.queries import sums_for
from leadhub.leads.counters.services import recount
from leadhub.leads.models import Lead
from leadhub.leads.queries import lead_seen_by
from leadhub.leads.services import create_leads, update_lead
from leadhub.plugins.api import LeadDraft

STAGES = ("sales.first-contact", "sales.in-evaluation", "sales.in-negotiation")
OWNERS = ("ada@example.org", "bob@example.org", "")
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("stage"), st.integers(0, 3), st.sampled_from(STAGES)),
        st.tuples(st.just("owner"), st.integers(0, 3), st.sampled_from(OWNERS)),
        st.tuples(st.just("expected_value"), st.integers(0, 3), st.none() | st.integers(0, 10**9).map(Decimal)),
        st.tuples(st.just("currency"), st.integers(0, 3), st.sampled_from(("", "USD"))),
        st.tuples(st.sampled_from(("bin", "restore", "gone", "fold")), st.integers(0, 3), st.none()),
    ),
    min_size=1,
    max_size=12,
)


def counted(user):
    """The same by a count of the rows."""
    found = Counter(), Counter()
    seen = {row.id for row in db.session.scalars(sa.select(Lead).where(Lead.deleted_at.is_(None)))}
    for lead in (lead_seen_by(user, lead_id) for lead_id in seen):
        if lead:
            found[0][lead.stage_id, lead.currency] += 1
            found[1][lead.stage_id, lead.currency] += lead.expected_value or 0
    return {key: (number, found[1][key]) for key, number in found[0].items()}


def told(user):
    return {(row.stage_id, row.currency): (row.leads, row.amount) for row in sums_for(user)}


def act(name, lead, value, ada):
    if name == "fold":
        jobs.fold_block()
    elif name == "restore" and lead.deleted_at:
        bin.restore(lead, by=ada)
    elif name == "gone" and lead.deleted_at:
        bin.remove([lead.id], by=ada)
    elif name == "bin" and not lead.deleted_at:
        bin.delete(lead, by=ada)
    elif name not in ("bin", "restore", "gone") and not lead.deleted_at:
        update_lead(lead, {name: value}, by=ada, version=lead.version)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_the_counters_agree_with_a_count(context, person, acts):
    ada = person("ada")
    drafts = [LeadDraft(channel="form", last_name=f"L{n}", expected_value=Decimal(n)) for n in range(4)]
    ids = [outcome.lead_id for outcome in create_leads(drafts, by=ada)]
    for name, number, value in acts:
        if lead := db.session.get(Lead, ids[number]):
            act(name, lead, value, ada)
    db.session.flush()

    assert told(ada) == counted(ada)
    jobs.fold_block()
    assert db.session.scalar(sa.select(sa.func.count(LeadDelta.id))) == 0
    assert told(ada) == counted(ada)
    db.session.rollback()


@pytest.mark.parametrize("reach", ["own", "team", "all"])
def test_who_sees_some_leads_only_gets_their_figures(context, person, make_lead, reach):
    for owner in ("ada", "bob", "carol"):
        make_lead(owner=f"{owner}@example.org", expected_value=Decimal(100))
    make_lead()
    db.session.execute(sa.update(Role).values(reach=reach))
    bob = person("bob")

    assert told(bob) == counted(bob)


def test_a_fold_is_many_small_steps_and_loses_nothing(context, make_lead, monkeypatch):
    monkeypatch.setattr(jobs, "AT_ONCE", 2)
    for _number in range(5):
        make_lead(expected_value=Decimal(10))

    assert len(list(jobs.fold({}))) == 4  # and one before all is counted by days
    assert db.session.scalars(sa.select(LeadCount.leads)).all() == [5]
    assert db.session.scalars(sa.select(LeadCount.rest)).all() == [5_000]


def test_a_recount_mends(context, person, make_lead):
    make_lead(expected_value=Decimal("12.50"), currency="USD")
    db.session.add(LeadCount(stage_id=99, owner_id=0, currency="", leads=7, billions=0, rest=1))
    db.session.flush()
    recount(db.session.connection())

    assert told(person("ada")) == counted(person("ada"))
    assert list(told(person("ada")).values()) == [(1, Decimal("12.50"))]


def test_one_change_is_one_row(context, person, make_lead):
    lead_id = make_lead()
    lead = lead_seen_by(person("ada"), lead_id)
    before = db.session.scalar(sa.select(sa.func.count(LeadDelta.id)))
    update_lead(lead, {"first_name": "Eva"}, by=person("ada"), version=lead.version)
    assert db.session.scalar(sa.select(sa.func.count(LeadDelta.id))) == before + 1
    update_lead(
        lead, {"stage": STAGES[1], "owner": OWNERS[1], "currency": "USD"}, by=person("ada"), version=lead.version
    )
    assert db.session.scalar(sa.select(sa.func.count(LeadDelta.id))) == before + 2


def test_users_are_asked_for_once(context, person, make_lead, count_queries):
    for name in ("ada", "bob"):
        make_lead(owner=f"{name}@example.org")
    bob = db.session.get_one(User, person("bob").id)
    assert bob.role == "agent"  # read before
    with count_queries() as statements:
        sums_for(bob)
    assert len(statements) <= 3


def test_sums_beyond_64_bits_are_exact(context, person):
    """A few thousand of the largest amounts don't fit into one."""
    most, number = Decimal("9999999999999.99"), 9_500
    ada = person("ada")
    lead = create_leads([LeadDraft(channel="form", last_name="L", expected_value=most)], by=ada)[0].lead_id
    delta = db.session.scalars(sa.select(LeadDelta).order_by(LeadDelta.id.desc())).first()
    stage_id, values = delta.new_stage_id, {it.name: getattr(delta, it.name) for it in LeadDelta.__table__.columns}
    db.session.execute(sa.insert(LeadDelta), [values | {"id": 10**6 + n} for n in range(number - 1)])

    assert [(row.leads, row.amount) for row in sums_for(ada)] == [(number, most * number)]
    while jobs.fold_block():
        pass
    assert [(row.stage_id, row.leads, row.amount) for row in sums_for(ada)] == [(stage_id, number, most * number)]
    assert lead


def test_the_largest_amounts_are_recounted(context, person, make_lead):
    make_lead(expected_value=Decimal("9999999999999.99"))
    recount(db.session.connection())
    assert [row.amount for row in sums_for(person("ada"))] == [Decimal("9999999999999.99")]
