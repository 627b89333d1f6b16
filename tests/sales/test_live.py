"""Of the versions of a number one is live, and of an accepted quotation one order stands, whatever is deleted and given
back; what is refused changes nothing."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads import bin
from leadhub.leads.checks import FieldRefused
from leadhub.leads.models import Lead
from leadhub.leads.queries import lead_seen_by
from leadhub.leads.services import update_lead
from leadhub.lists.models import LossReason
from leadhub.sales import customers, parties
from leadhub.sales.documents import Opportunity, Order, Quotation
from leadhub.sales.drafts import LineDraft, OpportunityDraft, OrderDraft, QuotationDraft, WrittenDraft
from leadhub.sales.opportunities import services as opportunities
from leadhub.sales.orders import services as orders
from leadhub.sales.parties import NotNow, StaleDocument
from leadhub.sales.quotations import services as quotations
from leadhub.sales.quotations import writing

LINES = (LineDraft(description="Desk", unit_price=Decimal(100), tax_rate=Decimal(20)),)
DRAFT = WrittenDraft(currency="EUR", lines=LINES, title="Desks", addressee="Acme")
ROOF = OpportunityDraft(title="Roof", currency="EUR", amount=Decimal(5))
TOO_MUCH = (replace(LINES[0], quantity=Decimal(10**9), unit_price=Decimal(10**9)),)


@pytest.fixture
def lead_id(make_lead):
    return make_lead(last_name="Dupont")


@pytest.fixture
def ada(lead_id, context, person):
    return person("ada")


@pytest.fixture
def lead(ada, lead_id):
    return lead_seen_by(ada, lead_id)


@pytest.fixture
def submit(lead, ada):
    """``submit()``: a new quotation that is submitted; ``submit(row)``: the next version of one."""

    def submit(row=None, **options):
        new = writing.revise(row, by=ada) if row else writing.create(lead, DRAFT, by=ada, **options)
        writing.submit(new, by=ada)
        return new

    return submit


@pytest.fixture
def accepted(submit, ada):
    row = submit()
    quotations.act(row, "accept", by=ada)
    return row


def reason():
    return db.session.scalars(sa.select(LossReason)).first()


def status(lead):
    db.session.flush()
    return db.session.get_one(Lead, lead.id).status.key


def states(*rows):
    return [row.state for row in rows]


def test_a_version_that_was_deleted_does_not_come_back_beside_one_that_is_live(submit, ada):
    first = submit()
    second = submit(first)
    quotations.remove(second, by=ada)
    quotations.act(first, "reopen", by=ada)

    with pytest.raises(NotNow):
        quotations.restore(second, by=ada)
    assert (first.state, second.deleted_at is None) == ("submitted", False)


def test_a_draft_that_was_deleted_does_not_come_back_before_a_later_version(submit, ada):
    first = submit()
    second = writing.revise(first, by=ada)
    quotations.remove(second, by=ada)
    third = submit(first)

    with pytest.raises(NotNow):
        quotations.restore(second, by=ada)
    assert (third.revision, states(first, third)) == (3, ["cancelled", "submitted"])


def test_a_version_that_came_back_is_not_opened_beside_one_that_is_live(submit, ada):
    first = submit()
    second = submit(first)
    quotations.act(second, "cancel", by=ada)
    quotations.remove(second, by=ada)
    quotations.act(first, "reopen", by=ada)
    quotations.restore(second, by=ada)

    assert "reopen" not in quotations.acts_on(second)
    with pytest.raises(NotNow):
        quotations.act(second, "reopen", by=ada)


def test_a_new_version_takes_the_place_of_an_accepted_one(accepted, submit):
    second = submit(accepted)

    assert states(accepted, second) == ["cancelled", "submitted"]


def test_a_new_version_of_what_was_ordered_meanwhile_is_not_submitted(accepted, ada):
    second = writing.revise(accepted, by=ada)
    orders.create_from(accepted, by=ada)

    with pytest.raises(NotNow):
        writing.submit(second, by=ada)
    assert (second.state, second.number, second.sent_on, accepted.state) == ("draft", "", None, "accepted")


def test_a_cancelled_order_is_not_opened_beside_another_one(accepted, ada):
    first = orders.create_from(accepted, by=ada)
    orders.act(first, "cancel", by=ada)
    second = orders.create_from(accepted, by=ada)

    with pytest.raises(NotNow):
        orders.act(first, "reopen", by=ada)
    orders.act(second, "cancel", by=ada)
    orders.act(first, "reopen", by=ada)
    assert states(first, second) == ["draft", "cancelled"]


def test_a_cancelled_order_of_a_quotation_that_was_lost_is_not_opened(accepted, ada):
    order = orders.create_from(accepted, by=ada)
    orders.act(order, "cancel", by=ada)
    quotations.act(accepted, "lose", by=ada, reason=reason())

    with pytest.raises(NotNow):
        orders.act(order, "reopen", by=ada)


def test_a_cancelled_order_comes_back_from_the_bin_as_it_was(accepted, ada):
    order = orders.create_from(accepted, by=ada)
    orders.act(order, "cancel", by=ada)
    orders.remove(order, by=ada)
    orders.create_from(accepted, by=ada)

    orders.restore(order, by=ada)
    assert (order.state, order.deleted_at) == ("cancelled", None)


def test_an_order_without_lines_is_not_confirmed(lead, ada):
    order = orders.create(lead, OrderDraft(currency="EUR"), by=ada)

    with pytest.raises(NotNow):
        orders.act(order, "confirm", by=ada)


def test_the_amount_of_an_order_without_lines_stays_when_something_else_is_changed(lead, ada):
    made = quotations.add(
        lead, QuotationDraft(number="X-1", amount=Decimal("9.50"), sent_on=date(2026, 11, 30)), by=ada
    )
    quotations.act(made, "accept", by=ada)
    order = orders.create_from(made, by=ada)

    orders.change(order, OrderDraft(currency="JPY", title="Desks"), version=order.version, by=ada)
    assert (order.title, order.amount, order.currency) == ("Desks", Decimal("9.50"), "EUR")
    orders.act(order, "confirm", by=ada)
    assert order.state == "confirmed"


def test_the_opportunity_of_a_lost_quotation_stays_while_another_one_of_it_is_live(lead, ada, submit):
    roof = opportunities.create(lead, ROOF, by=ada)
    first, second = submit(opportunity=roof), submit(opportunity=roof)

    quotations.act(first, "lose", by=ada, reason=reason())
    assert (roof.state, status(lead)) == ("open", "quotation")
    quotations.act(second, "lose", by=ada, reason=reason())
    assert (roof.state, status(lead)) == ("lost", "lost-quotation")


def test_whoever_says_that_something_is_lost_says_why(lead, ada, submit):
    roof, row = opportunities.create(lead, ROOF, by=ada), submit()

    for lose in (lambda: opportunities.act(roof, "lose", by=ada), lambda: quotations.act(row, "lose", by=ada)):
        with pytest.raises(FieldRefused) as refused:
            lose()
        assert refused.value.field == "reason"
    assert states(roof, row) == ["open", "submitted"]
    quotations.act(row, "lose", by=None)  # the customer, who need not
    assert row.state == "lost"


def test_what_is_accepted_after_it_expired_was_accepted_that_day(submit, ada):
    row = submit()
    quotations.expire(row)
    row.settled_on -= timedelta(days=20)
    quotations.act(row, "accept", by=ada, on=date(2026, 12, 1))

    assert (row.state, row.settled_on) == ("accepted", date(2026, 12, 1))


def test_a_quotation_submitted_after_a_younger_one_is_news_too(lead, ada):
    older, younger = (writing.create(lead, DRAFT, by=ada) for _each in range(2))
    writing.submit(younger, by=ada)
    update_lead(lead, {"status": "opportunity"}, by=ada, version=lead.version)
    writing.submit(older, by=ada)

    assert status(lead) == "quotation"


def test_what_a_submitted_quotation_says_is_no_longer_changed_by_either_way(submit, ada):
    row = submit()

    with pytest.raises(NotNow):
        quotations.change(row, QuotationDraft(number="X-1", sent_on=date(2026, 11, 30)), by=ada)


def test_what_is_refused_changes_nothing(lead, ada):
    row = writing.create(lead, DRAFT, by=ada)
    order = orders.create(lead, OrderDraft(currency="EUR", lines=LINES, title="Desks"), by=ada)
    roof = opportunities.create(lead, ROOF, by=ada)
    wrong = (
        (writing.change, row, WrittenDraft(currency="JPY", lines=TOO_MUCH, title="Other")),
        (orders.change, order, OrderDraft(currency="JPY", lines=TOO_MUCH, title="Other")),
        (opportunities.change, roof, OpportunityDraft(title="Other", currency="JPY", amount=Decimal(-1))),
    )

    for change, it, draft in wrong:
        with pytest.raises(FieldRefused):
            change(it, draft, version=it.version, by=ada)
    db.session.commit()
    assert [it.title for it in (row, order, roof)] == ["Desks", "Desks", "Roof"]
    assert {it.currency for it in (row, order, roof)} == {"EUR"}
    assert (row.amount, order.amount, roof.amount) == (100, 100, 5)


def test_what_is_gone_for_good_does_not_come_back(lead, ada, submit):
    made = opportunities.create(lead, ROOF, by=ada), submit(), orders.create(lead, OrderDraft(currency="EUR"), by=ada)
    doors = opportunities, quotations, orders
    for row, services in zip(made, doors, strict=True):
        services.remove(row, by=ada)
        db.session.flush()
        table = type(row).__table__
        db.session.connection().execute(sa.delete(table).where(table.c.id == row.id))

    for row, services in zip(made, doors, strict=True):
        with pytest.raises(NotNow):
            services.restore(row, by=ada)


def test_a_lead_in_the_bin_is_no_customer_any_more_when_its_customer_is_deleted(lead, ada):
    customer = customers.make_customer(lead, by=ada)
    bin.delete(lead, by=ada)
    customers.delete_customer(customer, by=ada)
    bin.restore(lead, by=ada)

    assert (lead.customer_since, status(lead)) == (None, "open")


def test_whoever_was_said_to_be_a_customer_by_hand_stays_one_whatever_becomes_of_documents(lead, ada, submit):
    update_lead(lead, {"customer_since": date(2026, 11, 3)}, by=ada, version=lead.version)
    submit()
    assert (lead.customer_since, status(lead)) == (date(2026, 11, 3), "converted")

    customer = customers.make_customer(lead, by=ada)
    assert (customer.since, lead.customer_since) == (date(2026, 11, 3), date(2026, 11, 3))
    customers.unlink_customer(lead, by=ada)
    assert (lead.customer_since, status(lead)) == (None, "quotation")


def test_a_lead_takes_over_since_when_its_customer_is_one(lead, ada, make_lead):
    customer = customers.make_customer(lead, by=ada)
    customer.since = date(2020, 2, 2)
    db.session.commit()
    other = lead_seen_by(ada, make_lead())
    update_lead(other, {"customer_since": date(2026, 11, 3)}, by=ada, version=other.version)

    customers.link_customer(other, customer, by=ada)
    assert other.customer_since == date(2020, 2, 2)


@pytest.mark.parametrize("model", [Opportunity, Quotation, Order])
def test_who_holds_the_lead_sees_what_others_have_done(model, lead, ada, submit):
    rows = {Opportunity: opportunities.create(lead, ROOF, by=ada), Quotation: submit()}
    rows[Order] = orders.create(lead, OrderDraft(currency="EUR", lines=LINES), by=ada)
    row = rows[model]
    row_id, mine = row.id, (row.title, row.state)
    aside = sa.update(model.__table__).where(model.__table__.c.id == row_id).values(title="Theirs")
    db.session.flush()
    db.session.connection().execute(aside)  # as another transaction would have

    assert (row.title, row.state) == mine
    parties.hold(lead)
    assert row.title == "Theirs"


def test_what_is_opened_again_was_answered_by_nobody(accepted, ada):
    accepted.decided_by, accepted.decided_at, accepted.decided_note = "Ann", utcnow(), "Fine."
    quotations.act(accepted, "reopen", by=ada)

    assert (accepted.state, accepted.settled_on) == ("submitted", None)
    assert (accepted.decided_by, accepted.decided_at, accepted.decided_note) == ("", None, "")


def test_who_looked_at_what_is_no_longer_so_is_told(lead, ada, submit):
    roof, row = opportunities.create(lead, ROOF, by=ada), submit()
    order = orders.create(lead, OrderDraft(currency="EUR", lines=LINES), by=ada)
    acts = (
        (opportunities, roof, "win", {}),
        (quotations, row, "lose", {"reason": reason()}),
        (orders, order, "confirm", {}),
    )

    for services, it, name, answers in acts:
        with pytest.raises(StaleDocument):
            services.act(it, name, by=ada, version=it.version - 1, **answers)
    assert states(roof, row, order) == ["open", "submitted", "draft"]
