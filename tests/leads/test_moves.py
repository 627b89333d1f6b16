"""Many leads change at once while others write: the deletion of a source that a hundred thousand leads name."""

import sys
import threading
import time

import pytest
import sqlalchemy as sa

from leadhub.accounts.queries import user_by_email
from leadhub.database import insert_many, utcnow
from leadhub.extensions import db
from leadhub.leads.checks import FieldRefused
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.moves import Change, move_leads
from leadhub.leads.services import StaleLead, create_leads, update_lead
from leadhub.lists import deletion
from leadhub.lists.drafts import NOTHING
from leadhub.lists.kinds import KINDS
from leadhub.lists.models import Source
from leadhub.lists.queries import rows_by_word
from leadhub.lists.services import rows_named
from leadhub.plugins.api import LeadDraft
from leadhub.statuses.queries import default_status

SOURCES = KINDS["sources"]


def fill(count):
    """That many leads of the source Fair, without a history.  Ids of it and of the source Exhibition."""
    fair, exhibition = rows_named(Source, ["Fair", "Exhibition"], language="en").values()
    row = {
        "source_id": fair.id, "last_name": "Roye", "search_key": "roye", "status_id": default_status().id, "version": 1,
        "received_at": utcnow(), "created_at": utcnow(), "channel": "import", "other_data": {}, "is_sample": False,
        "is_organisation": False, "first_name": "", "organisation": "", "email": "", "phone": "",
    }  # fmt: skip
    for start in range(0, count, 5000):
        insert_many(db.session(), Lead, [row] * min(5000, count - start))
    ids = fair.id, exhibition.id
    db.session.commit()
    return ids


def delete_fair(person, fair, exhibition):
    """Seconds that it takes."""
    began = time.perf_counter()
    old, new = db.session.get_one(Source, fair), db.session.get_one(Source, exhibition)
    deletion.delete_row(SOURCES, old, new, by=person("ada"))
    db.session.commit()
    return time.perf_counter() - began


@pytest.fixture
def ada(context, person):
    return person("ada")


def test_leads_move_with_a_line_each(ada, make_lead):
    db.session.commit()
    first, second, other = make_lead(source="Fair"), make_lead(source="Fair"), make_lead()
    fair = rows_by_word(Source)["fair"].id
    change = Change(field="source", old="Fair", new="", by=ada, channel="lists")

    moved = move_leads(Lead.source_id, fair, None, change)

    leads = {lead.id: (lead.source_id, lead.version) for lead in db.session.query(Lead)}
    assert (moved, leads) == (2, {first: (None, 2), second: (None, 2), other: (None, 1)})
    lines = db.session.query(LeadEvent).filter_by(kind="changed").all()
    assert {line.lead_id: line.changes[0]["old"] for line in lines} == {first: "Fair", second: "Fair"}
    assert {(line.version, line.by_id, line.channel) for line in lines} == {(2, ada.id, "lists")}


def test_nothing_to_move_leaves_no_trace(ada):
    change = Change(field="source", old="Fair", new="", by=ada, channel="lists")

    assert move_leads(Lead.source_id, 999_999, None, change) == 0
    assert db.session.query(LeadEvent).count() == 0


def test_a_deletion_costs_the_same_statements_for_two_leads_as_for_two_hundred(context, person, count_queries):
    costs = []
    for count in (2, 200):
        fair, exhibition = fill(count)
        with count_queries() as statements:
            delete_fair(person, fair, exhibition)
        costs.append(len(statements))

    assert costs[0] == costs[1] < 30


class Writer(threading.Thread):
    """Adds leads of the source, and edits leads of it, over and over, as requests do: a transaction each.

    ``told``: how often somebody would have read that the lead or the choice has changed meanwhile.
    """

    def __init__(self, app, number, lead_ids, stop):
        super().__init__()
        self.app, self.number, self.lead_ids, self.stop = app, number, lead_ids, stop
        self.waits, self.told, self.failures = [], 0, []

    def run(self):
        turn = 0
        while not self.stop.is_set():
            turn += 1
            began = time.perf_counter()
            try:
                with self.app.app_context():
                    self.write(turn)
                    db.session.commit()
            except (FieldRefused, StaleLead):
                self.told += 1
            except Exception as error:
                self.failures.append(error)
            self.waits.append(time.perf_counter() - began)
            self.stop.wait(0.01)

    def write(self, turn):
        if turn % 2:
            words = ("Fair", "fair", "FAIR")
            create_leads([LeadDraft(channel="plugin", last_name="New", source=word) for word in words], by=None)
            return
        lead = db.session.get_one(Lead, self.lead_ids[turn % len(self.lead_ids)])
        changes = {"last_name": f"{self.number} {turn}", "source": "fair" if turn % 4 else "web-form"}
        update_lead(lead, changes, by=user_by_email("bob@example.org"), version=lead.version)


