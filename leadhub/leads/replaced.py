"""Leads that stand in a row which is deleted, or left by all of them: moved and given back in a few statements.

For whatever leads have a path through: statuses, stages.  Commits nothing.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import format_decimal, ngettext
from sqlalchemy.orm import InstrumentedAttribute

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.leads.models import Lead
from leadhub.leads.moves import AS_IT_IS, Change, held_leads, remember_leads
from leadhub.lists.guard import Guard
from leadhub.referrers.registry import Given, Referrer, Undo
from leadhub.statuses.rules import HAND, REPLACED, RESTORED

Which = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Step:
    """From one row to another, as a part of a deletion or of its undo; None: a person moves them all."""

    old_id: int
    new_id: int
    deletion_id: int | None
    cause: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What leads stand in: ``column`` names the row, ``since`` says from when on, ``moves`` is the model of the path
    (``extras``: what its rows have beside), ``names`` what a row is called by language, in the path."""

    guard: Guard
    field: str
    column: InstrumentedAttribute[Any]
    since: InstrumentedAttribute[Any]
    moves: Any
    extras: Mapping[str, Any]
    names: Callable[[Any], Mapping[str, str]]
    channel: str
    kept_words: Callable[[int], str]
    may_be_empty: bool
    is_told_once: bool = False  # plugins hear of a deletion as one act, from the guard

    def referrer(self) -> Referrer:
        return Referrer(
            key=self.guard.leads, table=self.guard.table, column=f"leads.{self.column.key}", count=self._count,
            counts=self._counts, words=_words, move=self._move, may_be_empty=self.may_be_empty,
            page=lambda row: ("leads.index", {self.field: row.key}), remember=lambda row_id: None,
            give_back=self._give_back,
        )  # fmt: skip

    def move(self, old_id: int, new_id: int, by: User) -> int:
        """All leads of one row go to another, which stays a choice of theirs; how many they are."""
        which = self.column == old_id
        if moved := held_leads(which):
            self._write(which, Step(old_id, new_id, None, HAND), by)
        return moved

    def _count(self, row_id: int) -> int:
        """Those in the bin too."""
        return db.session.scalar(sa.select(sa.func.count()).where(self.column == row_id)) or 0

    def _counts(self, row_ids: Collection[int]) -> Mapping[int, int]:
        counted = sa.select(self.column, sa.func.count()).where(self.column.in_(row_ids)).group_by(self.column)
        return dict(db.session.execute(counted).all())  # type: ignore[arg-type]

    def _move(self, row_id: int, to: int | None, by: User | None) -> int:
        """``to`` is told: the guard wants one.  The act is the youngest deletion of the row."""
        record: Any = self.guard.record
        deletion_id = db.session.execute(sa.select(sa.func.max(record.id)).where(record.row_id == row_id)).scalar_one()
        moved = held_leads(self.column == row_id)
        if moved and to is not None:
            self._write(self.column == row_id, Step(row_id, to, deletion_id, REPLACED), by)
        return moved

    def _give_back(self, undo: Undo) -> Given:
        """Those that nobody and no rule has moved since, and that are where the deletion left them: other deletions
        may have come and gone."""
        step, later = sa.orm.aliased(self.moves), sa.orm.aliased(self.moves)
        moved = sa.select(step.lead_id).where(step.deletion_id == undo.deletion_id, step.cause == REPLACED)
        went_on = sa.exists().where(
            later.lead_id == step.lead_id, later.id > step.id, later.cause.not_in((REPLACED, RESTORED))
        )
        which = Lead.id.in_(moved.where(~went_on)) & (self.column == undo.to)
        given = held_leads(which)
        total = db.session.scalar(sa.select(sa.func.count()).select_from(moved.subquery())) or 0
        if given and undo.to is not None:
            self._write(which, Step(undo.to, undo.row_id, undo.deletion_id, RESTORED), undo.by)
        return given, [self.kept_words(total - given)] if total > given else []

    def _write(self, which: Which, step: Step, by: User | None) -> None:
        """History, path, leads: the last statement finds them by their path, since that may be what chose them."""
        old, new = (db.session.get_one(self.guard.model, row_id) for row_id in (step.old_id, step.new_id))
        now, spoken = utcnow(), hub().language
        arguments = {"about": (old if step.cause == REPLACED else new).label(spoken)} if step.deletion_id else {}
        is_one_act = self.is_told_once and step.deletion_id is not None
        change = Change(
            field=self.field, old=old.label(spoken), new=new.label(spoken), by=by, channel=self.channel,
            details={"cause": step.cause, "arguments": arguments}, is_one_act=is_one_act,
        )  # fmt: skip
        remember_leads(which, change, change.new)
        values: dict[str, Any] = {
            "lead_id": Lead.id, "at": now, "by_id": by.id if by else None, "from_id": old.id, "to_id": new.id,
            "from_names": self.names(old), "to_names": self.names(new), "since": self.since, "cause": step.cause,
            "arguments": arguments, "deletion_id": step.deletion_id, **self.extras,
        }  # fmt: skip
        columns = [self._as_column(name, value) for name, value in values.items()]
        db.session.execute(sa.insert(self.moves).from_select(list(values), sa.select(*columns).where(which)))
        moved = sa.select(self.moves.lead_id).where(
            self.moves.deletion_id == step.deletion_id, self.moves.cause == step.cause
        )
        written = {self.column.key: new.id, self.since.key: now, "version": Lead.version + 1}
        chosen = Lead.id.in_(moved) if step.deletion_id else which
        db.session.execute(sa.update(Lead).where(chosen).values(written), execution_options=AS_IT_IS)
        db.session.expire_all()

    def _as_column(self, name: str, value: Any) -> Any:
        is_column = isinstance(value, InstrumentedAttribute)
        return value if is_column else sa.literal(value, getattr(self.moves, name).type)


def _words(number: int) -> str:
    return str(ngettext("%(count)s lead", "%(count)s leads", number, count=format_decimal(number)))
