"""Numbers as people type them, and amounts as they read them; in the page's language."""

import re
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.numbers import format_decimal
from flask_babel import format_currency, get_locale

LONGEST = 40
GROUPED = re.compile(r"\d{1,3}(?P<mark>[ ,.'])\d{3}(?:(?P=mark)\d{3})*")
SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u2007\u2009\u202f", " "),
        **dict.fromkeys("’‘ʼ", "'"),
        "−": "-",
    }
)


def read_decimal(text: str, language: str = "") -> Decimal | None:
    """``1 234,50``, ``1,234.50`` and ``1234.5``; None for what is no number.

    One comma before exactly three digits groups thousands in English and begins decimals elsewhere; ``language`` is
    the page's where it is left out.
    """
    plain = text.translate(SIGNS).strip()
    sign = "-" if plain.startswith("-") else ""
    body = plain.lstrip("+-").lstrip() if plain[:2] not in ("--", "++", "+-", "-+") else ""
    if not body or len(body) > LONGEST or not body.isascii():
        return None
    whole, decimals = _parts(body, language or _page_language())
    if GROUPED.fullmatch(whole):
        whole = re.sub(r"\D", "", whole)
    if not (whole or decimals) or not re.fullmatch(r"\d*", whole) or not re.fullmatch(r"\d*", decimals):
        return None
    return Decimal(f"{sign}{whole or 0}.{decimals or 0}")


def amount(value: Decimal | None, currency: str) -> str:
    """``1 234,50 €``; nothing for no value.  ``currency`` is ISO 4217."""
    return "" if value is None else str(format_currency(value, currency))


def whole_amount(value: Decimal, currency: str) -> str:
    """``1 235 €``: rounded to whole units, where it is shown large."""
    locale = Locale.parse(str(get_locale() or "en"))
    pattern = locale.currency_formats["standard"].pattern.replace(".00", "")
    return str(format_currency(value, currency, pattern, currency_digits=False))


def typed(value: Decimal | None, places: int = 2) -> str:
    """As somebody would type it into a field: the decimal mark of the page, no groups, no places in a whole number."""
    if value is None:
        return ""
    pattern = "0" if value == value.to_integral_value() else f"0.{'0' * places}"
    return str(format_decimal(value, pattern, locale=get_locale() or "en", group_separator=False))


def _parts(body: str, language: str) -> tuple[str, str]:
    """What stands before and behind the decimal mark."""
    place = max(body.rfind(","), body.rfind("."))
    if place < 0:
        return body, ""
    mark, whole, decimals = body[place], body[:place], body[place + 1 :]
    if mark in whole:  # a mark that stands there twice groups
        return body, ""
    thousands = mark == "," and len(decimals) == 3 and re.fullmatch(r"[1-9]\d{0,2}", whole)
    return (body, "") if thousands and language == "en" else (whole, decimals)


def _page_language() -> str:
    locale: Any = get_locale()
    return locale.language if locale else "en"
