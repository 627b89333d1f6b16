"""The orders that the list can have.  Nothing here writes.

Empty fields come last, whichever way: they are a stretch of their own behind the filled ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.database import unindexed
from leadhub.errors import UserError
from leadhub.extensions import db
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import Field
from leadhub.fields.queries import choices_of
from leadhub.folding import fold
from leadhub.leads.models import CustomValue, Lead
from leadhub.lists.queries import rows_of
from leadhub.web import label

NAME, NEWEST = "name", "received_at"
KEYS: dict[str, tuple[Any, Any]] = {
    "last_name": (Lead.person_key, Lead.last_name != ""),
    "organisation": (Lead.organisation_key, Lead.organisation_key != ""),
    "job_title": (Lead.job_title_key, Lead.job_title_key != ""),
    "email": (Lead.email_key, Lead.email_key.is_not(None)),
}
"""Texts -> the folded key that they are sorted by, and where it is there."""
PLAIN = (kinds.NUMBER, kinds.AMOUNT, kinds.DAY, kinds.MOMENT, kinds.FIXED, kinds.YES_NO)
Sorted = sa.orm.aliased(CustomValue, name="sorted_values")  # filters ask the table by its own name
OWN = {
    kinds.TEXT: Sorted.key,
    kinds.LINK: Sorted.key,
    kinds.NUMBER: Sorted.number,
    kinds.DAY: Sorted.day,
    kinds.CHOICE: Sorted.choice_id,
}
"""Types of the team's fields that can be sorted by -> the column of their values."""
DESCENDING_FIRST = (kinds.NUMBER, kinds.AMOUNT, kinds.DAY, kinds.MOMENT)


class SortRefused(UserError):
    """The address asks for an order that there is none of."""


@dataclass(frozen=True, slots=True)
class Sort:
    """``value`` is what is compared, never NULL where ``filled`` holds; None: it holds for every lead.

    ``own`` is the field of the team's whose values stand in rows beside the leads.
    """

    name: str
    descending: bool
    value: Any
    filled: Any = None
    own: Field | None = None

    @property
    def word(self) -> str:
        """As an address has it: ``name``, ``-received_at``."""
        return f"-{self.name}" if self.descending else self.name

    @property
    def is_usual(self) -> bool:
        return self.name == NEWEST and self.descending

    @property
    def stretches(self) -> int:
        return 1 if self.filled is None else 2

    def stretch(self, statement: sa.Select[Any], number: int) -> sa.Select[Any]:
        """The statement, narrowed to the filled leads (0) or to those behind them (1)."""
        if self.own is None:
            is_filled = sa.true() if self.filled is None else self.filled
            return statement.where(sa.not_(is_filled) if number else is_filled)
        its = sa.and_(Sorted.lead_id == Lead.id, Sorted.field_id == self.own.row_id)
        return statement.where(~sa.exists().where(its)) if number else statement.join(Sorted, its)


def usual() -> Sort:
    """Newest first."""
    return Sort(NEWEST, True, Lead.received_at)


def may_sort(field: Field) -> bool:
    if field.is_custom:
        return field.type in OWN
    is_plain = field.type in (*PLAIN, kinds.CHOICE, kinds.PERSON) and field.name not in (
        *kinds.OF_ADDRESSES,
        kinds.STAGNATING,
    )
    return field.name in KEYS or is_plain


def sort_from(word: str, fields: Mapping[str, Field]) -> Sort:
    """What an address asks for; the usual order where it asks for none.  Raises ``SortRefused``, for a field that the
    reader does not see (``fields`` are those that he does) as for one that is none."""
    if not word:
        return usual()
    name, descending = word.removeprefix("-"), word.startswith("-")
    if name == NAME:
        return Sort(NAME, descending, Lead.sort_key)
    if name not in fields or not may_sort(fields[name]):
        raise SortRefused(_("Leads can’t be sorted by “%(name)s”.", name=name[:50]))
    return _by(fields[name], descending)


def _by(field: Field, descending: bool) -> Sort:
    if field.is_custom:
        column: Any = OWN[field.type]
        value = _ranked(column, choices_of(field)) if field.type == kinds.CHOICE else _by_code_point(column)
        return Sort(field.name, descending, value, column.is_not(None), field)
    if field.name in KEYS:
        value, filled = KEYS[field.name]
        return Sort(field.name, descending, _by_code_point(value), filled)
    column = getattr(Lead, field.column)
    if field.type == kinds.PERSON:
        people = sorted(db.session.scalars(sa.select(User)), key=lambda person: fold(person.label))
        return Sort(field.name, descending, _ranked(column, people), unindexed(column).is_not(None))
    if field.type == kinds.CHOICE:
        rows = rows_of(field.model)
        in_order = rows if field.name == "status" else sorted(rows, key=lambda row: fold(label(row)))
        filled = None if field.name in kinds.NEVER_EMPTY else unindexed(column).is_not(None)
        return Sort(field.name, descending, _ranked(column, in_order), filled)
    if field.type == kinds.YES_NO or field.name in (*kinds.NEVER_EMPTY, "created_at"):
        return Sort(field.name, descending, column)
    told = unindexed(column)
    if field.type == kinds.FIXED:
        return Sort(field.name, descending, _by_code_point(column), told != "")
    return Sort(field.name, descending, column, told.is_not(None))


def _by_code_point(column: Any) -> Any:
    """SQLite compares texts so anyway; of PostgreSQL's columns only those with an index for sorting do."""
    dialect = db.session.get_bind().dialect
    is_text = isinstance(column.type, sa.String) and getattr(column.type.dialect_impl(dialect), "collation", "") is None
    return sa.collate(column, "C") if is_text and dialect.name == "postgresql" else column


def _ranked(column: Any, rows: Sequence[Any]) -> Any:
    """The place of the row that the column names, as a number."""
    if not rows:
        return sa.literal(0)
    return sa.case({row.id: place for place, row in enumerate(rows)}, value=column, else_=len(rows))
