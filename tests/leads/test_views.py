"""Pages of leads: page, piece, refusal."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.fields.catalogue import BUILT_IN
from leadhub.fields.models import FieldRow
from leadhub.leads.models import Lead
from leadhub.leads.words import spoken
from leadhub.plugins.api.leads import Address, Reach

PIECE = {"HX-Request": "true", "HX-Request-Type": "partial"}


def test_the_list_shows_each_lead_as_a_link(client, make_lead):
    lead_id = make_lead(last_name="Dupré")

    page = client.get("/leads/")

    assert page.status_code == 200
    assert f'href="/leads/{lead_id}?list="' in page.text
    assert "Dupré" in page.text


def test_htmx_gets_the_list_alone(client, make_lead):
    make_lead()

    piece = client.get("/leads/?q=lead", headers=PIECE)

    assert "<html" not in piece.text
    assert 'id="leads"' in piece.text
    assert "HX-Request" in piece.headers["Vary"]


@pytest.mark.one_database
@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_a_boosted_link_and_a_step_back_get_the_page(client, header):
    assert "<html" in client.get("/leads/", headers={**PIECE, header: "true"}).text


def test_an_empty_hub_says_how_to_begin(client):
    assert 'href="/imports"' in client.get("/leads/").text


def test_the_list_costs_as_many_queries_for_forty_rows_as_for_one(client, make_lead, count_queries):
    make_lead(source="whatsapp", owner="bob@example.org")
    with count_queries() as one:
        client.get("/leads/")
    for number in range(39):
        make_lead(source=f"source {number}", owner=["ada", "bob", "mia"][number % 3] + "@example.org")
    with count_queries() as forty:
        client.get("/leads/")

    assert len(forty) == len(one)


def test_the_list_shows_the_page_behind_a_place(client, make_lead):
    for _ in range(51):
        make_lead()
    first = client.get("/leads/")
    older = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")

    assert client.get(older).text.count('<tr id="lead-') == 1


def test_text_of_a_lead_is_escaped(client, make_lead):
    lead_id = make_lead(last_name="<script>alert(1)</script>", other={"<b>": "<i>"})

    for url in ("/leads/", f"/leads/{lead_id}", f"/leads/{lead_id}/fields/last_name/edit"):
        assert "<script>alert" not in client.get(url).text
    assert "<b>" not in client.get(f"/leads/{lead_id}").text


def test_a_typed_lead_is_stored_and_shown(client, rows):
    answer = client.post("/leads/", data={"last_name": " Dupré ", "email": "z@example.org", "source": "whatsapp"})

    (lead,) = rows("leads")
    assert (answer.status_code, answer.location) == (303, f"/leads/{lead['id']}")
    assert (lead["last_name"], lead["created_by_id"]) == ("Dupré", 1)


def test_a_refused_lead_keeps_what_was_typed(client, rows):
    answer = client.post("/leads/", data={"phone": "06 39 98 12 34", "email": "nonsense"})

    assert answer.status_code == 422
    assert "06 39 98 12 34" in answer.text
    assert "nonsense" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert rows("leads") == []


def test_a_typed_time_is_read_on_the_hubs_clock(client, rows):
    client.post("/leads/", data={"last_name": "Dupré", "received_at": "2026-07-01T10:00"})

    assert str(rows("leads")[0]["received_at"]).startswith("2026-07-01 08:00")


def test_an_edit_shows_field_head_and_history(client, make_lead, rows):
    lead_id = make_lead(last_name="Dupré")

    piece = client.post(f"/leads/{lead_id}/fields/phone", data={"phone": "1234", "version": "1"}, headers=PIECE)

    assert piece.status_code == 200
    assert all(f'id="{name}"' in piece.text for name in ("fact-phone", "lead-head", "history"))
    assert rows("leads")[0]["phone"] == "1234"


def test_an_edit_without_script_leads_back_to_the_page(client, make_lead):
    lead_id = make_lead()

    answer = client.post(f"/leads/{lead_id}/fields/phone", data={"phone": "1234", "version": "1"})

    assert (answer.status_code, answer.location) == (303, f"/leads/{lead_id}")


def test_a_refused_edit_tells_the_reason_at_the_field(client, make_lead):
    lead_id = make_lead()

    answer = client.post(f"/leads/{lead_id}/fields/email", data={"email": "nonsense", "version": "1"}, headers=PIECE)

    assert answer.status_code == 422
    assert "nonsense" in answer.text
    assert "invalid-feedback" in answer.text


def test_a_stale_edit_shows_both_values_and_the_second_save_goes_through(client, make_lead, rows):
    lead_id = make_lead(phone="old")
    url = f"/leads/{lead_id}/fields/phone"
    client.post(url, data={"phone": "theirs", "version": "1"})

    stale = client.post(url, data={"phone": "mine", "version": "1"}, headers=PIECE)
    fresh = re.search(r'name="version"[^>]* value="(\d+)"', stale.text)[1]
    client.post(url, data={"phone": "mine", "version": fresh}, headers=PIECE)

    assert stale.status_code == 409
    assert "theirs" in stale.text
    assert 'value="mine"' in stale.text
    assert rows("leads")[0]["phone"] == "mine"


@pytest.mark.one_database
@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
def test_a_version_that_is_none_is_refused(client, make_lead, rows, version):
    lead_id = make_lead(phone="old")

    answer = client.post(f"/leads/{lead_id}/fields/phone", data={"phone": "new", "version": version}, headers=PIECE)

    assert answer.status_code in (409, 422)
    assert rows("leads")[0]["phone"] == "old"


@pytest.mark.one_database
@pytest.mark.parametrize("name", ["id", "version", "created_by", "channel", "external_id", "other_data"])
def test_a_field_that_nobody_may_change_is_not_there(client, make_lead, name):
    lead_id = make_lead()

    assert client.post(f"/leads/{lead_id}/fields/{name}", data={name: "1", "version": "1"}).status_code == 404


def test_only_the_named_field_is_changed(client, make_lead, rows):
    lead_id = make_lead(last_name="Dupré")

    client.post(f"/leads/{lead_id}/fields/phone", data={"phone": "1", "last_name": "Evil", "version": "1"})

    assert rows("leads")[0]["last_name"] == "Dupré"


def test_a_lead_that_is_not_there_is_told_in_words(client):
    answer = client.get("/leads/999", headers=PIECE)

    assert answer.status_code == 404
    assert answer.headers["HX-Retarget"] == "#messages"
    assert "<html" not in answer.text


def test_long_histories_are_paged(client, make_lead):
    lead_id = make_lead()
    for version in range(1, 36):
        client.post(f"/leads/{lead_id}/fields/phone", data={"phone": str(version), "version": str(version)})

    page = client.get(f"/leads/{lead_id}")
    older = client.get(re.search(rf'href="(/leads/{lead_id}\?before=\d+)"', page.text)[1])

    assert page.text.count('class="moment"') == 30
    assert older.text.count('class="moment"') == 6


@pytest.mark.one_database
@pytest.mark.parametrize("url", ["/leads/2147483648", "/leads/99999999999999999999", "/leads/1?before=3000000000"])
def test_numbers_that_no_row_has_are_no_error(client, make_lead, url):
    make_lead()

    assert client.get(url).status_code in (200, 404)


@pytest.mark.one_database
@pytest.mark.parametrize("after", ["1-" + "9" * 30, "9" * 30 + "-1", "1-3000000000", "1-٣"])
def test_places_that_no_row_has_are_the_beginning(client, make_lead, after):
    make_lead()

    assert client.get("/leads/", query_string={"after": after}).status_code == 200


@pytest.mark.one_database
@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:30", "2027-03-28T02:30"])
def test_a_time_that_the_hubs_clock_never_shows_is_refused(client, rows, moment):
    answer = client.post("/leads/", data={"last_name": "Dupré", "received_at": moment})

    assert answer.status_code == 422
    assert rows("leads") == []


def test_a_moment_saved_as_it_was_shown_stays_to_the_second(client, make_lead, rows):
    lead_id = make_lead(received_at=datetime(2026, 10, 25, 1, 30, 45, tzinfo=UTC))  # the second 02:30 of that night
    before = rows("leads")

    data = {"received_at": "2026-10-25T02:30", "version": "1"}
    assert client.post(f"/leads/{lead_id}/fields/received_at", data=data).status_code == 303
    assert rows("leads") == before


@pytest.mark.one_database
@pytest.mark.parametrize(
    "url", ["/leads/?q=%00", "/leads/1%00", "/leads/?source=a&source=%00", "/leads/?name%00=a", "/leads/total?q=%00"]
)
def test_a_nul_in_an_address_is_refused(client, url):
    assert client.get(url).status_code in (400, 404)


def test_a_nul_in_a_form_is_refused(client, rows):
    assert client.post("/leads/", data={"last_name": "a\0b"}).status_code == 400
    assert rows("leads") == []


def test_a_mail_link_brings_no_headers_along(client, make_lead):
    lead_id = make_lead(email="a?bcc=x@example.org")

    assert 'href="mailto:a%3Fbcc%3Dx@example.org"' in client.get(f"/leads/{lead_id}").text


def test_a_moment_is_saved_on_the_clock_that_it_was_shown_on(client, make_lead, rows):
    lead_id = make_lead()
    before = rows("leads")[0]["received_at"]
    page = client.get(f"/leads/{lead_id}/fields/received_at/edit").text
    shown = re.search(r'name="received_at"[^>]* value="([^"]+)"', page)[1]
    clock = re.search(r'name="clock"[^>]* value="([^"]+)"', page)[1]
    client.post("/profile/", data={"name": "", "language": "", "time_zone": "Asia/Tokyo", "theme": "system"})

    data = {"received_at": shown, "clock": clock, "version": "1"}
    client.post(f"/leads/{lead_id}/fields/received_at", data=data)

    assert clock == "Europe/Paris"
    assert rows("leads")[0]["received_at"] == before


def test_a_person_sees_and_types_moments_on_their_own_clock(client, make_lead, rows):
    lead_id = make_lead()
    client.post("/profile/", data={"name": "", "language": "", "time_zone": "Asia/Tokyo", "theme": "system"})

    data = {"received_at": "2026-07-01T09:00", "clock": "Asia/Tokyo", "version": "1"}
    client.post(f"/leads/{lead_id}/fields/received_at", data=data)

    assert "2026-07-01 00:00" in str(rows("leads")[0]["received_at"])
    assert "1 Jul 2026, 09:00" in client.get(f"/leads/{lead_id}").text


def test_more_than_can_be_counted_is_said_in_the_readers_numbers(client, make_lead, monkeypatch):
    for _ in range(3):
        make_lead()
    monkeypatch.setattr("leadhub.leads.listing.views.COUNT_MAX", 1)
    assert "More than 1 leads" in client.get("/leads/total").text
    assert "3 leads" in client.get("/leads/total?exact=1").text

    monkeypatch.setattr("leadhub.leads.listing.views.total_of", lambda *rest: 1001)
    monkeypatch.setattr("leadhub.leads.listing.views.COUNT_MAX", 1000)
    assert "More than 1,000 leads" in client.get("/leads/total").text
    client.post("/profile/", data={"name": "", "language": "fr", "time_zone": "", "theme": "system"})
    assert "1\u202f000" in client.get("/leads/total").text


PAGE = {
    "salutation": "Mme", "first_name": "Zoé", "job_title": "Buyer", "gender": "female", "language": "de",
    "organisation": "Élan", "website": "https://elan.example", "industry": "Retail", "employees": 0,
    "annual_revenue": Decimal("1234567.50"), "email": "zoe@example.org", "email_type": "work",
    "emails": (Reach(value="home@example.org", type="home"),), "phone": "06 39 98 12 34",
    "phones": (Reach(value="01 99 00 12 34", type="fax"),),
    "addresses": (
        Address(type="billing", title="Head office", line1="12 rue de la Paix", postal_code="75002", city="Paris",
                state="IDF", country="FR"),
        Address(line1="1 Main St", city="Mountain View", state="CA", country="US"),
    ),
    "expected_value": Decimal("99.90"), "currency": "CHF", "tags": ("VIP", "Fair"), "campaign": "Spring",
    "request_type": "Demo", "segment": "Retail", "territory": "West", "source": "whatsapp", "owner": "bob@example.org",
    "next_contact_by": "mia@example.org", "next_contact_note": "Ask for Léa",
}  # fmt: skip


def words_of(page, name):
    """What the page says in this field."""
    value = page.split(f'id="fact-{name}"')[1].split('class="fact-value">')[1].split("</div>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", value).split())


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("email", "zoe@example.org Work home@example.org Home"),
        ("phone", "06 39 98 12 34 Work 01 99 00 12 34 Fax"),
        ("addresses", "Billing · Head office 12 rue de la Paix 75002 Paris France 1 Main St Mountain View, CA"),
        ("language", "German"),
        ("gender", "Female"),
        ("employees", "0"),
        ("annual_revenue", "CHF1,234,567.50"),
        ("tags", "VIP Fair"),
        ("next_contact_by", "Mia"),
        ("unsubscribed", "No"),
    ],
)
def test_each_kind_of_value_is_worded(client, make_lead, name, words):
    page = client.get(f"/leads/{make_lead(**PAGE, phone_type='work')}").text

    assert words in words_of(page, name)


@pytest.mark.one_database
def test_what_is_empty_and_not_on_the_form_stands_behind_more_fields(client, make_lead):
    page = client.get(f"/leads/{make_lead(job_title='Buyer')}").text
    near, behind = page.split('<details class="more other">')[:2]

    assert all(f'id="fact-{name}"' in near for name in ("last_name", "job_title", "source", "owner"))
    assert all(f'id="fact-{name}"' in behind for name in ("website", "addresses", "tags"))


@pytest.mark.one_database
def test_only_a_web_address_becomes_a_link(client, make_lead, rows, app):
    lead_id = make_lead(website="https://elan.example")
    good = client.get(f"/leads/{lead_id}").text
    with app.app_context():
        db.session.execute(sa.update(Lead).values(website="javascript:alert(1)"))
        db.session.commit()

    bad = client.get(f"/leads/{lead_id}").text

    assert 'href="https://elan.example" target="_blank" rel="noopener noreferrer nofollow"' in good
    assert 'href="javascript' not in bad


def test_a_page_costs_as_many_queries_for_a_full_lead_as_for_an_empty_one(client, make_lead, count_queries):
    empty, full = make_lead(), make_lead(**PAGE)
    with count_queries() as few:
        client.get(f"/leads/{empty}")
    with count_queries() as many:
        client.get(f"/leads/{full}")

    assert len(many) <= len(few) + 1  # tags and files that are not there are not asked for


@pytest.mark.one_database
@pytest.mark.parametrize("field", [field for field in BUILT_IN if field.name != "received_at"], ids=lambda it: it.name)
def test_every_field_of_the_catalogue_is_edited_in_place(client, make_lead, field):
    lead_id = make_lead(**PAGE)

    shown = client.get(f"/leads/{lead_id}/fields/{field.name}", headers=PIECE)
    form = client.get(f"/leads/{lead_id}/fields/{field.name}/edit", headers=PIECE)

    assert f'id="fact-{field.name}"' in shown.text
    assert "fact-edit" in shown.text
    assert form.status_code == 200
    assert "autofocus" in form.text
    assert "<noscript" not in form.text


@pytest.mark.one_database
@pytest.mark.parametrize(("decided", "status"), [("off", 404), ("seen_by", 404), ("changed_by", 403)])
def test_a_field_that_is_not_for_somebody_is_refused_in_place(app, client_of, make_lead, decided, status):
    lead_id, bob = make_lead(website="https://elan.example"), client_of("bob")
    with app.app_context():
        settings = {"shown": "more"} | ({"shown": "off"} if decided == "off" else {decided: "managers"})
        db.session.add(FieldRow(name="website", **settings))
        db.session.commit()

    page = bob.get(f"/leads/{lead_id}").text
    data = {"website": "https://evil.example", "version": "1"}

    assert bob.get(f"/leads/{lead_id}/fields/website/edit").status_code == status
    assert bob.post(f"/leads/{lead_id}/fields/website", data=data).status_code == status
    assert f"/leads/{lead_id}/fields/website/edit" not in page
    assert ("elan.example" in page) == (status == 403)


@pytest.mark.one_database
def test_who_may_only_read_sees_no_pencil(client_of, make_lead):
    page = client_of("vic").get(f"/leads/{make_lead()}").text

    assert "fact-edit" not in page
    assert "/edit" not in page


@pytest.mark.one_database
@pytest.mark.parametrize(("days", "state"), [(None, "none"), (-3, "late"), (0, "today"), (9, "planned")])
def test_the_next_contact_has_its_colour_and_a_word(client, make_lead, days, state):
    at = None if days is None else datetime.now(UTC) + timedelta(days=days)
    page = client.get(f"/leads/{make_lead(next_contact_at=at)}")
    head = page.text.split('id="lead-head"')[1].split("</header>")[0]

    words = {"none": "No next contact", "late": "Overdue", "today": "Due today", "planned": "Planned"}[state]
    assert f'class="due due-{state}"' in head
    assert words in head


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("name", "kept", "said"),
    [
        ("unsubscribed", "yes", "Oui"),
        ("language", "de", "allemand"),
        ("annual_revenue", "1234.50", "1\u202f234,5"),
        ("received_at", "2026-11-22T08:05:00+00:00", "22/11/2026 09:05"),
        ("received_at", "nonsense", "nonsense"),
        ("last_name", "yes", "yes"),
    ],
)
def test_a_value_of_the_history_is_worded_in_the_page_s_language(app, name, kept, said):
    with app.test_request_context("/?language=fr"):
        assert spoken(kept, name) == said


def test_other_data_is_for_managers_while_a_field_is(client_of, make_lead, app):
    lead_id = make_lead(channel="import", external_id="7", other={"Credit limit": "about 7777"})
    assert "about 7777" in client_of("bob").get(f"/leads/{lead_id}").text
    with app.app_context():
        db.session.add(FieldRow(name="expected_value", shown="more", seen_by="managers"))
        db.session.commit()

    seen = {name: "about 7777" in client_of(name).get(f"/leads/{lead_id}").text for name in ("bob", "mia")}

    assert seen == {"bob": False, "mia": True}
