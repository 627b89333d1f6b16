"""What a lead holds in a field: read, written, put into words.

A held value is a text, a yes or no, a number, a moment or a day; the id of a row or person (None: none); ids of tags
or of choices; a tuple of ``Reach`` (the first is the primary one) or of ``Address``.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask_babel import force_locale

from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import Field
from leadhub.folding import fold
from leadhub.hub.queries import hub
from leadhub.leads.keys import email_key, phone_key
from leadhub.leads.kinds import ADDRESS_TYPES, EMAIL_TYPES, PHONE_TYPES
from leadhub.leads.models import CustomValue, Lead, LeadAddress, LeadReach
from leadhub.lists.models import Tag
from leadhub.plugins.api.leads import Address, Reach

EMAIL, PHONE = "email", "phone"
KINDS = {kinds.EMAILS: EMAIL, kinds.PHONES: PHONE}
PLACE = ("type", "title", "line1", "line2", "postal_code", "city", "county", "state", "country")
KEY_MAX = 200
PLACES = {kinds.AMOUNT: Decimal("0.01"), kinds.NUMBER: Decimal("0.0001")}


def empty_of(field: Field) -> Any:
    """What a lead holds in the field when it holds nothing."""
    if field.type in (*KINDS, kinds.ADDRESSES):
        return ()
    if field.type == kinds.TAGS or (field.is_custom and field.model):
        return frozenset()
    if field.type == kinds.YES_NO:
        return False
    return "" if field.type in (kinds.TEXT, kinds.LINK, kinds.FIXED) else None


def exact(field: Field, value: Any) -> Any:
    """A number with as many places as are stored, so that what is stored equals it."""
    places = PLACES.get(field.type)
    if places is None or not isinstance(value, Decimal) or not value.is_finite():
        return value
    return value.quantize(places, ROUND_HALF_UP)


def held(lead: Lead, field: Field) -> Any:
    if field.type in KINDS:
        return _reaches(lead, KINDS[field.type])
    if field.type == kinds.ADDRESSES:
        return tuple(Address(**{name: getattr(row, name) for name in PLACE}) for row in lead.addresses)
    if field.type == kinds.TAGS:
        return frozenset(tag.id for tag in lead.tags)
    if field.is_custom:
        return _custom([row for row in lead.custom_values if row.field_id == field.row_id], field)
    return getattr(lead, field.column)


def hold(lead: Lead, field: Field, value: Any) -> None:
    """Write a held value into the lead.  Its keys follow."""
    if field.type in KINDS:
        for name, first in first_reach(KINDS[field.type], value).items():
            setattr(lead, name, first)
        kept = [row for row in lead.reaches if row.kind != KINDS[field.type]]
        lead.reaches = kept + [LeadReach(**row) for row in reach_rows(KINDS[field.type], value)]
    elif field.type == kinds.ADDRESSES:
        lead.addresses = [LeadAddress(**row) for row in address_rows(value)]
    elif field.type == kinds.TAGS:
        lead.tags = [db.session.get_one(Tag, tag_id) for tag_id in sorted(value)]
    elif field.is_custom:
        others = [row for row in lead.custom_values if row.field_id != field.row_id]
        lead.custom_values = others + [CustomValue(**row) for row in custom_rows(field, value)]
    else:
        setattr(lead, field.column, value)


def first_reach(kind: str, value: Sequence[Reach]) -> dict[str, str | None]:
    """Columns of the lead that hold the first e-mail or phone."""
    first = value[0] if value else Reach(value="")
    return {kind: first.value, f"{kind}_type": first.type, f"{kind}_key": reach_key(kind, first.value)}


def reach_key(kind: str, text: str) -> str | None:
    return email_key(text) if kind == EMAIL else phone_key(text, hub().country)


def reach_rows(kind: str, value: Sequence[Reach]) -> list[dict[str, Any]]:
    """Rows for those beside the first."""
    return [
        {"kind": kind, "type": reach.type, "value": reach.value, "key": reach_key(kind, reach.value), "position": place}
        for place, reach in enumerate(value[1:])
    ]


def address_rows(value: Sequence[Address]) -> list[dict[str, Any]]:
    return [
        {name: getattr(address, name) for name in PLACE} | {"city_key": fold(address.city), "position": place}
        for place, address in enumerate(value)
    ]


def custom_rows(field: Field, value: Any) -> list[dict[str, Any]]:
    """Rows of ``CustomValue``; none for an empty value."""
    row: dict[str, Any] = {"field_id": field.row_id, "text": "", "key": None, "number": None, "day": None}
    if field.model:
        return [row | {"choice_id": choice_id} for choice_id in sorted(value)]
    row["choice_id"] = None
    if value is None or value is False or value == "":  # zero is a number, and equals False
        return []
    if isinstance(value, str):
        return [row | {"text": value, "key": fold(value)[:KEY_MAX]}]
    if isinstance(value, date):
        return [row | {"day": value}]
    return [row | {"number": Decimal(value)}]


def words(field: Field, value: Any) -> str:
    """The value as it reads today: a label is kept, not the id of something that may be renamed.  What every language
    has its own form for (moments, numbers, yes and no, fixed words) is kept as it is, and worded where it is shown."""
    if value in (None, "", (), frozenset()):
        return ""
    if field.type in KINDS:
        types = EMAIL_TYPES if field.type == kinds.EMAILS else PHONE_TYPES
        return ", ".join(_with_type(reach.value, types.get(reach.type)) for reach in value)
    if field.type == kinds.ADDRESSES:
        return " / ".join(address_line(address) for address in value)
    if field.type == kinds.TAGS or (field.is_custom and field.model):
        return ", ".join(_label(field.model, row_id) for row_id in sorted(value))
    if field.type == kinds.CHOICE:
        return _label(field.model, value)
    if field.type == kinds.PERSON:
        return _label(User, value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value.isoformat() if isinstance(value, date | datetime) else value)


def address_line(address: Any) -> str:
    """An address on one line, as a history or a list has it."""
    town = " ".join(filter(None, (address.postal_code, address.city)))
    parts = (address.title, address.line1, address.line2, town, address.county, address.state, address.country)
    line = ", ".join(filter(None, parts))
    return _with_type(line, ADDRESS_TYPES.get(address.type))


def _with_type(text: str, label: Any) -> str:
    if not label:
        return text
    with force_locale(hub().language):
        return f"{text} ({label})"


def _label(model: Any, row_id: int) -> str:
    row = db.session.get_one(model, row_id)
    return row.label if isinstance(row, User) else str(row.label(hub().language))


def _reaches(lead: Lead, kind: str) -> tuple[Reach, ...]:
    first = Reach(value=getattr(lead, kind), type=getattr(lead, f"{kind}_type"))
    others = tuple(Reach(value=row.value, type=row.type) for row in lead.reaches if row.kind == kind)
    return (first, *others) if first.value else others


def _custom(rows: Sequence[CustomValue], field: Field) -> Any:
    if field.model:
        return frozenset(row.choice_id for row in rows)
    if not rows:
        return empty_of(field)
    if field.type == kinds.YES_NO:
        return bool(rows[0].number)
    if field.type == kinds.NUMBER:
        return rows[0].number
    return rows[0].day if field.type == kinds.DAY else rows[0].text
