"""The worker, in the process of the test: what it does with effects that go well, fail, are interrupted."""

import os
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.jobs import claims, queries, services
from leadhub.jobs import worker as worker_module
from leadhub.jobs.claims import claim
from leadhub.jobs.heart import Heart
from leadhub.jobs.models import Effect
from leadhub.jobs.models import Worker as WorkerRow
from leadhub.jobs.registry import GiveUp, Handler, NotNow, Periodic
from leadhub.jobs.runs import BACK_OFF
from leadhub.jobs.worker import OPEN_MAX, SLOW_SERVER, TROUBLE, Stop, Worker


def call_it(name):
    """Work that the database shows: the hub's language."""
    hub().language = name


def change(app, **values):
    with app.app_context():
        db.session.execute(sa.update(Effect).values(values))
        db.session.commit()


def test_work_and_its_end_are_committed_together(bind, wanted, worker, effect, rows):
    bind(call=lambda payload: call_it(payload["name"]))
    wanted("call", name="xx")

    worker.work_off()

    assert rows("hub")[0]["language"] == "xx"
    assert (effect()["state"], effect()["attempts"], effect()["claim"]) == ("done", 1, None)


def test_what_is_done_keeps_no_payload(bind, wanted, worker, effect):
    bind(call=lambda payload: None)
    wanted("call", name="Zoe Dupré")

    worker.work_off()

    assert "Zoe" not in str(effect())


def test_nothing_is_done_before_it_is_due(bind, wanted, worker, effect):
    bind(call=lambda payload: None)
    wanted("call", due_at=utcnow() + timedelta(minutes=1))

    worker.work_off()

    assert effect()["state"] == "waiting"


def test_a_rest_is_short_however_far_the_next_effect_is(app, bind, wanted, worker):
    bind()
    wanted("call", due_at=utcnow() + timedelta(days=1))

    with app.app_context():
        assert worker.turn() <= SLOW_SERVER


def test_work_that_fails_leaves_nothing_and_waits_longer_each_time(app, bind, wanted, worker, effect, rows):
    def fail(payload):
        call_it("xx")
        db.session.flush()
        raise ValueError("Zoe Dupré")

    bind(fail=fail)
    wanted("fail")
    before = rows("hub")

    for pause in BACK_OFF:
        worker.work_off()
        due_in = moment(effect()["due_at"]) - utcnow().replace(tzinfo=None)
        assert effect()["state"] == "waiting"
        assert pause - timedelta(seconds=5) < due_in < pause * 1.3
        change(app, due_at=utcnow() - timedelta(seconds=1))
    worker.work_off()

    assert (effect()["state"], effect()["attempts"], effect()["error"]) == ("gave_up", 7, "ValueError")
    assert rows("hub") == before


def moment(value):
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


@pytest.mark.parametrize(
    ("error", "told"), [(RuleBroken("Too many."), "Too many."), (KeyError("Zoe"), "KeyError"), (GiveUp("No."), "No.")]
)
def test_only_words_of_our_own_are_kept_of_an_error(bind, wanted, worker, effect, error, told):
    def fail(payload):
        raise error

    bind(fail=fail)
    wanted("fail")

    worker.work_off()

    assert effect()["error"] == told


def test_an_error_of_the_database_is_kept_as_its_class_alone(bind, wanted, worker, effect):
    bind(fail=lambda payload: db.session.execute(sa.text("SELECT 'Zoe' FROM nowhere")))
    wanted("fail")

    worker.work_off()

    assert effect()["error"] in ("OperationalError", "ProgrammingError")


def test_a_hopeless_effect_gives_up_at_once_and_its_last_words_are_committed(bind, wanted, worker, effect, rows):
    def fail(payload):
        raise GiveUp("No use.")

    bind(fail=Handler(run=fail, label="", gave_up=lambda payload: call_it(payload["name"])))
    wanted("fail", name="xx")

    worker.work_off()

    assert (effect()["state"], effect()["attempts"]) == ("gave_up", 1)
    assert rows("hub")[0]["language"] == "xx"


