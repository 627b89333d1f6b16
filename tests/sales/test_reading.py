"""What the reader says of documents, counted again by hand over documents drawn at random."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadhub.accounts.models import Role
from leadhub.accounts.visibility import may_see
from leadhub.extensions import db
from leadhub.leads.aside import Unanswered
from leadhub.leads.counters.services import recount
from leadhub.leads.models import Lead
from leadhub.leads.services import create_leads
from leadhub.lists.models import Campaign, LossReason, Source
from leadhub.plugins.api import LeadDraft, Period
from leadhub.sales import parties
from leadhub.sales.documents import Opportunity, Order, Quotation
from leadhub.sales.models import Customer
from leadhub.sales.money import from_minor
from leadhub.sales.reading import reader_for
from tests.sales.made_up import documents

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
MIDDLE = Period(start=date(2026, 9, 10), end=date(2026, 10, 20))
EVERY, COMPARED = Period(), Period(start=MIDDLE.start, end=MIDDLE.end, before=Period(
    start=date(2026, 7, 31), end=date(2026, 9, 9)))  # fmt: skip
STATES = ("draft", "submitted", "accepted", "lost", "cancelled", "expired")
EVENTS = {
    "submitted": (Quotation, "sent_on", STATES), "accepted": (Quotation, "settled_on", ["accepted"]),
    "lost": (Quotation, "settled_on", ["lost"]), "expired": (Quotation, "settled_on", ["expired"]),
    "answered": (Quotation, "settled_on", ["accepted", "lost", "expired"]),
    "ordered": (Order, "ordered_on", ["confirmed"]),
}  # fmt: skip
WITHIN = [{}, {"source": ["whatsapp"]}, {"owner": ["bob@example.org"]}, {"owner": ["none"]}, {"source": ["none"]},
          {"type": ["prospect"]}, {"quoted": ["yes"]}, {"source": ["whatsapp"], "owner": ["me"]}]  # fmt: skip


@pytest.fixture
def hub(context, person):
    """Twenty leads, some of them in the bin, and four customers that were never a lead."""
    owners = ["bob@example.org", "mia@example.org", "ada@example.org", ""]
    db.session.add(Campaign(key="fair", names={"en": "Fair"}, actual_cost=Decimal(1000)))
    db.session.flush()
    drafts = [
        LeadDraft(
            channel="form", last_name=f"Lead {number}", source=("web-form", "whatsapp", "")[number % 3],
            owner=owners[number % 4], campaign="fair" if number % 2 else "",
            received_at=NOON + timedelta(days=number * 4), type="prospect" if number % 5 else "",
        )
        for number in range(20)
    ]  # fmt: skip
    ids = [outcome.lead_id for outcome in create_leads(drafts, by=None)]
    source = db.session.scalar(sa.select(Source.id).where(Source.key == "whatsapp"))
    customers = [
        Customer(
            last_name=f"Customer {number}", since=NOON.date(), source_id=source if number % 2 else None,
            owner_id=person("bob").id if number < 2 else None,
        )
        for number in range(4)
    ]  # fmt: skip
    db.session.add_all(customers)
    db.session.execute(sa.update(Lead).where(Lead.id.in_(ids[::7])).values(deleted_at=NOON))
    db.session.flush()
    db.session.commit()
    return [("lead_id", lead_id) for lead_id in ids] + [("customer_id", each.id) for each in customers]


def fill(hub, seed, number=60):
    for model in (Order, Quotation, Opportunity):
        db.session.execute(sa.delete(model))
    documents(seed, hub, db.session.scalars(sa.select(LossReason.id).order_by(LossReason.id).limit(2)).all(), number)
    db.session.commit()


def is_asked(row, within, user):
    """Of a document's lead or customer."""
    its, is_lead = row.lead or row.customer, row.lead is not None
    if set(within) - {"source", "owner"} and not is_lead:
        return False
    said = {
        "source": its.source.key if its.source else "none",
        "owner": its.owner.email if its.owner else "none",
    }
    if is_lead:
        said |= {"type": its.type.key if its.type else "none", "quoted": "yes" if is_quoted(its) else "no"}
    wanted = {name: user.email if values == ["me"] else values[0] for name, values in within.items()}
    return all(said[name] == value for name, value in wanted.items())


def is_quoted(lead):
    return any(row.lead_id == lead.id and row.sent_on and not row.deleted_at for row in rows_of(Quotation))


def rows_of(model):
    return db.session.scalars(sa.select(model)).all()


def counting(model, user, within=None):
    """As the page of each document has it: seen, and not replaced by a later version."""
    seen = db.session.scalars(parties.seen_by(user, model)).all()
    if model is Quotation:
        later = [row for row in rows_of(Quotation) if row.sent_on and not row.deleted_at and row.series]
        newest = {(row.series, row.sequence): row.revision for row in sorted(later, key=lambda row: row.revision)}
        seen = [row for row in seen if newest.get((row.series, row.sequence), 0) <= row.revision]
    return [row for row in seen if is_asked(row, within or {}, user)]


