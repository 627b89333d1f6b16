"""Several people at one document, one lead, one series of numbers in the same moment: nobody waits for ever, nothing is
given twice, and of two acts that exclude each other one is refused."""

import threading
import time
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.leads import bin
from leadhub.leads.models import Lead
from leadhub.leads.services import LeadGone
from leadhub.lists.models import LossReason
from leadhub.pipelines import deletion
from leadhub.pipelines.models import Stage
from leadhub.sales import customers, numbers, parties
from leadhub.sales.documents import NumberSeries, Opportunity, Order, Quotation
from leadhub.sales.drafts import LineDraft, OpportunityDraft, OrderDraft, WrittenDraft
from leadhub.sales.models import Customer, CustomerLead
from leadhub.sales.opportunities import services as opportunities
from leadhub.sales.opportunities import stages
from leadhub.sales.orders import services as orders
from leadhub.sales.parties import NotNow, StaleDocument
from leadhub.sales.quotations import services as quotations
from leadhub.sales.quotations import writing

LINES = (LineDraft(description="Desk", unit_price=Decimal(9)),)
DRAFT = WrittenDraft(currency="EUR", lines=LINES, addressee="Acme")
ORDER = OrderDraft(currency="EUR", lines=LINES)
PATIENCE = 30.0  # seconds, for all of them: a ring of waits would only end by a time-out, or a deadlock's error


@pytest.fixture
def leads(make_lead):
    """Ids of five."""
    return [make_lead() for _each in range(5)]


@pytest.fixture
def ada(leads, context, person):
    return person("ada")


@pytest.fixture
def at_once(app, ada):
    """``at_once((model, id, act), ...)``: each ``act(row, by)`` in a thread and a transaction of its own, all beginning
    together, with a row that was read before, as a page has read it.  What came of each: its result, or the error."""

    def run(*acts):
        ready, found = threading.Barrier(len(acts)), [None] * len(acts)

        def work(place, model, row_id, act):
            with app.app_context():
                by, row = user_by_email("ada@example.org"), db.session.get_one(model, row_id)
                if db.engine.dialect.name == "sqlite":  # where nobody writes before the others have begun
                    db.session.rollback()
                ready.wait(PATIENCE)
                try:
                    found[place] = act(row, by)
                    db.session.commit()
                except Exception as error:
                    db.session.rollback()
                    found[place] = error

        db.session.commit()
        threads = [threading.Thread(target=work, args=(place, *act)) for place, act in enumerate(acts)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in threads)
        assert time.monotonic() - began < PATIENCE
        return found

    return run


def lead_of(lead_id):
    return db.session.get_one(Lead, lead_id)


def drafted(party, ada):
    row = writing.create(party, DRAFT, by=ada)
    db.session.commit()
    return row.id


def accepted(lead, ada):
    row = writing.create(lead, DRAFT, by=ada)
    writing.submit(row, by=ada)
    quotations.act(row, "accept", by=ada)
    db.session.commit()
    return row.id


def submitted(lead, ada):
    row = writing.create(lead, DRAFT, by=ada)
    writing.submit(row, by=ada)
    db.session.commit()
    return row.id


def submit(row, by):
    writing.submit(row, by=by)
    return row.number


def confirm(row, by):
    orders.act(row, "confirm", by=by)
    return row.number


def kinds(found):
    return sorted(type(it).__name__ for it in found)


def test_ten_who_submit_at_once_get_ten_numbers(at_once, leads, ada):
    """Five leads, two quotations each: those of one lead wait for each other, and all for the series."""
    ids = [drafted(lead_of(lead_id), ada) for lead_id in leads for _twice in range(2)]
    found = at_once(*((Quotation, row_id, submit) for row_id in ids))

    year = parties.today().year
    assert sorted(found) == [f"Q-{year}-{number:04d}" for number in range(1, 11)]
    assert numbers.last_number("Q", year) == 10


def test_quotations_and_orders_of_one_series_are_numbered_at_once(at_once, leads, ada):
    """The same series for both, and customers are made on the way: locks are taken in one order."""
    four = [lead_of(lead_id) for lead_id in leads[:4]]
    db.session.execute(sa.text("UPDATE company SET quotation_series = 'A', order_series = 'A'"))
    bought = []
    for lead in four:
        bought.append(orders.create(lead, ORDER, by=ada).id)
    db.session.commit()
    ids = [drafted(lead, ada) for lead in four]
    acts = [(Quotation, row_id, submit) for row_id in ids] + [(Order, row_id, confirm) for row_id in bought]
    found = at_once(*acts)

    assert sorted(found) == [f"A-{parties.today().year}-{number:04d}" for number in range(1, 9)]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Customer)) == 4


def test_a_quotation_is_submitted_while_its_lead_is_put_into_the_bin(at_once, leads, ada):
    lead_id = leads[0]
    row_id = drafted(lead_of(lead_id), ada)
    told, gone = at_once((Quotation, row_id, submit), (Lead, lead_id, lambda lead, by: bin.delete(lead, by=by)))

    assert gone is None
    assert isinstance(told, LeadGone) or told.endswith("0001")
    row = db.session.get_one(Quotation, row_id)
    assert (row.state, bool(row.number)) == (("draft", False) if isinstance(told, LeadGone) else ("submitted", True))
    assert db.session.get_one(Lead, lead_id).deleted_at is not None


