"""Takes a status away, with everything that names it going over to a successor; and back again.  Commits nothing.

Whoever names the status at this moment waits, and then finds the successor.  A successor for each kind of thing, or
none where that can do without, is the caller's to choose.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.lists import services as lists
from leadhub.lists.queries import rows_in
from leadhub.lists.services import one_at_a_time
from leadhub.news import services as news
from leadhub.referrers.registry import Referrer, Undo, Use, referrers_of, uses_of
from leadhub.statuses.models import Status, StatusDeletion
from leadhub.statuses.queries import statuses
from leadhub.statuses.rules import OPEN
from leadhub.statuses.services import LIST

UNDO_FOR = timedelta(hours=1)
DEFAULT = "statuses.default"  # the referrer that is a column of statuses
LEADS = "leads.status"  # the referrer that is as large as the hub
LEADS_MAX = 200_000  # in one transaction: beyond it other writers would wait for too long
COLUMNS = ("key", "names", "position", "retired", "kind", "colour", "is_default", "is_lock", "needs_reason")
Successors = Mapping[str, int | None]
"""Key of a referrer -> id of the status that takes the place there; None: none does."""


class SuccessorNeeded(RuleBroken):
    """Nobody has said what takes the status's place, or it is not there (any more).  ``referrer``: where; empty: for
    all."""

    status = 422

    def __init__(self, message: str, referrer: str = "") -> None:
        super().__init__(message)
        self.referrer = referrer


class TooManyLeads(RuleBroken):
    """More leads have the status than can be moved in one act."""


class NotUndone(RuleBroken):
    """It is too late, or done already."""


def is_last_open(row: Status) -> bool:
    """Is it the only one left that means *to do*?"""
    return row.kind == OPEN and not any(it.kind == OPEN and it is not row and not it.retired for it in statuses())


def needs_successor(row: Status, uses: list[Use]) -> bool:
    return bool(uses) or row.is_default or is_last_open(row)


def delete_status(row_id: int, successor_id: int | None, *, by: User, but: Successors | None = None) -> StatusDeletion:
    """Everything that names the status names the successor instead, or what ``but`` says for its kind.

    Raises ``SuccessorNeeded``, ``TooManyLeads`` or ``lists.RowGone``; nothing is changed then.
    """
    row = _held(row_id)
    known = {it.id: it for it in statuses() if it.id != row_id and not it.retired}
    uses = uses_of(LIST.table, row_id)
    if successor_id is None and needs_successor(row, uses):
        raise SuccessorNeeded(_("Choose the status that takes its place."))
    told = {use.referrer.key: _checked(use.referrer, successor_id, but or {}, known) for use in uses}
    if successor_id is not None and successor_id not in known:
        raise SuccessorNeeded(_("Your choice is no longer there. Choose another one."))
    count = next((use.count for use in uses if use.referrer.key == LEADS), 0)
    if count > LEADS_MAX:
        raise TooManyLeads(
            _(
                "More than %(max)s leads have this status. Move them to another one in steps first.",
                max=f"{LEADS_MAX:,}",
            )
        )
    deletion = StatusDeletion(
        by_id=by.id, status_id=row_id, successor_id=told.get(LEADS, successor_id), row=_row_of(row), moved={}, memory={}
    )
    db.session.add(deletion)
    db.session.flush()  # the paths of leads name its id
    for referrer in _in_order(referrers_of(LIST.table)):  # those that count nothing too: what can be taken back
        _move(referrer, row_id, told.get(referrer.key, successor_id), deletion, by)
    db.session.expire(row)
    db.session.delete(row)
    db.session.flush()  # the database's own guard has the last word
    new = known[successor_id].label(hub().language) if successor_id else None
    lists.note(LIST, by, old=deletion.label(hub().language), new=new, moved=sum(deletion.moved.values()) or None)
    _tell(deletion, known.get(deletion.successor_id or 0), deletion.moved.get(LEADS, 0))
    return deletion


def undo_deletion(deletion: StatusDeletion, *, by: User) -> Status:
    """The status is there again, and named by all that nobody has changed since; ``deletion.kept`` says what has been.

    Raises ``NotUndone`` after an hour.
    """
    if deletion.undone_at or deletion.at < utcnow() - UNDO_FOR:
        raise NotUndone(_("This can’t be undone any more."))
    one_at_a_time()
    others = rows_in(LIST)
    row = Status(id=deletion.status_id, **deletion.row)
    row.key = lists.free_key(LIST, row.key)
    row.names = lists.free_names(row.names, others)
    row.is_default = False  # given back below, where nobody has chosen another one since
    db.session.add(row)
    db.session.flush()  # what is given back names it
    deletion.undone_at = utcnow()
    deletion.kept, given = _give_all_back(deletion, by)
    db.session.flush()  # what is forgotten next must be written before
    db.session.expire_all()
    lists.note(LIST, by, new=row.label(hub().language))
    successor = next((it for it in others if it.id == deletion.successor_id), None)
    _tell(deletion, successor, given, is_undo=True)
    return row


def open_deletions() -> list[StatusDeletion]:
    """Those that can still be undone, newest first."""
    wanted = sa.select(StatusDeletion).where(
        StatusDeletion.undone_at.is_(None), StatusDeletion.at > utcnow() - UNDO_FOR
    )
    return list(db.session.scalars(wanted.order_by(StatusDeletion.id.desc())))


def lead_count(uses: list[Use]) -> int:
    return next((use.count for use in uses if use.referrer.key == LEADS), 0)


def kept_words(count: int) -> str:
    """What an undo says of leads that went on."""
    return str(
        ngettext(
            "%(num)d lead has got another status since, and keeps it.",
            "%(num)d leads have got another status since, and keep it.",
            count,
        )
    )


def _held(row_id: int) -> Status:
    """Nobody names it from here on, and nobody else shapes statuses."""
    one_at_a_time()
    wanted = sa.select(Status).where(Status.id == row_id).with_for_update()
    row = db.session.scalar(wanted.execution_options(populate_existing=True))
    if row is None:
        raise lists.RowGone(_("This choice is no longer there."))
    return row


def _checked(referrer: Referrer, successor_id: int | None, but: Successors, known: Mapping[int, Any]) -> int | None:
    to = but.get(referrer.key, successor_id)
    if to is None and not referrer.may_be_empty:
        raise SuccessorNeeded(_("This can’t do without one."), referrer.key)
    if to is not None and to not in known:
        raise SuccessorNeeded(_("Your choice is no longer there. Choose another one."), referrer.key)
    return to


def _move(referrer: Referrer, row_id: int, to: int | None, deletion: StatusDeletion, by: User) -> None:
    if referrer.remember:
        remembered = {"to": to, "what": referrer.remember(row_id)}
        deletion.memory = deletion.memory | {referrer.key: remembered}
    if moved := referrer.move(row_id, to, by):
        deletion.moved = deletion.moved | {referrer.key: moved}


def _in_order(referrers: list[Referrer]) -> list[Referrer]:
    """What writes to statuses themselves comes first: whoever gives one to a lead holds that before the lead."""
    return sorted(referrers, key=lambda referrer: referrer.key != DEFAULT)


def _give_all_back(deletion: StatusDeletion, by: User) -> tuple[list[str], int]:
    """What was changed since, in words; and how many leads have the status again."""
    kept: list[str] = []
    leads = 0
    for referrer in _in_order(referrers_of(LIST.table)):
        memory = deletion.memory.get(referrer.key)
        if memory is None or referrer.give_back is None:
            continue
        undo = Undo(row_id=deletion.status_id, to=memory["to"], memory=memory["what"], deletion_id=deletion.id, by=by)
        with force_locale(hub().language):
            given, words = referrer.give_back(undo)
        kept += words
        leads += given if referrer.key == LEADS else 0
    return kept, leads


def _tell(deletion: StatusDeletion, successor: Status | None, leads: int, *, is_undo: bool = False) -> None:
    """One piece of news for plugins, however many leads it was."""
    told = {"old": deletion.row["key"], "old_names": deletion.row["names"], "new": successor.key if successor else ""}
    news.note_replaced({**told, "leads": leads, "is_undo": is_undo})


def _row_of(row: Status) -> dict[str, Any]:
    return {name: getattr(row, name) for name in COLUMNS}