def test_last_words_that_fail_do_not_bring_the_effect_back(bind, wanted, worker, effect):
    def fail(payload):
        raise GiveUp("No use.")

    bind(fail=Handler(run=fail, label="", gave_up=lambda payload: 1 / 0))
    wanted("fail")

    worker.work_off()

    assert effect()["state"] == "gave_up"


def test_an_unknown_kind_gives_up_and_says_so(bind, wanted, worker, effect):
    bind()
    wanted("shoe")

    worker.work_off()

    assert effect()["state"] == "gave_up"
    assert "of this kind" in effect()["error"]


def test_others_get_a_turn_between_the_steps_of_a_long_one(bind, wanted, worker):
    done = []

    def count(payload):
        for number in range(3):
            done.append(number)
            yield

    bind(long=count, short=lambda payload: done.append("short"))
    wanted("long")
    wanted("short")

    worker.work_off()

    assert done.index("short") < done.index(2)


def test_each_step_is_committed(bind, wanted, worker, rows):
    seen = []

    def change_twice(payload):
        call_it("xx")
        yield
        seen.append(rows("hub")[0]["language"])
        call_it("yy")

    bind(long=change_twice)
    wanted("long")

    worker.work_off()

    assert seen == ["xx"]
    assert rows("hub")[0]["language"] == "yy"


def test_whoever_lost_the_claim_rolls_everything_back(app, bind, wanted, worker, rows, effect):
    def lose(payload):
        with db.engine.begin() as other:
            other.execute(sa.update(Effect).values(claim="somebody else"))
        call_it("xx")

    bind(lose=lose)
    wanted("lose")
    before = rows("hub")

    worker.work_off()

    assert rows("hub") == before
    assert (effect()["state"], effect()["claim"]) == ("running", "somebody else")


def claimed_by(app, name, lease):
    with app.app_context():
        claim(name, lease)
        db.session.commit()


def test_an_effect_whose_lease_ran_out_is_run_again_and_counted(app, bind, wanted, worker, effect):
    bind(call=lambda payload: None)
    wanted("call")
    claimed_by(app, "gone", timedelta(seconds=-1))

    worker.work_off()

    assert (effect()["state"], effect()["interruptions"], effect()["attempts"]) == ("done", 1, 1)


def test_a_lease_holds_while_its_worker_is_heard_and_no_longer(app, bind, wanted, effect):
    bind(call=lambda payload: None)
    wanted("call")
    claimed_by(app, "other", timedelta(seconds=120))
    with app.app_context():
        db.session.add(WorkerRow(id="other"))
        db.session.commit()
    Worker(app).work_off()
    assert effect()["state"] == "running"

    with app.app_context():
        db.session.execute(sa.update(WorkerRow).values(seen_at=utcnow() - timedelta(seconds=61)))
        db.session.commit()
    Worker(app).work_off()

    assert effect()["state"] == "done"


def test_three_interruptions_are_the_end(app, bind, wanted, effect, rows):
    bind(call=Handler(run=lambda payload: 1 / 0, label="", gave_up=lambda payload: call_it("xx")))
    wanted("call")

    for _ in range(3):
        claimed_by(app, "gone", timedelta(seconds=-1))
        with app.app_context():
            Worker(app)._rescue()

    assert (effect()["state"], effect()["interruptions"]) == ("gave_up", 3)
    assert "three times" in effect()["error"]
    assert rows("hub")[0]["language"] == "xx"


def test_a_long_effect_is_not_blamed_for_what_happened_between_its_steps(app, bind, wanted, effect):
    def long(payload):
        yield
        yield

    bind(long=long)
    wanted("long")
    with app.app_context():
        Worker(app, lease=timedelta(seconds=-1)).turn()

    Worker(app).work_off()

    assert (effect()["state"], effect()["interruptions"]) == ("done", 0)


