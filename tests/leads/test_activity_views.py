"""The composer and the history on a lead's page: page, piece, refusal, conflict, the same form twice."""

import io
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.fields.models import FieldRow
from leadhub.leads import files
from leadhub.leads.activity_forms import quick_moment
from leadhub.leads.models import Lead, LeadEvent
from tests.lead_files import on_disk

pytestmark = pytest.mark.one_database  # what it says of the database is said by the services' own tests

PIECE = {"HX-Request": "true", "HX-Request-Type": "partial"}
CALL = {"kind": "call", "outcome": "reached", "version": "1", "status": "open", "status_was": "open"}


@pytest.fixture
def post(client):
    """``post(lead_id, kind="note", body="x")``: what a form of ada's gets; ``headers=PIECE`` as htmx."""

    def post(lead_id, headers=None, **data):
        url, kind = f"/leads/{lead_id}/activities", "multipart/form-data"
        return client.post(url, data=data, headers=headers, content_type=kind)

    return post


@pytest.fixture
def line(rows):
    """``line()``: the last line of all histories."""
    return lambda: rows("lead_events")[-1]


@pytest.mark.parametrize(("kind", "field"), [("note", "body"), ("call", "outcome"), ("meeting", "happens_at")])
def test_a_form_is_a_page_of_its_own_or_a_piece(client, make_lead, kind, field):
    url = f"/leads/{make_lead()}/compose/{kind}"

    page, piece = client.get(url), client.get(url, headers=PIECE)

    assert f'name="{field}"' in page.text
    assert "<html" in page.text
    assert "<html" not in piece.text
    assert 'id="composer"' in piece.text


def test_the_composer_closes(client, make_lead):
    lead_id = make_lead()

    page, piece = (client.get(f"/leads/{lead_id}/compose?back=call", headers=headers) for headers in (None, PIECE))

    assert (page.status_code, page.location) == (303, f"/leads/{lead_id}")
    assert re.search(r'id="compose-call"[^>]*autofocus', piece.text)
    assert "<form" not in piece.text


def test_a_note_is_shown_as_html_that_is_safe(client, make_lead, post):
    lead_id = make_lead()

    answer = post(lead_id, kind="note", body="**Hello** <script>alert(1)</script>")

    assert answer.status_code == 303
    assert re.fullmatch(rf"/leads/{lead_id}#event-\d+", answer.location)
    page = client.get(f"/leads/{lead_id}").text
    assert "<strong>Hello</strong>" in page
    assert "<script>alert" not in page


def test_htmx_gets_composer_head_and_history(make_lead, post):
    piece = post(make_lead(), PIECE, kind="note", body="Hello")

    assert piece.status_code == 201
    assert all(f'id="{name}"' in piece.text for name in ("composer", "lead-head", "history"))
    assert "data-saved" in piece.text
    assert re.search(r'id="compose-note"[^>]*autofocus', piece.text)


def test_a_call_in_one_form(make_lead, post, rows, line):
    data = CALL | {
        "outcome": "message_left",
        "body": "x",
        "next": "pick",
        "next_at": "2026-12-01T10:30",
        "status": "closed",
        "lost_reason": "price",
    }

    answer = post(make_lead(), **data)

    (lead,) = rows("leads")
    assert answer.status_code == 303
    assert (line()["kind"], line()["body"]) == ("call", "x")
    assert str(lead["next_contact_at"]).startswith("2026-12-01 09:30")
    assert (lead["next_contact_by_id"], lead["version"]) == (1, 2)


def test_a_call_that_changes_nothing_changes_nothing(make_lead, post, rows):
    post(make_lead(), **CALL)

    assert rows("leads")[0]["version"] == 1
    assert "message" not in rows("lead_events")[-1]["body"]


@pytest.mark.parametrize(
    ("choice", "day"),
    [("tomorrow", "2026-11-26"), ("days", "2026-11-28"), ("week", "2026-11-30")],
)
def test_quick_choices_are_at_nine_on_the_persons_clock(choice, day):
    now = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # Wednesday already, in Paris

    moment = quick_moment(choice, now, ZoneInfo("Europe/Paris"))

    assert moment.isoformat() == f"{day}T08:00:00+00:00"


