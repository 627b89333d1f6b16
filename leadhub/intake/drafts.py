"""Types and sizes of the drafts that a plugin hands over, looked at before the hub reads them.  Values come later."""

from collections.abc import Callable, Mapping
from dataclasses import astuple, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from leadhub.leads.checks import FieldRefused
from leadhub.plugins.api.leads import Address, LeadDraft, Reach

TEXT_MAX = 20_000
MANY_MAX = 100  # of what a draft has several of
FIELDS = tuple(LeadDraft.__dataclass_fields__)


def problem_of(draft: Any) -> FieldRefused | None:
    """What is wrong with its types, or None."""
    if not isinstance(draft, LeadDraft):
        return FieldRefused("", _("This is no lead."))
    for name in FIELDS:
        if not CHECKS.get(name, _is_text)(getattr(draft, name)):
            return FieldRefused(name, _("The field “%(name)s” holds what a lead can’t have.", name=name))
    return None


def of_door(draft: LeadDraft, *, door_id: int, channel: str, source: str) -> LeadDraft:
    """As the hub takes it in: its channel and scope are the door's, whatever the plugin says."""
    scope = f"door:{door_id}:{draft.external_scope}" if draft.external_id else ""
    return replace(draft, channel=channel, source=draft.source or source, external_scope=scope)


def _is_text(value: Any) -> bool:
    """One that a database can hold: no half of a sign (a lone surrogate), and not without end."""
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_moment(value: Any) -> bool:
    return value is None or (isinstance(value, datetime) and value.utcoffset() is not None)


def _is_amount(value: Any) -> bool:
    return value is None or (isinstance(value, Decimal) and value.is_finite())


def _is_count(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _is_day(value: Any) -> bool:
    return value is None or (isinstance(value, date) and not isinstance(value, datetime))


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _several(each: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, tuple) and len(value) <= MANY_MAX and all(map(each, value))


def _made_of_texts(model: type[Reach] | type[Address]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, model) and all(map(_is_text, astuple(value)))


def _is_other(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and len(value) <= MANY_MAX
        and all(_is_text(name) and _is_text(text) for name, text in value.items())
    )


def _is_custom(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and len(value) <= MANY_MAX
        and all(_is_text(name) and _is_custom_value(held) for name, held in value.items())
    )


def _is_custom_value(value: Any) -> bool:
    if isinstance(value, datetime):
        return False
    return isinstance(value, bool | Decimal | date) or _is_text(value) or _several(_is_text)(value)


CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "is_organisation": _is_flag,
    "unsubscribed": _is_flag,
    "customer_since": _is_day,
    "received_at": _is_moment,
    "next_contact_at": _is_moment,
    "employees": _is_count,
    "annual_revenue": _is_amount,
    "expected_value": _is_amount,
    "emails": _several(_made_of_texts(Reach)),
    "phones": _several(_made_of_texts(Reach)),
    "addresses": _several(_made_of_texts(Address)),
    "tags": _several(_is_text),
    "custom": _is_custom,
    "other": _is_other,
}
"""Every other field is a text."""