def test_a_worker_that_leaves_gives_back_what_is_open(app, bind, wanted, worker, effect, rows):
    closed = []

    def long(payload):
        try:
            while True:
                yield
        finally:
            closed.append(True)

    bind(long=long)
    wanted("long")

    with app.app_context():
        worker.turn()
        assert effect()["state"] == "running"
        worker._leave()

    assert closed == [True]
    assert (effect()["state"], effect()["claim"], effect()["interruptions"]) == ("waiting", None, 0)


def test_a_periodic_effect_is_written_once_a_turn_by_however_many_workers(app, bind, rows):
    done = []
    bind(Periodic(kind="tick", every=timedelta(days=365000)), tick=lambda payload: done.append(1))

    for _ in range(3):
        Worker(app).work_off()

    assert done == [1]
    assert [row["dedupe_key"] for row in rows("effects")] == ["periodic:tick@1970-01-01T00:00:00Z"]


def test_turns_are_counted_from_their_offset():
    daily = Periodic(kind="tick", every=timedelta(days=1), offset=timedelta(hours=6))

    before = daily.key(datetime.fromisoformat("2026-11-22T05:59:59Z"))
    after = daily.key(datetime.fromisoformat("2026-11-22T06:00:00Z"))

    assert (before, after) == ("periodic:tick@2026-11-21T06:00:00Z", "periodic:tick@2026-11-22T06:00:00Z")


def test_many_long_effects_wait_for_each_other_and_short_ones_for_none(app, bind, wanted, worker):
    done = []

    def forever(payload):
        while True:
            yield

    def two_steps(payload):
        yield
        done.append("mail")

    bind(long=Handler(run=forever, label="", is_long=True), mail=two_steps, short=lambda payload: done.append("short"))
    for _ in range(6):
        wanted("long")
    wanted("mail")
    wanted("short")

    with app.app_context():
        for _ in range(10):
            worker.turn()
        assert len(worker.open) == OPEN_MAX
        worker._leave()

    assert done == ["mail", "short"]


LOCKED = OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))


def fails(times, function):
    """The function, which fails as a locked database does the first times."""
    left = [LOCKED] * times
    return lambda *args, **options: raise_(left.pop()) if left else function(*args, **options)


def raise_(error):
    raise error


def test_an_end_that_cannot_be_written_yet_is_written_later(app, bind, wanted, worker, effect, monkeypatch):
    tries = []
    bind(fail=lambda payload: tries.append(1) or 1 / 0)
    wanted("fail")
    monkeypatch.setattr(claims, "put_off", fails(2, claims.put_off))

    with app.app_context():
        pauses = [worker._turn_or_trouble() for _ in range(3)]

    assert pauses[:2] == [TROUBLE, TROUBLE]
    assert (effect()["state"], effect()["attempts"], effect()["interruptions"]) == ("waiting", 1, 0)
    assert (len(tries), worker.open) == (1, [])


def test_a_step_that_cannot_begin_yet_has_not_failed(app, bind, wanted, worker, effect, monkeypatch):
    def two_steps(payload):
        yield

    bind(call=two_steps)
    wanted("call")
    monkeypatch.setattr(claims, "go_on", fails(3, claims.go_on))

    with app.app_context():
        for _ in range(5):
            worker._turn_or_trouble()

    assert (effect()["state"], effect()["attempts"], effect()["interruptions"]) == ("done", 1, 0)


def test_last_words_are_said_once_the_database_is_back(app, bind, wanted, worker, effect, rows):
    def fail(payload):
        raise GiveUp("No use.")

    bind(fail=Handler(run=fail, label="", gave_up=fails(2, lambda payload: call_it("xx"))))
    wanted("fail")

    with app.app_context():
        for _ in range(3):
            worker._turn_or_trouble()

    assert (effect()["state"], rows("hub")[0]["language"]) == ("gave_up", "xx")


