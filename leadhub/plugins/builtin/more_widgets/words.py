"""Shares, times and amounts as cards have them."""

from decimal import Decimal

from babel.units import format_unit
from flask_babel import get_locale

from leadhub.plugins.api import Amount

TENTH = Decimal("0.1")
UNITS = ((86_400, "duration-day"), (3600, "duration-hour"), (60, "duration-minute"), (1, "duration-second"))
MANY = 2  # of a unit, before it is used: 36 hours say more than 2 days


def percent(part: int, whole: int) -> Decimal | None:
    """With one decimal; None where there is nothing to have a part of."""
    return (Decimal(part * 100) / whole).quantize(TENTH) if whole else None


def duration(seconds: float) -> str:
    """``3 days``, ``36 hours``: in the largest unit of which there are two."""
    size, unit = next((each for each in UNITS if seconds >= MANY * each[0]), UNITS[-1])
    return str(format_unit(round(seconds / size), unit, locale=get_locale() or "en"))


def money(value: Decimal | None, currency: str) -> Amount | None:
    return None if value is None else Amount(value=value, currency=currency)
