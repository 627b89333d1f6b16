"""A status in use everywhere is deleted, and given back, over and over, while others add leads to it."""

import sys
import threading
import time

import pytest
import sqlalchemy as sa

from leadhub.accounts.queries import user_by_email
from leadhub.database import reading
from leadhub.extensions import db
from leadhub.leads.listing.models import SavedView
from leadhub.leads.models import Lead
from leadhub.leads.services import create_leads
from leadhub.leads.statuses.models import StatusMove
from leadhub.plugins.api import LeadDraft
from leadhub.statuses.deletion import LEADS, delete_status, undo_deletion
from leadhub.statuses.models import Status, StatusAction, StatusDeletion, StatusRule
from leadhub.statuses.queries import default_status
from leadhub.statuses.services import add_action, bind_rule

WRITERS = 8
EACH = 8  # leads of each writer while one status is deleted, or given back: else a slow machine only gets slower
PAUSE = 0.015  # seconds
LONG, PATIENCE = 1.0, 8.0  # seconds
DRAFT = LeadDraft(channel="plugin", last_name="New")


class Writer(threading.Thread):
    """Adds leads, each in a transaction of its own, until it has added as many as it is ``allowed``."""

    def __init__(self, app, stop):
        super().__init__()
        self.app, self.stop = app, stop
        self.began = time.perf_counter()
        self.allowed, self.added, self.waits, self.failures = EACH, 0, [], []

    @property
    def waits_for(self):
        return time.perf_counter() - self.began if self.added < self.allowed else 0

    def run(self):
        while not self.stop.is_set():
            if self.added >= self.allowed:
                self.stop.wait(PAUSE)
                continue
            self.began = time.perf_counter()
            try:
                with self.app.app_context():
                    outcomes = create_leads([DRAFT], by=None)
                    db.session.commit()
                self.added += sum(outcome.result == "created" for outcome in outcomes)
            except Exception as error:
                self.failures.append(error)
            self.waits.append(time.perf_counter() - self.began)
            self.stop.wait(PAUSE)


@pytest.fixture
def used(fill, status, ada, size):
    """Open is the default, has many leads, a rule, an action, and a view asks for it: ids of it and its successor."""
    for start in range(0, size(10_000), 500):
        fill("open", min(500, size(10_000) - start))
    bind_rule("opportunity", status("open").id, is_on=True, by=ada)
    add_action(status("open"), "add_note", {"text": "Call them."}, by=ada)
    db.session.add(SavedView(name="Open", owner_id=ada.id, query="status=open", scope="private"))
    ids = status("open").id, status("quotation").id
    db.session.commit()
    return ids


@pytest.fixture
def writers(app, used):
    stop = threading.Event()
    writers = [Writer(app, stop) for _number in range(WRITERS)]
    for writer in writers:
        writer.start()
    yield writers
    stop.set()
    for writer in writers:
        writer.join(60)


def let_in(writers):
    """Nobody begins the next act while somebody waits for long: eight writers keep SQLite busy among themselves, and
    each of them looks only every tenth of a second whether it may begin."""
    time.sleep(2 * PAUSE)
    until = time.perf_counter() + PATIENCE
    while time.perf_counter() < until and any(writer.waits_for > LONG for writer in writers):
        time.sleep(PAUSE)
    for writer in writers:
        writer.allowed += EACH


def count(*which):
    return db.session.scalar(sa.select(sa.func.count()).select_from(Lead).where(*which))


def names_of(row_id):
    """What names the status, but for leads."""
    found = {
        "default": default_status().id == row_id,
        "rule": row_id in db.session.scalars(sa.select(StatusRule.status_id)).all(),
        "action": row_id in db.session.scalars(sa.select(StatusAction.status_id)).all(),
        "view": db.session.scalar(sa.select(SavedView.query)) == "status=open",
    }
    return {name for name, is_so in found.items() if is_so}


def moved_by(deletion, cause):
    """Leads that have a step of this deletion; each has one."""
    steps = sa.select(StatusMove.lead_id).where(StatusMove.deletion_id == deletion.id, StatusMove.cause == cause)
    ids = db.session.scalars(steps).all()
    assert len(ids) == len(set(ids))
    return steps, len(ids)


def check_deleted(old, deletion):
    assert db.session.get(Status, old) is None
    assert names_of(old) == set()
    assert count(Lead.status_id == old) == 0
    assert count(Lead.status_id.not_in(sa.select(Status.id))) == 0
    assert moved_by(deletion, "replaced")[1] == deletion.moved[LEADS]


def check_given_back(old, deletion):
    assert names_of(old) == {"default", "rule", "action", "view"}
    assert deletion.kept == []
    steps, number = moved_by(deletion, "restored")
    assert number == deletion.moved[LEADS]
    assert count(Lead.status_id == old, Lead.id.in_(steps)) == number
    assert count(Lead.status_id.not_in(sa.select(Status.id))) == 0


@pytest.mark.slow
def test_an_undo_takes_about_as_long_as_its_deletion(fill, status, ada, size):
    for start in range(0, size(100_000), 500):
        fill("open", min(500, size(100_000) - start))
    db.session.commit()

    began = time.perf_counter()
    gone = delete_status(status("open").id, status("quotation").id, by=ada)
    db.session.commit()
    deleted = time.perf_counter()
    undo_deletion(gone, by=ada)
    db.session.commit()

    assert time.perf_counter() - deleted < 3 * (deleted - began) + 1


@pytest.mark.slow
def test_nothing_is_lost_while_a_status_is_deleted_and_given_back(app, used, writers, size, database, capsys):
    old, new = used
    seconds = []
    for _turn in range(size(100)):
        with app.app_context():
            began = time.perf_counter()
            deletion_id = delete_status(old, new, by=user_by_email("ada@example.org")).id
            db.session.commit()
            seconds.append(time.perf_counter() - began)
            with reading(db.session):
                check_deleted(old, db.session.get_one(StatusDeletion, deletion_id))
        let_in(writers)  # some leads begin with the successor
        with app.app_context():
            undo_deletion(db.session.get_one(StatusDeletion, deletion_id), by=user_by_email("ada@example.org"))
            db.session.commit()
            with reading(db.session):
                check_given_back(old, db.session.get_one(StatusDeletion, deletion_id))
        let_in(writers)
    writers[0].stop.set()
    for writer in writers:
        writer.join(60)

    added, worst = sum(writer.added for writer in writers), max(wait for writer in writers for wait in writer.waits)
    with capsys.disabled():
        told = f"{size(100)} deletions of {size(10_000):,} leads, the longest {max(seconds):.2f} s"
        sys.stdout.write(f"\n{database}: {told}; {added} leads added, worst wait of a writer {worst:.2f} s\n")
    assert [failure for writer in writers for failure in writer.failures] == []
    assert added > size(100)
    with app.app_context():
        assert count() == size(10_000) + added
