"""Takes a row away, with everything that names it going over to a successor; and back again.  Commits nothing.

Whoever names the row at this moment waits, and then finds the successor.  A successor for each kind of thing, or none
where that can do without, is the caller's to choose.  Statuses and stages go this way.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.lists import services as lists
from leadhub.lists.kinds import Kind
from leadhub.lists.queries import rows_in
from leadhub.referrers.registry import Referrer, Undo, Use, referrers_of, uses_of

UNDO_FOR = timedelta(hours=1)
LEADS_MAX = 200_000  # in one transaction: beyond it other writers would wait for too long
Successors = Mapping[str, int | None]
"""Key of a referrer -> id of the row that takes the place there; None: none does."""


class SuccessorNeeded(RuleBroken):
    """Nobody has said what takes the row's place, or it is not there (any more).  ``referrer``: where; empty: for
    all."""

    status = 422

    def __init__(self, message: str, referrer: str = "") -> None:
        super().__init__(message)
        self.referrer = referrer


class TooManyLeads(RuleBroken):
    """More leads are there than can be moved in one act."""


class NotUndone(RuleBroken):
    """It is too late, or done already."""


@dataclass(frozen=True, kw_only=True)
class Guard:
    """One kind of row that is taken away so.

    ``columns`` of the row are what its undo needs.  ``leads`` is the key of the referrer that is as large as the hub,
    ``own`` that of the one that is a column of the rows themselves.  ``others`` are the rows that may take the place;
    ``is_needed`` says whether one must.  ``reset`` is done to a row that is there again, ``tell`` when it went (True:
    when it came back), with the row that leads got and their number.  ``record`` is its model of ``DeletionRow``.
    """

    kind: Callable[[Any], Kind]
    record: Any
    columns: tuple[str, ...]
    leads: str
    own: str
    others: Callable[[Any], Sequence[Any]]
    is_needed: Callable[[Any, Sequence[Use]], bool]
    wanted: Any
    too_many: Callable[[int], str]
    reset: Callable[[Any], None]
    tell: Callable[[Any, Any, int, bool], None]

    @property
    def model(self) -> Any:
        return self.kind(None).model

    @property
    def table(self) -> str:
        return self.kind(None).table

    def delete(self, row_id: int, successor_id: int | None, *, by: User, but: Successors | None = None) -> Any:
        """Everything that names the row names the successor instead, or what ``but`` says for its kind.

        Raises ``SuccessorNeeded``, ``TooManyLeads`` or ``lists.RowGone``; nothing is changed then.
        """
        row = self._held(row_id)
        known = {it.id: it for it in self.others(row)}
        told = self._checked(row, successor_id, but or {}, known)
        to = told.get(self.leads, successor_id)
        record: Any = self.record(
            by_id=by.id, row_id=row_id, successor_id=to, row={name: getattr(row, name) for name in self.columns},
            moved={}, memory={},
        )  # fmt: skip
        db.session.add(record)
        db.session.flush()  # the paths of leads name its id
        for referrer in self._in_order():  # those that count nothing too: what can be taken back
            _move(referrer, row_id, told.get(referrer.key, successor_id), record, by)
        kind = self.kind(row)
        db.session.expire(row)
        db.session.delete(row)
        db.session.flush()  # the database's own guard has the last word
        new = known[successor_id].label(hub().language) if successor_id else None
        lists.note(kind, by, old=record.label(hub().language), new=new, moved=sum(record.moved.values()) or None)
        self.tell(record, known.get(to or 0), record.moved.get(self.leads, 0), False)
        return record

    def undo(self, record: Any, *, by: User) -> Any:
        """The row is there again, and named by all that nobody has changed since; ``record.kept`` says what has been.

        Raises ``NotUndone`` after an hour.
        """
        if record.undone_at or record.at < utcnow() - UNDO_FOR:
            raise NotUndone(_("This can’t be undone any more."))
        lists.one_at_a_time()
        row = self.model(id=record.row_id, **record.row)
        kind, others = self.kind(row), rows_in(self.kind(row))
        row.key = lists.free_key(kind, row.key)
        row.names = lists.free_names(row.names, others)
        self.reset(row)
        db.session.add(row)
        db.session.flush()  # what is given back names it
        record.undone_at = utcnow()
        record.kept, given = self._give_all_back(record, by)
        db.session.flush()  # what is forgotten next must be written before
        db.session.expire_all()
        lists.note(kind, by, new=row.label(hub().language))
        self.tell(record, db.session.get(self.model, record.successor_id or 0), given, True)
        return row

    def open_records(self) -> list[Any]:
        """Deletions that can still be undone, newest first."""
        model: Any = self.record
        wanted = sa.select(model).where(model.undone_at.is_(None), model.at > utcnow() - UNDO_FOR)
        return list(db.session.scalars(wanted.order_by(model.id.desc())))

    def lead_count(self, uses: Sequence[Use]) -> int:
        return next((use.count for use in uses if use.referrer.key == self.leads), 0)

    def _held(self, row_id: int) -> Any:
        """Nobody names it from here on, and nobody else shapes such rows."""
        lists.one_at_a_time()
        wanted = sa.select(self.model).where(self.model.id == row_id).with_for_update()
        row = db.session.scalar(wanted.execution_options(populate_existing=True))
        if row is None:
            raise lists.RowGone(_("This choice is no longer there."))
        return row

    def _checked(
        self, row: Any, successor_id: int | None, but: Successors, known: Mapping[int, Any]
    ) -> dict[str, int | None]:
        uses = uses_of(self.table, row.id)
        if successor_id is None and self.is_needed(row, uses):
            raise SuccessorNeeded(str(self.wanted))
        told = {use.referrer.key: _allowed(use.referrer, successor_id, but, known) for use in uses}
        if successor_id is not None and successor_id not in known:
            raise SuccessorNeeded(_("Your choice is no longer there. Choose another one."))
        if self.lead_count(uses) > LEADS_MAX:
            raise TooManyLeads(self.too_many(LEADS_MAX))
        return told

    def _in_order(self) -> list[Referrer]:
        """What writes to such rows themselves comes first: whoever gives one to a lead holds that before the lead."""
        return sorted(referrers_of(self.table), key=lambda referrer: referrer.key != self.own)

    def _give_all_back(self, record: Any, by: User) -> tuple[list[str], int]:
        """What was changed since, in words; and how many leads have the row again."""
        kept: list[str] = []
        leads = 0
        for referrer in self._in_order():
            memory = record.memory.get(referrer.key)
            if memory is None or referrer.give_back is None:
                continue
            undo = Undo(row_id=record.row_id, to=memory["to"], memory=memory["what"], deletion_id=record.id, by=by)
            with force_locale(hub().language):
                given, words = referrer.give_back(undo)
            kept += words
            leads += given if referrer.key == self.leads else 0
        return kept, leads


def _allowed(referrer: Referrer, successor_id: int | None, but: Successors, known: Mapping[int, Any]) -> int | None:
    to = but.get(referrer.key, successor_id)
    if to is None and not referrer.may_be_empty:
        raise SuccessorNeeded(_("This can’t do without one."), referrer.key)
    if to is not None and to not in known:
        raise SuccessorNeeded(_("Your choice is no longer there. Choose another one."), referrer.key)
    return to


def _move(referrer: Referrer, row_id: int, to: int | None, record: Any, by: User) -> None:
    if referrer.remember:
        record.memory = record.memory | {referrer.key: {"to": to, "what": referrer.remember(row_id)}}
    if moved := referrer.move(row_id, to, by):
        record.moved = record.moved | {referrer.key: moved}
