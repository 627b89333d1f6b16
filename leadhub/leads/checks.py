"""What a lead must be to enter or to stay: the same for every door."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import astuple
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _

from leadhub.errors import RuleBroken
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import BUILT_IN, EMAIL_MAX, TEXT_MAX, Field
from leadhub.fields.queries import catalogue
from leadhub.leads.kinds import ADDRESS_TYPES, COUNTRIES, EMAIL_TYPES, FIXED_SETS, PHONE_TYPES
from leadhub.plugins.api.leads import Address, Reach

Values = Mapping[str, Any]
LIMITS = {field.name: field.limit for field in BUILT_IN if field.limit}
LABELS = {field.name: field.label for field in BUILT_IN}
FIRST_YEAR, LAST_YEAR = 1900, 2100  # neither is taken, so that every time zone has room
REACHES_MAX, ADDRESSES_MAX, TAGS_MAX = 20, 20, 50
AMOUNT_MAX = Decimal(10) ** 13
EMPLOYEES_MAX = 100_000_000
POSTAL_MAX = 32
SIGNS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\\]")
MOMENTS = ("received_at", "next_contact_at", "customer_since")
AMOUNTS = ("annual_revenue", "expected_value")


class FieldRefused(RuleBroken):
    """A value that a lead can't have.  ``field`` names where it was typed."""

    status = 422

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NamelessLead(FieldRefused):
    """Neither name, organisation nor e-mail, nor what else would do at this door (row D2 of the mission)."""


def problem_of(values: Values, *, identified: bool) -> FieldRefused | None:
    """The first thing wrong with these values, named as a draft has them, or None.

    ``identified``: a phone or an external id is name enough.
    """
    for check in CHECKS:
        if problem := check(values):
            return problem
    return _nameless(values, identified=identified)


def _nul(values: Values) -> FieldRefused | None:
    """PostgreSQL takes no NUL in a text, and nobody types one."""
    if "\0" not in "".join(_texts(values.values())):
        return None
    name = next((name for name in values if "\0" in "".join(_texts([values[name]]))), "last_name")
    return FieldRefused(name, _("This holds a sign that is no text (NUL)."))


def _texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if not value:
            continue
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from _texts([*value, *value.values()])
        elif isinstance(value, tuple):
            yield from _texts(value)
        elif isinstance(value, Reach | Address):
            yield from astuple(value)


def _moments(values: Values) -> FieldRefused | None:
    for name in MOMENTS:
        moment = values.get(name)
        if moment and not FIRST_YEAR < moment.year < LAST_YEAR:
            return FieldRefused(name, year_words())
    return None


def year_words() -> str:
    return _("Give a year between %(first)d and %(last)d.", first=FIRST_YEAR + 1, last=LAST_YEAR - 1)


def _lengths(values: Values) -> FieldRefused | None:
    for name, limit in LIMITS.items():
        value = values.get(name)
        if isinstance(value, str) and len(value) > limit:
            return FieldRefused(name, _too_long(LABELS[name], limit))
    if len(values.get("external_id") or "") > TEXT_MAX:
        return FieldRefused("external_id", _("The external id has more than %(count)d characters.", count=TEXT_MAX))
    return None


def _too_long(label: Any, limit: int) -> str:
    return _("%(field)s: at most %(count)d characters.", field=str(label), count=limit)


def _reaches(values: Values) -> FieldRefused | None:
    email = values.get("email")
    if email and not is_address(email):
        return FieldRefused("email", _("This is not an e-mail address."))
    for name, types in (("email", EMAIL_TYPES), ("phone", PHONE_TYPES)):
        others = values.get(f"{name}s") or ()
        if not others and not values.get(f"{name}_type"):
            if len(values.get(name) or "") > LIMITS[name]:
                return FieldRefused(name, _too_long(LABELS[name], LIMITS[name]))
            continue  # as the rest would say, sooner
        if len(others) >= REACHES_MAX:
            return FieldRefused(name, _("At most %(count)d of them.", count=REACHES_MAX))
        for value, type in ((values.get(name), values.get(f"{name}_type")), *((it.value, it.type) for it in others)):
            if type and type not in types:
                return FieldRefused(name, _("Choose one from the list."))
            if len(value or "") > LIMITS[name]:
                return FieldRefused(name, _too_long(LABELS[name], LIMITS[name]))
            if name == "email" and value and not is_address(value):
                return FieldRefused(name, _("“%(email)s” is not an e-mail address.", email=value))
    return None


def _addresses(values: Values) -> FieldRefused | None:
    addresses = values.get("addresses") or ()
    if len(addresses) > ADDRESSES_MAX:
        return FieldRefused("addresses", _("At most %(count)d of them.", count=ADDRESSES_MAX))
    for address in addresses:
        if (address.type and address.type not in ADDRESS_TYPES) or (
            address.country and address.country not in COUNTRIES
        ):
            return FieldRefused("addresses", _("Choose one from the list."))
        if max(map(len, astuple(address))) > TEXT_MAX or len(address.postal_code) > POSTAL_MAX:
            return FieldRefused("addresses", _too_long(LABELS["addresses"], TEXT_MAX))
    return None


