"""Shares and amounts as cards have them."""

from collections.abc import Iterable
from decimal import Decimal

from flask_babel import format_currency, get_locale

from leadhub.plugins.api import Amount

TENTH = Decimal("0.1")


def percent(part: int, whole: int) -> Decimal | None:
    """With one decimal; None where there is nothing to have a part of."""
    return (Decimal(part * 100) / whole).quantize(TENTH) if whole else None


def money(amounts: Iterable[Amount]) -> str:
    """``€1,200.00, CHF 300.00``: one for each currency, empty for none."""
    return ", ".join(str(format_currency(each.value, each.currency)) for each in amounts)


def rounded(amounts: Iterable[Amount]) -> str:
    """The same in whole units, where room is scarce."""
    locale = get_locale()
    pattern = locale.currency_formats["standard"].pattern.replace(".00", "") if locale else "¤#,##0"
    told = (str(format_currency(each.value, each.currency, pattern, currency_digits=False)) for each in amounts)
    return ", ".join(told)


def in_currency(amounts: Iterable[Amount], currency: str) -> Decimal | None:
    return next((each.value for each in amounts if each.currency == currency), None)


def cell(amounts: Iterable[Amount], currency: str) -> Amount | None:
    value = in_currency(amounts, currency)
    return None if value is None else Amount(value=value, currency=currency)


def others(amounts: Iterable[Amount], currency: str) -> list[Amount]:
    return [each for each in amounts if each.currency != currency]
