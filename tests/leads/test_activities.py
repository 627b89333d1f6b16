"""Notes, calls, meetings and files in a lead's history: what is taken, what it changes, what readers see."""

import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.errors import NotAllowed
from leadhub.extensions import db
from leadhub.fields.models import FieldRow
from leadhub.fields.queries import hidden_fields
from leadhub.leads import activities, files, queries, services
from leadhub.leads.activities import Activity
from leadhub.leads.checks import FieldRefused
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.services import StaleLead
from leadhub.markdown import LONGEST
from tests.lead_files import folder, make_file

LINK = "https://crm.example.org/leads/1"
MONDAY = datetime(2026, 11, 30, 8, tzinfo=UTC)


@pytest.fixture
def log(context, person):
    """``log(lead_id, "call", outcome="reached")``: the event, which is committed."""

    def log(lead_id, kind, *, by="bob", version=1, changes=None, **words):
        lead = db.session.get_one(Lead, lead_id)
        activity = Activity(kind=kind, **words)
        event = activities.log(lead, activity, by=person(by), version=version, changes=changes, link=LINK)
        db.session.commit()
        return event

    return log


@pytest.fixture
def fill(context, person):
    """``fill(lead_id, 200)``: that many notes, calls and changes in its history, each call with a file."""

    def fill(lead_id, count):
        for number in range(count):
            kind = ("note", "call", "changed")[number % 3]
            event = LeadEvent(lead_id=lead_id, by_id=person("bob").id, kind=kind, channel="form", body="**x**")
            event.changes = [{"field": "phone", "old": "1", "new": str(number)}]
            db.session.add(event)
        make_file(lead_id)
        db.session.commit()

    return fill


def test_a_note_is_a_line_of_the_history(make_lead, log):
    event = log(make_lead(), "note", body=" **Hello**\r\nthere ")

    assert (event.kind, event.body, event.by.name, event.changes) == ("note", "**Hello**\nthere", "Bob", [])


def test_a_call_has_its_outcome_and_what_it_changed_in_one_line(make_lead, log):
    lead_id = make_lead()

    changes = {"status": "converted", "next_contact_at": MONDAY}
    event = log(lead_id, "call", outcome="message_left", changes=changes)

    lead = db.session.get_one(Lead, lead_id)
    assert event.details == {"outcome": "message_left"}
    assert {change["field"] for change in event.changes} == {"status", "next_contact_at", "next_contact_by"}
    assert (lead.status.key, lead.next_contact_at, lead.next_contact_by.name) == ("converted", MONDAY, "Bob")
    assert (event.version, lead.version) == (2, 2)
    assert db.session.query(LeadEvent).filter_by(lead_id=lead_id).count() == 2


def test_who_makes_the_next_contact_may_be_said(make_lead, log):
    lead_id = make_lead()

    log(lead_id, "note", body="x", changes={"next_contact_at": MONDAY, "next_contact_by": "mia@example.org"})

    assert db.session.get_one(Lead, lead_id).next_contact_by.name == "Mia"


def test_no_next_contact_is_nobodys(make_lead, log):
    lead_id = make_lead()
    log(lead_id, "call", outcome="reached", changes={"next_contact_at": MONDAY})

    log(lead_id, "call", outcome="reached", version=2, changes={"next_contact_at": None})

    lead = db.session.get_one(Lead, lead_id)
    assert (lead.next_contact_at, lead.next_contact_by) == (None, None)


def test_a_meeting_may_be_past_or_to_come(make_lead, log):
    lead_id = make_lead()
    for year in (2020, 2030):
        log(lead_id, "meeting", happens_at=MONDAY.replace(year=year))

    moments = sa.select(LeadEvent.happens_at).where(LeadEvent.kind == "meeting").order_by(LeadEvent.id)
    assert [moment.year for moment in db.session.scalars(moments)] == [2020, 2030]


def test_files_alone_are_a_line_of_their_own(make_lead, log):
    stored = files.store_files([("a.txt", io.BytesIO(b"x"))], folder())

    event = log(make_lead(), "note", files=stored)

    assert (event.kind, [file.name for file in event.files]) == ("file", ["a.txt"])


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("kind", "words", "field"),
    [
        ("note", {}, "body"),
        ("note", {"body": " \n "}, "body"),
        ("note", {"body": "a" * (LONGEST + 1)}, "body"),
        ("note", {"body": "a\0b"}, "body"),
        ("file", {"body": "x"}, "files"),
        ("call", {"body": "x"}, "outcome"),
        ("call", {"outcome": "shouted"}, "outcome"),
        ("meeting", {"body": "x"}, "happens_at"),
        ("meeting", {"happens_at": datetime(1, 1, 1, tzinfo=UTC)}, "happens_at"),
    ],
)
def test_what_lacks_its_point_is_refused_at_the_field(make_lead, log, kind, words, field):
    lead_id = make_lead()

    with pytest.raises(FieldRefused) as refused:
        log(lead_id, kind, **words)

    db.session.rollback()
    assert refused.value.field == field
    assert db.session.query(LeadEvent).filter_by(lead_id=lead_id).count() == 1


def test_a_refused_change_leaves_no_line(make_lead, log):
    lead_id = make_lead()
    with pytest.raises(FieldRefused):
        log(lead_id, "call", outcome="reached", changes={"status": "gone"})

    db.session.rollback()
    assert db.session.query(LeadEvent).filter_by(lead_id=lead_id).count() == 1


