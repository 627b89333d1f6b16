"""A look at a lead from the list, and the way to the leads beside it."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role
from leadhub.extensions import db
from leadhub.fields.models import FieldRow
from leadhub.leads.listing import peek
from leadhub.leads.models import Lead

pytestmark = pytest.mark.one_database  # what it says of the database is said by the services' own tests

PIECE = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def three(make_lead):
    """Ids, newest first: two of WhatsApp with one of a fair between them."""
    days = {"Dupré": ("whatsapp", 1), "Martin": ("fair", 2), "Élan": ("whatsapp", 3)}
    return [
        make_lead(last_name=name, source=source, received_at=datetime(2026, 11, 22 - day, tzinfo=UTC))
        for name, (source, day) in days.items()
    ]


def around(client, lead_id, asked):
    """(rel, address) pairs of the links beside this lead."""
    piece = client.get(f"/leads/{lead_id}/around?{asked}", headers=PIECE)
    return dict(re.findall(r'rel="(\w+)" href="([^"]+)"', piece.text))


def test_a_look_tells_who_it_is_how_to_reach_them_and_what_was(client, make_lead):
    lead_id = make_lead(
        last_name="Dupré", organisation="Cœur", owner="bob@example.org", email="z@example.org", source="whatsapp",
        next_contact_at=datetime(2030, 1, 2, 9, tzinfo=UTC), phone="06 39 98 12 34",
    )  # fmt: skip
    for number in range(6):
        client.post(f"/leads/{lead_id}/activities", data={"kind": "note", "body": f"Said {number}"})

    piece = client.get(f"/leads/{lead_id}/peek?list=source%3Dwhatsapp", headers=PIECE)

    assert "<html" not in piece.text
    words = (
        "Dupré",
        "Cœur",
        "Open",
        "Bob",
        "2 Jan 2030",
        "z@example.org",
        "tel:0639981234",
        "WhatsApp",
    )
    assert [word for word in words if word not in piece.text] == []
    assert f'href="/leads/{lead_id}?list=source%3Dwhatsapp"' in piece.text
    assert re.findall(r"Said \d", piece.text) == [f"Said {number}" for number in (5, 4, 3, 2, 1)]


def test_a_look_without_script_is_a_page(client, make_lead):
    page = client.get(f"/leads/{make_lead(last_name='Dupré')}/peek")

    assert re.search(r"<h1[^>]*>Dupré</h1>", page.text)
    assert "data-close" not in page.text.partition("<main")[2]


def test_a_look_costs_as_many_queries_for_a_full_lead_as_for_an_empty_one(client, make_lead, count_queries):
    empty = make_lead()
    full = make_lead(owner="bob@example.org", source="whatsapp", tags=("a", "b"), email="z@example.org")
    for number in range(8):
        client.post(f"/leads/{full}/activities", data={"kind": "note", "body": f"Said {number}"})
    client.get(f"/leads/{full}/peek", headers=PIECE)

    with count_queries() as few:
        client.get(f"/leads/{empty}/peek", headers=PIECE)
    with count_queries() as many:
        client.get(f"/leads/{full}/peek", headers=PIECE)

    assert len(many) <= len(few)


def test_what_a_role_may_not_see_no_look_shows(app, client_of, make_lead):
    lead_id = make_lead(expected_value=Decimal(4321))
    with app.app_context():
        db.session.add(FieldRow(name="expected_value", shown="form", seen_by="managers"))
        db.session.commit()

    assert "4,321" in client_of("mia").get(f"/leads/{lead_id}/peek").text
    assert "4,321" not in client_of("bob").get(f"/leads/{lead_id}/peek").text


def test_a_row_leads_to_its_lead_within_this_list(client, three):
    client_rows = client.get("/leads/?source=whatsapp&sort=name").text

    assert f'href="/leads/{three[0]}?list=sort%3Dname%26source%3Dwhatsapp"' in client_rows


def test_the_leads_beside_one_are_those_of_the_list(client, three):
    newest, middle, oldest = three

    assert around(client, newest, "list=") == {"next": f"/leads/{middle}?list="}
    assert around(client, newest, "list=source%3Dwhatsapp") == {"next": f"/leads/{oldest}?list=source%3Dwhatsapp"}
    assert around(client, middle, "list=sort%3Dname") == {"prev": f"/leads/{oldest}?list=sort%3Dname"}


def test_a_lead_that_has_left_the_list_still_has_its_place_in_it(client, three):
    newest, middle, oldest = three

    assert around(client, middle, "list=source%3Dwhatsapp") == {
        "prev": f"/leads/{newest}?list=source%3Dwhatsapp",
        "next": f"/leads/{oldest}?list=source%3Dwhatsapp",
    }


def test_no_lead_beside_one_is_out_of_reach(app, client_of, three):
    newest, middle, oldest = three
    with app.app_context():
        db.session.execute(sa.update(Role).values(reach="own"))
        for lead_id, owner in {newest: 3, middle: 2, oldest: 3}.items():  # bob, mia, bob
            db.session.execute(sa.update(Lead).where(Lead.id == lead_id).values(owner_id=owner))
        db.session.commit()

    assert around(client_of("bob"), newest, "list=") == {"next": f"/leads/{oldest}?list="}


def test_a_lead_from_elsewhere_shows_no_way_to_others(client, three):
    page = client.get(f"/leads/{three[0]}")

    assert 'id="around"' not in page.text
    assert "Back to the list" not in page.text


def test_a_lead_of_the_list_leads_back_to_it_and_to_its_place(client, three):
    lead_id = three[1]

    page = client.get(f"/leads/{lead_id}?list=q%3Dmartin%26source%3Dfair&view=3")

    back = re.search(r'href="([^"]+)">.*?Back to the list', page.text)[1].replace("&amp;", "&")
    assert back.startswith("/leads/?")
    assert set(re.split(r"[?&#]", back)[1:]) == {"view=3", "q=martin", "source=fair", f"lead-{lead_id}"}
    assert f'hx-get="/leads/{lead_id}/around?list=q%3Dmartin%26source%3Dfair' in page.text


@pytest.mark.parametrize(
    "asked",
    [
        "https://evil.example", "//evil.example", "_scheme=javascript&_external=1", "_anchor=x&_method=POST",
        "source=gone", "sort=gone", "view=x", "endpoint=home", "id=2", "&" * 1500, "after=x",
    ],
)  # fmt: skip
def test_what_is_no_state_is_dropped_and_leads_nowhere_else(client, three, asked):
    page = client.get(f"/leads/{three[1]}", query_string={"list": asked})
    piece = client.get(f"/leads/{three[1]}/around", query_string={"list": asked}, headers=PIECE)

    nav = page.text.partition('class="around"')[2].partition("</nav>")[0]
    addresses = re.findall(r'<a [^>]*href="([^"]+)"', nav + piece.text)
    assert (page.status_code, piece.status_code, len(addresses)) == (200, 200, 3)
    assert all(address.startswith("/leads/") for address in addresses)
    assert "evil" not in "".join(addresses)


@pytest.mark.parametrize("asked", ["", "list=", "list=//evil.example"])
def test_the_way_to_others_without_script_is_the_lead(client, three, asked):
    answer = client.get(f"/leads/{three[0]}/around?{asked}")

    assert (answer.status_code, answer.location.partition("?")[0]) == (303, f"/leads/{three[0]}")


def test_a_list_that_takes_too_long_costs_the_way_to_others_alone(client, three, monkeypatch):
    def too_long(*args):
        raise peek.TookTooLong

    monkeypatch.setattr(peek.pages, "neighbours_of", too_long)

    assert around(client, three[0], "list=") == {}
