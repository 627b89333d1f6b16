"""What wakes an idle worker: PostgreSQL and Redis ring, and neither is needed."""

import os
import time
from dataclasses import replace
from threading import Timer

import psycopg
import pytest

from leadhub.extensions import db
from leadhub.jobs.bells import RedisBell, ServerBell, Silence, bell_for
from leadhub.jobs.services import enqueue


@pytest.fixture
def bell(settings, database):
    if database == "sqlite":
        pytest.skip("SQLite rings no bell")
    bell = bell_for(settings)
    assert isinstance(bell, ServerBell)
    bell.wait(0, [])  # listens from now on
    yield bell
    bell.close()


@pytest.fixture
def seconds():
    """``seconds(function)``: how long it took."""

    def measure(function):
        began = time.monotonic()
        function()
        return time.monotonic() - began

    return measure


def test_an_effect_wakes_the_worker_when_it_is_committed(context, bell, seconds):
    enqueue("call", {})
    assert seconds(lambda: bell.wait(0.2, [])) >= 0.2

    db.session.commit()

    assert seconds(lambda: bell.wait(5, [])) < 4


def test_a_broken_connection_is_renewed(context, bell, seconds):
    with psycopg.connect(bell.address, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (bell.connection.info.backend_pid,))
    bell.wait(5, [])  # hears the server's last words
    bell.wait(5, [])  # and then nothing more
    assert bell.connection is None
    bell.next_try = 0

    bell.wait(0, [])
    enqueue("call", {})
    db.session.commit()

    assert seconds(lambda: bell.wait(5, [])) < 4


@pytest.mark.one_database
def test_silence_ends_with_the_clock_or_when_it_is_told_to(context, seconds):
    heard, told = os.pipe()
    os.write(told, b"x")

    assert seconds(lambda: Silence().wait(5, [heard])) < 4
    assert seconds(lambda: Silence().wait(0.1, [])) >= 0.1
    os.close(heard)
    os.close(told)


def want(app):
    with app.app_context():
        enqueue("call", {})
        db.session.commit()


@pytest.mark.one_database
def test_redis_rings_after_the_commit(make_app, settings, redis, seconds):
    address, _process = redis
    app = make_app(settings=replace(settings, redis_url=address))
    bell = bell_for(replace(settings, redis_url=address))
    assert isinstance(bell, RedisBell)
    bell.wait(0.1, [])
    timer = Timer(0.3, want, [app])
    timer.start()

    assert seconds(lambda: bell.wait(5, [])) < 4
    timer.join()
    bell.close()


@pytest.mark.one_database
def test_a_savepoint_is_no_commit(make_app, settings, redis, seconds):
    address, _process = redis
    app = make_app(settings=replace(settings, redis_url=address))
    bell = bell_for(replace(settings, redis_url=address))
    bell.wait(0.1, [])

    with app.app_context():
        with db.session.begin_nested():
            enqueue("call", {})
        assert seconds(lambda: bell.wait(0.2, [])) >= 0.2
        db.session.commit()
        assert seconds(lambda: bell.wait(5, [])) < 4
    bell.close()


@pytest.mark.one_database
def test_work_goes_on_when_redis_is_gone(make_app, settings, redis, rows, seconds):
    address, process = redis
    app = make_app(settings=replace(settings, redis_url=address))
    bell = bell_for(replace(settings, redis_url=address))
    bell.wait(0.1, [])
    process.kill()
    process.wait(timeout=10)

    want(app)
    bell.wait(0.1, [])

    assert len(rows("effects")) == 1
    assert seconds(lambda: bell.wait(0.2, [])) >= 0.2


def test_an_effect_that_was_there_already_rings_nothing(context, count_queries):
    enqueue("call", {}, key="x")
    with count_queries() as statements:
        enqueue("call", {}, key="x")

    assert [statement for statement in statements if "pg_notify" in statement] == []
