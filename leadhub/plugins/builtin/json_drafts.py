"""Drafts out of JSON whose objects have the names of a ``LeadDraft``; what has another name is kept beside."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from leadhub.plugins.api import Address, LeadDraft, Reach

ALIASES = {"id": "external_id", "name": "last_name", "company": "organisation"}
NOT_TOLD = ("channel", "external_scope", "other")  # the hub's own
OTHER_MAX = 100


def read(body: bytes) -> Any:
    """Raises ``ValueError`` for what is no JSON, is nested too deeply, or holds a number without bound."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse)
    except (RecursionError, InvalidOperation):
        raise ValueError("the body is no JSON that can be read") from None


def draft_of(told: Mapping[str, Any], *, channel: str, external_id: str = "") -> LeadDraft:
    """What can't be read stays as it is: the hub refuses that draft and says which field it was."""
    values: dict[str, Any] = {"external_id": external_id}
    other: dict[str, str] = {}
    for key, value in told.items():
        name = ALIASES.get(key, key)
        if name == "last_name" and key == "name" and "last_name" in told:
            name = key
        if name in FIELDS and name not in NOT_TOLD:
            if value is not None and not (name == "external_id" and not str(value).strip()):
                values[name] = READ.get(name, _text)(value)
        elif value not in (None, "", [], {}) and len(other) < OTHER_MAX:
            other[str(key)] = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return LeadDraft(channel=channel, other=other, **values)


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _text(value: Any) -> Any:
    """Numbers too: a phone or an id may be one."""
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def _amount(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    try:
        return Decimal(value) if isinstance(value, int | str | Decimal) else value
    except InvalidOperation:
        return value


def _moment(value: Any) -> Any:
    """ISO 8601; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _day(value: Any) -> Any:
    """ISO 8601."""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return value


def _texts(value: Any) -> Any:
    return tuple(map(_text, value)) if isinstance(value, list) else value


def _made(model: type[Reach] | type[Address]) -> Callable[[Any], Any]:
    """Objects with the names of ``model``; a bare text is its value."""

    def read(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return tuple(_one(model, each) for each in value)

    return read


def _one(model: type[Reach] | type[Address], told: Any) -> Any:
    if isinstance(told, str) and model is Reach:
        return Reach(value=told)
    try:
        return model(**told)
    except TypeError:
        return told


def _custom(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: _custom_value(held) for name, held in value.items() if held is not None}


def _custom_value(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return tuple(value) if isinstance(value, list) else value


FIELDS = tuple(LeadDraft.__dataclass_fields__)
AS_IT_IS = ("is_organisation", "unsubscribed", "employees")
READ: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(AS_IT_IS, lambda value: value),
    "annual_revenue": _amount,
    "expected_value": _amount,
    "customer_since": _day,
    "received_at": _moment,
    "next_contact_at": _moment,
    "tags": _texts,
    "emails": _made(Reach),
    "phones": _made(Reach),
    "addresses": _made(Address),
    "custom": _custom,
}
"""Every other field is a text."""