def test_a_change_of_what_somebody_else_changed_meanwhile_is_told(make_lead, log, person):
    lead_id = make_lead()
    services.update_lead(db.session.get_one(Lead, lead_id), {"status": "do-not-contact"}, by=person("mia"), version=1)
    db.session.commit()

    with pytest.raises(StaleLead) as stale:
        log(lead_id, "call", outcome="reached", changes={"status": "converted"})

    assert stale.value.fields == {"status"}
    assert "Mia" in str(stale.value)


def test_a_note_is_no_change_that_others_trip_over(make_lead, log, person):
    lead_id = make_lead()
    log(lead_id, "note", body="x")

    lead = db.session.get_one(Lead, lead_id)
    assert services.update_lead(lead, {"phone": "1"}, by=person("mia"), version=1)


def test_the_one_who_changed_is_named_not_the_one_who_wrote_a_note_since(make_lead, log, person):
    lead_id = make_lead()
    services.update_lead(db.session.get_one(Lead, lead_id), {"phone": "1"}, by=person("mia"), version=1)
    log(lead_id, "note", body="x", by="bob")

    with pytest.raises(StaleLead, match="Mia"):
        services.update_lead(db.session.get_one(Lead, lead_id), {"phone": "2"}, by=person("ada"), version=1)


def test_a_field_that_is_the_managers_is_changed_by_no_call_of_an_agent(make_lead, log):
    db.session.add(FieldRow(name="next_contact_by", type="", names={}, shown="more", changed_by="managers"))
    db.session.commit()
    lead_id = make_lead()

    log(lead_id, "call", outcome="reached", changes={"next_contact_at": MONDAY})
    with pytest.raises(NotAllowed):
        log(lead_id, "call", outcome="reached", changes={"next_contact_by": "bob@example.org"}, version=2)

    lead = db.session.get_one(Lead, lead_id)
    assert (lead.next_contact_at, lead.next_contact_by) == (MONDAY, None)


def test_writing_costs_the_same_however_long_the_history_is(make_lead, log, fill, count_queries):
    short, long = make_lead(), make_lead()
    fill(short, 10)
    fill(long, 200)
    counts = []
    for lead_id, version in ((short, 1), (short, 2), (long, 1)):  # the first one warms up
        with count_queries() as statements:
            log(lead_id, "call", outcome="reached", body="@mia", version=version, changes={"phone": f"9{version}"})
        counts.append(len(statements))

    assert counts[1] == counts[2]


def test_reading_costs_the_same_however_long_the_history_is(make_lead, fill, count_queries):
    short, long = make_lead(), make_lead()
    fill(short, 10)
    fill(long, 200)
    counts = []
    for lead_id in (short, long):
        lead = db.session.get_one(Lead, lead_id)
        with count_queries() as statements:
            lines, _older = queries.history_of(lead)
            assert [(line.event.by, line.event.files) for line in lines]
        counts.append(len(statements))
        db.session.expire_all()

    assert counts == [2, 2]


def test_a_history_is_read_a_page_at_a_time_newest_first(make_lead, fill):
    lead_id = make_lead()
    fill(lead_id, 70)
    lead, before, pages = db.session.get_one(Lead, lead_id), None, []
    while before or not pages:
        lines, before = queries.history_of(lead, before)
        pages.append([line.event.id for line in lines])

    ids = [event_id for page in pages for event_id in page]
    assert [len(page) for page in pages] == [30, 30, 12]
    assert ids == sorted(ids, reverse=True)


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("note", {"note"}),
        ("call", {"call"}),
        ("file", {"file"}),
        ("changed", {"created", "changed"}),
        ("", {"note", "call", "file", "created", "changed"}),
    ],
)
def test_a_history_can_be_narrowed_to_a_kind(make_lead, fill, kind, seen):
    lead_id = make_lead()
    fill(lead_id, 9)

    lines, _older = queries.history_of(db.session.get_one(Lead, lead_id), kind=kind)

    assert {line.event.kind for line in lines} == seen


def test_a_note_that_came_with_a_file_is_among_the_files(make_lead, log):
    lead_id = make_lead()
    log(lead_id, "note", body="x", files=files.store_files([("a.txt", io.BytesIO(b"x"))], folder()))

    lines, _older = queries.history_of(db.session.get_one(Lead, lead_id), kind="file")

    assert [line.event.kind for line in lines] == ["note"]


def test_fields_that_a_person_may_not_see_are_not_in_the_history_either(make_lead, log, person):
    db.session.add(FieldRow(name="expected_value", type="", names={}, shown="more", seen_by="managers"))
    db.session.commit()
    lead_id = make_lead()
    log(lead_id, "call", by="mia", outcome="reached", changes={"expected_value": Decimal(5), "phone": "1"})
    lead = db.session.get_one(Lead, lead_id)
    services.update_lead(lead, {"expected_value": Decimal(6)}, by=person("mia"), version=2)
    db.session.commit()

    seen = {}
    for name in ("mia", "bob"):
        lines, _older = queries.history_of(lead, hidden=hidden_fields(person(name)))
        seen[name] = [[change["field"] for change in line.changes] for line in lines]

    assert seen == {"mia": [["expected_value"], ["expected_value", "phone"], []], "bob": [["phone"], []]}


def test_the_index_of_kinds_is_used(context, make_lead, database):
    if database == "postgresql":
        db.session.execute(sa.text("SET enable_seqscan = off"))
    explain = "EXPLAIN QUERY PLAN" if database == "sqlite" else "EXPLAIN"
    lead_id = make_lead()
    wanted = f"SELECT * FROM lead_events WHERE lead_id = {lead_id} AND kind = 'note' ORDER BY id DESC LIMIT 31"  # noqa: S608

    plan = " ".join(str(row) for row in db.session.execute(sa.text(f"{explain} {wanted}")))

    assert "ix_lead_events_kind" in plan
