"""Leads counted by what they have of a field: one part for each value, and one for those without.  Nothing here
writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.database import unindexed
from leadhub.extensions import db
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import OF_ADDRESSES, STAGNATING, Field
from leadhub.leads.counters import tallies
from leadhub.leads.listing.columns import SETS, fixed_label
from leadhub.leads.listing.filters import NO, NONE, YES
from leadhub.leads.listing.totals import BEFORE_ALL
from leadhub.leads.models import CustomValue, Lead
from leadhub.leads.reading_counted import Plan
from leadhub.leads.reading_kept import rows_of
from leadhub.web import label

TONES, REST = 8, 9
COLOURED = ("source", "type", "campaign")  # statuses and stages have colours of their own
FEW = 32  # values that are counted one by one
SLICED = (kinds.CHOICE, kinds.PERSON, kinds.FIXED, kinds.YES_NO)


@dataclass(frozen=True, slots=True)
class Part:
    """``word``: how an address asks for it.  ``before``: how many there were in the period before, if it was asked."""

    word: str
    label: str
    count: int
    colour: str = ""
    before: int | None = None


def has_slices(field: Field) -> bool:
    """Has a lead one value of it at most, out of a set?"""
    return field.type in SLICED and field.name not in (*OF_ADDRESSES, STAGNATING)


def parts_of(user: User | None, leads: sa.Select[Lead], field: Field, plan: Plan | None = None) -> Sequence[Part]:
    """The largest first; those without a value last.  A few statements, however many there are.  ``plan``: how the
    counters say it."""
    counts = _planned(plan, field) if plan else _counts(user, leads, field)
    without = counts.pop(None, 0) + counts.pop("", 0)
    names = named(field, list(counts))
    found = [
        Part(word, words, counts[value], colour) for value, (word, words, colour) in names.items() if value in counts
    ]
    found.sort(key=lambda part: (-part.count, part.label))
    return [*found, Part(NONE, _without(field), without)] if without else found


def _without(field: Field) -> str:
    words = {"source": _("No source"), "type": _("No type"), "stage": _("In no pipeline"), "campaign": _("No campaign")}
    return words.get(field.name) or _("None")


def beside(parts: Sequence[Part], before: Sequence[Part]) -> Sequence[Part]:
    """The same with what there was before, also where nothing is left of it."""
    counts = {part.word: part.count for part in before}
    here = {part.word for part in parts}
    gone = [replace(part, count=0, before=part.count) for part in before if part.word not in here]
    return [*(replace(part, before=counts.get(part.word, 0)) for part in parts), *gone]


def tones_of(field: Field, user: User | None) -> dict[str, int]:
    """Word of the address -> its colour on every chart, from 1: what most leads that the user sees have gets one of
    its own, in the order in which they came to be; ``REST`` stands for all others.  Empty where no counter knows."""
    here = tallies.clock()
    if field.name not in COLOURED or here is None:
        return {}
    counts = tallies.by_value(user, tallies.Asked(dimension=field.name), here)
    most = sorted((value for value in counts if value), key=lambda value: (-counts[value], value))[:TONES]
    taken: dict[int, int] = {}
    for value in sorted(most):
        wanted = value % TONES
        taken[value] = next(tone for tone in _from(wanted) if tone not in taken.values())
    rows = db.session.execute(sa.select(field.model.id, field.model.key))
    return {key: taken.get(row_id, REST - 1) + 1 for row_id, key in rows}


def _from(wanted: int) -> list[int]:
    return [(wanted + step) % TONES for step in range(TONES)]


def _planned(plan: Plan, field: Field) -> dict[Any, int]:
    return dict(plan.by_owner() if field.type == kinds.PERSON else plan.by_value())


def _counts(user: User | None, leads: sa.Select[Lead], field: Field) -> dict[Any, int]:
    """What the database has -> number of leads."""
    values = [] if field.is_custom else _values(field)
    if 0 < len(values) <= FEW:
        return _one_by_one(user, leads, getattr(Lead, field.column), values)
    return {row[0]: row[1] for row in rows_of(user, _grouped(leads, field))}


def _values(field: Field) -> list[Any]:
    """All that a lead can have; empty where that is not worth knowing."""
    if field.type == kinds.YES_NO:
        return [True, False]
    if field.type == kinds.FIXED:
        return [*SETS[field.name], ""][: FEW + 1]
    model = User if field.type == kinds.PERSON else field.model
    return list(db.session.scalars(sa.select(model.id).limit(FEW + 1)))


def _one_by_one(user: User | None, leads: sa.Select[Lead], column: Any, values: Sequence[Any]) -> dict[Any, int]:
    """A sum for each value, in one pass over the list's own index, which holds all that is asked for: SQLite would sort
    a million leads to group them.  What is left has none."""
    sums: list[Any] = [sa.func.count().filter(unindexed(column) == value) for value in values]
    statement: sa.Select[Any] = leads.with_only_columns(sa.func.count(), *sums).where(Lead.received_at > BEFORE_ALL)
    total, *counts = rows_of(user, statement)[0]
    found = {value: count for value, count in zip(values, counts, strict=True) if count}
    without = total - sum(counts)
    return found | ({None: without} if without else {})


def _grouped(leads: sa.Select[Lead], field: Field) -> Any:
    """(what the database has, number of leads)."""
    if not field.is_custom:
        column = unindexed(getattr(Lead, field.column))
        return leads.with_only_columns(column, sa.func.count()).group_by(column)
    ids = leads.with_only_columns(Lead.id).subquery()
    its = sa.and_(CustomValue.lead_id == ids.c.id, CustomValue.field_id == field.row_id)
    value: Any = CustomValue.choice_id if field.model else CustomValue.id.is_not(None)  # a row stands for yes
    return sa.select(value, sa.func.count()).select_from(ids).outerjoin(CustomValue, its).group_by(value)


def named(field: Field, values: Sequence[Any]) -> Mapping[Any, tuple[str, str, str]]:
    """What the database has -> word of the address, label, colour."""
    if field.type == kinds.YES_NO:
        return {True: (YES, _("Yes"), ""), False: (NO, _("No"), "")}
    if field.type == kinds.FIXED:
        return {value: (value, fixed_label(field, value), "") for value in values}
    if field.type == kinds.PERSON:
        people = db.session.scalars(sa.select(User).where(User.id.in_(values)))
        return {person.id: (person.email, person.label, "") for person in people}
    rows = db.session.scalars(sa.select(field.model).where(field.model.id.in_(values)))
    return {row.id: (row.key, label(row), getattr(row, "colour", "")) for row in rows}
