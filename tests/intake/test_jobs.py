"""The worker fetches what there is to fetch, door by door."""

import pytest

from leadhub.extensions import db
from leadhub.intake import jobs
from leadhub.jobs.models import Effect
from leadhub.jobs.services import enqueue
from leadhub.jobs.worker import Worker
from leadhub.outgoing import OutgoingFailed
from leadhub.plugins.api import Failed, Polled
from tests.doors import drafts


@pytest.fixture
def fetch(app):
    """One round, and all that comes of it."""

    def fetch():
        with app.app_context():
            enqueue(jobs.ROUND, {})
            db.session.commit()
        Worker(app).work_off()

    return fetch


def test_leads_come_in_with_the_place_where_the_next_poll_begins(app, open_door, fetch, rows, radio):
    open_door(secrets={"key": "s3cr3t"}, station="FIP")
    fetch()
    fetch()

    (door,) = rows("doors")
    settings = {"station": "FIP", "key": "s3cr3t"}
    assert [(asked[0], asked[1]) for asked in radio.asked[-2:]] == [("", settings), ("7", settings)][-2:]
    assert [lead["last_name"] for lead in rows("leads")] == ["Dupré"]
    assert (door["cursor"], door["came"], door["last_error"]) == ("7", 1, "")


def test_as_long_as_there_is_more_it_asks_again_but_not_for_ever(app, open_door, fetch, rows, radio):
    radio.does["poll"] = lambda cursor, *more: Polled(
        drafts=drafts(f"Lead {cursor}"), cursor=str(int(cursor or 0) + 1), has_more=True
    )
    open_door()
    with app.app_context():
        enqueue(jobs.POLL, {"door": 1})
        db.session.commit()
        for _step in jobs.poll({"door": 1}):
            db.session.commit()
        db.session.commit()

    assert len(rows("leads")) == jobs.PAGES_MAX
    assert rows("doors")[0]["cursor"] == str(jobs.PAGES_MAX)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Failed("The station is closed."), "The station is closed."),
        (OutgoingFailed("timeout"), "The other side took too long."),
        (ValueError("boom"), "The plugin failed. Settings > Plugins says more."),
    ],
)
@pytest.mark.one_database
def test_what_fails_is_said_and_tried_again_in_the_next_round(app, open_door, fetch, rows, radio, error, told):
    def fail(*asked):
        raise error

    works, radio.does["poll"] = radio.does["poll"], fail
    open_door()
    fetch()
    assert rows("doors")[0]["last_error"] == told
    assert {effect["state"] for effect in rows("effects") if effect["kind"] == jobs.POLL} == {"done"}

    radio.does["poll"] = works
    fetch()
    assert rows("doors")[0]["last_error"] == ""
    assert len(rows("leads")) == 1


BAD = {
    "nothing": lambda: None,
    "a wrong cursor": lambda: Polled(cursor=5),
    "a NUL": lambda: Polled(cursor="a\0"),
    "without end": lambda: Polled(drafts=(draft for _ in iter(int, 1) for draft in drafts("A"))),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.one_database
def test_a_wrong_answer_changes_nothing(app, open_door, fetch, rows, radio, kind):
    radio.does["poll"] = lambda *asked: BAD[kind]()
    open_door()
    fetch()

    (door,) = rows("doors")
    assert (door["cursor"], door["turn"], rows("leads")) == ("", 0, [])
    assert door["last_error"]


@pytest.mark.one_database
def test_a_door_is_asked_by_one_job_at_a_time(app, open_door, rows):
    door_id, _address = open_door()
    with app.app_context():
        for _round in range(2):
            jobs.begin_round({})
        db.session.commit()
        assert db.session.scalar(db.select(db.func.count(Effect.id)).where(Effect.kind == jobs.POLL)) == 1


@pytest.mark.one_database
def test_no_transaction_is_open_while_a_plugin_is_asked(app, open_door, radio):
    open_door()
    seen = []
    radio.does["poll"] = lambda *asked: seen.append(db.session().in_transaction()) or Polled()
    with app.app_context():
        for _step in jobs.poll({"door": 1}):
            db.session.commit()

    assert seen == [False]


@pytest.mark.one_database
def test_what_can_not_be_stored_again_and_again_is_said(app, open_door, rows):
    door_id, _address = open_door()
    with app.app_context():
        jobs.gave_up({"door": door_id})
        jobs.gave_up({"door": 999})
        db.session.commit()

    assert rows("doors")[0]["last_error"] == "It failed again and again."
