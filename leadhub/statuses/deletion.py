"""The guard of statuses: what is asked before one goes, and what plugins hear.  ``lists.guard`` does it."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from leadhub.accounts.models import User
from leadhub.lists.guard import (
    UNDO_FOR,
    Guard,
    NotUndone,
    SuccessorNeeded,
    Successors,
    TooManyLeads,
)
from leadhub.news import services as news
from leadhub.referrers.registry import Use
from leadhub.statuses.models import Status, StatusDeletion
from leadhub.statuses.queries import statuses
from leadhub.statuses.rules import OPEN
from leadhub.statuses.services import LIST

__all__ = ["LEADS", "UNDO_FOR", "NotUndone", "SuccessorNeeded", "Successors", "TooManyLeads"]
LEADS = "leads.status"  # the referrer that is as large as the hub


def is_last_open(row: Status) -> bool:
    """Is it the only one left that means *to do*?"""
    return row.kind == OPEN and not any(it.kind == OPEN and it is not row and not it.retired for it in statuses())


def needs_successor(row: Status, uses: Sequence[Use]) -> bool:
    return bool(uses) or row.is_default or is_last_open(row)


def delete_status(row_id: int, successor_id: int | None, *, by: User, but: Successors | None = None) -> StatusDeletion:
    """As ``Guard.delete``."""
    gone: StatusDeletion = GUARD.delete(row_id, successor_id, by=by, but=but)
    return gone


def undo_deletion(deletion: StatusDeletion, *, by: User) -> Status:
    """As ``Guard.undo``."""
    row: Status = GUARD.undo(deletion, by=by)
    return row


def open_deletions() -> list[StatusDeletion]:
    return GUARD.open_records()


def kept_words(count: int) -> str:
    """What an undo says of leads that went on."""
    return str(
        ngettext(
            "%(num)d lead has got another status since, and keeps it.",
            "%(num)d leads have got another status since, and keep it.",
            count,
        )
    )


def _others(row: Status) -> list[Status]:
    return [it for it in statuses() if it.id != row.id and not it.retired]


def _too_many(most: int) -> str:
    return _("More than %(max)s leads have this status. Move them to another one in steps first.", max=f"{most:,}")


def _reset(row: Status) -> None:
    row.is_default = False  # given back where nobody has chosen another one since


def _tell(deletion: StatusDeletion, successor: Any, leads: int, is_undo: bool) -> None:
    """One piece of news for plugins, however many leads it was."""
    told = {"old": deletion.row["key"], "old_names": deletion.row["names"], "new": successor.key if successor else ""}
    news.note_replaced({**told, "leads": leads, "is_undo": is_undo})


GUARD = Guard(
    kind=lambda row: LIST, record=StatusDeletion, leads=LEADS, own="statuses.default", others=_others,
    columns=("key", "names", "position", "retired", "kind", "colour", "is_default", "is_lock", "needs_reason"),
    is_needed=needs_successor, wanted=_l("Choose the status that takes its place."), too_many=_too_many, reset=_reset,
    tell=_tell,
)  # fmt: skip
