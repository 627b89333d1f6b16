"""What is wanted of a field, as SQL.  Every column is named here or in the catalogue, never by an address."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from string import ascii_lowercase, ascii_uppercase
from typing import Any

import sqlalchemy as sa

from leadhub.database import unindexed
from leadhub.extensions import db
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import OF_ADDRESSES, STAGNATING, Field
from leadhub.folding import fold
from leadhub.hub.queries import hub
from leadhub.leads.beside import lead_ids
from leadhub.leads.keys import phone_key
from leadhub.leads.listing.patterns import escaped, like, with_any
from leadhub.leads.models import KEY_MAX, CustomValue, Lead, LeadAddress, LeadReach, LeadTag
from leadhub.leads.search import LETTERS_MIN, PART, digits_of, international
from leadhub.leads.stages.stagnation import stagnating
from leadhub.leads.values import KINDS, PLACES

Condition = sa.ColumnElement[bool]
NOT, HAS = "not", "has"
EMPTY, FILLED = object(), object()
"""Wanted instead of a value: that there is none, that there is one."""
LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
SIGNS = " \u00a0\u202f.-()/"
KEYED = {
    "organisation": Lead.organisation_key,
    "job_title": Lead.job_title_key,
    "next_contact_note": Lead.next_contact_note_key,
}
"""Text field -> its folded copy."""
SEARCHED = ("first_name", "last_name", "organisation", "email", "phone", "external_id")
"""Fields of which all stands in the search key."""


def of(field: Field, operator: str, wanted: Sequence[Any]) -> Condition:
    """Leads that have one of the wanted values; with ``not``, those that have none of them, the empty ones too."""
    values = [value for value in wanted if value is not EMPTY and value is not FILLED]
    parts = [_has(field, values, contained=operator == HAS)] if values else []
    parts += [_empty(field)] if EMPTY in wanted else []
    parts += [sa.not_(_empty(field))] if FILLED in wanted else []
    return sa.not_(sa.func.coalesce(sa.or_(*parts), sa.false())) if operator == NOT else sa.or_(*parts)


def reads_rows(field: Field) -> bool:
    """Does a condition on the field look at the leads' own rows, since no index of the list holds it?"""
    is_beside = field.is_custom or field.name in OF_ADDRESSES
    return field.type in (kinds.TEXT, kinds.LINK, *KINDS) and not is_beside


def between(field: Field, lower: Decimal | None, upper: Decimal | None) -> Condition:
    """Numbers, both edges in it."""
    places = Decimal(1) if not field.is_custom and field.type == kinds.NUMBER else PLACES[field.type]
    lower = None if lower is None else lower.quantize(places, ROUND_CEILING)  # nothing that is stored lies between
    upper = None if upper is None else upper.quantize(places, ROUND_FLOOR)
    return _compared(field, lower, upper, closed=True)


def within(field: Field, start: Any, end: Any) -> Condition:
    """Days or moments, half open."""
    return _compared(field, start, end, closed=False)


def _has(field: Field, values: Sequence[Any], *, contained: bool) -> Condition:
    if field.type in (kinds.DAY, kinds.MOMENT):
        return sa.or_(*(within(field, *value) for value in values))
    if field.type in (kinds.NUMBER, kinds.AMOUNT):
        return sa.or_(*(between(field, value, value) for value in values))
    if field.type in (kinds.TEXT, kinds.LINK, *KINDS):
        return sa.or_(*(_text(field, value, contained) for value in values))
    if (its := lead_ids(field)) is not None:
        return sa.or_(*(_among(its) if value else sa.not_(_among(its)) for value in values))
    if field.name == STAGNATING:
        return sa.or_(*(stagnating() if value else sa.not_(stagnating()) for value in values))
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
    """What the search key holds too is looked up there first: few rows are then read."""
    needles = _needles(field, text)
    condition = _exact_text(field, text, contained)
    return sa.and_(with_any(needles), condition) if needles else condition


def _needles(field: Field, text: str) -> list[str]:
    """Of which one at least stands in the search key of each lead that has the text in the field."""
    if field.is_custom or field.name not in SEARCHED:
        return []
    typed = [digits_of(text), *international(text)] if field.type == kinds.PHONES else [fold(text)]
    found = list(dict.fromkeys(typed))
    return found if all(len(needle) >= LETTERS_MIN for needle in found) else []


def _exact_text(field: Field, text: str, contained: bool) -> Condition:
    key = fold(text)
    if field.type == kinds.PHONES:
        first, others = (Lead.phone, Lead.phone_key), (LeadReach.value, LeadReach.key)
        return _reach("phone", _phone(*first, text, contained), _phone(*others, text, contained))
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
        return _matches(KEYED[field.name], key[:KEY_MAX] if field.name == "organisation" else key, contained)
    return _matches(_lower(getattr(Lead, field.column)), text.translate(LOWER), contained)


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
    return _lower(LeadAddress.postal_code), text.translate(LOWER)


def _lower(column: Any) -> Any:
    """Of the letters of ASCII alone, on PostgreSQL too: SQLite knows no others."""
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    return sa.func.lower(column if is_sqlite else sa.collate(column, "C"))


def _reach(kind: str, first: Condition, others: Condition) -> Condition:
    return sa.or_(first, _among(sa.select(LeadReach.lead_id).where(LeadReach.kind == kind, others)))


def _phone(column: Any, key: Any, text: str, contained: bool) -> Condition:
    """In whatever form it was typed and is looked for: by its digits as they were typed and by those of E.164."""
    bare = _lower(column)
    for sign in SIGNS:
        bare = sa.func.replace(bare, sign, "")
    typed, abroad = digits_of(text), phone_key(text, hub().country)
    if not typed:
        return _matches(bare, "".join(it for it in text.translate(LOWER) if it not in SIGNS), contained)
    if contained:
        beginnings = (like(key, f"%{digits}%") for digits in international(text))
        return sa.or_(like(bare, f"%{typed}%"), *beginnings)
    return key == abroad if abroad else bare.in_((typed, f"+{typed}"))


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
