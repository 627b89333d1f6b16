"""Pages of quotations that LeadHub writes: the list, the form with its lines, what becomes of them."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.sales.customers import create_customer
from leadhub.sales.documents import Opportunity, Order, Quotation
from leadhub.sales.drafts import OpportunityDraft
from leadhub.sales.opportunities import services as opportunities
from leadhub.sales.parties import today

pytestmark = pytest.mark.one_database  # what is written is said by test_written
LINE = {"description": "Desk", "quantity": "3", "unit_price": "33.335", "discount": "", "tax_rate": "20"}


def lines(*rows):
    filled = [LINE | row for row in rows]
    return {f"lines_{name}": [row[name] for row in filled] for name in LINE}


def filled(*rows, **values):
    known = {"title": "Desks", "addressee": "Acme", "currency": "EUR", "language": "en", "valid_until": "", "terms": ""}
    return known | lines(*(rows or ({},))) | values


@pytest.fixture
def lead_id(make_lead):
    return make_lead(last_name="Dupont", organisation="Acme", owner="bob@example.org")


@pytest.fixture
def write(client, lead_id):
    """``write(rows..., **values)``: the address of a new draft."""

    def write(*rows, who=client, party=None, **values):
        answer = who.post(f"/quotations/?{party or f'lead={lead_id}'}", data=filled(*rows, **values))
        assert answer.status_code == 303, re.findall(r"invalid-feedback[^>]*>([^<]*)", answer.text)
        return answer.location

    return write


def last(app, model=Quotation):
    with app.app_context():
        return db.session.scalars(sa.select(model).order_by(model.id.desc()).limit(1)).first()


def status_of(app, lead_id):
    with app.app_context():
        return db.session.get(Lead, lead_id).status.key


def test_a_draft_is_written_shown_and_submitted(client, app, lead_id, write):
    page = client.get(f"/quotations/new?lead={lead_id}").text
    assert "Acme" in page
    with app.app_context():
        assert (today() + timedelta(days=30)).isoformat() in page
    at = write()
    shown = client.get(at).text
    assert "Draft of a quotation" in shown
    assert "€120.01" in shown

    assert client.post(f"{at}/submit").status_code == 303
    row = last(app)
    assert row.number in client.get(at).text
    assert status_of(app, lead_id) == "quotation"
    assert client.get(f"{at}/edit").status_code == 303
    assert client.post(f"{at}/edit", data=filled(version="2")).status_code == 409


def test_a_form_that_is_sent_twice_makes_one(client, app, lead_id, write):
    first = write(once="key")

    assert write(once="key") == first
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Quotation)) == 1