def test_a_quotation_is_submitted_while_its_lead_is_deleted_for_good(at_once, leads, ada):
    lead_id = leads[0]
    row_id = drafted(lead_of(lead_id), ada)
    bin.delete(lead_of(lead_id), by=ada)
    db.session.commit()
    told, _gone = at_once(
        (Quotation, row_id, submit), (Lead, lead_id, lambda lead, by: bin.delete_for_good(lead, by=by))
    )

    assert isinstance(told, LeadGone | NotNow)
    assert db.session.get(Quotation, row_id) is None


def test_two_who_make_the_order_of_one_quotation_make_one(at_once, leads, ada):
    row_id = accepted(lead_of(leads[0]), ada)
    found = at_once(*[(Quotation, row_id, lambda row, by: orders.create_from(row, by=by).id)] * 2)

    assert found[0] == found[1]
    assert db.session.scalars(sa.select(Order.id)).all() == [found[0]]


def test_two_who_confirm_one_order_confirm_it_once(at_once, leads, ada):
    row_id = accepted(lead_of(leads[0]), ada)
    order = orders.create_from(db.session.get_one(Quotation, row_id), by=ada)
    db.session.commit()
    found = at_once(*[(Order, order.id, confirm)] * 2)

    assert kinds(found) == ["NotNow", "str"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Customer)) == 1
    assert numbers.last_number("O", parties.today().year) == 1


def test_two_orders_of_one_lead_confirmed_at_once_make_one_customer(at_once, leads, ada):
    lead = lead_of(leads[0])
    ids = [orders.create(lead, ORDER, by=ada).id for _each in range(2)]
    db.session.commit()
    found = at_once(*((Order, row_id, confirm) for row_id in ids))

    assert kinds(found) == ["str", "str"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CustomerLead)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Customer)) == 1


def test_the_customer_accepts_while_somebody_says_it_is_lost(at_once, leads, ada):
    row_id = submitted(lead_of(leads[0]), ada)
    seen = db.session.get_one(Quotation, row_id).version

    def accept(row, _by):
        quotations.act(row, "accept", by=None)

    def lose(row, by):
        quotations.act(row, "lose", by=by, reason=db.session.scalars(sa.select(LossReason)).first(), version=seen)

    accepted, lost = at_once((Quotation, row_id, accept), (Quotation, row_id, lose))
    state = db.session.get_one(Quotation, row_id).state
    if accepted is None:
        assert (type(lost), state) == (StaleDocument, "accepted")
    else:
        assert (type(accepted), lost, state) == (NotNow, None, "lost")


def test_a_quotation_is_accepted_while_it_expires(at_once, leads, ada):
    row_id = submitted(lead_of(leads[0]), ada)
    found = at_once(
        (Quotation, row_id, lambda row, _by: quotations.act(row, "accept", by=None)),
        (Quotation, row_id, lambda row, _by: quotations.expire(row)),
    )

    assert found == [None, None]  # one that is accepted expires no more, and one that has expired may be accepted
    assert db.session.get_one(Quotation, row_id).state == "accepted"


def test_a_version_is_submitted_while_the_one_before_is_ordered(at_once, leads, ada):
    row_id = accepted(lead_of(leads[0]), ada)
    new = writing.revise(db.session.get_one(Quotation, row_id), by=ada)
    db.session.commit()
    found = at_once((Quotation, new.id, submit), (Quotation, row_id, lambda row, by: orders.create_from(row, by=by).id))

    assert kinds(found) in (["NotNow", "int"], ["NotNow", "str"])
    states = [db.session.get_one(Quotation, it).state for it in (row_id, new.id)]
    assert states in (["accepted", "draft"], ["cancelled", "submitted"])


def test_a_quotation_is_deleted_while_its_order_is_opened_again(at_once, leads, ada):
    row_id = accepted(lead_of(leads[0]), ada)
    order = orders.create_from(db.session.get_one(Quotation, row_id), by=ada)
    orders.act(order, "cancel", by=ada)
    db.session.commit()
    found = at_once(
        (Quotation, row_id, lambda row, by: [row.orders, quotations.remove(row, by=by)]),
        (Order, order.id, lambda row, by: [row.quotation, orders.act(row, "reopen", by=by)]),
    )

    assert kinds(found) == ["NotNow", "list"]
    row = db.session.get_one(Quotation, row_id)
    assert (row.deleted_at is None) == (row.orders[0].state == "draft")


@pytest.mark.parametrize("_time", range(3))
def test_opportunities_of_a_customer_are_won_while_their_stage_is_deleted(at_once, ada, _time):
    stages.switch_on(by=ada)
    customer = customers.create_customer({"last_name": "Acme"}, by=ada)
    draft = OpportunityDraft(title="Roof", currency="EUR")
    rows = [opportunities.create(customer, draft, by=ada) for _each in range(4)]
    first, second, *_others = stages.offered_stages()
    db.session.commit()
    ids, gone, to = [row.id for row in rows], first.id, second.id
    won = [(Opportunity, row_id, lambda row, by: opportunities.act(row, "win", by=by)) for row_id in ids]
    found = at_once(*won, (Stage, gone, lambda row, by: deletion.delete_stage(gone, to, by=by) and None))

    assert found == [None] * 5