def test_next_week_is_never_today():
    monday = datetime(2026, 11, 23, 12, tzinfo=UTC)

    assert quick_moment("week", monday, ZoneInfo("UTC")).date().isoformat() == "2026-11-30"


def test_a_next_contact_stays_as_it_is_or_goes(make_lead, post, rows):
    lead_id = make_lead()
    post(lead_id, **CALL, next="tomorrow")
    post(lead_id, **CALL | {"version": "2"}, next="")
    kept = rows("leads")[0]["next_contact_at"]

    post(lead_id, **CALL | {"version": "2"}, next="none")

    assert kept
    assert rows("leads")[0]["next_contact_at"] is None


def test_a_next_contact_that_somebody_took_away_meanwhile_can_be_taken_away(make_lead, post, rows):
    lead_id = make_lead()

    answer = post(lead_id, **CALL, next="none")

    assert answer.status_code == 303
    assert rows("leads")[0]["next_contact_at"] is None


def test_a_meeting_on_the_clock_of_the_form(make_lead, post, line):
    post(make_lead(), kind="meeting", happens_at="2026-12-01T10:30", clock="America/New_York")

    assert str(line()["happens_at"]).startswith("2026-12-01 15:30")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"kind": "note"}, "body"),
        ({"kind": "note", "body": "x" * 20_001}, "body"),
        ({"kind": "meeting", "body": "kept"}, "happens_at"),
        ({"kind": "meeting", "happens_at": "2026-03-29T02:30", "clock": "Europe/Paris", "body": "kept"}, "happens_at"),
        ({"kind": "meeting", "happens_at": "0001-01-01T00:00", "body": "kept"}, "happens_at"),
        (CALL | {"outcome": "x", "body": "kept"}, "outcome"),
        (CALL | {"next": "pick", "body": "kept"}, "next"),
        (CALL | {"next": "pick", "next_at": "soon", "body": "kept"}, "next_at"),
        (CALL | {"next": "x", "body": "kept"}, "next"),
        (CALL | {"status": "gone", "body": "kept"}, "status"),
        (CALL | {"version": "x", "body": "kept"}, None),
    ],
)
def test_what_is_wrong_is_told_at_the_field_and_nothing_typed_is_lost(make_lead, post, rows, data, field):
    answer = post(make_lead(), PIECE, **data)

    assert answer.status_code == 422
    assert len(rows("lead_events")) == 1
    assert field is None or f'id="{field}-error1"' in answer.text
    assert data.get("body", "")[:9] in answer.text


@pytest.mark.parametrize(
    ("data", "status"), [({"kind": "created"}, 400), ({}, 400), ({"kind": "note", "body": "\0"}, 400)]
)
def test_what_no_form_sends_is_refused(make_lead, post, rows, data, status):
    assert post(make_lead(), **data).status_code == status
    assert len(rows("lead_events")) == 1


def test_a_change_that_somebody_else_was_faster_with_shows_both_and_goes_through_again(client, make_lead, post, rows):
    lead_id = make_lead()
    form = client.get(f"/leads/{lead_id}/compose/call").text
    assert 'name="version" type="hidden" value="1"' in form
    post(lead_id, **CALL | {"status": "do-not-contact"})

    mine = CALL | {"status": "converted", "body": "my words", "once": "a"}
    stale = post(lead_id, PIECE, **mine)
    fresh = re.search(r'name="version"[^>]* value="(\d+)"', stale.text)[1]
    again = post(lead_id, PIECE, **mine | {"version": fresh})

    assert (stale.status_code, again.status_code) == (409, 201)
    assert "Stored now: Do not contact" in stale.text
    assert "my words" in stale.text
    assert re.search(r'<option selected value="converted"', stale.text)
    assert [row["kind"] for row in rows("lead_events")] == ["created", "call", "call"]


def test_a_status_that_was_not_touched_takes_back_nobodys(make_lead, post, rows):
    lead_id = make_lead()
    post(lead_id, **CALL | {"status": "converted"})
    status = rows("leads")[0]["status_id"]

    answer = post(lead_id, **CALL)

    assert answer.status_code == 303
    assert rows("leads")[0]["status_id"] == status


