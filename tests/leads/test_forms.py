"""The lead's whole form, made from the field catalogue: new and edit, conflicts, rows, one-time key."""

import re
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from leadhub.extensions import db
from leadhub.fields.catalogue import BUILT_IN, CUSTOM_TYPES
from leadhub.fields.models import FieldChoice, FieldRow
from leadhub.leads.facts import ROWS
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.row_inputs import PLACE
from leadhub.plugins.api.leads import Address, Reach

pytestmark = pytest.mark.one_database  # what it says of the database is said by the services' own tests

HIDDEN = re.compile(r'<input[^>]* name="(version|shown|clock|once)"[^>]* value="([^"]*)"')
FULL = {
    "salutation": "Mme", "first_name": "Zoé", "last_name": "Dupré", "job_title": "Buyer", "gender": "female",
    "language": "fr", "organisation": "Élan", "website": "https://elan.example", "industry": "Retail", "employees": 12,
    "annual_revenue": Decimal("1234567.50"), "email": "zoe@example.org", "email_type": "work",
    "emails": (Reach(value="home@example.org", type="home"),), "phone": "06 39 98 12 34",
    "phones": (Reach(value="01 99 00 12 34", type="fax"),), "next_contact_note": "Ask for Léa",
    "addresses": (Address(line1="12 rue de la Paix", postal_code="75002", city="Paris", country="FR", type="billing"),),
    "expected_value": Decimal("99.90"), "currency": "CHF", "tags": ("VIP", "Fair, Lyon"), "campaign": "Spring",
    "request_type": "Demo", "segment": "Retail", "territory": "West", "source": "whatsapp", "owner": "bob@example.org",
    "next_contact_by": "mia@example.org",
}  # fmt: skip


@pytest.fixture
def add_field(app):
    """``add_field("text", ...)``: the name of a field of the team, of that type."""

    def add(type, choices=(), **decided):
        with app.app_context():
            row = FieldRow(name=f"new-{type}", type=type, names={"en": f"Own {type}"}, **{"shown": "more"} | decided)
            db.session.add(row)
            db.session.flush()
            row.name = f"custom_{row.id}"
            for choice in choices:
                db.session.add(FieldChoice(field_id=row.id, key=f"{row.id}:{choice}", names={"en": choice.title()}))
            db.session.commit()
            return row.name

    return add


@pytest.fixture
def decide(app):
    """``decide("website", shown="form")``: what an admin decided about a field."""

    def write(name, **decided):
        with app.app_context():
            db.session.add(FieldRow(name=name, **{"shown": "more"} | decided))
            db.session.commit()

    return write


@pytest.fixture
def lead_of(app):
    """``lead_of(id)``: the stored lead, with what hangs on it."""

    def read(lead_id):
        with app.app_context():
            return db.session.get_one(Lead, lead_id, options=[selectinload(rows) for rows in ROWS])

    return read


@pytest.fixture
def changes_of(app):
    """``changes_of(id)``: field -> new value, of the last line of its history."""

    def read(lead_id):
        with app.app_context():
            last = sa.select(LeadEvent).where(LeadEvent.lead_id == lead_id).order_by(LeadEvent.id.desc()).limit(1)
            return {change["field"]: change["new"] for change in db.session.scalars(last).one().changes}

    return read


def sent_by(page):
    """What a browser sends of the lead's form on this page when nobody touches it."""
    form = re.search(r'<form class="card" id="lead-form".*?</form>', page, re.DOTALL)[0]
    form = re.sub(r"<template>.*?</template>|<noscript>.*?</noscript>", "", form, flags=re.DOTALL)
    sent = {}
    for tag in re.finditer(
        r"<(input|select|textarea)\b([^>]*)>(.*?)(?=<(?:input|select|textarea|button)\b)", form, re.DOTALL
    ):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag[2]))
        value = attributes.get("value", "")
        if attributes.get("type") in ("checkbox", "radio") and " checked" not in tag[2]:
            continue
        if tag[1] == "select":
            chosen = re.search(
                r'<option[^>]* selected[^>]* value="([^"]*)"|<option[^>]* value="([^"]*)"[^>]* selected', tag[3]
            )
            first = re.search(r'<option[^>]*value="([^"]*)"', tag[3])
            value = next(filter(None, chosen.groups()), "") if chosen else first[1]
        sent.setdefault(attributes["name"], []).append(_unescaped(value))
    return sent


def _unescaped(text):
    for sign, word in {'"': "&#34;", "'": "&#39;", "<": "&lt;", ">": "&gt;", "&": "&amp;"}.items():
        text = text.replace(word, sign)
    return text


