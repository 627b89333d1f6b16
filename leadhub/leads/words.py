"""How a lead's values read on a page: field names, doors, phones."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

import phonenumbers
from flask import Blueprint
from flask_babel import format_date, format_decimal, to_user_timezone
from flask_babel import gettext as _
from markupsafe import Markup
from phonenumbers import PhoneNumber, PhoneNumberFormat

from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import OTHER, Field
from leadhub.fields.queries import catalogue, choices_of, may_change_field, shown_fields
from leadhub.hub.queries import hub
from leadhub.leads.checks import is_web_address
from leadhub.leads.facts import is_nothing
from leadhub.leads.keys import number_of
from leadhub.leads.kinds import ADDRESS_TYPES, EMAIL_TYPES, GENDERS, PHONE_TYPES
from leadhub.leads.models import Lead
from leadhub.leads.offers import language_name
from leadhub.leads.places import lines_of
from leadhub.leads.values import held
from leadhub.names import Names
from leadhub.plugins.host import current_host
from leadhub.web import label, language, moment

FIXED_SPACE = "\u00a0"
SOURCE, SOURCE_MAX = "source:", 32  # channel of what came through a door of this source; as long as a channel can be
NOT_DIALLED = re.compile(r"[^+\d]")


def register(bp: Blueprint) -> None:
    """Give every template these words."""
    for each in (chosen, due, field_label, field_named, hub_currency, may_change_field, shown_fields, type_word):
        bp.add_app_template_global(each)
    for words in (day, door, fixed_word, held, is_nothing, is_web_address, lines_of, mailto, phone, phone_link, spoken):
        bp.add_app_template_filter(words)


def field_label(name: str) -> str:
    """A field's name; a column of other data is called as it was in its file."""
    field = catalogue().get(name)
    return str(field.label) if field else name.removeprefix(OTHER)


def door(channel: str) -> str:
    """The way by which a lead came in."""
    doors = {"form": _("Form"), "import": _("Import"), "sample": _("Sample data"), "lists": _("Lists")}
    doors |= {"handover": _("Hand-over"), "bulk": _("Many at once"), "statuses": _("Statuses")}
    doors |= {"status": _("Automatic"), "status_action": _("Action of a status"), "sales": _("Customer")}
    return _source_word(channel) if channel.startswith(SOURCE) else doors.get(channel, channel)


def _source_word(channel: str) -> str:
    """The name of a source that a plugin offers; its key, where it does no longer."""
    offers = current_host().offers["sources"].items()
    names = (offer.value.names for key, offer in offers if f"{SOURCE}{key}"[:SOURCE_MAX] == channel)
    return str(Names(next(names, {"en": channel.removeprefix(SOURCE)})))


def field_named(name: str) -> Field:
    return catalogue()[name]


def chosen(lead: Lead, field: Field) -> list[str]:
    """Labels of what the lead has of the field's choices, tags or people, in their order."""
    if field.type == kinds.TAGS:
        return [label(tag) for tag in lead.tags]
    if field.is_custom:
        ids = held(lead, field)
        return [label(choice) for choice in choices_of(field) if choice.id in ids]
    row = getattr(lead, field.link)
    return [row.label if field.type == kinds.PERSON else label(row)] if row else []


def hub_currency() -> str:
    return hub().currency


def type_word(field: Field, key: str) -> str:
    """A word for the type of an e-mail, a phone or an address."""
    sets = {kinds.EMAILS: EMAIL_TYPES, kinds.PHONES: PHONE_TYPES, kinds.ADDRESSES: ADDRESS_TYPES}
    return str(sets[field.type].get(key, key))


def fixed_word(value: str, name: str) -> str:
    """A word of the fixed set that this field takes its values from."""
    if name == "gender":
        return str(GENDERS.get(value, value))
    return language_name(value) if name == "language" else value


def day(value: date) -> str:
    """22/11/2026 in French, 22 Nov 2026 in English."""
    return str(format_date(value, "dd/MM/yyyy" if language() == "fr" else "d MMM yyyy"))


def due(value: datetime | None) -> str:
    """Is something ``planned``, due ``today`` or ``late``, on the person's calendar?  Empty: there is nothing."""
    if value is None:
        return ""
    here, today = to_user_timezone(value).date(), to_user_timezone(datetime.now(UTC)).date()
    return "today" if here == today else "planned" if here > today else "late"


def spoken(value: str, name: str) -> str:
    """A value of the history: what every language has its own form for is kept in one of its own."""
    field = catalogue().get(name)
    word = SPOKEN.get(field.type) if field and value else None
    try:
        return word(value, name) if word else value
    except (ValueError, InvalidOperation):  # kept when the field was another one
        return value


def _number(value: str, name: str) -> str:
    return str(format_decimal(Decimal(value)))


SPOKEN: dict[str, Callable[[str, str], Any]] = {
    kinds.MOMENT: lambda value, name: moment(datetime.fromisoformat(value)),
    kinds.DAY: lambda value, name: day(date.fromisoformat(value)),
    kinds.AMOUNT: _number,
    kinds.NUMBER: _number,
    kinds.YES_NO: lambda value, name: {"yes": _("Yes"), "no": _("No")}.get(value, value),
    kinds.FIXED: fixed_word,
}


def mailto(email: str) -> str:
    """A ``mailto:`` address (RFC 6068) that can't bring headers of its own along."""
    return "mailto:" + quote(email, safe="@")


def phone(text: str) -> str:
    """As people of the hub's country write it, unbroken over lines; what is no number stays as it was typed."""
    number = number_of(text, hub().country)
    return _written(number).replace(" ", FIXED_SPACE) if number else text


def phone_link(text: str) -> str | Markup:
    """A ``tel:`` link (RFC 3966), to the E.164 form where the number is one."""
    number = number_of(text, hub().country)
    dialled = phonenumbers.format_number(number, PhoneNumberFormat.E164) if number else NOT_DIALLED.sub("", text)
    return Markup('<a class="numbers" href="tel:{}">{}</a>').format(dialled, phone(text)) if dialled else text


def _written(number: PhoneNumber) -> str:
    own = phonenumbers.country_code_for_region(hub().country) == number.country_code
    return str(
        phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL if own else PhoneNumberFormat.INTERNATIONAL)
    )
