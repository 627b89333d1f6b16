"""The numbers by which a company is known: brought into one form, and refused where they can't be right.  Pure."""

import re
from typing import Any

SPACES = re.compile(r"[\s.\-\u00a0\u202f]+")
SERIES = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")


class NoSuchNumber(ValueError):
    """No company can have this number."""


def siren(text: str) -> str:
    """Nine digits, the last one of which is the check digit of the others (Luhn, ISO/IEC 7812-1)."""
    from stdnum.exceptions import ValidationError
    from stdnum.fr import siren as numbers

    try:
        return str(numbers.validate(SPACES.sub("", text)))
    except ValidationError:
        raise NoSuchNumber(text) from None


def vat_number(text: str) -> str:
    """With its country in front.  One of the European Union and of some countries around is checked by that country's
    own rules, the French one with its key; of others only the form is looked at.  Asks nobody."""
    from stdnum.exceptions import ValidationError

    compact = SPACES.sub("", text).upper()
    if not re.fullmatch(r"[A-Z]{2}[A-Z0-9+*]{2,18}", compact):
        raise NoSuchNumber(text)
    rules = _rules_of(compact[:2])
    if rules is None:
        return compact
    try:
        told = str(rules.validate(compact))
    except ValidationError:
        raise NoSuchNumber(text) from None
    return told if told.startswith(compact[:2]) else compact  # some are told without their country


def is_series(text: str) -> bool:
    """Letters, digits and hyphens between them."""
    return SERIES.fullmatch(text) is not None


def _rules_of(country: str) -> Any:
    """Those of the country whose letters these are in VAT numbers: Greece has EL there, Northern Ireland XI."""
    from stdnum.util import get_cc_module

    return get_cc_module({"EL": "gr", "XI": "gb"}.get(country, country.lower()), "vat")
