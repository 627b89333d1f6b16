"""Amounts of documents: whole numbers of minor units, and how they are rounded.

The rule is that of the European invoice (EN 16931-1, BR-CO-10, BR-CO-13, BR-CO-15, BR-CO-17 and BR-S-08): each line is
rounded once, the lines of one tax rate are added up, the tax of each rate is rounded once, and the total is the sum of
what was rounded.  Halves are rounded away from zero.  So many decimals as the currency has (CLDR).  Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Protocol

from babel.numbers import get_currency_precision

MINOR_MAX = 10**15  # of a document, before and after tax: what sums of a thousand of them can hold
EXACT = Context(prec=60)  # no product of what fits into the columns is rounded on its way


class Priced(Protocol):
    """What a line has: ``discount`` and ``tax_rate`` are in percent."""

    @property
    def quantity(self) -> Decimal: ...

    @property
    def unit_price(self) -> Decimal: ...

    @property
    def discount(self) -> Decimal: ...

    @property
    def tax_rate(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Tax:
    """The tax of one rate (in percent) on ``base``, both in minor units."""

    rate: Decimal
    base: int
    tax: int


@dataclass(frozen=True, slots=True)
class Totals:
    """In minor units; ``taxes`` by rising rate."""

    net: int
    taxes: tuple[Tax, ...]
    tax: int
    total: int


def places_of(currency: str) -> int:
    """How many decimals an amount in this currency (ISO 4217) has."""
    return int(get_currency_precision(currency))


def to_minor(amount: Decimal, currency: str) -> int:
    return _rounded(amount.scaleb(places_of(currency), EXACT))


def from_minor(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-places_of(currency), EXACT)


def net_of(line: Priced, currency: str) -> int:
    """What the line comes to before tax, in minor units."""
    price = EXACT.multiply(line.quantity, line.unit_price)
    return to_minor(EXACT.multiply(price, (100 - line.discount).scaleb(-2, EXACT)), currency)


def totals_of(lines: Iterable[Priced], currency: str) -> Totals:
    bases: dict[Decimal, int] = defaultdict(int)
    for line in lines:
        bases[line.tax_rate.normalize(EXACT)] += net_of(line, currency)
    taxes = tuple(Tax(rate, base, _tax(base, rate)) for rate, base in sorted(bases.items()))
    net, tax = sum(each.base for each in taxes), sum(each.tax for each in taxes)
    return Totals(net, taxes, tax, net + tax)


def sums_of(amounts: Iterable[tuple[str, int | None]]) -> Mapping[str, int]:
    """Pairs of a currency and minor units -> the sum of each currency."""
    found: dict[str, int] = defaultdict(int)
    for currency, minor in amounts:
        found[currency] += minor or 0
    return found


def _tax(base: int, rate: Decimal) -> int:
    return _rounded(EXACT.multiply(Decimal(base), rate.scaleb(-2, EXACT)))


def _rounded(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_UP))
