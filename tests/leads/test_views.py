"""Pages of leads: page, piece, refusal."""

import re
from datetime import UTC, datetime

import pytest

PIECE = {"HX-Request": "true", "HX-Request-Type": "partial"}


def test_the_list_shows_each_lead_as_a_link(client, make_lead):
    lead_id = make_lead(last_name="Dupré")

    page = client.get("/leads/")

    assert page.status_code == 200
    assert f'href="/leads/{lead_id}"' in page.text
    assert "Dupré" in page.text


def test_htmx_gets_the_list_alone(client, make_lead):
    make_lead()

    piece = client.get("/leads/?q=lead", headers=PIECE)

    assert "<html" not in piece.text
    assert 'id="leads"' in piece.text
    assert "HX-Request" in piece.headers["Vary"]


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_a_boosted_link_and_a_step_back_get_the_page(client, header):
    assert "<html" in client.get("/leads/", headers={**PIECE, header: "true"}).text


def test_an_empty_hub_says_how_to_begin(client):
    assert "leadhub import" in client.get("/leads/").text


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


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
def test_a_version_that_is_none_is_refused(client, make_lead, rows, version):
    lead_id = make_lead(phone="old")

    answer = client.post(f"/leads/{lead_id}/fields/phone", data={"phone": "new", "version": version}, headers=PIECE)

    assert answer.status_code in (409, 422)
    assert rows("leads")[0]["phone"] == "old"


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


@pytest.mark.parametrize("url", ["/leads/2147483648", "/leads/99999999999999999999", "/leads/1?before=3000000000"])
def test_numbers_that_no_row_has_are_no_error(client, make_lead, url):
    make_lead()

    assert client.get(url).status_code in (200, 404)


@pytest.mark.parametrize("after", ["1-" + "9" * 30, "9" * 30 + "-1", "1-3000000000", "1-٣"])
def test_places_that_no_row_has_are_the_beginning(client, make_lead, after):
    make_lead()

    assert client.get("/leads/", query_string={"after": after}).status_code == 200


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


@pytest.mark.parametrize("url", ["/leads/?q=%00", "/leads/1%00"])
def test_a_nul_in_an_address_is_refused(client, url):
    assert client.get(url).status_code in (400, 404)


def test_a_nul_in_a_form_is_refused(client, rows):
    assert client.post("/leads/", data={"last_name": "a\0b"}).status_code == 400
    assert rows("leads") == []


def test_a_mail_link_brings_no_headers_along(client, make_lead):
    lead_id = make_lead(email="a?bcc=x@example.org")

    assert 'href="mailto:a%3Fbcc%3Dx@example.org"' in client.get(f"/leads/{lead_id}").text
