"""The sheet of a quotation: the same on the screen, for the printer, as PDF and behind the customer's link.

It is in the quotation's own language, whoever reads it, and asks nothing of a request: the worker draws it too.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from babel import Locale
from flask import current_app
from flask_babel import force_locale, format_currency, format_date, format_decimal, get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from leadhub.hub.queries import hub, local
from leadhub.sales import money
from leadhub.sales.company.queries import issuer
from leadhub.sales.documents import PRICE_PLACES, TAX_PLACES, Quotation

SHEET = "sales/quotations/_sheet.html"


def language_of(row: Quotation) -> str:
    return row.language or hub().language


def issuer_of(row: Quotation) -> Mapping[str, Any]:
    """The company as the quotation keeps it; of a draft as it is now."""
    return row.issuer or issuer()


def sheet(row: Quotation, level: int = 2) -> Markup:
    """``level`` is that of its heading on the page around it."""
    with force_locale(language_of(row)):
        return Markup(current_app.jinja_env.get_template(SHEET).render(words_of(row) | {"level": level}))


def words_of(row: Quotation) -> dict[str, Any]:
    """What the templates of the sheet need."""
    return {
        "quotation": row,
        "issuer": issuer_of(row),
        "spoken": language_of(row),
        "taxes": money.totals_of(row.lines, row.currency).taxes,
        "has_discounts": any(line.discount for line in row.lines),
        "title": title_of(row),
        "decided_on": local(row.decided_at).date() if row.decided_at else row.settled_on,
    }


def title_of(row: Quotation) -> str:
    """In the quotation's language."""
    with force_locale(language_of(row)):
        return _("Quotation %(number)s", number=row.number) if row.number else _("Quotation")


def file_name_of(row: Quotation) -> str:
    return f"{row.number or f'quotation-{row.id}'}.pdf"


def minor(value: int, currency: str) -> str:
    """An amount in minor units."""
    return str(format_currency(money.from_minor(value, currency), currency))


def price(value: Decimal, currency: str) -> str:
    """With the currency's places, and with those more that it needs."""
    places = money.places_of(currency)
    shown = f"0.{'0' * places}{'#' * (PRICE_PLACES - places)}"
    pattern = re.sub(r"0\.00", shown, _locale().currency_formats["standard"].pattern)
    return str(format_currency(value, currency, format=pattern, currency_digits=False))


def percent(value: Decimal) -> str:
    """``20 %``, ``5.5 %``, with the language's space."""
    pattern = re.sub(r"0(?=\s?%)", f"0.{'#' * TAX_PLACES}", _locale().percent_formats[None].pattern)
    return str(format_decimal(value.scaleb(-2), pattern))


def day_in_words(value: date) -> str:
    """22 November 2026; in French the first of a month is *1er*."""
    written = str(format_date(value, "d MMMM yyyy"))
    return f"1er{written[1:]}" if value.day == 1 and _locale().language == "fr" else written


def _locale() -> Locale:
    return get_locale() or Locale("en")


def siren(text: str) -> str:
    """In threes, which stay on one line."""
    return "\u00a0".join(text[place : place + 3] for place in range(0, len(text), 3))
