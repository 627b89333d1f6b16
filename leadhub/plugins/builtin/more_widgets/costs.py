"""What sources and campaigns bring, and what that costs."""

from collections.abc import Sequence
from decimal import Decimal

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from leadhub.plugins.api import Efficiency, Period, Reader, Row, TableData
from leadhub.plugins.api.data import Cell
from leadhub.plugins.api.widgets import Options
from leadhub.plugins.builtin.more_widgets.words import money, percent

ROWS_MAX = 200


def source_efficiency(reader: Reader, period: Period, options: Options) -> TableData:
    found = reader.efficiency("source", period=period)[:ROWS_MAX]
    return _table(_("Source"), found, reader.currency)


def campaign_efficiency(reader: Reader, period: Period, options: Options) -> TableData:
    found = [it for it in reader.efficiency("campaign", period=period) if (it.where or {}).get("campaign") != "none"]
    return _table(_("Campaign"), found[:ROWS_MAX], reader.currency)


def _table(name: str, found: Sequence[Efficiency], currency: str) -> TableData:
    """Columns of amounts are there where at least one is known."""
    has_budget, has_cost = (any(getattr(it, what) is not None for it in found) for what in ("budget", "cost"))
    heads = [name, _("Leads"), _("Customers"), _("Customers in percent")]
    heads += [_("Budget")] if has_budget else []
    heads += [_("Actual cost"), _("Cost per lead"), _("Cost per customer")] if has_cost else []
    rows = []
    for it in found:
        cells: list[Cell] = [it.label, it.leads, it.customers, percent(it.customers, it.leads)]
        cells += [money(it.budget, currency)] if has_budget else []
        amounts = [it.cost, _each(it.cost, it.leads), _each(it.cost, it.customers)] if has_cost else []
        rows.append(Row(cells=[*cells, *(money(value, currency) for value in amounts)], where=it.where))
    return TableData(heads=heads, rows=rows, sentence=_best(found))


def _each(cost: Decimal | None, number: int) -> Decimal | None:
    return cost / number if cost is not None and number else None


def _best(found: Sequence[Efficiency]) -> str:
    best = max(found, key=lambda it: it.customers, default=None)
    if best is None or not best.customers:
        return ""
    return str(ngettext(
        "“%(name)s” brought the most customers: %(count)s of %(leads)s lead.",
        "“%(name)s” brought the most customers: %(count)s of %(leads)s leads.",
        best.leads, name=best.label, count=format_decimal(best.customers), leads=format_decimal(best.leads),
    ))  # fmt: skip