@pytest.mark.parametrize(("is_long", "kept"), [(True, 0), (False, 2)])
def test_progress_of_a_long_effect_forgets_what_went_wrong_before(app, bind, wanted, worker, effect, is_long, kept):
    def long(payload):
        yield
        yield
        yield

    bind(long=Handler(run=long, label="", is_long=is_long))
    wanted("long")
    change(app, interruptions=2, attempts=2)

    with app.app_context():
        worker.turn()
        before = (effect()["interruptions"], effect()["attempts"])
        worker.turn()

    assert before == (2, 2)  # getting ready is no progress
    assert (effect()["interruptions"], effect()["attempts"]) == (kept, kept)


def test_a_step_longer_than_its_lease_is_left_to_its_worker_while_that_is_heard(app, bind, wanted, effect):
    bind(call=lambda payload: None)
    wanted("call")
    claimed_by(app, "busy", timedelta(seconds=-1))
    with app.app_context():
        Heart(db.engine, "busy").beat()

    Worker(app).work_off()

    assert (effect()["state"], effect()["interruptions"]) == ("running", 0)


def test_a_worker_takes_back_what_it_lost(app, bind, wanted, worker, effect):
    bind(call=lambda payload: None)
    wanted("call")
    claimed_by(app, worker.id, timedelta(seconds=-1))
    with app.app_context():
        Heart(db.engine, worker.id).beat()

    worker.work_off()

    assert effect()["state"] == "done"


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_wrong_clock_neither_takes_work_away_nor_leaves_it(app, database, bind, wanted, effect, monkeypatch, minutes):
    if database == "sqlite":
        pytest.skip("SQLite is on the machine of all its workers")
    done = []
    wrong = lambda: utcnow() + timedelta(minutes=minutes)  # noqa: E731
    bind(call=lambda payload: done.append(1))
    wanted("call")
    claimed_by(app, "other", timedelta(seconds=100))
    wanted("call")
    with app.app_context():
        Heart(db.engine, "other").beat()
    for module in (claims, queries, services, worker_module):
        monkeypatch.setattr(module, "utcnow", wrong)

    Worker(app).work_off()
    with app.app_context():
        seen = queries.last_seen()

    assert done == [1]
    assert (effect()["state"], effect()["interruptions"]) == ("running", 0)
    assert abs(seen - wrong()) < timedelta(seconds=20)  # told on the clock of whoever asks


def test_what_is_away_for_one_is_away_for_all_of_its_kind(app, bind, wanted, worker, rows):
    tries = []

    def send(payload):
        tries.append(payload["number"])
        raise NotNow("No answer.", for_all=True)

    bind(mail=send, other=lambda payload: None)
    for number in range(4):
        wanted("mail", number=number)
    wanted("other")

    worker.work_off()

    mails = [row for row in rows("effects") if row["kind"] == "mail"]
    assert tries == [0]
    assert [row["attempts"] for row in mails] == [1, 0, 0, 0]
    assert {str(row["due_at"])[:21] for row in mails} == {str(mails[0]["due_at"])[:21]}
    assert rows("effects")[-1]["state"] == "done"


def test_a_worker_that_is_told_to_stop_begins_no_further_step(app, bind, wanted):
    heard, told = os.pipe()
    done = []

    def send(payload):
        done.append("begun")
        yield
        done.append("sent")
        os.write(told, b"x")

    bind(mail=send)
    wanted("mail")
    wanted("mail")
    worker = Worker(app, Stop([heard]))

    worker.run()

    os.close(heard)
    os.close(told)
    assert done == ["begun", "sent"]  # the second mail, which was claimed before, was not


@pytest.mark.one_database
def test_an_idle_look_waits_for_no_writer(app, bind, worker):
    bind()
    with app.app_context(), db.engine.begin() as writer:
        writer.execute(sa.text("UPDATE hub SET language = 'xx'"))

        assert worker.turn() > 0
