"""What is wanted of a field, as SQL.  Every column is named here or in the catalogue, never by an address."""

import math
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from leadhub.database import unindexed
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import OF_ADDRESSES, Field
from leadhub.folding import fold
from leadhub.leads.models import KEY_MAX, CustomValue, Lead, LeadAddress, LeadReach, LeadTag
from leadhub.leads.search import NO_DIGIT, PART
from leadhub.leads.values import KINDS

Condition = sa.ColumnElement[bool]
NOT, HAS = "not", "has"
EMPTY, FILLED = object(), object()
"""Wanted instead of a value: that there is none, that there is one."""
KEYED = {
    "organisation": Lead.organisation_key,
    "job_title": Lead.job_title_key,
    "next_contact_note": Lead.next_contact_note_key,
}
"""Text field -> its folded copy."""


def of(field: Field, operator: str, wanted: Sequence[Any]) -> Condition:
    """Leads that have one of the wanted values; with ``not``, those that have none of them, the empty ones too."""
    values = [value for value in wanted if value is not EMPTY and value is not FILLED]
    parts = [_has(field, values, contained=operator == HAS)] if values else []
    parts += [_empty(field)] if EMPTY in wanted else []
    parts += [sa.not_(_empty(field))] if FILLED in wanted else []
    return sa.not_(sa.func.coalesce(sa.or_(*parts), sa.false())) if operator == NOT else sa.or_(*parts)


def between(field: Field, lower: Decimal | None, upper: Decimal | None) -> Condition:
    """Numbers, both edges in it."""
    if not field.is_custom and field.type == kinds.NUMBER:  # a column of whole numbers
        lower = None if lower is None else Decimal(math.ceil(lower))
        upper = None if upper is None else Decimal(math.floor(upper))
    return _compared(field, lower, upper, closed=True)


def within(field: Field, start: Any, end: Any) -> Condition:
    """Days or moments, half open."""
    return _compared(field, start, end, closed=False)


def escaped(text: str) -> str:
    """LIKE's own signs stand for themselves, with a backslash as the escape."""
    return re.sub(r"([%_\\])", r"\\\1", text)


def like(column: Any, pattern: str) -> Condition:
    return column.like(pattern, escape="\\")  # type: ignore[no-any-return]


def _has(field: Field, values: Sequence[Any], *, contained: bool) -> Condition:
    if field.type in (kinds.DAY, kinds.MOMENT):
        return sa.or_(*(within(field, *value) for value in values))
    if field.type in (kinds.NUMBER, kinds.AMOUNT):
        return sa.or_(*(between(field, value, value) for value in values))
    if field.type in (kinds.TEXT, kinds.LINK, *KINDS):
        return sa.or_(*(_text(field, value, contained) for value in values))
    if field.name == "country":
        return _among(sa.select(LeadAddress.lead_id).where(LeadAddress.country.in_(values)))
    if field.type == kinds.TAGS:
        return _among(sa.select(LeadTag.lead_id).where(LeadTag.tag_id.in_(values)))
    if field.is_custom:
        return _custom_choice(field, values)
    column = getattr(Lead, field.column)
    if field.type == kinds.PERSON:
        return sa.or_(*(_person(column, value) for value in values))
    return unindexed(column).in_(values)  # type: ignore[no-any-return]


def _person(column: Any, value: Any) -> Condition:
    if isinstance(value, sa.Select):
        return unindexed(column).in_(value)  # type: ignore[no-any-return]
    return column == value  # type: ignore[no-any-return]


def _among(lead_ids: sa.Select[Any]) -> Condition:
    """``unindexed``: the list is walked in its order and the ids are looked up, never the other way round."""
    return unindexed(Lead.id).in_(lead_ids)  # type: ignore[no-any-return]


def _custom_choice(field: Field, values: Sequence[Any]) -> Condition:
    rows = _custom_rows(field)
    if field.type == kinds.YES_NO:  # a row stands for yes
        return sa.or_(*((_among(rows) if value else sa.not_(_among(rows))) for value in values))
    return _among(rows.where(CustomValue.choice_id.in_(values)))


