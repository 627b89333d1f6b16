"""How one field of many leads is written, with a line in the history of each: a fixed number of statements."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import Field
from leadhub.fields.queries import searched_fields
from leadhub.leads.models import CustomValue, Lead, LeadTag
from leadhub.leads.packed import pack
from leadhub.leads.search import NAMED, columns_of, keys_of
from leadhub.leads.stages import history as stages
from leadhub.leads.stages import ranks
from leadhub.leads.statuses import history
from leadhub.leads.updates import line_of, remember
from leadhub.leads.values import custom_rows, held
from leadhub.statuses.rules import UNDONE, Cause

BULK = "bulk"  # the channel of the lines
CHANGED, UNCHANGED, REFUSED = "changed", "unchanged", "refused"
LEADS = cast(sa.Table, Lead.__table__)
MARKS = cast(sa.Table, LeadTag.__table__)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one lead.  ``old`` is what it held before, packed; ``version`` is its own after the change."""

    state: str
    reason: str = ""
    old: Any = None
    version: int = 0


def touches_keys(field: Field) -> bool:
    """Are leads found or sorted by what they have in this field?"""
    return field.name in NAMED or field in searched_fields()


def write(wanted: Mapping[Lead, Any], field: Field, *, by: User, is_undo: bool = False) -> dict[int, Result]:
    """Each lead gets its value, which differs from what it holds.  They are locked, and loaded with what is needed."""
    if not wanted:
        return {}
    olds = {lead: held(lead, field) for lead in wanted}
    named = _named(field, [*olds.values(), *wanted.values()])
    now = utcnow()
    common = {"at": now, "by_id": by.id, "kind": "changed", "channel": BULK}
    remember(
        [
            common | {"lead_id": lead.id, "version": lead.version + 1, "changes": [line_of(field, olds[lead], value)]}
            for lead, value in wanted.items()
        ]
    )
    del named
    _write_columns(wanted, field, now)
    if field.type == kinds.TAGS:
        _write_tags(wanted, olds)
    elif field.is_custom:
        _write_custom(wanted, field)
    if field.name == "stage":
        stages.record([_way(lead, olds[lead], value) for lead, value in wanted.items()], at=now, by=by)
    if field.name == "status":
        steps = [_step(lead, olds[lead], value) for lead, value in wanted.items()]
        history.record(steps, at=now, by=by, cause=Cause(UNDONE) if is_undo else None)
    results = {lead.id: Result(CHANGED, old=pack(olds[lead]), version=lead.version + 1) for lead in wanted}
    for lead in wanted:
        db.session.expire(lead)
    return results


def _way(lead: Lead, old: int | None, new: int | None) -> stages.Step:
    return stages.Step(lead_id=lead.id, old_id=old, new_id=new, since=lead.stage_since)


def _step(lead: Lead, old: int, new: int) -> history.Step:
    return history.Step(lead_id=lead.id, old_id=old, new_id=new, since=lead.status_since)


def _named(field: Field, values: Collection[Any]) -> list[Any]:
    """The rows and people that the values name: while they are held, their labels cost no query each."""
    model = User if field.type == kinds.PERSON else field.model
    several = [value if isinstance(value, frozenset) else {value} for value in values] if model else []
    ids = {each for value in several for each in value if each is not None}
    return list(db.session.scalars(sa.select(model).where(model.id.in_(ids)))) if ids else []


def _write_columns(wanted: Mapping[Lead, Any], field: Field, now: datetime) -> None:
    """The version moves even where only rows beside the leads change."""
    rows = [
        {"of": lead.id, **_columns(lead, field, value), **_beside(field, value, now, place)}
        for place, (lead, value) in enumerate(wanted.items())
    ]
    values = {name: sa.bindparam(f"new_{name}", type_=LEADS.c[name].type) for name in rows[0] if name != "of"}
    statement = sa.update(LEADS).values({**values, "version": LEADS.c.version + 1})
    first = {name: value for name, value in rows[0].items() if name != "of"}
    if all(row == first | {"of": row["of"]} for row in rows):  # the usual thing, in one piece
        ids = [row["of"] for row in rows]
        alike = sa.update(LEADS).where(LEADS.c.id.in_(ids)).values({**first, "version": LEADS.c.version + 1})
        db.session.execute(alike)
        return
    told = [{"of": row["of"], **{f"new_{name}": row[name] for name in values}} for row in rows]
    db.session.execute(statement.where(LEADS.c.id == sa.bindparam("of")), told)


def _beside(field: Field, value: Any, now: datetime, place: int) -> dict[str, Any]:
    if field.name == "status":
        return {"touched_at": now, "status_since": now}
    if field.name == "stage":
        since, rank = (now, ranks.newest(now, -place)) if value else (None, "")
        return {"touched_at": now, "stage_since": since, "stage_rank": rank}
    return {"touched_at": now}


def _columns(lead: Lead, field: Field, value: Any) -> dict[str, Any]:
    """Columns of the lead that follow from the new value."""
    own = {field.column: value} if field.column else {}
    if not touches_keys(field):
        return own
    texts = [value if searched.name == field.name else held(lead, searched) for searched in searched_fields()]
    return own | keys_of(columns_of(lead) | own, [row.value for row in lead.reaches], texts)


def _write_tags(wanted: Mapping[Lead, Any], olds: Mapping[Lead, Any]) -> None:
    gone = [(lead.id, tag_id) for lead, value in wanted.items() for tag_id in sorted(olds[lead] - value)]
    new = [(lead.id, tag_id) for lead, value in wanted.items() for tag_id in sorted(value - olds[lead])]
    if gone:
        here = sa.and_(MARKS.c.lead_id == sa.bindparam("of"), MARKS.c.tag_id == sa.bindparam("tag"))
        db.session.execute(sa.delete(MARKS).where(here), [{"of": lead_id, "tag": tag_id} for lead_id, tag_id in gone])
    if new:
        db.session.execute(sa.insert(MARKS), [{"lead_id": lead_id, "tag_id": tag_id} for lead_id, tag_id in new])


def _write_custom(wanted: Mapping[Lead, Any], field: Field) -> None:
    ids = [lead.id for lead in wanted]
    theirs = (CustomValue.lead_id.in_(ids)) & (CustomValue.field_id == field.row_id)
    db.session.execute(sa.delete(CustomValue).where(theirs), execution_options={"synchronize_session": False})
    rows = [{"lead_id": lead.id} | row for lead, value in wanted.items() for row in custom_rows(field, value)]
    if rows:
        db.session.execute(sa.insert(CustomValue), rows)
