"""Effects as others write and change them."""

from datetime import timedelta

import pytest

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.jobs import services
from leadhub.jobs.claims import claim
from leadhub.jobs.models import Effect
from leadhub.jobs.models import Worker as WorkerRow
from leadhub.jobs.registry import Handler


@pytest.fixture
def make_effect(context):
    """``make_effect(state="done", ...)``: its id."""

    def make(**values):
        effect = Effect(kind="call", **values)
        db.session.add(effect)
        db.session.flush()
        effect_id = effect.id
        db.session.commit()
        return effect_id

    return make


def test_an_effect_is_part_of_its_cause(context, rows):
    services.enqueue("call", {})
    db.session.rollback()

    assert rows("effects") == []


def test_a_key_happens_once(context, rows):
    first = services.enqueue("call", {}, key="x")
    second = services.enqueue("call", {}, key="x")
    db.session.commit()

    assert (first, second) == (True, False)
    assert len(rows("effects")) == 1


def test_a_retry_begins_to_count_anew(make_effect, rows):
    gone = {"attempts": 7, "interruptions": 3}
    effect_id = make_effect(state="gave_up", finished_at=utcnow(), payload={"name": "x"}, **gone)

    services.retry(effect_id)
    db.session.commit()

    row = rows("effects")[0]
    assert (row["state"], row["attempts"], row["finished_at"]) == ("waiting", 0, None)
    assert row["interruptions"] == 0


def test_what_ended_for_good_is_not_tried_again(bind, make_effect, rows):
    bind(call=Handler(run=lambda payload: None, label="", gave_up=lambda payload: None))
    effect_id = make_effect(state="gave_up", attempts=7)
    before = rows("effects")

    with pytest.raises(services.EndedForGood):
        services.retry(effect_id)
    db.session.commit()

    assert rows("effects") == before


@pytest.mark.parametrize(("state", "times"), [("waiting", 1), ("gave_up", 0)])
def test_a_job_that_is_dropped_says_its_last_words_once(bind, make_effect, rows, state, times):
    said = []
    bind(call=Handler(run=lambda payload: None, label="", gave_up=said.append))
    effect_id = make_effect(state=state, attempts=1, payload={"name": "x"})

    services.drop(effect_id)
    db.session.commit()

    assert said == [{"name": "x"}] * times
    assert rows("effects") == []


@pytest.mark.parametrize("change", [services.retry, services.drop])
@pytest.mark.parametrize("state", ["running", "done", "waiting"])
def test_what_has_not_stopped_is_left_alone(make_effect, rows, change, state):
    effect_id = make_effect(state=state)
    before = rows("effects")

    with pytest.raises(services.NotStopped):
        change(effect_id)
    db.session.commit()

    assert rows("effects") == before


def test_what_waits_for_another_try_can_be_dropped(make_effect, rows):
    services.drop(make_effect(attempts=1))
    db.session.commit()

    assert rows("effects") == []


def test_a_purge_takes_what_is_long_over_and_keeps_the_rest(make_effect, rows):
    now = utcnow()
    make_effect(state="done", finished_at=now - timedelta(days=8))
    make_effect(state="gave_up", finished_at=now - timedelta(days=91))
    kept = {
        make_effect(state="done", finished_at=now - timedelta(days=6)),
        make_effect(state="gave_up", finished_at=now - timedelta(days=8)),
        make_effect(state="waiting", due_at=now - timedelta(days=100)),
        make_effect(state="done", finished_at=now - timedelta(days=8), dedupe_key="rare"),
    }

    services.purge(keep=["rare"])
    db.session.commit()

    assert {row["id"] for row in rows("effects")} == kept


def test_a_purge_forgets_workers_of_the_day_before(context, rows):
    db.session.add(WorkerRow(id="old", seen_at=utcnow() - timedelta(days=2)))
    db.session.add(WorkerRow(id="new"))
    db.session.flush()

    services.purge()
    db.session.commit()

    assert [row["id"] for row in rows("workers")] == ["new"]


def test_two_claims_at_once_take_two_effects(app, database, make_effect):
    if database == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    make_effect()
    make_effect()

    first = claim("a", timedelta(seconds=9))
    with app.app_context():
        second = claim("b", timedelta(seconds=9))

    assert first.id != second.id
