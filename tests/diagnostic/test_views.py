"""Settings > Diagnostic: what admins see of the worker and its jobs, and what probes are told."""

import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.jobs.models import Effect, Worker

pytestmark = pytest.mark.one_database  # what it says of the database is said by the services' own tests

PIECE = {"HX-Request": "true", "HX-Request-Type": "partial"}
JOBS = "/settings/diagnostic/jobs"


@pytest.fixture
def add(app):
    """``add(Effect, ...)``: the id of a committed row."""

    def add(model, **values):
        with app.app_context():
            row = model(**values)
            db.session.add(row)
            db.session.flush()
            row_id = row.id
            db.session.commit()
            return row_id

    return add


@pytest.fixture
def well(add):
    """A worker that was heard of just now."""
    add(Worker, id="w")


@pytest.fixture
def an_old_app(app):
    """One that is up for long enough to miss a worker."""
    app.extensions["leadhub_stillness"]["since"] -= 61
    return app


def test_a_hub_that_is_well_is_ready(client_of, well):
    answer = client_of().get("/readyz")

    assert answer.status_code == 200
    assert answer.json == dict.fromkeys(("status", "database", "migrations", "worker", "queue"), "ok")


def test_a_probe_may_call_by_any_name(client_of, well):
    assert client_of().get("/readyz", headers={"Host": "10.1.2.3"}).status_code == 200


@pytest.mark.parametrize("seen", [None, 61])
def test_without_a_worker_it_is_not_ready(client_of, add, seen):
    if seen:
        add(Worker, id="w", seen_at=utcnow() - timedelta(seconds=seen))

    answer = client_of().get("/readyz")

    assert answer.status_code == 503
    assert (answer.json["worker"], answer.json["queue"]) == ("missing", "ok")


def test_a_queue_that_is_late_is_told(client_of, well, add):
    add(Effect, kind="call", due_at=utcnow() - timedelta(minutes=6))

    answer = client_of().get("/readyz")

    assert answer.status_code == 503
    assert answer.json["queue"] == "late"


def test_an_import_that_waits_for_its_turn_makes_nobody_late(client_of, well, add):
    add(Effect, kind="imports.take_in", due_at=utcnow() - timedelta(minutes=6))

    assert client_of().get("/readyz").json["queue"] == "ok"


def test_a_database_that_is_behind_is_told(client_of, well, app):
    with app.app_context():
        db.session.execute(sa.text("UPDATE alembic_version SET version_num = '20261122_first'"))
        db.session.commit()

    answer = client_of().get("/readyz")

    assert answer.status_code == 503
    assert answer.json["migrations"] == "behind"


def test_a_database_that_is_away_is_told_in_one_word(client_of, monkeypatch):
    def fail(*args, **kwargs):
        raise sa.exc.OperationalError("SELECT secret", {}, Exception("at 10.0.0.7"))

    client_of().get("/readyz")
    monkeypatch.setattr(db.session, "scalar", fail)

    answer = client_of().get("/readyz")

    assert answer.status_code == 503
    assert answer.json["database"] == "down"
    assert "10.0.0.7" not in answer.text


def test_a_worker_that_stopped_is_said_to_admins_alone(an_old_app, client_of, add):
    add(Worker, id="w", seen_at=utcnow() - timedelta(minutes=9))

    assert 'id="worker-banner"' in client_of("ada").get("/leads/").text
    assert 'id="worker-banner"' not in client_of("mia").get("/leads/").text


def test_a_worker_that_never_was_is_said(an_old_app, client):
    assert "No worker is running" in client.get("/leads/").text


def test_a_young_hub_waits_before_it_misses_its_worker(client):
    assert 'id="worker-banner"' not in client.get("/leads/").text


def test_pages_ask_for_the_worker_once_in_a_while(an_old_app, client, well, count_queries):
    client.get("/leads/")
    with count_queries() as kept:
        client.get("/leads/")
    an_old_app.extensions["leadhub_stillness"]["until"] = time.monotonic()
    with count_queries() as asked:
        client.get("/leads/")

    assert len(asked) == len(kept) + 1


