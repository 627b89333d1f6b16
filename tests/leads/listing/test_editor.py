"""The form of a filter, the choice of columns and orders, the total: what they offer, and the address they give."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from leadhub.extensions import db
from leadhub.fields.models import FieldRow
from leadhub.leads.listing import views
from leadhub.lists.models import Source

pytestmark = pytest.mark.one_database  # what it says of the database is said by the services' own tests

PIECE = {"HX-Request": "true", "HX-Request-Type": "partial"}


class FilterForm(HTMLParser):
    """What a browser without script would send of the filter's form as it came."""

    def __init__(self, text):
        super().__init__()
        self.told, self.inside, self.select = {}, False, ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        its = dict(attributes)
        self.inside = its.get("id") == "filter-form" if tag == "form" else self.inside
        self.select = its.get("name", "") if tag == "select" else self.select
        if not self.inside:
            return
        ticked = its.get("type") not in ("checkbox", "radio") or "checked" in its
        if tag == "input" and "name" in its and ticked:
            self.told.setdefault(its["name"], []).append(its.get("value", ""))
        if tag == "option" and "selected" in its:
            self.told.setdefault(self.select, []).append(its["value"])

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "form"


def form_of(client, **asked):
    """What the form sends that this address gives."""
    return FilterForm(client.get("/leads/filter?" + urlencode(asked, doseq=True)).text).told


def applied(client, told):
    """The address that the form leads to, taken apart."""
    answer = client.get("/leads/filter?" + urlencode(told | {"apply": "1"}, doseq=True))
    assert answer.status_code == 303, answer.text
    path = urlsplit(answer.location)
    assert path.path == "/leads/"
    return parse_qs(path.query, keep_blank_values=True)


@pytest.mark.parametrize(
    "asked",
    [
        {"source": ["whatsapp", "linkedin"]},
        {"source.not": ["whatsapp", "none"]},
        {"owner": ["me", "my-team", "none", "bob@example.org"]},
        {"country": ["FR", "ZM"]},
        {"status": ["open"]},
        {"gender": ["none"]},
        {"job_title": ["any"]},
        {"job_title.has": ["baker", "smith"]},
        {"city.not": ["Paris"]},
        {"email.has": ["@example.org"]},
        {"employees": ["10"]},
        {"employees.from": ["10"], "employees.to": ["1234.5"]},
        {"annual_revenue.to": ["-2000000"]},
        {"received_at": ["last-30-days"]},
        {"received_at": ["last-45-days", "2026-11-22"]},
        {"created_at.from": ["2026-11-01"], "created_at.to": ["2026-11-22"]},
        {"next_contact_at": ["none"]},
        {"is_organisation": ["no"]},
        {"addresses": ["any"]},
    ],
    ids=lambda asked: urlencode(asked, doseq=True),
)
def test_the_form_of_a_filter_gives_it_again(client, asked):
    field = next(iter(asked)).partition(".")[0]
    beside = {"q": "lead", "sort": "name", "unsubscribed": "no"}

    told = form_of(client, field=field, **asked, **beside)

    assert applied(client, told) == asked | {name: [value] for name, value in beside.items()}


def test_every_field_of_the_list_has_its_form(client, app):
    with app.app_context():
        for number, type in enumerate(("text", "number", "day", "choice", "choices", "yes_no", "link")):
            db.session.add(
                FieldRow(name=f"custom_{number + 1}", type=type, names={"en": type}, shown="form", position=9)
            )
        db.session.commit()
    page = client.get("/leads/")
    names = re.findall(r'<option value="(\w+)"', page.text.split('id="filter-field"')[1].split("</select>")[0])

    assert len(names) > 40
    for name in names:
        piece = client.get(f"/leads/filter?field={name}", headers=PIECE)
        assert piece.status_code == 200
        assert 'id="filter-form"' in piece.text, name


def test_a_changed_operator_takes_the_place_of_the_old_filter(client):
    told = form_of(client, field="source", was="is", source="whatsapp", owner="me")

    assert applied(client, told | {"op": "not"}) == {"source.not": ["whatsapp"], "owner": ["me"]}


def test_a_second_filter_of_a_field_stands_beside_the_first(client):
    told = {"field": "job_title", "op": "not", "value": "chef", "job_title.has": "baker"}

    assert applied(client, told) == {"job_title.has": ["baker"], "job_title.not": ["chef"]}