def is_in(day, period):
    return day is not None and (period.start or date.min) <= day <= (period.end or date.max)


def told(documents):
    return documents.number, {each.currency: each.value for each in documents.amounts}


def added(rows, name="net_minor"):
    sums = defaultdict(int)
    for row in rows:
        if getattr(row, name) is not None:
            sums[row.currency] += getattr(row, name)
    return len(rows), {currency: from_minor(minor, currency) for currency, minor in sums.items()}


@pytest.mark.parametrize("within", WITHIN, ids=str)
@pytest.mark.parametrize("period", [EVERY, MIDDLE], ids=["ever", "some days"])
def test_documents_are_those_of_a_plain_count(hub, person, period, within):
    fill(hub, 3)
    ada = person("ada")
    for event, (model, day, states) in EVENTS.items():
        its = [row for row in counting(model, ada, within) if is_in(getattr(row, day), period)]
        its = [row for row in its if row.state in states]
        assert told(reader_for(ada, within=within).documents(event, period=period)) == added(its), event


@pytest.mark.parametrize("reach", ["all", "team", "own"])
@pytest.mark.parametrize("name", ["mia", "bob", "vic"])
def test_everybody_counts_what_they_see(hub, person, reach, name):
    fill(hub, 4)
    db.session.execute(sa.update(Role).values(reach=reach))
    db.session.commit()
    user = person(name)
    for event, (model, day, states) in EVENTS.items():
        its = [row for row in counting(model, user) if getattr(row, day) and row.state in states]
        assert told(reader_for(user).documents(event)) == added(its), event
    leads = [lead for lead in rows_of(Lead) if may_see(user, lead)]
    (it,) = reader_for(user).outcomes()
    assert (it.leads, it.quoted) == (len(leads), sum(map(is_quoted, leads)))


def test_nobody_who_looks_counts_all_and_a_stranger_nothing(hub, context):
    fill(hub, 5)
    orders = [row for row in rows_of(Order) if not row.deleted_at and row.state == "confirmed"]
    live = [row for row in orders if not (row.lead and row.lead.deleted_at)]
    assert reader_for(None).documents("ordered").number == len(live) > 0
    stranger = reader_for(None, is_stranger=True)
    assert stranger.documents("ordered").number == stranger.losses().__len__() == stranger.expected().__len__() == 0


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), first=st.integers(-20, 60), days=st.integers(0, 80))
def test_a_cohort_is_that_of_a_plain_count(hub, person, seed, first, days):
    fill(hub, seed, 40)
    period = Period(start=NOON.date() + timedelta(days=first), end=NOON.date() + timedelta(days=first + days))
    cohort = [lead for lead in rows_of(Lead) if not lead.deleted_at and is_in(lead.received_at.date(), period)]
    orders = [row for row in rows_of(Order) if row.state == "confirmed" and not row.deleted_at]
    reader = reader_for(person("ada"), on_hub_clock=True)

    for field in ("", "source", "campaign"):
        for it in reader.outcomes(field, period=period):
            its = [lead for lead in cohort if not field or key_of(lead, field) == it.where[field]]
            won = [row for row in orders if row.lead_id in {lead.id for lead in its}]
            assert (it.leads, it.quoted) == (len(its), sum(map(is_quoted, its)))
            assert it.ordered == len({row.lead_id for row in won})
            assert told(it.won) == added(won)
            assert reader.count(it.where) == it.leads
            assert reader.count(it.quoted_where) == it.quoted
            assert reader.count(it.ordered_where) == it.ordered
        every = reader.outcomes(field, period=period)
        assert sum(it.leads for it in every) == len(cohort)


def key_of(lead, field):
    row = getattr(lead, field)
    return row.key if row else "none"


def test_months_hold_what_the_period_holds_and_the_one_before_is_cut_alike(hub, person):
    fill(hub, 6, 150)
    reader = reader_for(person("ada"))
    for step, number in (("day", 41), ("week", 7), ("month", 2)):
        found = reader.documents_over_time("ordered", step, period=COMPARED)
        assert len(found) == number
        assert (found[0].start, found[-1].end) == (MIDDLE.start, MIDDLE.end)
        assert sum(it.documents.number for it in found) == reader.documents("ordered", period=MIDDLE).number > 0
        before = reader.documents("ordered", period=COMPARED.before)
        assert sum(it.before.number for it in found) == before.number > 0
    ever = reader.documents_over_time("ordered", "month")
    assert [it.start.day for it in ever[1:]] == [1] * (len(ever) - 1)
    assert sum(it.documents.number for it in ever) == reader.documents("ordered").number