def test_the_new_form_has_every_field_that_one_may_fill_in_but_where_the_lead_will_stand(client):
    page = client.get("/leads/new").text

    later = {f'name="{name}' for name in ("status", "lost_reason", "stage", "customer_since")}
    names = {f'name="{field.name}' for field in BUILT_IN} - later
    assert [name for name in names if name not in page] == []
    assert [name for name in later if name in page] == []


def test_eight_fields_stand_in_front_and_what_an_admin_put_there(client, decide):
    decide("website", shown="form")

    front = client.get("/leads/new").text.split("<details")[1].split("<details")[0]
    labels = re.findall(
        r'<label class="form-label" for="(\w+)"', client.get("/leads/new").text.split('class="more"')[0]
    )

    assert labels == ["first_name", "last_name", "organisation", "email", "phone", "source", "owner",
                      "next_contact_at", "website"]  # fmt: skip
    assert front


@pytest.mark.parametrize("decided", [{"shown": "off"}, {"seen_by": "managers"}, {"changed_by": "managers"}])
def test_a_field_that_is_not_for_somebody_is_not_on_their_form(client_of, make_lead, decide, decided):
    decide("website", **decided)
    lead_id = make_lead()

    for url in ("/leads/new", f"/leads/{lead_id}/edit"):
        assert 'name="website"' not in client_of("bob").get(url).text


def test_a_field_that_one_may_not_change_stays_whatever_is_sent(client_of, make_lead, decide, rows):
    decide("website", changed_by="managers")
    lead_id = make_lead(owner="bob@example.org")

    client_of("bob").post(f"/leads/{lead_id}/edit", data={"version": "1", "website": "https://evil.example"})

    assert rows("leads")[0]["website"] == ""


def test_a_whole_lead_is_typed_in_one_form(client, lead_of, add_field, rows):
    size, when = add_field("number"), add_field("day")
    colours = add_field("choices", ["red", "blue"])
    keys = [row["key"] for row in rows("field_choices")]
    data = {
        "last_name": "Dupré", "email": ["a@example.org", "b@example.org", ""], "email_type": ["work", "home", ""],
        "email_primary": "1", "phone": ["06 39 98 12 34", ""], "phone_type": ["mobile", ""], "employees": "1 200",
        "annual_revenue": "1,234.50", "website": "https://elan.example", "language": "de", "currency": "CHF",
        "tags": "vip, hot", "next_contact_at": "2027-01-05T09:30", "next_contact_by": "bob@example.org",
        "addresses_line1": ["12 rue de la Paix", ""], "addresses_city": ["Paris", ""],
        "addresses_country": ["FR", "FR"], "addresses_fresh": ["FR", "FR"], size: "1.5", when: "2026-12-24",
        colours: keys,
    }  # fmt: skip

    answer = client.post("/leads/", data=data)

    lead = lead_of(rows("leads")[0]["id"])
    assert answer.status_code == 303
    assert (lead.email, lead.email_type, [it.value for it in lead.reaches]) == (
        "b@example.org",
        "home",
        ["a@example.org"],
    )
    assert (lead.employees, lead.annual_revenue, lead.currency) == (1200, Decimal("1234.50"), "CHF")
    assert [tag.label("en") for tag in lead.tags] == ["vip", "hot"]
    assert [(it.line1, it.country) for it in lead.addresses] == [("12 rue de la Paix", "FR")]
    assert lead.next_contact_at.isoformat() == "2027-01-05T08:30:00+00:00"
    values = {it.field_id: it for it in lead.custom_values}
    assert values[int(size.split("_")[1])].number == Decimal("1.5")
    assert values[int(when.split("_")[1])].day == date(2026, 12, 24)
    assert len(lead.custom_values) == 4


@pytest.mark.parametrize("type", CUSTOM_TYPES)
def test_a_field_of_the_team_is_typed_and_edited_in_place(client, make_lead, add_field, rows, type):
    name = add_field(type, ["red", "blue"])
    key = f"{name.split('_')[1]}:blue"
    value = {"number": "2,5", "day": "2026-12-24", "choice": key, "choices": key, "yes_no": "y",
             "link": "https://elan.example"}.get(type, "Tall")  # fmt: skip
    lead_id = make_lead()

    answer = client.post(f"/leads/{lead_id}/fields/{name}", data={name: value, "version": "1"})

    assert answer.status_code == 303
    assert len(rows("custom_values")) == 1
    assert f'id="fact-{name}"' in client.get(f"/leads/{lead_id}").text


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("annual_revenue", "much", "Give a number."),
        ("employees", "1.5", "Give a whole number."),
        ("website", "javascript:alert(1)", "begins with http"),
        ("language", "xx", "Choose one from the list."),
        ("next_contact_at", "2027-03-28T02:30", "The clock skips"),
        ("job_title", "x" * 201, "200 characters"),
    ],
)
def test_a_fault_is_told_at_its_field_and_the_drawer_is_open(client, rows, name, typed, words):
    answer = client.post("/leads/", data={"last_name": "Dupré", name: typed})

    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Dupré"' in answer.text
    assert (name == "next_contact_at") or '<details class="more" open>' in answer.text
    assert rows("leads") == []


