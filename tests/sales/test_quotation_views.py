"""Quotations on the page of a lead: who may, what is asked for, what is refused."""

import re

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.sales.documents import Quotation
from leadhub.sales.models import Customer

pytestmark = pytest.mark.one_database  # what is written is said by test_documents
FILLED = {"number": "D-2026-7", "amount": "1,234.50", "currency": "EUR", "sent_on": "2026-11-30"}


@pytest.fixture
def lead_id(make_lead):
    return make_lead(last_name="Dupont", owner="bob@example.org")


def add(client, lead_id, **values):
    return client.post(f"/leads/{lead_id}/quotations", data=FILLED | values)


def row_of(app):
    with app.app_context():
        return db.session.scalars(sa.select(Quotation).order_by(Quotation.id.desc())).first()


def status_of(app, lead_id):
    with app.app_context():
        return db.session.get(Lead, lead_id).status.key


def test_the_one_line_way(client, app, lead_id):
    page = client.get(f"/leads/{lead_id}").text
    assert "Add a quotation" in page
    assert client.get(f"/leads/{lead_id}/quotations/new").status_code == 200
    assert add(client, lead_id).status_code == 303
    row = row_of(app)
    assert (row.number, str(row.amount), row.currency, row.state) == ("D-2026-7", "1234.50", "EUR", "submitted")
    page = client.get(f"/leads/{lead_id}").text
    assert "D-2026-7" in page
    assert "€1,234.50" in page
    assert status_of(app, lead_id) == "quotation"

    at = f"/leads/{lead_id}/quotations/{row.id}"
    assert client.post(f"{at}/accept").status_code == 303
    assert "Order…" in client.get(f"/leads/{lead_id}").text
    assert client.get(f"{at}/order").status_code == 200
    assert client.post(f"{at}/order", data={"order_number": "", "ordered_on": "2026-12-01"}).status_code == 422
    assert client.post(f"{at}/order", data={"order_number": "C-1", "ordered_on": "2026-12-01"}).status_code == 303
    assert status_of(app, lead_id) == "converted"
    page = client.get(f"/leads/{lead_id}").text
    assert "Order C-1, 1 Dec 2026" in page
    assert "Converted to" in page
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Customer)) == 1


def test_a_lost_one_says_why_and_can_be_opened_again(client, app, lead_id):
    add(client, lead_id)
    at = f"/leads/{lead_id}/quotations/{row_of(app).id}"
    refused = client.post(f"{at}/lose", data={"reason": ""})
    assert refused.status_code == 422
    assert "Choose one." in refused.text
    assert client.post(f"{at}/lose", data={"reason": "price"}).status_code == 303
    assert status_of(app, lead_id) == "lost-quotation"
    assert client.post(f"{at}/reopen").status_code == 303
    assert row_of(app).loss_reason_id is None
    assert client.post(f"{at}/delete").status_code == 303
    assert status_of(app, lead_id) == "open"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"number": ""}, "This field is required."),
        ({"amount": "much"}, "Give a number."),
        ({"amount": "-5"}, "Give an amount from 0"),
        ({"sent_on": "someday"}, "Give a date."),
        ({"currency": "XXX"}, "Choose one from the list."),
    ],
)
def test_bad_input_is_told_at_the_field_and_nothing_is_lost(client, app, lead_id, values, words):
    answer = add(client, lead_id, **values)
    assert answer.status_code == 422
    assert words in answer.text
    assert answer.text.count('class="invalid-feedback') == 1  # one thing wrong is told once
    assert row_of(app) is None
    kept = "D-2026-7" if "number" not in values else "1,234.50"
    assert f'value="{kept}"' in answer.text


def test_what_somebody_else_did_meanwhile_is_said(client, app, lead_id):
    add(client, lead_id)
    at = f"/leads/{lead_id}/quotations/{row_of(app).id}"
    client.post(f"{at}/cancel")
    answer = client.post(f"{at}/accept", follow_redirects=True)
    assert "This quotation is no longer what the page showed." in answer.text
    assert row_of(app).state == "cancelled"


def test_others_leads_and_other_leads_quotations_are_not_there(client, client_of, app, lead_id, make_lead):
    add(client, lead_id)
    row, other = row_of(app).id, make_lead(owner="mia@example.org")
    with app.app_context():
        db.session.execute(sa.update(Role).where(Role.name == "agent").values(reach="own"))
        db.session.commit()
    bob, vic = client_of("bob"), client_of("vic")
    assert bob.post(f"/leads/{lead_id}/quotations/{row}/accept").status_code == 303
    for path in (
        f"/leads/{other}/quotations",
        f"/leads/{other}/customer",
        f"/leads/{lead_id}/quotations/{row}9/accept",
    ):
        assert bob.post(path, data=FILLED).status_code == 404
    assert client.post(f"/leads/{other}/quotations/{row}/accept").status_code == 404
    assert client.post(f"/leads/{lead_id}/quotations/{row}/eat").status_code == 404
    assert vic.post(f"/leads/{lead_id}/quotations", data=FILLED).status_code == 403
    assert "Add a quotation" not in vic.get(f"/leads/{lead_id}").text


def test_the_lead_becomes_a_customer_by_one_button_and_is_unlinked(client, app, lead_id):
    assert client.post(f"/leads/{lead_id}/customer").status_code == 303
    assert client.post(f"/leads/{lead_id}/customer").status_code == 303
    assert status_of(app, lead_id) == "converted"
    assert len(re.findall("Converted to", client.get(f"/leads/{lead_id}").text)) == 1
    assert client.post(f"/leads/{lead_id}/customer/unlink").status_code == 303
    assert status_of(app, lead_id) == "open"


def test_the_history_tells_what_became_of_each(client, app, lead_id):
    add(client, lead_id)
    client.post(f"/leads/{lead_id}/quotations/{row_of(app).id}/accept")
    page = client.get(f"/leads/{lead_id}").text
    history = page[page.index('id="history"') if 'id="history"' in page else 0 :]
    assert "Quotation D-2026-7" in history
    assert re.search(r"Submitted.*Accepted", history, re.DOTALL)


def test_a_deleted_line_comes_back(client, app, lead_id):
    add(client, lead_id)
    row_id = row_of(app).id
    client.post(f"/leads/{lead_id}/quotations/{row_id}/delete")
    page = client.get(f"/leads/{lead_id}").text
    assert f'action="/quotations/{row_id}/restore"' in page
    assert status_of(app, lead_id) == "open"

    assert client.post(f"/quotations/{row_id}/restore").status_code == 303
    assert "D-2026-7" in client.get(f"/leads/{lead_id}").text
    assert status_of(app, lead_id) == "quotation"
