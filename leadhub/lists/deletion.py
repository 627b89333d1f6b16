"""Takes a row off a list, once nothing names it any more.  Commits nothing."""

import sqlalchemy as sa
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.lists.drafts import Successor
from leadhub.lists.kinds import Kind
from leadhub.lists.models import ListRow
from leadhub.lists.services import RowGone, note
from leadhub.referrers.registry import may_be_empty, move_all, uses_of


class StillUsed(RuleBroken):
    """Something names the row, and nobody said what should become of that; or it can't be moved at all."""


class SuccessorGone(RuleBroken):
    """The row that should take over is not there any more, is retired, or is the deleted one itself."""


def delete_row(kind: Kind, row: ListRow, successor: Successor, *, by: User) -> int:
    """Delete the row; what names it names the successor instead.  Returns how many that were.

    None is no choice: good where nothing names the row.  Whoever is about to name it waits till this transaction ends.
    Raises ``RowGone``, ``SuccessorGone`` or ``StillUsed``; nothing is changed then.
    """
    to = successor.id if isinstance(successor, ListRow) else None
    name = row.label(hub().language)
    new = successor.label(hub().language) if isinstance(successor, ListRow) else None
    _lock(kind, row.id, to)
    named = uses_of(kind.table, row.id)
    if named and (successor is None or (to is None and not may_be_empty(kind.table))):
        raise StillUsed(_("Choose what should become of them."))
    if any(use.referrer.blocks for use in named):
        raise StillUsed(_("This can’t be deleted while it is used there."))
    moved = sum(move_all(kind.table, row.id, to, by).values()) if named else 0
    db.session.delete(row)
    db.session.flush()  # the database's own guard has the last word
    note(kind, by, old=name, new=new, moved=moved or None)
    return moved


def _lock(kind: Kind, row_id: int, to: int | None) -> None:
    """In the order of ids, so that two deletions that name each other don't wait for ever."""
    model = kind.model
    if to == row_id:
        raise SuccessorGone(_("Choose another one."))
    for locked in sorted({row_id, to or row_id}):
        rest = sa.select(model.retired).where(model.id == locked).with_for_update(key_share=locked == to)
        retired = db.session.scalar(rest)
        if retired is None and locked == row_id:
            raise RowGone(_("This choice is no longer there."))
        if retired is not False and locked == to:
            raise SuccessorGone(_("Your choice is no longer in the list. Choose another one."))
