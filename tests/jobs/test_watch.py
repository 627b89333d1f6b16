"""The threads beside a worker: one says that it lives, the other ends it when it hangs."""

import os
import time

import pytest
import sqlalchemy as sa

from leadhub.database import engine_options
from leadhub.extensions import db
from leadhub.jobs import worker
from leadhub.jobs.bells import ServerBell
from leadhub.jobs.heart import Heart
from leadhub.jobs.worker import HUNG, STEP_MAX, Stop, Watch, Worker


@pytest.fixture
def heart(context):
    return Heart(db.engine, "w")


def test_a_worker_says_that_it_lives(heart, rows):
    heart.beat()
    first = rows("workers")[0]
    time.sleep(0.01)
    heart.beat()

    second = rows("workers")[0]
    assert second["started_at"] == first["started_at"]
    assert second["seen_at"] > first["seen_at"]


@pytest.mark.one_database
def test_a_locked_database_holds_nothing_up(heart):
    with db.engine.begin() as writer:
        writer.execute(sa.text("UPDATE hub SET language = 'xx'"))
        began = time.monotonic()

        assert not heart.beat()

    assert time.monotonic() - began < 5
    assert heart.beat()


@pytest.mark.one_database
def test_a_step_that_never_ends_ends_the_process(app, monkeypatch, count_queries):
    ended = []
    watch = Watch(Worker(app))
    monkeypatch.setattr(worker, "TICK", 0.01)
    monkeypatch.setattr(os, "_exit", lambda code: (ended.append(code), watch.over.set()))
    watch.worker.moved_at -= STEP_MAX + 1

    with count_queries() as statements:
        watch.run()

    assert ended == [HUNG]
    assert statements == []  # a database that is silent may be what the step hangs for


def test_a_database_that_falls_silent_is_noticed(settings, database):
    if database == "sqlite":
        pytest.skip("SQLite is a file")
    told = engine_options(settings.database_url)["connect_args"]
    bell = ServerBell(settings.database_url)
    bell.wait(0, [])
    heard = bell.connection.info.get_parameters()
    bell.close()

    for name in ("tcp_user_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count"):
        assert 0 < int(told[name]) == int(heard[name])


def test_a_worker_that_is_told_to_stop_signs_off(app, rows):
    heard, told = os.pipe()
    os.close(told)  # as the end of standard input is

    Worker(app, Stop([heard])).run()

    os.close(heard)
    assert rows("workers") == []


def test_the_hubs_own_turns_are_done_and_their_rows_kept(app, rows):
    Worker(app).work_off()
    before = rows("effects")

    Worker(app).work_off()

    assert {row["kind"]: row["state"] for row in before}["jobs.purge"] == "done"
    assert rows("effects") == before