def _custom_rows(field: Field) -> sa.Select[Any]:
    return sa.select(CustomValue.lead_id).where(CustomValue.field_id == field.row_id)


def _text(field: Field, text: str, contained: bool) -> Condition:
    key = fold(text)
    if field.type == kinds.PHONES:
        return _reach("phone", _digits_or_key(Lead.phone, text), _digits_or_key(LeadReach.value, text))
    if field.type == kinds.EMAILS:
        return _reach("email", _matches(Lead.email_key, key, contained), _matches(LeadReach.key, key, contained))
    if field.is_custom:
        return _among(_custom_rows(field).where(_matches(CustomValue.key, key[:KEY_MAX], contained)))
    if field.name in OF_ADDRESSES:
        column, wanted = _address_column(field, text)
        return _among(sa.select(LeadAddress.lead_id).where(_matches(column, wanted, contained)))
    if field.name in ("first_name", "last_name"):
        return _name(field.name, key, contained)
    if field.name in KEYED:
        return _matches(KEYED[field.name], key, contained)
    return _matches(sa.func.lower(getattr(Lead, field.column)), text.lower(), contained)


def _matches(column: Any, key: str, contained: bool) -> Condition:
    return like(column, f"%{escaped(key)}%") if contained else column == key


def _name(name: str, key: str, contained: bool) -> Condition:
    """``person_key`` is the last name, ``PART``, the first name."""
    some = "%" if contained else ""
    text = f"{some}{escaped(key)}{some}"
    return like(Lead.person_key, f"{text}{PART}%" if name == "last_name" else f"%{PART}{text}")


def _address_column(field: Field, text: str) -> tuple[Any, str]:
    if field.name == "city":
        return LeadAddress.city_key, fold(text)
    return sa.func.lower(LeadAddress.postal_code), text.lower()


def _reach(kind: str, first: Condition, others: Condition) -> Condition:
    return sa.or_(first, _among(sa.select(LeadReach.lead_id).where(LeadReach.kind == kind, others)))


SIGNS = " \u00a0\u202f.-()/"


def _digits_or_key(column: Any, text: str) -> Condition:
    """A phone by its digits, in whatever form it was typed and is looked for."""
    bare = column
    for sign in SIGNS:
        bare = sa.func.replace(bare, sign, "")
    return like(bare, f"%{NO_DIGIT.sub('', text) or escaped(text)}%")


def _empty(field: Field) -> Condition:
    if field.type == kinds.TAGS:
        return ~sa.exists().where(LeadTag.lead_id == Lead.id)
    if field.type == kinds.ADDRESSES:
        return ~sa.exists().where(LeadAddress.lead_id == Lead.id)
    if field.name in OF_ADDRESSES:
        column = getattr(LeadAddress, field.name)
        return ~sa.exists().where(LeadAddress.lead_id == Lead.id, column != "")
    if field.is_custom:
        return ~sa.exists().where(CustomValue.lead_id == Lead.id, CustomValue.field_id == field.row_id)
    column = getattr(Lead, field.column)
    if field.name == "external_id":
        return sa.func.coalesce(column, "") == ""
    return column == "" if field.type in EMPTY_TEXT else unindexed(column).is_(None)


EMPTY_TEXT = (kinds.TEXT, kinds.LINK, kinds.FIXED, kinds.EMAILS, kinds.PHONES)


def _compared(field: Field, lower: Any, upper: Any, *, closed: bool) -> Condition:
    if field.is_custom:
        column: Any = CustomValue.day if field.type == kinds.DAY else CustomValue.number
        return _among(_custom_rows(field).where(*_edges(column, lower, upper, closed)))
    return sa.and_(*_edges(getattr(Lead, field.column), lower, upper, closed))


def _edges(column: Any, lower: Any, upper: Any, closed: bool) -> list[Condition]:
    edges: list[Condition] = [] if lower is None else [column >= _bound(column, lower)]
    if upper is not None:
        edges.append(column <= _bound(column, upper) if closed else column < upper)
    return edges or [column.is_not(None)]


def _bound(column: Any, value: Any) -> Any:
    """A column of whole numbers takes no decimals."""
    return int(value) if isinstance(value, Decimal) and isinstance(column.type, sa.BigInteger) else value
