"""The audit log: sign-ins, refusals, settings, people, exports.  Who, when, from which address, what."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from leadhub.accounts.models import AuditEvent, User
from leadhub.callers import caller
from leadhub.database import utcnow
from leadhub.extensions import db

PAGE = 50
TALKATIVE = 30
KEPT = timedelta(days=400)  # a year, and time to look at it


def record(kind: str, *, user: User | None, **details: str | int | bool | None) -> None:
    """One line, in the transaction of what it tells of.  ``user`` is who did it; ``details`` hold no secret."""
    db.session.add(AuditEvent(kind=kind, user_id=user.id if user else None, address=caller(), details=details))


def is_talkative(user: User) -> bool:
    """Were thirty refusals of this person written down in the last minute?  More of them tell nothing new."""
    since = utcnow() - timedelta(minutes=1)
    told = sa.select(sa.func.count()).where(AuditEvent.user_id == user.id, AuditEvent.kind == "refused")
    return (db.session.scalar(told.where(AuditEvent.at > since)) or 0) >= TALKATIVE


def events(before: int | None = None) -> tuple[list[AuditEvent], int | None]:
    """Newest first, one page, and the id behind which the next one begins."""
    statement = sa.select(AuditEvent).options(joinedload(AuditEvent.user)).order_by(AuditEvent.id.desc())
    if before:
        statement = statement.where(AuditEvent.id < before)
    found = list(db.session.scalars(statement.limit(PAGE + 1)))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def people_in(found: Sequence[AuditEvent]) -> dict[int, str]:
    """Id -> name of everybody whom the details of these lines name."""
    ids = {event.details.get(word) for event in found for word in ("person", "taker")} - {None}
    return {user.id: user.label for user in db.session.scalars(sa.select(User).where(User.id.in_(ids)))}


def purge_audit() -> None:
    db.session.execute(sa.delete(AuditEvent).where(AuditEvent.at < utcnow() - KEPT))
