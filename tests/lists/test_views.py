"""Settings > Lists, as an admin uses it; no test needs a script."""

import re
import threading

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.lists.kinds import KINDS
from leadhub.lists.models import Campaign, Source, Tag

pytestmark = pytest.mark.one_database  # what it says of the database is said by the services' own tests

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
SOURCES = "/settings/lists/sources/"


@pytest.fixture
def make_row(app):
    """``make_row(Source, "Fair")``: the id of a committed row at the end of its list."""

    def make(model, name, **values):
        with app.app_context():
            row = model(key=f"x-{name}", names={"en": name}, position=900, **values)
            db.session.add(row)
            db.session.commit()
            return row.id

    return make


def names_in(page):
    """Names of the rows, in order."""
    return re.findall(r'class="list-name break"[^>]*>([^<]*)<', page.text)


def test_every_list_is_there_with_its_number_of_rows(app, client):
    page = client.get("/settings/lists/")

    assert page.status_code == 200
    with app.app_context():
        for kind in KINDS.values():
            rows = db.session.scalar(sa.select(sa.func.count()).select_from(kind.model))
            assert re.search(rf'lists/{kind.slug}/">{kind.plural}</a>\s*<span[^>]*>{rows}<', page.text), kind.slug
            assert client.get(f"/settings/lists/{kind.slug}/").status_code == 200


def test_a_list_that_is_not_there_is_not_there(client):
    assert client.get("/settings/lists/colours/").status_code == 404


def test_an_empty_list_says_what_it_is_for(client):
    assert "There is nothing in this list yet." in client.get("/settings/lists/campaigns/").text


def test_a_row_is_added_renamed_and_retired(client, rows):
    added = client.post("/settings/lists/tags/", data={"name_en": "Urgent", "name_fr": "Urgent"})
    (tag,) = rows("tags")
    one = f"/settings/lists/tags/{tag['id']}"
    client.post(one, data={"name_en": "Hot", "name_fr": "Chaud"})
    client.post(f"{one}/retire")

    assert added.status_code == 303
    assert added.location.endswith(f"#row-{tag['id']}")
    (now,) = rows("tags")
    assert (now["key"], now["retired"]) == ("urgent", True)
    assert names_in(client.get("/settings/lists/tags/")) == ["Hot"]
    client.post(f"{one}/retire", data={"back": "y"})
    assert not rows("tags")[0]["retired"]


@pytest.mark.parametrize("names", [{"name_en": ""}, {"name_en": "WEB form"}, {"name_fr": "x" * 201}])
def test_a_name_that_can_not_be_is_told_at_the_field(client, rows, names):
    before = rows("sources")

    answer = client.post(SOURCES, data=names)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert rows("sources") == before


def test_a_drawer_opens_alone_or_in_its_page(client, make_row):
    one = f"{SOURCES}{make_row(Source, 'Fair')}"

    piece, page = client.get(one, headers=PARTIAL), client.get(one)

    assert piece.text.lstrip().startswith("<li")
    assert 'name="default_owner_id"' in piece.text
    assert "<html" in page.text
    assert 'name="default_owner_id"' in page.text
    assert 'name="default_owner_id"' not in client.get(SOURCES).text


def test_a_source_gets_an_owner_by_default(app, client, make_row, rows, person):
    one = make_row(Source, "Fair")
    with app.app_context():
        bob = person("bob").id

    client.post(f"{SOURCES}{one}", data={"name_en": "Fair", "default_owner_id": str(bob), "details": "Each May"})

    row = next(row for row in rows("sources") if row["id"] == one)
    assert (row["default_owner_id"], row["details"]) == (bob, "Each May")


def test_a_campaign_has_amounts_and_dates(client, make_row, rows):
    one = f"/settings/lists/campaigns/{make_row(Campaign, 'Fair')}"
    data = {"name_en": "Fair", "budget": "1 234,50", "actual_cost": "1,100.25", "starts_on": "2026-05-01"}

    answer = client.post(one, data=data | {"ends_on": "2026-05-03"})
    wrong = client.post(one, data=data | {"ends_on": "2026-04-30", "budget": "2 000"})

    assert answer.status_code == 303
    assert (rows("campaigns")[0]["budget"], rows("campaigns")[0]["actual_cost"]) == (123450, 110025)
    assert wrong.status_code == 422
    assert "The end is before the beginning." in wrong.text
    assert 'value="2 000"' in wrong.text
    assert 'value="1234.50"' in client.get(one).text


@pytest.mark.parametrize("amount", ["much", "-1", "1" + "0" * 13])
def test_an_amount_that_can_not_be_is_told_at_the_field(client, make_row, rows, amount):
    one = f"/settings/lists/campaigns/{make_row(Campaign, 'Fair')}"

    answer = client.post(one, data={"name_en": "Fair", "budget": amount})

    assert answer.status_code == 422
    assert f'value="{amount}"' in answer.text
    assert rows("campaigns")[0]["budget"] is None


def test_rows_are_moved_one_by_one_and_all_at_once(client, make_row):
    ids = [make_row(Tag, name) for name in ("One", "Two", "Three")]

    client.post(f"/settings/lists/tags/{ids[2]}/move", data={"to": "up"})
    assert names_in(client.get("/settings/lists/tags/")) == ["One", "Three", "Two"]
    client.post(f"/settings/lists/tags/{ids[0]}/move", data={"to": "down"})
    assert names_in(client.get("/settings/lists/tags/")) == ["Three", "One", "Two"]

    answer = client.post("/settings/lists/tags/order", data={"ids": ",".join(map(str, ids))}, headers=PARTIAL)

    assert answer.status_code == 204
    assert names_in(client.get("/settings/lists/tags/")) == ["One", "Two", "Three"]


