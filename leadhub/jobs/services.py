"""Writes effects.  Commits nothing: an effect is part of its cause."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.dialects import postgresql, sqlite

from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.jobs.bells import ring
from leadhub.jobs.clock import now
from leadhub.jobs.models import DONE, GAVE_UP, WAITING, Effect, Worker
from leadhub.jobs.registry import last_words_of

DONE_KEPT = timedelta(days=7)
GAVE_UP_KEPT = timedelta(days=90)
WORKERS_KEPT = timedelta(days=1)
EFFECTS = cast(sa.Table, Effect.__table__)
AT_ONCE = sa.insert(EFFECTS).values(
    kind=sa.bindparam("kind"),
    payload=sa.bindparam("payload", type_=EFFECTS.c.payload.type),
    created_at=sa.bindparam("created_at", type_=EFFECTS.c.created_at.type),
    due_at=now(), state=WAITING, attempts=0, interruptions=0, error="",
)  # fmt: skip
"""The usual effect, made once: building a statement costs more than running it."""


class NotStopped(RuleBroken):
    """The effect is running or done, so that there is nothing to try again or to drop."""


class EndedForGood(RuleBroken):
    """What the effect was for has ended without it."""


def enqueue(kind: str, payload: Mapping[str, Any], *, key: str | None = None, due_at: datetime | None = None) -> bool:
    """Have something done once this transaction is committed, at ``due_at`` (aware) or at once.

    ``key`` makes it happen once: False, and nothing is written, where an effect with that key is there already.  A key
    is kept for seven days after its effect was done.
    """
    if key is None and due_at is None:
        told = {"kind": kind, "payload": dict(payload), "created_at": utcnow()}
        db.session.execute(AT_ONCE, told)
        ring()
        return True
    row: dict[str, Any] = {"kind": kind, "payload": dict(payload), "dedupe_key": key, "state": WAITING, "attempts": 0}
    row |= {"interruptions": 0, "error": "", "created_at": utcnow(), "due_at": now() if due_at is None else due_at}
    dialect: Any = sqlite if db.session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(Effect).values(row).on_conflict_do_nothing(index_elements=[Effect.dedupe_key])
    is_new = db.session.scalar(statement.returning(Effect.id)) is not None
    if is_new:
        ring()
    return is_new


def enqueue_many(kind: str, wanted: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """The same for (key, payload) pairs whose keys are new, in one statement; they are done in this order."""
    common: dict[str, Any] = {"kind": kind, "state": WAITING, "attempts": 0, "interruptions": 0, "error": ""}
    moment = db.session.execute(sa.select(now())).scalar_one()  # the database's, as for one alone
    common |= {"created_at": utcnow(), "due_at": moment}
    rows = [common | {"payload": dict(payload), "dedupe_key": key} for key, payload in wanted]
    db.session.execute(sa.insert(Effect), rows)
    ring()


def retry(effect_id: int) -> None:
    """Have another try at once, counting its tries from the start.  Raises ``NotStopped`` or ``EndedForGood``."""
    row = _stopped(effect_id)
    if is_final(row):
        raise EndedForGood(_("What this job was for has ended without it. It can only be dropped."))
    values = {"state": WAITING, "due_at": now(), "attempts": 0, "interruptions": 0, "finished_at": None}
    db.session.execute(sa.update(Effect).where(Effect.id == effect_id).values(values))
    ring()


def drop(effect_id: int) -> None:
    """Forget about it; what it was for ends, if that has not ended yet.  Raises ``NotStopped``."""
    row = _stopped(effect_id)
    last_words = last_words_of(row.kind)
    db.session.execute(sa.delete(Effect).where(Effect.id == effect_id))
    if row.state == WAITING and last_words:
        last_words(row.payload)


def is_final(effect: Any) -> bool:
    """Has it given up, and what it was for with it?"""
    return effect.state == GAVE_UP and last_words_of(effect.kind) is not None


def purge(keep: Collection[str] = ()) -> None:
    """Delete what is long over, but for the effects with these keys."""
    old_done = (Effect.state == DONE) & (Effect.finished_at < utcnow() - DONE_KEPT)
    old_gave_up = (Effect.state == GAVE_UP) & (Effect.finished_at < utcnow() - GAVE_UP_KEPT)
    kept = sa.func.coalesce(Effect.dedupe_key, "").in_(keep)
    db.session.execute(sa.delete(Effect).where(old_done | old_gave_up, ~kept))
    db.session.execute(sa.delete(Worker).where(Worker.seen_at < now(-WORKERS_KEPT)))


def _is_stopped(effect_id: int) -> sa.ColumnElement[bool]:
    """It gave up, or waits for another try."""
    waits_again = (Effect.state == WAITING) & ((Effect.attempts > 0) | (Effect.interruptions > 0))
    return (Effect.id == effect_id) & ((Effect.state == GAVE_UP) | waits_again)


def _stopped(effect_id: int) -> Any:
    statement = sa.select(Effect.kind, Effect.state, Effect.payload).where(_is_stopped(effect_id)).with_for_update()
    row = db.session.execute(statement).first()
    if row is None:
        raise NotStopped(_("This job is running or done already. Nothing was changed."))
    return row
