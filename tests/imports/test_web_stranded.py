"""Imports by web whose effect is gone: nobody waits for ever."""

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.jobs import services
from leadhub.jobs.models import Effect

FILE = "LEADID,Last Name\n1,Dupré\n"


@pytest.fixture
def begun(send, work, step):
    """An import that was sent, or that was started and waits to be taken in; its state."""

    def begin(state):
        send(FILE)
        if state == "running":
            work()
            assert step("start", column_0="external_id", column_1="last_name").status_code == 303

    return begin


def tidy(app, work):
    with app.app_context():
        services.enqueue("imports.tidy", {})
        db.session.commit()
    work()


@pytest.mark.parametrize("state", ["reading", "running"])
def test_dropping_its_job_ends_an_import(app, begun, import_row, rows, settings, state):
    begun(state)
    assert import_row()["state"] == state
    effect_id = rows("effects")[-1]["id"]

    with app.app_context():
        db.session.execute(sa.update(Effect).where(Effect.id == effect_id).values(attempts=1))
        services.drop(effect_id)
        db.session.commit()

    assert import_row()["state"] == "failed"
    assert list((settings.data_dir / "imports").iterdir()) == []


@pytest.mark.parametrize("state", ["reading", "running"])
def test_an_import_that_nothing_works_on_is_ended_within_a_day(app, begun, work, import_row, settings, state):
    begun(state)
    with app.app_context():
        db.session.execute(sa.delete(Effect))
        db.session.commit()

    tidy(app, work)

    assert import_row()["state"] == "failed"
    assert list((settings.data_dir / "imports").iterdir()) == []


@pytest.mark.parametrize(("state", "after"), [("reading", "ready"), ("running", "done")])
def test_an_import_that_waits_for_its_turn_is_left_alone(app, begun, work, import_row, state, after):
    begun(state)
    with app.app_context():
        db.session.execute(sa.update(Effect).values(id=Effect.id + 1000))  # behind the tidying: the fixture goes by id
        db.session.commit()

    tidy(app, work)

    assert import_row()["state"] == after