def in_another_thread(app, act):
    """The thread, begun, and the list that gets what ``act`` returns or the refusal that it raises."""
    heard = []

    def run():
        with app.app_context():
            try:
                heard.append(act())
                db.session.commit()
            except FieldRefused as refusal:
                heard.append(refusal)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, heard


def create_with_fair():
    return create_leads([LeadDraft(channel="plugin", last_name="New", source="Fair")], by=None)[0].result


def choose_fair():
    lead = db.session.scalar(sa.select(Lead).where(Lead.source_id.is_(None)))
    return update_lead(lead, {"source": "fair"}, by=user_by_email("bob@example.org"), version=lead.version)


@pytest.mark.parametrize("act", [create_with_fair, choose_fair])
def test_a_writer_waits_for_a_deletion_and_is_answered(app, person, make_lead, rows, act):
    make_lead()
    with app.app_context():
        fair, _exhibition = fill(3)
        deletion.delete_row(SOURCES, db.session.get_one(Source, fair), NOTHING, by=person("ada"))
        thread, heard = in_another_thread(app, act)
        thread.join(0.1)
        waited = thread.is_alive()
        db.session.commit()
    thread.join(10)

    assert waited
    (answer,) = heard
    if act is create_with_fair:
        assert answer == "created"
        assert [row["id"] for row in rows("sources") if row["key"] == "fair"] != [fair]
    else:
        assert str(answer) == "This choice is no longer there."


@pytest.mark.slow
def test_a_source_in_use_is_deleted_while_others_write(app, person, size, database, capsys):
    with app.app_context():
        fair, exhibition = fill(size(100_000))
        ids = list(db.session.scalars(sa.select(Lead.id).order_by(Lead.id).limit(200)))
        db.session.rollback()
    stop = threading.Event()
    writers = [Writer(app, number, ids[number * 50 : number * 50 + 50], stop) for number in range(4)]
    for writer in writers:
        writer.start()
    time.sleep(0.3)

    with app.app_context():
        seconds = delete_fair(person, fair, exhibition)
    stop.set()
    for writer in writers:
        writer.join(60)

    worst = max(wait for writer in writers for wait in writer.waits)
    told = sum(writer.told for writer in writers)
    with capsys.disabled():
        counted = f"{size(100_000):,} leads in {seconds:.2f} s"
        sys.stdout.write(f"\n{database}: {counted}, worst wait of a writer {worst:.2f} s, {told} told of it\n")
    assert [failure for writer in writers for failure in writer.failures] == []
    with app.app_context():
        check_moved(fair, exhibition, size(100_000))


def check_moved(fair, exhibition, count):
    """Nothing names the old row; each lead that was moved has one line of it, and those of before have moved."""
    assert db.session.get(Source, fair) is None
    assert db.session.scalar(sa.select(sa.func.count()).where(Lead.source_id == fair)) == 0
    lines = sa.select(LeadEvent.lead_id).where(LeadEvent.channel == "lists").subquery()
    told, leads = db.session.execute(sa.select(sa.func.count(), sa.func.count(sa.distinct(lines.c.lead_id)))).one()
    assert told == leads > count - 200  # but for those that somebody gave another source before
    unmoved = sa.select(sa.func.count()).where(Lead.source_id == exhibition, Lead.id.not_in(sa.select(lines.c.lead_id)))
    assert db.session.scalar(unmoved) == 0
    line = db.session.scalar(sa.select(LeadEvent).where(LeadEvent.channel == "lists").limit(1))
    assert line.changes == [{"field": "source", "old": "Fair", "new": "Exhibition"}]