def test_a_loss_counts_once_by_its_reason(hub, person):
    fill(hub, 7, 120)
    ada = person("ada")
    lost = [row for row in counting(Quotation, ada) if row.state == "lost" and is_in(row.settled_on, MIDDLE)]
    every = [row for row in rows_of(Quotation) if row.state == "lost" and not row.deleted_at]
    together = {(row.opportunity_id, row.settled_on) for row in every if row.opportunity_id}
    alone = [
        row for row in counting(Opportunity, ada)
        if row.state == "lost" and is_in(row.closed_on, MIDDLE) and (row.id, row.closed_on) not in together
    ]  # fmt: skip
    counts = Counter(row.loss_reason_id for row in (*lost, *alone))
    names = {row.id: row.names["en"] for row in rows_of(LossReason)} | {None: ""}
    found = reader_for(ada).losses(period=COMPARED)

    assert {it.label: it.lost.number for it in found} == {names[key]: number for key, number in counts.items()}
    assert found[-1].label == ""  # without a reason, and last
    euros = sum(row.net_minor or 0 for row in lost if row.currency == "EUR")
    euros += sum(row.amount_minor or 0 for row in alone if row.currency == "EUR")
    amounts = [each.value for it in found for each in it.lost.amounts if each.currency == "EUR"]
    assert sum(amounts) == from_minor(euros, "EUR")
    before = {it.label: it.lost.number for it in reader_for(ada).losses(period=COMPARED.before)}
    assert {it.label: it.before for it in found if it.before} == before
    assert any((row.opportunity_id, row.settled_on) in together for row in lost)


def test_what_should_close_is_told_by_month_with_what_is_late_and_what_has_no_day(hub, person):
    fill(hub, 8)
    ada, today = person("ada"), parties.today()
    found = reader_for(ada, on_hub_clock=True).expected()
    open_ones = [row for row in counting(Opportunity, ada) if row.state == "open"]

    assert [it.kind for it in found] == ["overdue", *["month"] * (len(found) - 2), "undated"]
    for it in found:
        its = {
            "overdue": [row for row in open_ones if row.expected_close and row.expected_close < today],
            "undated": [row for row in open_ones if not row.expected_close],
            "month": [
                row for row in open_ones
                if row.expected_close and row.expected_close >= today and row.expected_close.replace(day=1) == it.start
            ],
        }[it.kind]  # fmt: skip
        assert told(it.open) == added(its, "amount_minor")
        assert it.unweighted == sum(row.probability is None for row in its)
        for each in it.weighted:
            exact = sum(
                Decimal(row.amount_minor or 0) * (row.probability or 0) / 100
                for row in its if row.currency == each.currency
            )  # fmt: skip
            assert each.value == from_minor(int(exact.to_integral_value(ROUND_HALF_UP)), each.currency)


def test_costs_are_shared_as_on_the_other_cards_and_for_admins_alone(hub, person):
    fill(hub, 9)
    (fair,) = [it for it in reader_for(person("ada")).outcomes("campaign") if it.where["campaign"] == "fair"]
    assert fair.cost == Decimal(1000)
    assert all(it.cost is None for it in reader_for(person("mia")).outcomes("campaign"))


def test_what_is_kept_is_counted_anew_once_a_document_has_changed(hub, person, monkeypatch):
    monkeypatch.setattr("leadhub.leads.reading_kept.WORTH", 0)
    fill(hub, 10)
    reader = reader_for(person("ada"))
    before, quoted = reader.documents("ordered").number, reader.count({"quoted": "yes"})
    lead = db.session.scalars(sa.select(Lead).where(Lead.deleted_at.is_(None))).first()
    db.session.add(Order(lead_id=lead.id, state="confirmed", ordered_on=NOON.date(), currency="EUR"))
    db.session.commit()
    assert reader.documents("ordered").number == before + 1
    db.session.execute(sa.update(Quotation).values(deleted_at=NOON))
    db.session.commit()
    assert (reader.count({"quoted": "yes"}), quoted > 0) == (0, True)


@pytest.mark.one_database
def test_a_question_costs_as_much_for_many_documents_as_for_few(hub, person, count_queries):
    reader = reader_for(person("bob"))
    asks = {
        "documents": lambda: reader.documents("submitted"), "losses": lambda: reader.losses(period=COMPARED),
        "over time": lambda: reader.documents_over_time("ordered", "month"), "expected": reader.expected,
        "outcomes": lambda: reader.outcomes("source", period=MIDDLE),
    }  # fmt: skip
    costs = {}
    for number in (20, 200):
        fill(hub, 11, number)
        recount(db.session.connection())
        db.session.commit()
        for name, ask in asks.items():
            with count_queries() as asked:
                ask()
            costs.setdefault(name, []).append(len(asked))
    assert all(few >= many for few, many in costs.values()), costs
    assert max(many for _few, many in costs.values()) <= 20, costs


@pytest.mark.one_database
def test_what_is_no_question_is_refused(hub, person):
    reader = reader_for(person("ada"))
    for ask in (
        lambda: reader.documents("eaten"), lambda: reader.documents_over_time("lost", "year"),
        lambda: reader.outcomes("industry"), lambda: reader.documents("lost", {"moon": "1"}),
    ):  # fmt: skip
        with pytest.raises(Unanswered):
            ask()