def test_numbers_are_taken_as_people_type_them(client):
    client.post("/profile/", data={"name": "Ada", "language": "fr", "time_zone": "", "theme": "system"})
    typed = {"field": "annual_revenue", "op": "range", "from": "1\u202f234,5", "to": "20\u00a0000"}

    assert applied(client, typed) == {"annual_revenue.from": ["1234.5"], "annual_revenue.to": ["20000"]}
    assert form_of(client, field="annual_revenue", **{"annual_revenue.from": "1234.5"})["from"] == ["1234,5"]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"field": "employees", "op": "range", "from": "ten", "to": "20"}, "Give a number."),
        ({"field": "employees", "op": "range", "from": "20", "to": "3"}, "The range ends before it begins."),
        ({"field": "employees", "op": "is", "value": ""}, "Give a number."),
        ({"field": "received_at", "op": "range", "from": "22/11", "to": ""}, "Give a day, such as 2026-11-22."),
        ({"field": "received_at", "op": "range", "from": "2026-11-22", "to": "2026-11-01"}, "ends before it begins"),
        ({"field": "received_at", "op": "range"}, "Give a day."),
        ({"field": "source", "op": "is"}, "Choose at least one."),
        ({"field": "source", "op": "is", "value": "nonsense"}, "There is no “nonsense”"),
        ({"field": "source", "op": "has", "value": "web"}, "Choose one of these."),
        ({"field": "status", "op": "none"}, "Choose one of these."),
        ({"field": "job_title", "op": "has", "value": " "}, "Type what to look for."),
    ],
)
def test_a_slip_is_told_at_the_field_and_nothing_is_lost(client, told, words):
    url = "/leads/filter?" + urlencode(told | {"apply": "1", "owner": "me", "q": "x"}, doseq=True)
    for headers in ({}, PIECE):
        answer = client.get(url, headers=headers)

        assert answer.status_code == 422
        assert words in answer.text
        kept = FilterForm(answer.text).told
        assert {name: kept.get(name) for name in ("owner", "q", "field")} == {
            "owner": ["me"],
            "q": ["x"],
            "field": [told["field"]],
        }
        assert all(kept[edge] == [told[edge]] for edge in ("from", "to") if edge in told)


def test_no_form_for_what_is_no_field_or_hidden(app, client, client_of):
    with app.app_context():
        db.session.add(FieldRow(name="gender", shown="form", seen_by="managers"))
        db.session.commit()

    assert client.get("/leads/filter?field=gender").status_code == 200
    assert client_of("bob").get("/leads/filter?field=gender").status_code == 404
    assert client_of("bob").get("/leads/filter?field=gender&op=is&value=female&apply=1").status_code == 404
    assert 'value="gender"' not in client_of("bob").get("/leads/").text
    assert client.get("/leads/filter?field=nothing").status_code == 404


def test_many_choices_are_looked_for_and_the_chosen_ones_stay(app, client):
    with app.app_context():
        names = [f"Fair {number}" for number in range(100)]
        db.session.add_all(Source(key=f"fair-{it[5:]}", names={"en": it}, position=100) for it in names)
        db.session.commit()

    url = "/leads/filter?field=source&op=is&value=whatsapp&find="
    every, found = (client.get(url + text, headers=PIECE).text for text in ("", "FAIR 9"))

    assert every.count("checkbox") == 61
    assert re.search(r"\d+ more: search for them", every)
    assert re.findall(r'value="([^"]+)"', found) == ["whatsapp", "fair-9", *(f"fair-9{number}" for number in range(10))]
    assert "more:" not in found


def test_columns_are_chosen_ordered_and_given_up(client, make_lead):
    make_lead(last_name="Dupré", job_title="Baker")
    asked = {"source.not": "whatsapp", "show": ["status", "job_title", "nothing"]}

    chosen = client.get("/leads/columns?" + urlencode(asked | {"apply": "1"}, doseq=True))
    moved = client.get("/leads/columns?" + urlencode(asked | {"move": "job_title:up"}, doseq=True), headers=PIECE)

    assert chosen.status_code == 303
    assert parse_qs(urlsplit(chosen.location).query) == {"source.not": ["whatsapp"], "columns": ["status,job_title"]}
    ticked = re.findall(r'name="show" value="(\w+)" checked', moved.text)
    assert ticked == ["job_title", "status"]
    page = client.get(chosen.location).text
    assert re.findall(r'id="sort-(\w+)"', page) == ["name", "status", "job_title"]
    assert "Baker" in page
    assert "columns=" not in client.get("/leads/columns?source.not=whatsapp&apply=1").location
    assert re.search(r'href="/leads/\?source.not=whatsapp"[^<]*>Usual columns', page)