def test_an_order_that_is_none_is_refused(client):
    assert client.post("/settings/lists/tags/order", data={"ids": "1,x"}).status_code == 400


def test_a_row_that_nothing_uses_is_deleted_without_a_question(client, make_row, rows):
    one = f"/settings/lists/tags/{make_row(Tag, 'Old')}"

    assert "<select" not in client.get(f"{one}/delete").text
    assert client.post(f"{one}/delete").status_code == 303
    assert rows("tags") == []
    assert client.post(f"{one}/delete").status_code == 404


def test_a_row_in_use_is_deleted_once_a_successor_is_chosen(client, make_row, make_lead, rows):
    old, new = make_row(Source, "Fair"), make_row(Source, "Exhibition")
    lead = make_lead(source="Fair")
    question = client.get(f"{SOURCES}{old}/delete")

    unanswered = client.post(f"{SOURCES}{old}/delete")
    strange = client.post(f"{SOURCES}{old}/delete", data={"successor": str(old)})
    done = client.post(f"{SOURCES}{old}/delete", data={"successor": str(new)})

    assert "<li>1 lead</li>" in question.text
    assert (unanswered.status_code, strange.status_code, done.status_code) == (422, 422, 303)
    assert "Choose what should become of them." in unanswered.text
    assert next(row["source_id"] for row in rows("leads") if row["id"] == lead) == new
    assert old not in {row["id"] for row in rows("sources")}
    history = client.get(f"/leads/{lead}").text
    assert re.search(r"Source:\s*<del>Fair</del> →\s*<ins>Exhibition</ins>", history)


def test_leads_may_be_left_without(client, make_row, make_lead, rows):
    old = make_row(Source, "Fair")
    make_lead(source="Fair")

    client.post(f"{SOURCES}{old}/delete", data={"successor": "none"})

    assert rows("leads")[0]["source_id"] is None


def test_a_list_says_how_often_each_row_is_used(client, make_row, make_lead, count_queries):
    make_row(Source, "Fair")
    for _each in range(2):
        make_lead(source="Fair")

    with count_queries() as statements:
        page = client.get(SOURCES)

    assert page.text.count("used by 2") == 1
    assert len([each for each in statements if "GROUP BY" in each and "leads" in each]) == 1


def test_a_long_list_is_paged_and_searched(app, client, count_queries):
    with app.app_context():
        db.session.add_all(Tag(key=f"t{n}", names={"en": f"Étiquette {n}"}, position=n) for n in range(2000))
        db.session.commit()

    with count_queries() as statements:
        page = client.get("/settings/lists/tags/?page=2")
    found = client.get("/settings/lists/tags/?words=etiquette+1999")

    assert names_in(page)[0] == "Étiquette 100"
    assert len(names_in(page)) == 100
    assert names_in(found) == ["Étiquette 1999"]
    assert len(names_in(client.get("/settings/lists/tags/?page=999"))) == 100
    assert len(statements) < 15
    opened = client.get("/settings/lists/tags/150")
    assert "Page 2 of 20" in opened.text


def test_changes_are_in_the_audit_log(client, make_row, rows):
    one = make_row(Tag, "Old")

    client.post(f"/settings/lists/tags/{one}", data={"name_en": "New"})
    client.post(f"/settings/lists/tags/{one}/delete")

    assert [row["kind"] for row in rows("audit_events")] == ["lists", "lists"]
    page = client.get("/settings/audit").text
    assert "list: Tags" in page
    assert "old: Old · new: New" in page


def test_sources_of_somebody_who_leaves_go_to_the_taker(app, client, make_row, person, rows):
    with app.app_context():
        bob, mia = person("bob").id, person("mia").id
    source = make_row(Source, "Fair", default_owner_id=bob)

    page = client.get(f"/settings/users/{bob}")
    client.post(f"/settings/users/{bob}/deactivate", data={"taker": str(mia)})

    assert "1 source whose leads come to them" in page.text
    assert next(row["default_owner_id"] for row in rows("sources") if row["id"] == source) == mia


def test_of_many_rows_of_one_name_at_once_there_is_one(client_of, rows):
    answers = []

    def add_it(browser):
        answers.append(browser.post("/settings/lists/tags/", data={"name_en": "Size"}).status_code)

    threads = [threading.Thread(target=add_it, args=(client_of("ada"),)) for _ in range(6)]
    for step in (threading.Thread.start, threading.Thread.join):
        for thread in threads:
            step(thread)

    assert sorted(answers) == [303, *[422] * 5]
    assert len(rows("tags")) == 1


def test_a_row_that_somebody_changed_meanwhile_is_replaced_only_by_a_second_save(client, make_row, rows):
    page = f"/settings/lists/campaigns/{make_row(Campaign, 'Spring')}"
    opened = re.search(r'name="shown"[^>]*value="(\w+)"', client.get(page).text)[1]
    client.post(page, data={"name_en": "Spring", "budget": "100", "shown": opened})

    stale = client.post(page, data={"name_en": "Summer", "shown": opened})

    assert (stale.status_code, rows("campaigns")[0]["budget"]) == (409, 10000)
    assert 'value="Summer"' in stale.text
    again = re.search(r'name="shown"[^>]*value="(\w+)"', stale.text)[1]
    assert client.post(page, data={"name_en": "Summer", "shown": again}).status_code == 303
    assert rows("campaigns")[0]["budget"] is None
