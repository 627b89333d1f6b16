"""Many leads change in one field at once, each with a line in its history; a fixed number of statements.

Leads are locked in the order of their ids, as a block of drafts writes them: one that somebody edits at this moment is
waited for, and none is skipped.  Commits nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads.models import CustomValue, Lead, LeadEvent, LeadTag
from leadhub.news import services as news

Which = sa.ColumnElement[bool]
Column = InstrumentedAttribute[Any]
AS_IT_IS = {"synchronize_session": False}


@dataclass(frozen=True, kw_only=True)
class Change:
    """What the history says: the field, both values in the words of today, who, by which door.

    ``label`` is that of a field that the team added, which may be gone one day.  ``details`` are those of the line.
    ``is_one_act``: plugins hear of it once, from whoever does it, and not for each lead.
    """

    field: str
    label: str = ""
    old: str
    new: str
    by: User | None
    channel: str
    details: Mapping[str, Any] | None = None
    is_one_act: bool = False


def move_leads(column: Column, old: int, new: int | None, change: Change) -> int:
    """All leads with ``old`` in the column get ``new``.  Returns how many."""
    which = column == old
    if moved := held_leads(which):
        remember_leads(which, change, change.new)
        _write(which, {column.key: new})
        db.session.expire_all()
    return moved


def move_marks(
    mark: type[LeadTag] | type[CustomValue], column: Column, old: int, new: int | None, change: Change
) -> int:
    """The same for what leads have several of, in rows of their own; who has both already keeps one."""
    which = Lead.id.in_(_leads_with(mark, column, old))
    moved = held_leads(which)
    if not moved:
        return 0
    if new is None:
        remember_leads(which, change, "")
        _write(which, {})
        db.session.execute(sa.delete(mark).where(column == old), execution_options=AS_IT_IS)
    else:
        both = Lead.id.in_(_leads_with(mark, column, new))
        remember_leads(which & ~both, change, change.new)
        remember_leads(which & both, change, "")
        _write(which, {})
        spare = sa.delete(mark).where(column == old, mark.lead_id.in_(_leads_with(mark, column, new)))
        db.session.execute(spare, execution_options=AS_IT_IS)
        rest = sa.update(mark).where(column == old).values({column.key: new})
        db.session.execute(rest, execution_options=AS_IT_IS)
    db.session.expire_all()
    return moved


def _leads_with(mark: type[LeadTag] | type[CustomValue], column: Column, row_id: int) -> sa.Select[Any]:
    """Through another name of the table, since the statement around it may write to that."""
    other = sa.orm.aliased(mark)
    return sa.select(other.lead_id).where(getattr(other, column.key) == row_id)


def held_leads(which: Which) -> int:
    """How many they are; from here on nobody else changes them."""
    db.session.flush()  # what is pending must be there before it is moved
    held = sa.select(Lead.id).where(which).order_by(Lead.id).with_for_update(key_share=True).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(held)) or 0


def remember_leads(which: Which, change: Change, new: str) -> None:
    line = {"field": change.field, "old": change.old, "new": new}
    if change.label:
        line["label"] = change.label
    now = utcnow()
    columns: dict[str, Any] = {
        "lead_id": Lead.id,
        "at": sa.literal(now, LeadEvent.at.type),
        "by_id": sa.literal(change.by.id if change.by else None, LeadEvent.by_id.type),
        "kind": sa.literal("changed"),
        "channel": sa.literal(change.channel),
        "version": Lead.version + 1,
        "changes": sa.literal([line], LeadEvent.changes.type),
        "details": sa.literal(dict(change.details or {}), LeadEvent.details.type),
    }
    lines = sa.select(*columns.values()).where(which)
    db.session.execute(sa.insert(LeadEvent).from_select(list(columns), lines))
    if not change.is_one_act:
        news.note_leads(which, Lead, now)


def _write(which: Which, values: dict[str, Any]) -> None:
    statement = sa.update(Lead).where(which).values({**values, "version": Lead.version + 1})
    db.session.execute(statement, execution_options=AS_IT_IS)
