"""What a lead must be to enter or to stay: the same for every door."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _

from leadhub.errors import RuleBroken
from leadhub.leads.fields import FIELDS, TEXT_MAX

LIMITS = {name: field.limit for name, field in FIELDS.items() if field.limit}
FIRST_YEAR, LAST_YEAR = 1900, 2100  # neither is taken, so that every time zone has room


class FieldRefused(RuleBroken):
    """A value that a lead can't have.  ``field`` names where it was typed."""

    status = 422

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NamelessLead(FieldRefused):
    """Neither name, organisation nor e-mail, nor what else would do at this door (row D2 of the mission)."""


def problem_of(values: Mapping[str, Any], *, identified: bool) -> FieldRefused | None:
    """The first thing wrong with these values, or None.  ``identified``: a phone or an external id is name enough."""
    if "\0" in "".join(_texts(values)):
        name = next((name for name in values if "\0" in "".join(_texts({name: values[name]}))), "last_name")
        return FieldRefused(name, _("This holds a sign that is no text (NUL)."))
    moment = values.get("received_at")
    if moment and not FIRST_YEAR < moment.year < LAST_YEAR:
        return FieldRefused("received_at", _("Give a year between %(first)d and %(last)d.", first=1901, last=2099))
    for name, limit in LIMITS.items():
        if len(values.get(name) or "") > limit:
            label = str(FIELDS[name].label)
            return FieldRefused(name, _("%(field)s: at most %(count)d characters.", field=label, count=limit))
    if len(values.get("external_id") or "") > TEXT_MAX:
        return FieldRefused("external_id", _("The external id has more than %(count)d characters.", count=TEXT_MAX))
    email = values.get("email")
    if email and not is_address(email):
        return FieldRefused("email", _("This is not an e-mail address."))
    return _nameless(values, identified=identified)


def _texts(values: Mapping[str, Any]) -> Iterator[str]:
    """Every text among the values: PostgreSQL takes no NUL in one, and nobody types it."""
    for value in values.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from value
            yield from value.values()


def _nameless(values: Mapping[str, Any], *, identified: bool) -> NamelessLead | None:
    if values.get("is_organisation") and not values.get("organisation"):
        return NamelessLead("organisation", _("Give the organisation’s name."))
    named = any(values.get(name) for name in ("first_name", "last_name", "organisation", "email"))
    if named or (identified and (values.get("phone") or values.get("external_id"))):
        return None
    return NamelessLead("last_name", _("Give a name, an organisation or an e-mail."))


@lru_cache(maxsize=2048)  # a door may ask before it comes in, and every row of a block is asked again there
def is_address(text: str) -> bool:
    """Could mail be sent there?  Form only: no look-up."""
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True