def test_the_same_form_twice_makes_one_line(make_lead, post, rows):
    lead_id = make_lead()

    first, second = (post(lead_id, kind="note", body="x", once="key") for _time in range(2))

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert [row["kind"] for row in rows("lead_events")] == ["created", "note"]


def test_a_form_that_was_refused_can_be_sent_again(make_lead, post, rows):
    lead_id = make_lead()
    post(lead_id, kind="note", body="", once="key")

    post(lead_id, kind="note", body="x", once="key")

    assert [row["kind"] for row in rows("lead_events")] == ["created", "note"]


def test_files_are_kept_with_the_line_and_offered_as_downloads(client, make_lead, post):
    lead_id = make_lead()

    post(lead_id, kind="note", body="x", files=[(io.BytesIO(b"one"), "a.txt"), (io.BytesIO(b"two"), "<b>.txt")])

    page = client.get(f"/leads/{lead_id}").text
    first, second = re.findall(r'href="(/leads/files/\d+)" download><bdi>(.*?)</bdi>', page)
    assert (first[1], second[1]) == ("a.txt", "&lt;b&gt;.txt")
    with client.get(first[0]) as download:
        assert download.data == b"one"


@pytest.mark.parametrize(
    ("name", "data"), [("a.txt", {"body": "x" * 20_001}), ("a.txt", {"version": "0"}), ("a.png", {})]
)
def test_of_what_is_refused_no_file_stays(app, make_lead, post, rows, name, data):
    answer = post(make_lead(), **CALL | data, files=[(io.BytesIO(b"<html><script>"), name)])

    assert answer.status_code == 422
    assert on_disk(app) == []
    assert len(rows("lead_events")) == 1


def test_of_a_second_post_and_of_a_conflict_no_file_stays(app, make_lead, post):
    lead_id = make_lead()
    for _time in range(2):
        post(lead_id, kind="note", once="key", files=[(io.BytesIO(b"x"), "a.txt")])
    post(lead_id, **CALL | {"status": "quotation"})
    stale = post(lead_id, **CALL | {"status": "converted"}, files=[(io.BytesIO(b"x"), "a.txt")])

    assert stale.status_code == 409
    assert len(on_disk(app)) == 1


def test_of_a_lead_that_goes_while_its_file_is_written_nothing_stays(app, make_lead, post, monkeypatch):
    lead_id, store = make_lead(), files.store_files

    def store_and_delete(*args):
        stored = store(*args)
        with db.engine.begin() as connection:
            connection.execute(sa.delete(Lead))
        return stored

    monkeypatch.setattr(files, "store_files", store_and_delete)

    assert post(lead_id, kind="note", files=(io.BytesIO(b"x"), "a.txt")).status_code == 404
    assert on_disk(app) == []


def test_no_route_changes_or_removes_a_line(app):
    routes = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("activities.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    assert routes == {
        ("activities.index", "GET"),
        ("activities.new", "GET"),
        ("activities.create", "POST"),
        ("activities.follow", "POST"),
        ("activities.unfollow", "POST"),
    }


def test_a_reader_sees_the_history_and_no_composer(client_of, make_lead, post):
    lead_id = make_lead()
    post(lead_id, kind="note", body="Hello")

    page = client_of("vic").get(f"/leads/{lead_id}").text

    assert "Hello" in page
    assert 'id="composer"' not in page


@pytest.mark.parametrize(
    ("kind", "seen"), [("note", ["note"]), ("call", ["call"]), ("changed", ["created"]), ("x", None)]
)
def test_chips_narrow_the_history(client, make_lead, post, kind, seen):
    lead_id = make_lead()
    post(lead_id, kind="note", body="a note")
    post(lead_id, **CALL)

    piece = client.get(f"/leads/{lead_id}?kind={kind}", headers=PIECE).text

    words = {"note": "wrote a note", "call": "made a call", "created": "lead created"}
    assert [name for name, told in words.items() if told in piece] == (seen or list(words))


def test_older_lines_are_a_page_away(app, client, make_lead):
    lead_id = make_lead()
    with app.app_context():
        db.session.add_all(LeadEvent(lead_id=lead_id, kind="note", channel="form", body=f"n{n}") for n in range(35))
        db.session.commit()
    first = client.get(f"/leads/{lead_id}?kind=note").text
    older = re.search(r'href="([^"]+before=\d+)"', first)[1].replace("&amp;", "&")

    second = client.get(older, headers=PIECE).text

    assert (first.count('class="moment"'), second.count('class="moment"')) == (30, 5)
    assert "kind=note" in older


