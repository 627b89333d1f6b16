"""What documents come to: their lines, or an amount without any, checked and added up.  Commits nothing."""

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from leadhub.leads.checks import FieldRefused
from leadhub.sales import money
from leadhub.sales.documents import (
    DISCOUNT_PLACES,
    PRICE_PLACES,
    QUANTITY_PLACES,
    TAX_PLACES,
    Order,
    OrderLine,
    Quotation,
    QuotationLine,
)
from leadhub.sales.drafts import LineDraft

LINES_MAX = 200
DESCRIPTION_MAX = 2000
QUANTITY_MAX, PRICE_MAX = Decimal(10**9), Decimal(10**12)
MODELS: dict[type[Any], type[Any]] = {Quotation: QuotationLine, Order: OrderLine}


def write_lines(row: Quotation | Order, drafts: Sequence[LineDraft], currency: str) -> None:
    """The document has these lines, and their totals in this currency, from now on.  Raises ``FieldRefused`` for
    ``lines``; nothing is changed then."""
    _check(drafts)
    nets, totals = [money.net_of(draft, currency) for draft in drafts], money.totals_of(drafts, currency)
    if max(map(abs, (*nets, totals.net, totals.total))) > money.MINOR_MAX:  # what is taken off again counts too
        raise FieldRefused("lines", _("This comes to more than a document can hold."))
    model = MODELS[type(row)]
    row.currency = currency
    row.lines = [
        model(position=place, net_minor=net, **asdict(draft))
        for place, (draft, net) in enumerate(zip(drafts, nets, strict=True))
    ]
    row.net_minor, row.tax_minor, row.total_minor = totals.net, totals.tax, totals.total


def amount_of(amount: Decimal | None, currency: str) -> int | None:
    """What is told without lines, in minor units.  Raises ``FieldRefused``."""
    if amount is None:
        return None
    if not amount.is_finite() or not 0 <= (minor := money.to_minor(amount, currency)) <= money.MINOR_MAX:
        raise FieldRefused("amount", _("Give an amount from 0 to a thousand billions."))
    return minor


def drafts_of(row: Quotation | Order) -> tuple[LineDraft, ...]:
    names = LineDraft.__dataclass_fields__
    return tuple(LineDraft(**{name: getattr(line, name) for name in names}) for line in row.lines)


def problem_of(draft: LineDraft) -> str:
    """What is wrong with one line, in words; empty where nothing is."""
    if not draft.description.strip():
        return _("Say what it is.")
    if len(draft.description) > DESCRIPTION_MAX:
        return _("At most %(count)s characters.", count=DESCRIPTION_MAX)
    if not _fits(draft.quantity, QUANTITY_PLACES, 0, QUANTITY_MAX) or not draft.quantity:
        return _("Give a quantity above 0, with at most three decimals.")
    if not _fits(draft.unit_price, PRICE_PLACES, -PRICE_MAX, PRICE_MAX):
        return _("Give a price with at most four decimals.")
    if not _fits(draft.discount, DISCOUNT_PLACES, 0, 100):
        return _("Give a discount from 0 to 100 percent.")
    if not _fits(draft.tax_rate, TAX_PLACES, 0, 100):
        return _("Give a tax rate from 0 to 100 percent.")
    return ""


def _check(drafts: Sequence[LineDraft]) -> None:
    if len(drafts) > LINES_MAX:
        raise FieldRefused("lines", _("At most %(count)s lines.", count=LINES_MAX))
    for draft in drafts:
        if problem := problem_of(draft):
            raise FieldRefused("lines", problem)


def _fits(value: Decimal, places: int, least: Decimal | int, most: Decimal | int) -> bool:
    """What is no number never does."""
    return value.is_finite() and least <= value <= most and value == round(value, places)