def test_required_fields_are_told_all_at_once(client, decide, rows):
    decide("website", required=True)
    decide("industry", required=True)

    answer = client.post("/leads/", data={"last_name": "Dupré"})

    assert answer.text.count("This field is required.") == 4  # at the field and in the summary
    assert rows("leads") == []


def test_required_is_said_in_words(client, decide):
    decide("website", required=True)

    label = client.get("/leads/new").text.split('for="website"')[1].split("</label>")[0]

    assert "required" in label


def test_a_form_sent_twice_leads_to_the_lead_of_the_first_time(client, rows):
    once = re.search(r'name="once"[^>]* value="([^"]+)"', client.get("/leads/new").text)[1]
    first = client.post("/leads/", data={"last_name": "Dupré", "once": once})
    second = client.post("/leads/", data={"last_name": "Dupré", "once": once})

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert len(rows("leads")) == 1


def test_a_refused_form_can_be_sent_again(client, rows):
    client.post("/leads/", data={"email": "nonsense", "once": "k" * 22})

    assert client.post("/leads/", data={"email": "zoe@example.org", "once": "k" * 22}).status_code == 303
    assert len(rows("leads")) == 1


def test_save_and_add_another_leads_to_an_empty_form_with_a_link(client, rows):
    answer = client.post("/leads/", data={"last_name": "<Dupré>", "then": "another"})
    page = client.get(answer.location).text

    assert answer.location == "/leads/new"
    assert f'<a href="/leads/{rows("leads")[0]["id"]}">&lt;Dupré&gt;</a>' in page


@pytest.mark.parametrize(("name", "row"), [("email", 'name="email"'), ("addresses", 'name="addresses_line1"')])
def test_a_row_is_added_without_script_and_nothing_is_lost(client, rows, name, row):
    data = {"last_name": "Dupré", "email": "a@example.org", "addresses_line1": "12 rue", "addresses_country": "FR"}
    before = client.post("/leads/", data=data | {"update": "1"})

    after = client.post("/leads/", data=data | {"add": name})

    assert after.status_code == 200
    assert after.text.count(row) == before.text.count(row) + (name == "addresses")
    assert all(f'value="{text}"' in after.text for text in ("Dupré", "a@example.org", "12 rue"))
    assert rows("leads") == []


@pytest.mark.parametrize(("country", "shown"), [("FR", False), ("US", True)])
def test_the_lines_follow_the_country(client, country, shown):
    row = {f"addresses_{part}": "" for part in PLACE} | {"addresses_line1": "1 Main St", "addresses_country": country}

    piece = client.get("/leads/address", query_string=row | {"row": "2"}).text

    assert ('for="addresses-2-state"' in piece) == shown
    assert 'value="1 Main St"' in piece
    assert "addresses-2-county" not in piece


def test_a_state_that_a_country_has_not_is_still_there_to_see(client):
    row = {"addresses_line1": "1 Main St", "addresses_country": "FR", "addresses_state": "CA"}

    assert 'value="CA"' in client.get("/leads/address", query_string=row).text


def test_an_untouched_form_changes_nothing(client, make_lead, rows, add_field):
    custom = {add_field("text"): "two  spaces", add_field("number"): Decimal("1.2345"), add_field("yes_no"): True,
              add_field("choices", ["red", "blue"]): ("red", "blue"), add_field("choice", ["s", "m"]): "m"}  # fmt: skip
    lead_id = make_lead(**FULL, custom=custom)
    before = {table: rows(table) for table in ("leads", "lead_reaches", "lead_addresses", "lead_tags", "lead_events")}
    sent = sent_by(client.get(f"/leads/{lead_id}/edit").text)

    answer = client.post(f"/leads/{lead_id}/edit", data=sent)

    assert answer.status_code == 303
    assert {table: rows(table) for table in before} == before