def test_a_lead_is_linked_to_a_customer_that_is_being_deleted(at_once, leads, ada):
    first, second, *_others = leads
    customer_id = customers.make_customer(lead_of(first), by=ada).id
    at_once(
        (Lead, second, lambda lead, by: customers.link_customer(lead, db.session.get(Customer, customer_id), by=by)),
        (Customer, customer_id, lambda row, by: customers.delete_customer(row, by=by)),
    )

    assert db.session.scalars(sa.select(Customer.id)).all() == []
    found = db.session.scalars(sa.select(Lead).where(Lead.id.in_((first, second))))
    assert [(lead.customer_since, lead.status.key) for lead in found] == [(None, "open"), (None, "open")]


def test_each_year_begins_at_one(context):
    given = [numbers.next_number("Q", year) for year in (2026, 2026, 2027, 2026, 2027)]

    assert given == [1, 2, 1, 3, 2]
    assert [numbers.written("Q", 2027, 2), numbers.written("Q", 2026, 12345, 3)] == ["Q-2027-0002", "Q-2026-12345-3"]


def test_a_quotation_is_of_the_year_of_its_day_in_the_hubs_zone(leads, ada, monkeypatch):
    """At half past eleven in the evening of London it is the next year in Paris; a revision keeps the number."""
    row = db.session.get_one(Quotation, drafted(lead_of(leads[0]), ada))
    monkeypatch.setattr(parties, "utcnow", lambda: datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    writing.submit(row, by=ada)
    assert (row.number, row.sent_on.year) == ("Q-2027-0001", 2027)

    monkeypatch.setattr(parties, "utcnow", lambda: datetime(2028, 1, 15, tzinfo=UTC))
    new = writing.revise(row, by=ada)
    writing.submit(new, by=ada)
    assert new.number == "Q-2027-0001-2"


def test_what_is_rolled_back_gives_its_number_to_nobody_twice(leads, ada):
    lead = lead_of(leads[0])
    ids = [drafted(lead, ada) for _each in range(3)]
    rows = [db.session.get_one(Quotation, row_id) for row_id in ids]
    writing.submit(rows[0], by=ada)
    db.session.commit()
    writing.submit(rows[1], by=ada)
    db.session.rollback()
    writing.submit(rows[2], by=ada)
    db.session.commit()

    found = [row.number for row in db.session.scalars(sa.select(Quotation).order_by(Quotation.id)) if row.number]
    assert len(found) == len(set(found)) == 2
    assert db.session.scalar(sa.select(NumberSeries.last)) in (2, 3)


def test_a_number_is_given_to_nobody_else_after_its_document_is_deleted(leads, ada):
    lead = lead_of(leads[0])
    row = db.session.get_one(Quotation, submitted(lead, ada))
    quotations.remove(row, by=ada)
    db.session.delete(row)
    db.session.commit()

    assert db.session.get_one(Quotation, submitted(lead, ada)).number.endswith("0002")


def test_a_series_that_begins_behind_a_number_never_goes_back(context):
    numbers.begin_behind("Q", 2026, 41)
    assert numbers.next_number("Q", 2026) == 42
    numbers.begin_behind("Q", 2026, 7)
    assert (numbers.next_number("Q", 2026), numbers.last_number("Q", 2026)) == (43, 43)
    assert numbers.last_number("Q", 2025) == 0


@pytest.mark.slow
def test_many_at_many_documents_of_two_leads_never_wait_in_a_ring(at_once, leads, ada, size):
    """Submitting, accepting, confirming, making and deleting customers, all over the same two leads."""
    told = Counter()

    def turns(lead, by):
        lead_id, number = lead.id, size(150, 12)
        for turn in range(number):
            try:
                one_turn(lead_id, turn, by.id)
                db.session.commit()
                told["done"] += 1
            except (NotNow, LeadGone, customers.CustomerGone, customers.HasCustomer):
                db.session.rollback()
                told["refused"] += 1

    def one_turn(lead_id, turn, user_id):
        lead = db.session.get_one(Lead, lead_id)
        if turn % 3 == 0:
            writing.submit(writing.create(lead, DRAFT, by=None), by=None)
        elif turn % 3 == 1:
            order = orders.create(lead, ORDER, by=None)
            orders.act(order, "confirm", by=None)
        elif link := db.session.get(CustomerLead, lead_id):
            customers.delete_customer(link.customer, by=None)

    found = at_once(*((Lead, leads[place % 2], turns) for place in range(6)))

    assert found == [None] * 6
    assert told["done"] > told["refused"]
    for model in (Quotation, Order):
        given = db.session.scalars(sa.select(model.number).where(model.number != "")).all()
        assert len(given) == len(set(given)) == max(int(number[-4:]) for number in given)
