"""Pages of quotations that LeadHub writes: the list, the form with its lines, what becomes of them."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import render_template
from flask_login import login_user

from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.sales.company.queries import company
from leadhub.sales.customers import create_customer
from leadhub.sales.documents import Opportunity, Order, Quotation
from leadhub.sales.drafts import OpportunityDraft
from leadhub.sales.opportunities import services as opportunities
from leadhub.sales.parties import today
from leadhub.sales.quotations import writing
from leadhub.sales.quotations.queries import quotation_seen_by, quotations_of

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


def test_without_script_a_button_gives_another_line_and_keeps_what_was_typed(client, lead_id, rows):
    answer = client.post(f"/quotations/?lead={lead_id}", data=filled({"quantity": "lots"}, add="lines"))

    assert answer.status_code == 200
    assert 'value="lots"' in answer.text
    assert answer.text.split("<template")[0].count('data-part="quantity"') == 2
    assert "invalid-feedback" not in answer.text
    assert rows("quotations") == []


def test_what_is_wrong_is_told_at_the_row(client, lead_id, rows):
    answer = client.post(f"/quotations/?lead={lead_id}", data=filled({"unit_price": "lots"}, valid_until="soon"))

    assert answer.status_code == 422
    assert "Line 1: Give a number." in answer.text
    assert 'id="lines-0-problems"' in answer.text
    assert "Give a date." in answer.text
    assert rows("quotations") == []


def test_more_than_a_document_can_hold_is_told_at_the_lines(client, lead_id):
    huge = {"quantity": "1000000000", "unit_price": "1000000000000"}
    answer = client.post(f"/quotations/?lead={lead_id}", data=filled(huge))

    assert answer.status_code == 422
    assert "This comes to more than a document can hold." in answer.text


def test_a_change_on_a_stale_version_is_refused_and_kept(client, app, write):
    at = write()
    assert client.post(f"{at}/edit", data=filled(title="Chairs", version="1")).status_code == 303
    late = client.post(f"{at}/edit", data=filled(title="Tables", version="1"))
    assert late.status_code == 409
    assert 'value="Tables"' in late.text
    assert last(app).title == "Chairs"
    version = re.search(r'name="version"[^>]*value="(\d+)"', late.text)[1]
    assert client.post(f"{at}/edit", data=filled(title="Tables", version=version)).status_code == 303
    assert last(app).title == "Tables"


def test_what_is_missing_is_told_in_the_form_when_it_is_submitted(client, app, write):
    at = write(addressee="")
    answer = client.post(f"{at}/submit")

    assert answer.status_code == 422
    assert "Say who it is for." in answer.text
    assert "Desk" in answer.text
    assert last(app).state == "draft"


def test_a_revision_leads_to_the_version_before_it(client, app, write):
    at = write()
    client.post(f"{at}/submit")
    answer = client.post(f"{at}/revise")
    assert answer.location.endswith("/edit")
    new = answer.location.removesuffix("/edit")
    client.post(f"{new}/submit")

    number = last(app).number
    assert number.endswith("-2")
    assert f'href="{at}"' in client.get(new).text
    assert number in client.get(at).text
    assert "Open again" not in client.get(at).text


def test_a_lost_one_says_why_and_may_keep_its_opportunity(client, app, lead_id, write):
    with app.app_context():
        lead, ada = db.session.get(Lead, lead_id), user_by_email("ada@example.org")
        found = opportunities.create(lead, OpportunityDraft(title="Offices", currency="USD"), by=ada).id
        db.session.commit()
    page = client.get(f"/quotations/new?opportunity={found}").text
    assert 'value="Offices"' in page
    assert re.search(r'<option selected[^>]*value="USD"', page)
    at = write(party=f"lead={lead_id}&opportunity={found}")
    client.post(f"{at}/submit")
    assert "Otherwise “Offices” is lost with it." in client.get(f"{at}/lose").text
    assert client.post(f"{at}/lose", data={"reason": ""}).status_code == 422
    assert client.post(f"{at}/lose", data={"reason": "price", "keeps_opportunity": "y"}).status_code == 303

    assert (last(app).state, last(app, Opportunity).state) == ("lost", "open")
    client.post(f"{at}/reopen")
    client.post(f"{at}/lose", data={"reason": "price"})
    assert last(app, Opportunity).state == "lost"
    assert "keeps_opportunity" not in client.get(f"{at}/lose").text


def test_an_accepted_one_becomes_an_order_once(client, app, lead_id, write):
    at = write()
    client.post(f"{at}/submit")
    number = at.rsplit("/", 1)[1]
    assert client.post(f"/orders/from/{number}").location == at
    client.post(f"{at}/accept")
    assert "Create the order" in client.get(at).text
    first = client.post(f"/orders/from/{number}").location

    assert client.post(f"/orders/from/{number}").location == first
    assert "Create the order" not in client.get(at).text
    assert f'href="{first}"' in client.get(at).text
    assert client.post(f"{first}/confirm").status_code == 303
    assert last(app, Order).number in client.get(first).text
    assert status_of(app, lead_id) == "converted"
    client.post(f"{at}/delete")
    assert last(app).deleted_at is None


def test_what_is_deleted_comes_back_by_undo(client, app, write):
    at = write()
    assert client.post(f"{at}/delete").status_code == 303
    assert f'action="{at}/restore"' in client.get("/quotations/").text
    assert client.get(at).status_code == 404

    assert client.post(f"{at}/restore").location == at
    assert client.get(at).status_code == 200


def test_an_undo_that_comes_too_late_is_told(client, app, write):
    at = write()
    client.post(f"{at}/submit")
    newer = client.post(f"{at}/revise").location.removesuffix("/edit")
    client.post(f"{at}/delete")
    client.post(f"{newer}/submit")
    answer = client.post(f"{at}/restore", follow_redirects=True)
    assert "Another version has taken its place by now." in answer.text


@pytest.mark.parametrize("day", ["0026-11-30", "9999-12-31"])
def test_a_year_that_nobody_means_is_refused(client, lead_id, rows, day):
    """A number and the statistics would go by it."""
    sent = [
        (f"/quotations/?lead={lead_id}", filled(valid_until=day)),
        (f"/orders/?lead={lead_id}", filled(ordered_on=day)),
        (f"/leads/{lead_id}/quotations", {"number": "A", "currency": "EUR", "sent_on": day}),
    ]
    for path, data in sent:
        answer = client.post(path, data=data)
        assert answer.status_code == 422
        assert "Give a year between" in answer.text
    assert rows("quotations") == rows("orders") == []


def test_one_with_a_number_is_deleted_by_those_who_manage(client, client_of, app, write):
    bob = client_of("bob")
    draft = write(who=bob)
    assert bob.post(f"{draft}/delete").status_code == 303
    at = write(who=bob)
    bob.post(f"{at}/submit")

    assert "/delete" not in bob.get(at).text
    assert bob.post(f"{at}/delete").status_code == 403
    assert client_of("mia").post(f"{at}/delete").status_code == 303
    assert bob.post(f"{at}/restore").status_code == 403


def test_whom_it_is_for_is_chosen_by_name(client, app, make_lead, write):
    make_lead(last_name="Élan")
    with app.app_context():
        acme = create_customer({"organisation": "Acme & Fils", "is_organisation": True}, by=None).id
        db.session.commit()

    assert "Élan" in client.get("/quotations/new?q=elan").text
    assert f"customer={acme}" in client.get("/orders/new?q=acme").text
    assert "Nobody of this name." in client.get("/quotations/new?q=zorro").text
    assert client.post("/quotations/", data=filled()).location == "/quotations/new"
    assert client.get("/quotations/new?lead=x").status_code == 404
    assert client.get("/quotations/new?customer=999").status_code == 404
    write(party=f"customer={acme}")
    assert last(app).customer_id == acme


def test_the_list_finds_sums_and_pages(client, app, lead_id, make_lead, write):
    for number in range(3):
        write(title=f"Offer {number}")
    client.post(f"{write(title='Waiting')}/submit")
    client.post(f"/leads/{lead_id}/quotations",
                data={"number": "D-7", "amount": "50", "currency": "EUR", "sent_on": "2026-11-30"})  # fmt: skip
    page = client.get("/quotations/").text
    assert "5 quotations" in page
    assert "Submitted, before tax: €150.01" in page
    assert "made elsewhere" in page
    assert f'href="/leads/{lead_id}#lead-sales"' in page
    assert client.get("/quotations/5").location.endswith(f"/leads/{lead_id}#lead-sales")
    for query, found in (
        ("state=draft", 3), ("q=offer+2", 1), ("q=acme", 5), ("q=d-7", 1), ("q=nothing", 0), ("state=wrong", 5),
        ("q=%25", 0), ("after=3", 2), ("after=x", 5), ("after=1", 0),
    ):  # fmt: skip
        shown = client.get(f"/quotations/?{query}").text
        assert shown.count('<tr id="quotation-') == found, query


def test_pages_of_fifty(client, app, lead_id):
    with app.app_context():
        for number in range(51):
            db.session.add(Quotation(lead_id=lead_id, is_own=True, state="draft", currency="EUR", title=f"T{number}"))
        db.session.commit()
    first = client.get("/quotations/").text

    assert first.count('<tr id="quotation-') == 50
    assert ">T50<" in first
    after = re.search(r'id="page-after"[^>]*href="([^"]*)"', first)[1]
    assert ">T0<" in client.get(after.replace("&amp;", "&")).text


@pytest.mark.parametrize("kind", ["quotations", "orders"])
def test_a_list_asks_as_much_for_ten_as_for_one(client, app, make_lead, count_queries, kind):
    def fill(times):
        leads = [make_lead(organisation="Acme") for _number in range(times)]
        with app.app_context():
            for lead_id in leads:
                customer = create_customer({"last_name": "Ann"}, by=None)
                model, own = (Quotation, {"is_own": True}) if kind == "quotations" else (Order, {})
                for whose in ({"lead_id": lead_id}, {"customer_id": customer.id}):
                    db.session.add(model(state="draft", currency="EUR", **whose, **own))
            db.session.commit()

    fill(1)
    client.get(f"/{kind}/")
    with count_queries() as one:
        client.get(f"/{kind}/")
    fill(9)
    with count_queries() as ten:
        assert client.get(f"/{kind}/").text.count(f'<tr id="{kind[:-1]}-') == 20

    assert len(ten) == len(one)


def test_those_of_a_lead_are_shown_with_what_comes_next(app, lead_id, write, count_queries):
    draft, other = write(), write()
    with app.test_request_context():
        ada = user_by_email("ada@example.org")
        writing.submit(quotation_seen_by(ada, int(other.rsplit("/", 1)[1])), by=ada)
        lead = db.session.get(Lead, lead_id)
        login_user(ada)
        rows = list(quotations_of(lead))
        with count_queries() as statements:
            shown = render_template("sales/quotations/_of.html", party=lead, rows=rows)

        assert statements == []
        assert f'action="{draft}/submit"' in shown
        assert f'action="{other}/accept"' in shown
        assert render_template("sales/quotations/_of.html", party=lead, rows=[]).strip() == ""
        assert render_template("sales/orders/_of.html", party=lead, rows=[]).strip() == ""


def test_what_the_customer_did_meanwhile_is_not_undone_unseen(client, app, write):
    at = write()
    client.post(f"{at}/submit")
    asked = client.get(f"{at}/lose").text
    seen = re.search(r'name="version" value="(\d+)"', asked)[1]
    assert client.post(f"{at}/accept").status_code == 303  # as somebody else

    late = client.post(f"{at}/lose", data={"reason": "price", "version": seen})
    assert late.status_code == 303
    assert "Somebody changed this meanwhile." in client.get(at).text
    assert last(app).state == "accepted"


@pytest.mark.parametrize("kind", ["quotations", "orders", "opportunities"])
def test_where_nobody_is_there_yet_the_way_to_the_first_lead_is_shown(client, kind):
    page = client.get(f"/{kind}/new").text
    assert "No leads and no customers yet." in page
    assert 'href="/leads/new"' in page.split("<main", 1)[1]
    assert "Nobody of this name." in client.get(f"/{kind}/new?q=nobody").text


def test_a_draft_says_that_nobody_is_named_as_who_quotes(client, client_of, app, write):
    at = write(who=client_of("bob"))
    assert "Nobody is named as who quotes." in client_of("bob").get(at).text
    assert "Name your company" not in client_of("bob").get(at).text
    assert 'href="/settings/company"' in client.get(at).text
    with app.app_context():
        company().name = "Menuiserie Lefèvre"
        db.session.commit()
    assert "Nobody is named as who quotes." not in client.get(at).text
