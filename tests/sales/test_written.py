"""Quotations and orders that LeadHub writes, and opportunities: what becomes of them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.leads.checks import FieldRefused
from leadhub.leads.models import Lead
from leadhub.leads.queries import lead_seen_by
from leadhub.lists.models import LossReason
from leadhub.sales import parties
from leadhub.sales.documents import Opportunity, Order, Quotation
from leadhub.sales.drafts import LineDraft, OpportunityDraft, OrderDraft, WrittenDraft
from leadhub.sales.opportunities import services as opportunities
from leadhub.sales.orders import services as orders
from leadhub.sales.parties import NotNow, StaleDocument
from leadhub.sales.queries import customer_of
from leadhub.sales.quotations import services as quotations
from leadhub.sales.quotations import writing

LINES = (
    LineDraft(description="Desk", quantity=Decimal(3), unit_price=Decimal("33.335"), tax_rate=Decimal(20)),
    LineDraft(description="Book", unit_price=Decimal(10), discount=Decimal(5), tax_rate=Decimal("5.5")),
)  # fmt: skip
DRAFT = WrittenDraft(currency="EUR", lines=LINES, title="Desks", addressee="Acme\n1 rue A", language="fr")


@pytest.fixture
def lead_id(make_lead):
    return make_lead(last_name="Dupont", organisation="Acme", source="whatsapp")


@pytest.fixture
def ada(lead_id, context, person):
    return person("ada")


@pytest.fixture
def lead(ada, lead_id):
    return lead_seen_by(ada, lead_id)


def submitted(lead, ada, **options):
    row = writing.create(lead, DRAFT, by=ada, **options)
    writing.submit(row, by=ada)
    return row


def reason():
    return db.session.scalars(sa.select(LossReason)).first()


def status(lead):
    db.session.flush()
    return db.session.get_one(Lead, lead.id).status.key


def test_a_draft_has_totals_and_no_number(lead, ada):
    row = writing.create(lead, DRAFT, by=ada)

    assert (row.number, row.state, status(lead)) == ("", "draft", "open")
    assert [line.net_minor for line in row.lines] == [10001, 950]  # 100.005 is rounded away from zero
    assert (row.net_minor, row.tax_minor, row.total_minor) == (10951, 2000 + 52, 13003)


def test_numbers_rise_and_a_submitted_one_never_changes(lead, ada):
    first, second = submitted(lead, ada), submitted(lead, ada)

    year = parties.today().year
    assert [first.number, second.number] == [f"Q-{year}-0001", f"Q-{year}-0002"]
    assert first.issuer["name"] == ""
    assert status(lead) == "quotation"
    with pytest.raises(NotNow):
        writing.change(first, replace(DRAFT, title="Other"), version=first.version, by=ada)
    with pytest.raises(NotNow):
        writing.submit(first, by=ada)


def test_what_is_missing_is_asked_for_before_the_number_is_given(lead, ada):
    for wrong, field in (
        ({"lines": ()}, "lines"),
        ({"addressee": " "}, "addressee"),
        ({"valid_until": date(2020, 1, 1)}, "valid_until"),
    ):
        row = writing.create(lead, replace(DRAFT, **wrong), by=ada)
        with pytest.raises(FieldRefused) as refused:
            writing.submit(row, by=ada)
        assert refused.value.field == field
    assert submitted(lead, ada).number.endswith("0001")


def test_a_revision_takes_the_place_of_what_was_submitted(lead, ada):
    row = submitted(lead, ada)
    new = writing.revise(row, by=ada)
    assert writing.revise(row, by=ada) is new
    assert (new.state, row.state) == ("draft", "submitted")
    writing.submit(new, by=ada)

    assert (new.number, row.state) == (f"{row.number}-2", "cancelled")
    assert "reopen" not in quotations.acts_on(row)
    assert status(lead) == "quotation"
    quotations.remove(new, by=ada)
    assert writing.revise(row, by=ada).revision == 3


def test_the_opportunity_of_a_lost_quotation_is_lost_unless_it_is_kept(lead, ada):
    found = opportunities.create(lead, OpportunityDraft(title="Desks", currency="EUR"), by=ada)
    assert (found.source_id, status(lead)) == (lead.source_id, "opportunity")
    kept = submitted(lead, ada, opportunity=found)
    quotations.act(kept, "lose", by=ada, reason=reason(), keeps_opportunity=True)
    assert (found.state, status(lead)) == ("open", "opportunity")
    lost = submitted(lead, ada, opportunity=found)
    quotations.act(lost, "lose", by=ada, reason=reason())

    assert (found.state, found.loss_reason_id, status(lead)) == ("lost", lost.loss_reason_id, "lost-quotation")


def test_a_confirmed_order_wins_the_opportunity_and_makes_the_customer(lead, ada):
    found = opportunities.create(lead, OpportunityDraft(title="Desks", currency="EUR"), by=ada)
    row = submitted(lead, ada, opportunity=found)
    with pytest.raises(NotNow):
        orders.create_from(row, by=ada)
    quotations.act(row, "accept", by=ada)
    order = orders.create_from(row, by=ada)
    assert orders.create_from(row, by=ada) is order
    assert (order.state, order.number, order.total_minor, status(lead)) == ("draft", "", row.total_minor, "quotation")
    orders.act(order, "confirm", by=ada)

    assert order.number == f"O-{parties.today().year}-0001"
    assert (found.state, status(lead)) == ("won", "converted")
    assert customer_of(lead).title == "Dupont"
    with pytest.raises(NotNow):
        quotations.remove(row, by=ada)
    orders.act(order, "cancel", by=ada)
    assert status(lead) == "converted"


def test_documents_of_a_customer_that_was_no_lead_need_no_lead(lead, ada):
    order = orders.create(lead, OrderDraft(currency="EUR", lines=LINES, number="X-1"), by=ada)
    orders.act(order, "confirm", by=ada)
    customer = customer_of(lead)
    row = submitted(customer, ada)
    quotations.act(row, "accept", by=ada)
    again = orders.create_from(row, by=ada)
    orders.act(again, "confirm", by=ada)

    assert (order.number, again.number, again.customer_id) == ("X-1", f"O-{parties.today().year}-0001", customer.id)


def test_what_was_deleted_comes_back(lead, ada):
    found = opportunities.create(lead, OpportunityDraft(title="Desks", currency="EUR"), by=ada)
    opportunities.remove(found, by=ada)
    assert status(lead) == "open"
    opportunities.restore(found, by=ada)
    assert status(lead) == "opportunity"
    row = submitted(lead, ada)
    quotations.remove(row, by=ada)
    assert status(lead) == "opportunity"
    quotations.restore(row, by=ada)
    assert status(lead) == "quotation"


def test_who_comes_second_is_told(lead, ada):
    found = opportunities.create(lead, OpportunityDraft(title="Desks", currency="EUR"), by=ada)
    seen = found.version
    opportunities.change(
        found, OpportunityDraft(title="Chairs", currency="EUR", amount=Decimal(5)), version=seen, by=ada
    )
    with pytest.raises(StaleDocument):
        opportunities.change(found, OpportunityDraft(title="Beds", currency="EUR"), version=seen, by=ada)
    assert found.amount == 5


def test_others_see_the_documents_of_leads_that_they_see(lead, ada, person):
    for model in (Opportunity, Quotation, Order):
        assert db.session.scalars(parties.seen_by(None, model)).all() == []
    row = submitted(lead, ada)
    assert db.session.scalars(parties.seen_by(ada, Quotation)).all() == [row]
