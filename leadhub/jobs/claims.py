"""The way of one effect from waiting to its end.  Commits nothing.

Every change says which claim it goes by and changes one row or none: whoever changed none has lost the effect to
somebody else, and must roll back what it did for it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.jobs.clock import now
from leadhub.jobs.models import DONE, GAVE_UP, RUNNING, WAITING, Effect, Worker
from leadhub.jobs.queries import SILENT

INTERRUPTIONS_MAX = 3
FREE: dict[str, Any] = {"claim": None, "lease_until": None}


class ClaimLost(Exception):
    """Somebody else has taken the effect over meanwhile."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An effect that ``worker`` runs, as it was when it was claimed."""

    id: int
    kind: str
    payload: dict[str, Any]
    attempt: int  # this one's number, from 1
    worker: str


def claim(worker: str, lease: timedelta, without: Collection[str] = ()) -> Claimed | None:
    """Take the effect that waits longest, of any kind but these.  None: there is none, or another was faster."""
    due = (Effect.state == WAITING) & (Effect.due_at <= now())
    statement = sa.select(Effect.id, Effect.kind, Effect.payload, Effect.attempts).where(due)
    if without:
        statement = statement.where(Effect.kind.not_in(without))
    row = db.session.execute(
        statement.order_by(Effect.due_at, Effect.id).limit(1).with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    values = {"state": RUNNING, "claim": worker, "lease_until": now(lease), "finished_at": None}
    if not _changed((Effect.id == row.id) & due, values):
        return None
    return Claimed(row.id, row.kind, row.payload, row.attempts + 1, worker)


def park(effect: Claimed, lease: timedelta, *, is_progress: bool = False) -> None:
    """A step is done, and others get a turn.  Raises ``ClaimLost``, as all that follow do.

    ``is_progress``: the next try won't begin from the start, so that what went wrong before counts no more.
    """
    forgotten = {"attempts": 0, "interruptions": 0} if is_progress else {}
    _change(effect, {"lease_until": now(lease), "finished_at": utcnow()} | forgotten)


def go_on(effect: Claimed, lease: timedelta) -> None:
    """The next step begins.  To be committed first: it tells later what was going on when a worker vanished."""
    _change(effect, {"lease_until": now(lease), "finished_at": None})


def finish(effect: Claimed) -> None:
    values = {"state": DONE, "finished_at": utcnow(), "payload": {}, "attempts": effect.attempt, "error": ""}
    _change(effect, FREE | values)


def put_off(effect: Claimed, error: str, pause: timedelta) -> None:
    """It failed, and is tried again after this."""
    _change(effect, FREE | {"state": WAITING, "due_at": now(pause), "attempts": effect.attempt, "error": error})


def put_off_others(effect: Claimed, pause: timedelta) -> None:
    """All of its kind that would be tried sooner wait this long too; none of them has failed."""
    _changed(
        (Effect.kind == effect.kind) & (Effect.state == WAITING) & (Effect.due_at < now(pause)), {"due_at": now(pause)}
    )


def give_up(effect: Claimed, error: str) -> None:
    values = {"state": GAVE_UP, "finished_at": utcnow(), "attempts": effect.attempt, "error": error}
    _change(effect, FREE | values)


def interruptions_of(effect: Any) -> int:
    """With the one that ``queries.interrupted()`` found, unless it happened to others while this one was parked."""
    return int(effect.interruptions + (effect.finished_at is None))


def take_over(effect: Any, worker: str, lease: timedelta) -> Claimed:
    """Hold one of ``queries.interrupted()`` for a moment, and count it if it was in the middle of a step."""
    is_same = (Effect.id == effect.id) & (Effect.claim == effect.claim) & (Effect.lease_until == effect.lease_until)
    values = {"claim": worker, "lease_until": now(lease), "interruptions": interruptions_of(effect)}
    if not _changed(is_same & (Effect.state == RUNNING), values):
        raise ClaimLost
    return Claimed(effect.id, effect.kind, effect.payload, effect.attempts, worker)


def put_back(effect: Claimed) -> None:
    """Behind those that are due already: what kills its worker must not keep the others waiting."""
    _change(effect, FREE | {"state": WAITING, "due_at": now()})


def release(worker: str) -> None:
    """Whatever this worker runs waits again, and was not interrupted."""
    _changed((Effect.claim == worker) & (Effect.state == RUNNING), FREE | {"state": WAITING})


def _change(effect: Claimed, values: dict[str, Any]) -> None:
    is_ours = (Effect.id == effect.id) & (Effect.claim == effect.worker) & (Effect.state == RUNNING)
    if not _changed(is_ours, values):
        raise ClaimLost


def _changed(where: sa.ColumnElement[bool], values: dict[str, Any]) -> bool:
    statement = sa.update(Effect).where(where).values(values).execution_options(synchronize_session=False)
    return bool(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def bury(worker_id: str) -> None:
    """A worker that is known to be dead counts as silent: what it was doing is taken over at once."""
    silence = now(-2 * SILENT)
    db.session.execute(sa.update(Worker).where(Worker.id == worker_id).values(seen_at=silence))