def _numbers(values: Values) -> FieldRefused | None:
    employees = values.get("employees")
    if employees is not None and not 0 <= employees <= EMPLOYEES_MAX:
        return FieldRefused("employees", _("Give a whole number."))
    for name in AMOUNTS:
        amount = values.get(name)
        if amount is not None and not (amount.is_finite() and abs(amount) < AMOUNT_MAX):
            return FieldRefused(name, _("Give a smaller number."))
    return None


def _words(values: Values) -> FieldRefused | None:
    for name, known in FIXED_SETS.items():
        if values.get(name) and values[name] not in known:
            return FieldRefused(name, _("Choose one from the list."))
    if values.get("website") and not is_web_address(values["website"]):
        return FieldRefused("website", link_words())
    tags = values.get("tags") or ()
    if len(tags) > TAGS_MAX:
        return FieldRefused("tags", _("At most %(count)d of them.", count=TAGS_MAX))
    if any(len(tag) > TEXT_MAX for tag in tags):
        return FieldRefused("tags", _too_long(LABELS["tags"], TEXT_MAX))
    return None


def link_words() -> str:
    return _("Give an address that begins with http:// or https://.")


def _custom(values: Values) -> FieldRefused | None:
    custom = values.get("custom")
    if not custom:
        return None
    fields = catalogue()
    for name, value in custom.items():
        if name in fields and (words := _custom_problem(fields[name], value)):
            return FieldRefused(name, words)
    return None


def _custom_problem(field: Field, value: Any) -> str:
    if value is None:
        return ""
    if not _fits(field, value):
        return UNFIT[field.type]()
    texts = value if isinstance(value, tuple) else [value] if isinstance(value, str) else []
    if any(len(text) > field.limit for text in texts):
        return _too_long(field.label, field.limit)
    if field.type == "link" and value and not is_web_address(value):
        return link_words()
    if field.type == kinds.NUMBER and value != "" and not (Decimal(value).is_finite() and abs(value) < AMOUNT_MAX):
        return _("Give a smaller number.")
    if isinstance(value, date) and not FIRST_YEAR < value.year < LAST_YEAR:
        return year_words()
    if isinstance(value, tuple) and len(value) > TAGS_MAX:
        return _("At most %(count)d of them.", count=TAGS_MAX)
    return ""


def _fits(field: Field, value: Any) -> bool:
    """Is it a value of the field's type?  An empty text is nothing, of every type."""
    if value == "":
        return True
    if field.type in (kinds.CHOICE, kinds.CHOICES):
        several = value if isinstance(value, tuple) else (value,)
        return all(isinstance(each, str) for each in several) and (field.type == kinds.CHOICES or len(several) < 2)
    if field.type == kinds.NUMBER:
        return isinstance(value, Decimal | int) and not isinstance(value, bool)
    if field.type == kinds.DAY:
        return isinstance(value, date) and not isinstance(value, datetime)
    return isinstance(value, bool if field.type == kinds.YES_NO else str)


UNFIT: dict[str, Callable[[], str]] = {
    kinds.TEXT: lambda: _("Give a text."),
    kinds.LINK: link_words,
    kinds.NUMBER: lambda: _("Give a number."),
    kinds.DAY: lambda: _("Give a date."),
    kinds.YES_NO: lambda: _("Give yes or no."),
    kinds.CHOICE: lambda: _("Choose one from the list."),
    kinds.CHOICES: lambda: _("Choose one from the list."),
}
CHECKS: tuple[Callable[[Values], FieldRefused | None], ...] = (
    _nul, _moments, _lengths, _reaches, _addresses, _numbers, _words, _custom,
)  # fmt: skip


def _nameless(values: Values, *, identified: bool) -> NamelessLead | None:
    if values.get("is_organisation") and not values.get("organisation"):
        return NamelessLead("organisation", _("Give the organisation’s name."))
    named = any(values.get(name) for name in ("first_name", "last_name", "organisation", "email"))
    if named or (identified and (values.get("phone") or values.get("external_id"))):
        return None
    return NamelessLead("last_name", _("Give a name, an organisation or an e-mail."))


@lru_cache(maxsize=2048)  # a door may ask before it comes in, and every row of a block is asked again there
def is_address(text: str) -> bool:
    """Could mail be sent there?  Form only: no look-up."""
    if len(text) > EMAIL_MAX:
        return False
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def is_web_address(text: str) -> bool:
    """An http or https address with a host, and nothing in it that a browser may read otherwise (ASVS 5.0, 1.2.2)."""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and not SIGNS.search(text)
