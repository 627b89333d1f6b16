"""Imports by web, with a worker of the simplest kind: in the test itself, one effect after the other."""

import io
from itertools import count

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.jobs.models import DONE, WAITING, Effect
from leadhub.jobs.registry import current_registry

COUNTS = ("created", "updated", "unchanged", "refused")


@pytest.fixture
def work(app):
    """``work()``: do what waits, a commit at each yield; ``work(yields=3)``: stop at the third, as a kill would."""

    def work(yields=None):
        with app.app_context():
            while effect := db.session.scalar(sa.select(Effect).where(Effect.state == WAITING).order_by(Effect.id)):
                effect_id, steps = effect.id, current_registry().handlers[effect.kind].run(effect.payload)
                for step in count(1):
                    ended = next(steps, "ended") == "ended"
                    if step == yields:
                        db.session.rollback()
                        return
                    if ended:
                        db.session.execute(sa.update(Effect).where(Effect.id == effect_id).values(state=DONE))
                    db.session.commit()
                    if ended:
                        break

    return work


@pytest.fixture
def send(client_of):
    """``send("Nom\\nA\\n")``: the answer to a file that mia, a manager, sent."""

    def send(content, name="leads.csv", by="mia"):
        data = content.encode() if isinstance(content, str) else content
        return client_of(by).post("/imports", data={"file": (io.BytesIO(data), name)})

    return send


@pytest.fixture
def step(client_of):
    """``step("pause")``: the answer to mia's click on a button of import 1."""
    return lambda name, by="mia", **data: client_of(by).post(f"/imports/1/{name}", data=data)


@pytest.fixture
def import_row(rows):
    return lambda: rows("imports")[-1]


@pytest.fixture
def counts(import_row):
    return lambda: tuple(import_row()[name] for name in COUNTS)