def test_heads_sort_up_first_or_down_first_and_then_the_other_way(client, make_lead):
    make_lead()

    def head(url, name):
        found = re.search(rf'<th[^>]*?(aria-sort="\w+")?><a[^>]*id="sort-{name}" href="([^"]+)"', client.get(url).text)
        return found[1], found[2]

    url = "/leads/?owner=none&columns=received_at,employees,source"

    assert head(url, "received_at")[0] == 'aria-sort="descending"'
    assert "sort=received_at" in head(url, "received_at")[1]
    assert "sort=-employees" in head(url, "employees")[1]
    assert "sort=source" in head(url, "source")[1]
    assert head(f"{url}&sort=name", "name")[0] == 'aria-sort="ascending"'
    assert "sort=-name" in head(f"{url}&sort=name", "name")[1]


def test_a_whole_list_has_its_number_at_once_and_a_longer_one_asks_for_it(client, make_leads, monkeypatch):
    make_leads(*({"last_name": f"Lead {number}"} for number in range(3)))
    page, piece = client.get("/leads/"), client.get("/leads/", headers=PIECE)

    assert re.search(r'id="total" role="status">\s*3 leads\s*</p>', page.text)
    assert re.search(r'<hx-partial hx-target="#total" hx-swap="innerHTML">\s*3 leads\s*</hx-partial>', piece.text)
    assert "/leads/total" not in page.text + piece.text

    make_leads(*({"last_name": f"Lead {number}"} for number in range(60)))
    assert 'id="total" role="status"></p>' in client.get("/leads/").text
    assert 'hx-get="/leads/total?owner=none"' in client.get("/leads/?owner=none").text
    assert client.get("/leads/total?owner=none", headers=PIECE).text.strip() == "63 leads"

    monkeypatch.setattr(views, "COUNT_MAX", 50)
    first = client.get("/leads/total?owner=none", headers=PIECE).text
    assert "More than 50 leads" in first
    assert 'hx-get="/leads/total?owner=none&amp;exact=1"' in first
    assert client.get("/leads/total?owner=none&exact=1", headers=PIECE).text.strip() == "63 leads"


def test_a_list_that_is_empty_says_why(client, client_of, make_lead):
    assert "No leads yet. Add the first or import a file." in client.get("/leads/").text
    assert "Import a file" not in client_of("vic").get("/leads/").text
    make_lead(last_name="Dupré", received_at=datetime(2026, 1, 1, tzinfo=UTC))

    page = client.get("/leads/?q=zzz&owner=me").text

    empty = page.split('class="empty"')[1]
    assert re.search(r'href="/leads/\?q=zzz"[^>]*>Clear the filters', empty)
    assert re.search(r'href="/leads/\?owner=me"[^>]*>Clear the search', empty)


def test_chips_are_sentences_with_a_way_to_change_them_and_one_to_be_rid_of_them(client, make_lead):
    make_lead()
    page = client.get("/leads/?source=whatsapp&source=linkedin&owner.not=me&q=lead").text
    chips = page.split('class="chips list-chips"')[1].split("</ul>")[0]

    assert "Source is WhatsApp or LinkedIn" in chips
    assert 'aria-label="Without this filter: Owner is not me"' in chips
    assert "field=owner&amp;was=not" in chips
    assert re.search(r'href="/leads/\?q=lead&amp;source=whatsapp&amp;source=linkedin"[^>]*aria-label="Without', chips)
    assert 'href="/leads/?q=lead"' in chips


def test_the_search_box_keeps_filters_order_and_columns(client):
    page = client.get("/leads/?source=whatsapp&sort=name&columns=status&q=old").text

    assert sorted(re.findall(r'<input type="hidden" name="([\w.]+)" value="([^"]+)" form="search">', page)) == [
        ("columns", "status"),
        ("sort", "name"),
        ("source", "whatsapp"),
    ]


def test_the_list_asks_no_more_for_many_rows_than_for_one(client, make_lead, count_queries):
    url = "/leads/?source.not=linkedin&owner.not=me&columns=tags,addresses,owner,source,city"
    make_lead(tags=("one",), source="whatsapp")
    client.get(url)
    with count_queries() as one:
        client.get(url)
    for number in range(9):
        make_lead(tags=(f"t{number}",), source="web-form")
    with count_queries() as many:
        client.get(url)

    assert len(many) == len(one)
