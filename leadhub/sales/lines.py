"""The lines of quotations and orders: checked, written, added up.  Commits nothing."""

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


def write_lines(row: Quotation | Order, drafts: Sequence[LineDraft]) -> None:
    """The document has these lines and their totals from now on.  Raises ``FieldRefused`` for ``lines``; nothing is
    changed then."""
    _check(drafts)
    totals = money.totals_of(drafts, row.currency)
    if max(abs(totals.net), abs(totals.total)) > money.MINOR_MAX:
        raise FieldRefused("lines", _("This comes to more than a document can hold."))
    model = MODELS[type(row)]
    row.lines = [
        model(position=place, net_minor=money.net_of(draft, row.currency), **asdict(draft))
        for place, draft in enumerate(drafts)
    ]
    row.net_minor, row.tax_minor, row.total_minor = totals.net, totals.tax, totals.total


def drafts_of(row: Quotation | Order) -> tuple[LineDraft, ...]:
    names = LineDraft.__dataclass_fields__
    return tuple(LineDraft(**{name: getattr(line, name) for name in names}) for line in row.lines)


def problem_of(draft: LineDraft) -> str:
    """What is wrong with one line, in words; empty where nothing is."""
    if not draft.description.strip():
        return _("Say what it is.")
    if len(draft.description) > DESCRIPTION_MAX:
        return _("At most %(count)s characters.", count=DESCRIPTION_MAX)
    if not 0 < draft.quantity <= QUANTITY_MAX or _has_more(draft.quantity, QUANTITY_PLACES):
        return _("Give a quantity above 0, with at most three decimals.")
    if abs(draft.unit_price) > PRICE_MAX or _has_more(draft.unit_price, PRICE_PLACES):
        return _("Give a price with at most four decimals.")
    if not 0 <= draft.discount <= 100 or _has_more(draft.discount, DISCOUNT_PLACES):
        return _("Give a discount from 0 to 100 percent.")
    if not 0 <= draft.tax_rate <= 100 or _has_more(draft.tax_rate, TAX_PLACES):
        return _("Give a tax rate from 0 to 100 percent.")
    return ""


def _check(drafts: Sequence[LineDraft]) -> None:
    if len(drafts) > LINES_MAX:
        raise FieldRefused("lines", _("At most %(count)s lines.", count=LINES_MAX))
    for draft in drafts:
        if problem := problem_of(draft):
            raise FieldRefused("lines", problem)


def _has_more(value: Decimal, places: int) -> bool:
    return value != round(value, places)