def test_what_was_changed_alone_is_in_the_history(client, make_lead, changes_of):
    lead_id = make_lead(**FULL)
    sent = sent_by(client.get(f"/leads/{lead_id}/edit").text)

    client.post(f"/leads/{lead_id}/edit", data=sent | {"job_title": "Head buyer", "email_primary": "1"})

    assert changes_of(lead_id) == {
        "job_title": "Head buyer",
        "email": "home@example.org (Home), zoe@example.org (Work)",
    }


def test_emptied_rows_and_unticked_tags_go(client, make_lead, lead_of):
    lead_id = make_lead(**FULL)
    sent = sent_by(client.get(f"/leads/{lead_id}/edit").text)
    empty = {f"addresses_{part}": [""] for part in ("line1", "postal_code", "city")}

    client.post(f"/leads/{lead_id}/edit", data=sent | empty | {"email": ["", "home@example.org", ""], "tags_kept": []})

    lead = lead_of(lead_id)
    assert (lead.email, lead.email_type, lead.addresses, lead.tags) == ("home@example.org", "home", [], [])
    assert [reach.kind for reach in lead.reaches] == ["phone"]


def test_an_address_with_a_country_alone_stays_where_it_is(client, make_lead, rows):
    lead_id = make_lead(addresses=(Address(country="FR"),))
    sent = sent_by(client.get(f"/leads/{lead_id}/edit").text)

    client.post(f"/leads/{lead_id}/edit", data=sent | {"last_name": "New"})

    assert [row["country"] for row in rows("lead_addresses")] == ["FR"]


def test_fields_that_others_changed_stay_theirs(client, client_of, make_lead, rows):
    lead_id = make_lead(last_name="Dupré", phone="1", job_title="Buyer")
    mine = sent_by(client.get(f"/leads/{lead_id}/edit").text)
    client_of("bob").post(f"/leads/{lead_id}/fields/phone", data={"phone": "2", "version": "1"})

    answer = client.post(f"/leads/{lead_id}/edit", data=mine | {"job_title": "Head buyer"})

    assert answer.status_code == 303
    assert (rows("leads")[0]["phone"], rows("leads")[0]["job_title"]) == ("2", "Head buyer")


@pytest.fixture
def conflict(client, client_of, make_lead):
    """The id of a lead, and the page that ada gets: bob was faster with the phone and changed the organisation too."""
    lead_id = make_lead(last_name="Dupré", phone="1", organisation="Old")
    mine = sent_by(client.get(f"/leads/{lead_id}/edit").text)
    bob = client_of("bob")
    bob.post(f"/leads/{lead_id}/fields/phone", data={"phone": "theirs", "version": "1"})
    bob.post(f"/leads/{lead_id}/fields/organisation", data={"organisation": "New", "version": "2"})
    return lead_id, client.post(f"/leads/{lead_id}/edit", data=mine | {"phone": ["mine", ""], "job_title": "Buyer"})


def test_a_conflict_shows_both_values_who_it_was_and_what_was_typed(conflict, rows):
    _lead_id, page = conflict

    assert page.status_code == 409
    assert "Bob changed this lead meanwhile." in page.text
    assert page.text.count('name="keep-') == 2  # a choice for the phone alone
    assert "theirs</" in page.text
    assert all(f'value="{text}"' in page.text for text in ("mine", "Buyer", "New"))
    assert (rows("leads")[0]["phone"], rows("leads")[0]["job_title"]) == ("theirs", "")


@pytest.mark.parametrize(("keep", "phone"), [("theirs", "theirs"), ("mine", "mine")])
def test_the_choice_decides_and_all_else_is_saved(client, conflict, rows, keep, phone):
    lead_id, page = conflict

    answer = client.post(f"/leads/{lead_id}/edit", data=sent_by(page.text) | {"keep-phone": keep})

    lead = rows("leads")[0]
    assert answer.status_code == 303
    assert (lead["phone"], lead["job_title"], lead["organisation"]) == (phone, "Buyer", "New")


def test_without_a_choice_nothing_is_saved_and_the_question_stays(client, conflict, rows):
    lead_id, page = conflict

    again = client.post(f"/leads/{lead_id}/edit", data=sent_by(page.text))

    assert again.status_code == 409
    assert 'name="keep-phone"' in again.text
    assert all(f'value="{text}"' in again.text for text in ("mine", "Buyer"))
    assert rows("leads")[0]["phone"] == "theirs"