def test_a_page_costs_the_same_however_long_the_history_is(app, client, make_lead, count_queries):
    short, long = make_lead(), make_lead()
    with app.app_context():
        for lead_id, count in ((short, 10), (long, 200)):
            db.session.add_all(LeadEvent(lead_id=lead_id, by_id=2, kind="note", channel="form") for _ in range(count))
        db.session.commit()
    counts = []
    for lead_id in (short, long):
        with count_queries() as statements:
            client.get(f"/leads/{lead_id}")
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_a_hidden_field_is_not_on_an_agents_page(app, client, client_of, make_lead):
    lead_id = make_lead()
    with app.app_context():
        db.session.add(FieldRow(name="expected_value", type="", names={}, shown="more", seen_by="managers"))
        change = {"field": "expected_value", "old": "", "new": "98765"}
        db.session.add(LeadEvent(lead_id=lead_id, kind="changed", channel="form", changes=[change]))
        db.session.commit()

    seen = [browser.get(f"/leads/{lead_id}?kind=changed").text for browser in (client, client_of("bob"))]

    assert ["Expected value:" in page for page in seen] == [True, False]


@pytest.mark.parametrize("decided", [{"seen_by": "managers"}, {"shown": "off"}])
def test_a_hidden_next_contact_is_not_at_the_head_of_the_page(app, client_of, make_lead, decided):
    lead_id = make_lead(next_contact_at=datetime(2031, 5, 6, 7, 8, tzinfo=UTC))
    before = client_of("bob").get(f"/leads/{lead_id}").text
    with app.app_context():
        row = {"name": "next_contact_at", "type": "", "names": {}, "shown": "form"}
        db.session.add(FieldRow(**row | decided))
        db.session.commit()

    assert "2031" in before
    assert "2031" not in client_of("bob").get(f"/leads/{lead_id}").text


def test_a_long_text_is_folded(client, make_lead, post):
    lead_id = make_lead()
    post(lead_id, kind="note", body="line\n" * 13)
    post(lead_id, kind="note", body="line\n" * 12)

    assert client.get(f"/leads/{lead_id}").text.count('class="said-more"') == 1


def test_the_name_of_a_field_that_is_gone_is_what_it_was(app, client, make_lead):
    lead_id = make_lead()
    with app.app_context():
        change = {"field": "custom_9", "label": "Shoe size", "old": "", "new": "44"}
        db.session.add(LeadEvent(lead_id=lead_id, kind="changed", channel="form", changes=[change]))
        db.session.commit()

    assert "Shoe size:" in client.get(f"/leads/{lead_id}").text


def test_following_and_not(client_of, make_lead, rows):
    lead_id, reader = make_lead(), client_of("vic")

    piece = reader.post(f"/leads/{lead_id}/follow", headers=PIECE)
    followed = rows("lead_followers")
    answer = reader.post(f"/leads/{lead_id}/unfollow")

    assert f'action="/leads/{lead_id}/unfollow"' in piece.text
    assert [row["lead_id"] for row in followed] == [lead_id]
    assert (answer.status_code, answer.location) == (303, f"/leads/{lead_id}")
    assert rows("lead_followers") == []


@pytest.mark.parametrize("decided", [{"changed_by": "managers"}, {"seen_by": "managers"}, {"shown": "off"}])
def test_a_next_contact_that_a_person_may_not_set_is_not_in_the_call(app, client_of, make_lead, decided):
    with app.app_context():
        row = {"name": "next_contact_at", "type": "", "names": {}, "shown": "form"}
        db.session.add(FieldRow(**row | decided))
        db.session.commit()

    form = client_of("bob").get(f"/leads/{make_lead()}/compose/call").text

    assert 'name="outcome"' in form
    assert 'name="next"' not in form


def test_people_are_offered_by_name(client, make_lead):
    form = client.get(f"/leads/{make_lead()}/compose/note", headers=PIECE).text

    assert 'data-name="Mia" data-email="mia@example.org"' in form
