"""How a lead's values read on a page: field names, doors, phones."""

import re
from datetime import datetime
from urllib.parse import quote

import phonenumbers
from flask import Blueprint
from flask_babel import gettext as _
from markupsafe import Markup
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from leadhub.hub.queries import hub
from leadhub.leads.fields import FIELDS
from leadhub.leads.updates import OTHER
from leadhub.web import moment

FIXED_SPACE = "\u00a0"
NOT_DIALLED = re.compile(r"[^+\d]")


def register(bp: Blueprint) -> None:
    """Give every template these words."""
    bp.add_app_template_global(field_label)
    for words in (door, mailto, phone, phone_link, spoken):
        bp.add_app_template_filter(words)


def field_label(name: str) -> str:
    """A field's name; a column of other data is called as it was in its file."""
    return name.removeprefix(OTHER) if name.startswith(OTHER) else str(FIELDS[name].label)


def door(channel: str) -> str:
    """The way by which a lead came in."""
    return {"form": _("Form"), "import": _("Import"), "sample": _("Sample data")}.get(channel, channel)


def spoken(value: str, field: str) -> str:
    """A value of the history: yes and no, and moments, are kept in a form of their own."""
    if field == "received_at":
        return moment(datetime.fromisoformat(value))
    return {"yes": _("Yes"), "no": _("No")}.get(value, value) if field == "is_organisation" else value


def mailto(email: str) -> str:
    """A ``mailto:`` address (RFC 6068) that can't bring headers of its own along."""
    return "mailto:" + quote(email, safe="@")


def phone(text: str) -> str:
    """As people of the hub's country write it, unbroken over lines; what is no number stays as it was typed."""
    number = _number(text)
    return _written(number).replace(" ", FIXED_SPACE) if number else text


def phone_link(text: str) -> str | Markup:
    """A ``tel:`` link (RFC 3966), to the E.164 form where the number is one."""
    number = _number(text)
    dialled = phonenumbers.format_number(number, PhoneNumberFormat.E164) if number else NOT_DIALLED.sub("", text)
    return Markup('<a class="numbers" href="tel:{}">{}</a>').format(dialled, phone(text)) if dialled else text


def _number(text: str) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, hub().country or None)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _written(number: PhoneNumber) -> str:
    own = phonenumbers.country_code_for_region(hub().country) == number.country_code
    return str(
        phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL if own else PhoneNumberFormat.INTERNATIONAL)
    )