def test_a_choice_outlives_another_row(client, conflict):
    lead_id, page = conflict

    again = client.post(f"/leads/{lead_id}/edit", data=sent_by(page.text) | {"keep-phone": "theirs", "add": "email"})

    assert 'value="theirs" checked' in again.text


def test_a_third_change_asks_once_more(client, client_of, conflict, rows):
    lead_id, page = conflict
    client_of("mia").post(f"/leads/{lead_id}/fields/phone", data={"phone": "third", "version": "3"})

    again = client.post(f"/leads/{lead_id}/edit", data=sent_by(page.text) | {"keep-phone": "mine"})

    assert again.status_code == 409
    assert "Mia changed this lead meanwhile." in again.text
    assert rows("leads")[0]["phone"] == "third"


def test_a_conflict_shows_rows_that_were_not_touched_as_they_are_stored(client, client_of, make_lead, lead_of):
    lead_id = make_lead(**FULL)
    mine = sent_by(client.get(f"/leads/{lead_id}/edit").text)
    theirs = {"last_name": "Theirs", "email": ["new@example.org", ""], "phone": ["2", ""], "addresses_line1": "1 rue X"}
    client_of("mia").post(f"/leads/{lead_id}/edit", data=mine | theirs)
    page = client.post(f"/leads/{lead_id}/edit", data=mine | {"last_name": "Mine"})

    answer = client.post(f"/leads/{lead_id}/edit", data=sent_by(page.text) | {"keep-last_name": "mine"})

    lead = lead_of(lead_id)
    assert (page.status_code, answer.status_code) == (409, 303)
    assert (lead.last_name, lead.email, lead.phone) == ("Mine", "new@example.org", "2")
    assert [address.line1 for address in lead.addresses] == ["1 rue X"]


def test_a_field_that_comes_back_while_a_form_is_open_is_not_emptied(client, app, make_lead, decide, add_field, rows):
    tags = add_field("choices", ["red", "blue"], shown="off")
    lead_id = make_lead(unsubscribed=True, custom={tags: ("red",)})
    decide("unsubscribed", shown="off")
    sent = sent_by(client.get(f"/leads/{lead_id}/edit").text)
    with app.app_context():
        db.session.execute(sa.update(FieldRow).values(shown="form"))
        db.session.commit()

    client.post(f"/leads/{lead_id}/edit", data=sent | {"job_title": "Buyer"})

    lead = rows("leads")[0]
    assert (lead["job_title"], bool(lead["unsubscribed"]), len(rows("custom_values"))) == ("Buyer", True, 1)


def test_a_line_break_is_a_change(client, make_lead, add_field, rows):
    name = add_field("text")
    lead_id = make_lead(custom={name: "one\ntwo three"})
    sent = sent_by(client.get(f"/leads/{lead_id}/edit").text)

    client.post(f"/leads/{lead_id}/edit", data=sent | {name: "one\r\ntwo\r\nthree"})

    assert rows("custom_values")[0]["text"].splitlines() == ["one", "two", "three"]


@pytest.mark.parametrize("required", [False, True])
def test_a_zero_is_kept_in_a_new_lead(client, add_field, rows, required):
    name = add_field("number", shown="form", required=required)

    assert client.post("/leads/", data={"last_name": "Dupré", name: "0"}).status_code == 303
    assert [row["number"] for row in rows("custom_values")] == [0]


def test_what_no_form_sends_breaks_nothing(client, make_lead):
    lead_id = make_lead()
    sent = sent_by(client.get(f"/leads/{lead_id}/edit").text)

    assert client.post("/leads/", data={"email": "z@example.org", "email_primary": "1" * 5000}).status_code == 303
    assert client.post(f"/leads/{lead_id}/edit", data=sent | {"shown": "[" * 100_000}).status_code == 303


def test_the_hub_s_country_and_language_come_first_and_in_the_page_s_language(client):
    client.post("/profile/", data={"name": "", "language": "fr", "time_zone": "", "theme": "system"})
    page = client.get("/leads/new").text

    countries = re.findall(r'<option value="(\w*)"', page.split("addresses_country")[1].split("</select>")[0])
    assert countries[:2] == ["", "FR"]
    assert "allemand" in page
    assert ">Allemagne<" in page


def test_the_form_costs_as_many_queries_for_a_full_lead_as_for_an_empty_one(client, make_lead, count_queries):
    empty, full = make_lead(), make_lead(**FULL)
    with count_queries() as few:
        client.get(f"/leads/{empty}/edit")
    with count_queries() as many:
        client.get(f"/leads/{full}/edit")

    assert len(many) <= len(few) + 1  # its twins are asked for
