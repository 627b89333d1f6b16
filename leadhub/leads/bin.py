"""The bin: leads are put into it, taken out again, and deleted for good.  Commits nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
import structlog
from flask_babel import gettext as _

from leadhub.accounts import audit
from leadhub.accounts.models import User
from leadhub.accounts.visibility import visible
from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.jobs.models import RUNNING, WAITING, Effect
from leadhub.jobs.services import enqueue
from leadhub.leads.file_jobs import forget_files
from leadhub.leads.links import TYPED
from leadhub.leads.models import Lead
from leadhub.leads.moves import AS_IT_IS
from leadhub.leads.updates import remember
from leadhub.news import services as news
from leadhub.referrers.registry import referrers_of, uses_of

AT_ONCE = 200  # more than that is the worker's to delete
EMPTY = "leads.empty_bin"
log = structlog.get_logger()


class StillNeeded(RuleBroken):
    """Something hangs on the lead that can't do without it."""


class SomewhereElse(RuleBroken):
    """The lead was moved into the bin, or out of it, by somebody who was faster."""


def delete(lead: Lead, *, by: User) -> None:
    """Move the lead to the bin.  Raises ``StillNeeded`` or ``SomewhereElse``; nothing is changed then."""
    _refuse_if_needed(lead.id)
    values = {"deleted_at": utcnow(), "deleted_by_id": by.id}
    if not _move(lead, Lead.deleted_at.is_(None), values, "deleted", by):
        raise SomewhereElse(_("This lead is in the bin already."))


def restore(lead: Lead, *, by: User) -> None:
    """Take the lead out of the bin.  Raises ``SomewhereElse``; nothing is changed then."""
    values = {"deleted_at": None, "deleted_by_id": None}
    if not _move(lead, Lead.deleted_at.is_not(None), values, "restored", by):
        raise SomewhereElse(_("This lead is no longer in the bin."))


def delete_for_good(lead: Lead, *, by: User) -> None:
    """Take a lead that is in the bin away, with its history and its files.

    Raises ``StillNeeded`` or ``SomewhereElse``; nothing is changed then.
    """
    _refuse_if_needed(lead.id)
    if not remove([lead.id], by=by):
        raise SomewhereElse(_("This lead is no longer in the bin."))


def empty(*, by: User) -> int | None:
    """Delete for good what the person sees in the bin, and nothing else hangs on.  How many there were; None where
    they are so many that the worker does it."""
    seen = visible(by, Lead, in_bin=True).with_only_columns(Lead.id).order_by(Lead.id).limit(AT_ONCE + 1)
    ids = db.session.scalars(seen).all()
    if len(ids) <= AT_ONCE:
        return remove(ids, by=by)
    if not is_being_emptied(by):
        enqueue(EMPTY, {"by_id": by.id, "until": utcnow().isoformat()})
    return None


def is_being_emptied(by: User) -> bool:
    """Is the worker at it, for this person?"""
    open_ones = sa.select(Effect.payload).where(Effect.kind == EMPTY, Effect.state.in_((WAITING, RUNNING)))
    return any(payload.get("by_id") == by.id for payload in db.session.scalars(open_ones))


def remove(ids: Sequence[int], *, by: User | None) -> int:
    """Delete these for good, with a line in the audit log; what is no longer in the bin stays, and what is needed.
    Returns how many are gone."""
    held = sa.select(Lead.id).where(Lead.id.in_(ids), Lead.deleted_at.is_not(None)).order_by(Lead.id).with_for_update()
    there = db.session.scalars(held).all()  # from here on nobody takes them out, and nothing new hangs on them
    needed = _needed(there)
    gone = [lead_id for lead_id in there if lead_id not in needed]
    if needed:
        log.info("kept in the bin, since something hangs on them", leads=len(needed))
    if gone:
        forget_files(gone)
        db.session.execute(sa.delete(Lead).where(Lead.id.in_(gone)), execution_options=AS_IT_IS)
        news.note_erased(gone)
        audit.record("bin", user=by, removed=len(gone), kept=len(needed) or None)
    return len(gone)


def _refuse_if_needed(lead_id: int) -> None:
    uses = [str(use) for use in uses_of(Lead.__tablename__, lead_id) if use.referrer.blocks]
    if uses:
        raise StillNeeded(_("This lead can’t be deleted, since this hangs on it: %(uses)s.", uses=", ".join(uses)))


def _needed(ids: Sequence[int]) -> set[int]:
    """Those of them that something hangs on."""
    found: set[int] = set()
    for referrer in referrers_of(Lead.__tablename__) if ids else ():
        if referrer.blocks:
            counted = referrer.counts(ids) if referrer.counts else {it: referrer.count(it) for it in ids}
            found |= {lead_id for lead_id, number in counted.items() if number}
    return found


def _move(lead: Lead, here: sa.ColumnElement[bool], values: Mapping[str, Any], kind: str, by: User) -> bool:
    """One conditional update, so that of two people only one does it.  False: the lead is not here any more."""
    statement = sa.update(Lead).where(Lead.id == lead.id, here).values({**values, "version": Lead.version + 1})
    version = db.session.scalar(statement.returning(Lead.version), execution_options=AS_IT_IS)
    if version is None:
        return False
    line = {"lead_id": lead.id, "at": utcnow(), "by_id": by.id, "kind": kind, "channel": TYPED}
    remember([line | {"version": version, "changes": []}])
    db.session.expire(lead)
    return True
