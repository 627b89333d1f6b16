"""Reads effects and workers.  Nothing here writes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.jobs.clock import now
from leadhub.jobs.models import DONE, GAVE_UP, RUNNING, WAITING, Effect, Worker

PAGE = 50
STATES = (WAITING, RUNNING, DONE, GAVE_UP)
SILENT = timedelta(seconds=60)  # a worker says every twenty that it lives


@dataclass(frozen=True, slots=True)
class Page:
    """Effects of one page, newest first, and the id behind which the next one begins."""

    effects: Sequence[Effect]
    older: int | None


def due_for(without: Collection[str] = ()) -> timedelta | None:
    """How long the effect that waits longest is due, of any kind but these; below 0 where none is yet."""
    statement = sa.select(sa.func.min(Effect.due_at), now()).where(Effect.state == WAITING)
    if without:
        statement = statement.where(Effect.kind.not_in(without))
    oldest, moment = db.session.execute(statement).one()
    return None if oldest is None else moment - oldest


def interrupted(by: str) -> Sequence[Any]:
    """Those that say they are running while whoever ran them is gone: rows, not objects.

    A worker that is silent is gone.  One that is heard is not, however long its step takes: its leases count where it
    was never heard, and where it is the one that asks, which has lost those that it does not run.
    """
    silent = sa.select(Worker.id).where(Worker.seen_at < now(-SILENT))
    heard = sa.select(Worker.id).where(Worker.seen_at >= now(-SILENT), Worker.id != by)
    gone = sa.or_((Effect.lease_until < now()) & Effect.claim.not_in(heard), Effect.claim.in_(silent))
    columns = (Effect.id, Effect.kind, Effect.payload, Effect.claim, Effect.lease_until)
    statement = sa.select(*columns, Effect.attempts, Effect.interruptions, Effect.finished_at).where(
        Effect.state == RUNNING, gone
    )
    return db.session.execute(statement).all()


def workers() -> Sequence[Worker]:
    """Newest first; one that was stopped as it should be is not there any more."""
    return db.session.scalars(sa.select(Worker).order_by(Worker.started_at.desc())).all()


def last_seen() -> datetime | None:
    """When any worker last said that it lives, on this process's clock; None for never."""
    seen, moment = db.session.execute(sa.select(sa.func.max(Worker.seen_at), now())).one()
    return None if seen is None else utcnow() - (moment - seen)


def silent_since() -> datetime:
    """A worker whose ``seen_at`` is before this is silent."""
    return db.session.execute(sa.select(now(-SILENT))).scalar_one()


def counts() -> dict[str, int]:
    """How many effects are in each state; a state without effects is there with 0."""
    found = db.session.execute(sa.select(Effect.state, sa.func.count()).group_by(Effect.state)).all()
    return dict.fromkeys(STATES, 0) | {state: int(count) for state, count in found}


def page_of(state: str | None, before: int | None) -> Page:
    """Newest first, those in one state or all."""
    statement = sa.select(Effect).order_by(Effect.id.desc()).limit(PAGE + 1)
    if state:
        statement = statement.where(Effect.state == state)
    if before:
        statement = statement.where(Effect.id < before)
    found = db.session.scalars(statement).all()
    return Page(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)