def test_diagnostic_shows_what_doctor_finds(client):
    page = client.get("/settings/diagnostic").text

    assert "The encryption keys fit." in page
    assert f'href="{JOBS}"' in page


def test_a_job_is_listed_with_its_label_and_what_went_wrong(client, add):
    add(Effect, kind="jobs.purge", state="gave_up", attempts=7, error="ValueError", finished_at=utcnow())

    page = client.get(JOBS).text

    assert "Tidy up the list of jobs" in page
    assert "ValueError" in page


def test_a_job_that_was_interrupted_may_have_run_twice(client, add):
    add(Effect, kind="jobs.purge", state="done", finished_at=utcnow())
    assert "may have run twice" not in client.get(JOBS).text

    add(Effect, kind="jobs.purge", state="done", interruptions=1, finished_at=utcnow())

    assert "may have run twice" in client.get(JOBS).text


def test_jobs_of_one_state(client, add):
    shown = add(Effect, kind="x", state="gave_up")
    hidden = add(Effect, kind="x", state="waiting")

    page = client.get(f"{JOBS}?state=gave_up").text

    assert f'id="job-{shown}"' in page
    assert f'id="job-{hidden}"' not in page


def test_fifty_jobs_a_page(client, add):
    first = add(Effect, kind="x")
    for _ in range(50):
        newest = add(Effect, kind="x")

    assert client.get(JOBS).text.count('<tr id="job-') == 50
    older = client.get(f"{JOBS}?before={first + 1}", headers=PIECE).text
    assert older.count('<tr id="job-') == 1
    assert "<html" not in older
    assert f'id="job-{newest}"' not in older


def test_the_list_costs_as_many_queries_for_ten_jobs_as_for_one(client, add, count_queries):
    add(Effect, kind="x")
    with count_queries() as one:
        client.get(JOBS)
    for _ in range(9):
        add(Effect, kind="x")
    with count_queries() as ten:
        client.get(JOBS)

    assert len(ten) == len(one)


def test_a_job_that_gave_up_is_tried_again_and_that_is_written_down(client, add, rows):
    job = add(Effect, kind="x", state="gave_up", attempts=7)

    answer = client.post(f"{JOBS}/{job}/retry")

    assert answer.status_code == 303
    assert rows("effects")[0]["state"] == "waiting"
    assert [event["kind"] for event in rows("audit_events")][-1] == "job_retried"


def test_an_import_that_gave_up_can_only_be_dropped(client, add, rows):
    job = add(Effect, kind="imports.take_in", state="gave_up", attempts=7, payload={"import_id": 1, "run": 1})

    page = client.get(JOBS).text
    assert f"{JOBS}/{job}/drop" in page
    assert f"{JOBS}/{job}/retry" not in page
    assert client.post(f"{JOBS}/{job}/retry").status_code == 409
    assert rows("effects")[0]["state"] == "gave_up"


def test_a_job_that_gave_up_is_dropped(client, add, rows):
    job = add(Effect, kind="x", state="gave_up")

    assert client.post(f"{JOBS}/{job}/drop").status_code == 303
    assert rows("effects") == []


@pytest.mark.parametrize("verb", ["retry", "drop"])
def test_a_job_that_runs_is_left_alone(client, add, rows, verb):
    job = add(Effect, kind="x", state="running")
    before = rows("effects")

    assert client.post(f"{JOBS}/{job}/{verb}").status_code == 409
    assert rows("effects") == before


@pytest.mark.parametrize("name", ["mia", "bob", "vic"])
def test_jobs_are_for_admins(client_of, add, rows, name):
    job = add(Effect, kind="x", state="gave_up")

    assert client_of(name).get(JOBS).status_code == 403
    assert client_of(name).post(f"{JOBS}/{job}/drop").status_code == 403
    assert len(rows("effects")) == 1


def test_strangers_are_sent_to_the_sign_in_page(client_of):
    assert client_of().get(JOBS).location.startswith("/login")
