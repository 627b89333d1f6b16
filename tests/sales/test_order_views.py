"""Pages of orders: by hand, from a quotation, confirmed, cancelled, deleted."""

import re

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.sales.documents import Order
from tests.sales.test_written_views import lines

pytestmark = pytest.mark.one_database  # what is written is said by test_written


@pytest.fixture
def lead_id(make_lead):
    return make_lead(last_name="Dupont", owner="bob@example.org")


@pytest.fixture
def write(client, lead_id):
    """``write(**values)``: the address of a new draft."""

    def write(who=client, **values):
        data = {"title": "Desks", "currency": "EUR"} | lines({}) | values
        answer = who.post(f"/orders/?lead={lead_id}", data=data)
        assert answer.status_code == 303
        return answer.location

    return write


def last(app):
    with app.app_context():
        return db.session.scalars(sa.select(Order).order_by(Order.id.desc())).first()


def test_an_order_by_hand_is_confirmed_with_the_next_number(client, app, lead_id, write):
    assert client.get(f"/orders/new?lead={lead_id}").status_code == 200
    at = write(reference="PO-7", note="By Friday", once="key")
    assert write(once="key") == at
    shown = client.get(at).text
    assert "PO-7" in shown
    assert "By Friday" in shown
    assert "€120.01" in shown
    assert client.post(f"{at}/confirm").status_code == 303

    row = last(app)
    assert (row.state, row.number[:2], row.sequence) == ("confirmed", "O-", 1)
    assert row.number in client.get("/orders/").text
    assert client.get(f"{at}/edit").status_code == 303
    client.post(f"{at}/cancel")
    client.post(f"{at}/reopen")
    form = client.get(f"{at}/edit").text
    assert 'name="number"' not in form
    version = re.search(r'name="version"[^>]*value="(\d+)"', form)[1]
    changed = {"currency": "EUR", "version": version} | lines({"quantity": "1"})
    assert client.post(f"{at}/edit", data=changed).status_code == 303
    assert (last(app).number, last(app).net_minor) == (row.number, 3334)


def test_a_number_of_ones_own_is_kept(client, app, write):
    client.post(f"{write(number='C-1')}/confirm")

    assert (last(app).number, last(app).sequence) == ("C-1", None)


def test_what_is_empty_is_not_confirmed(client, app, write):
    at = write(**lines({"description": "", "unit_price": "", "quantity": "1"}))
    answer = client.post(f"{at}/confirm", follow_redirects=True)

    assert "An order without lines can’t be confirmed." in answer.text
    assert last(app).state == "draft"


def test_the_order_of_a_quotation_made_elsewhere_starts_with_its_amount(client, app, lead_id):
    known = {"number": "D-7", "amount": "1250", "currency": "EUR", "sent_on": "2026-11-30"}
    client.post(f"/leads/{lead_id}/quotations", data=known)
    client.post(f"/leads/{lead_id}/quotations/1/accept")
    at = client.post("/orders/from/1").location
    assert "€1,250.00" in client.get(at).text
    form = client.get(f"{at}/edit").text

    assert ">D-7</textarea>" in form
    assert 'value="1250"' in form


def test_a_change_on_a_stale_version_is_refused_and_kept(client, app, write):
    at = write()
    answer = client.post(f"{at}/edit", data={"title": "Chairs", "currency": "EUR", "version": "99"} | lines({}))

    assert answer.status_code == 409
    assert 'value="Chairs"' in answer.text
    assert last(app).title == "Desks"


def test_one_with_a_number_of_leadhub_is_deleted_by_those_who_manage(client, client_of, app, write):
    bob = client_of("bob")
    assert bob.post(f"{write(who=bob)}/delete").status_code == 303
    at = write(who=bob)
    client.post(f"{at}/confirm")
    assert bob.post(f"{at}/delete").status_code == 403
    assert client.post(f"{at}/delete").status_code == 303
    assert f'action="{at}/restore"' in client.get("/orders/").text
    assert client.get(at).status_code == 404

    assert client.post(f"{at}/restore").location == at
    assert last(app).deleted_at is None
