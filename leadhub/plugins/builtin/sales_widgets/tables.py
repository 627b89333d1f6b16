"""What becomes of leads, by source and campaign too; what should be won, month by month."""

from collections.abc import Sequence
from decimal import Decimal

from flask_babel import format_decimal, format_percent, ngettext
from flask_babel import gettext as _

from leadhub.plugins.api import Amount, Documents, Expected, Outcome, Period, Reader, Row, TableData
from leadhub.plugins.api.data import Cell
from leadhub.plugins.api.widgets import Options
from leadhub.plugins.builtin.sales_widgets.words import cell, money, others, percent

ROWS_MAX = 200


def leads_to_quotations(reader: Reader, period: Period, options: Options) -> TableData:
    """Each row opens the leads that it counted."""
    (it,) = reader.outcomes(period=period)
    heads = [_("What"), _("Leads"), _("Percent of all")]
    if not it.leads:
        return TableData(heads=heads, rows=[])
    steps = (
        (_("Leads received"), it.leads, it.where),
        (_("Sent a quotation"), it.quoted, it.quoted_where),
        (_("Ordered"), it.ordered, it.ordered_where),
    )
    rows = [Row(cells=[words, number, percent(number, it.leads)], where=where) for words, number, where in steps]
    return TableData(heads=heads, rows=rows, sentence=_became(it))


def sources_to_orders(reader: Reader, period: Period, options: Options) -> TableData:
    return _table(_("Source"), reader.outcomes("source", period=period)[:ROWS_MAX], reader.currency)


def campaigns_to_orders(reader: Reader, period: Period, options: Options) -> TableData:
    return _table(_("Campaign"), reader.outcomes("campaign", period=period)[:ROWS_MAX], reader.currency)


def forecast(reader: Reader, period: Period, options: Options) -> TableData:
    found, currency = reader.expected()[:ROWS_MAX], reader.currency
    has_others = any(others(it.open.amounts, currency) for it in found)
    heads = [_("Expected close"), _("Opportunities"), _("Amount"), _("Weighted by probability")]
    heads += [_("Other currencies")] if has_others else []
    rows = []
    for it in found:
        cells: list[Cell] = [it.label, it.open.number, cell(it.open.amounts, currency), cell(it.weighted, currency)]
        rows.append(Row(cells=[*cells, *([_weighted(it, currency)] if has_others else [])]))
    return TableData(heads=heads, rows=rows, sentence=_expected(found))


def _table(name: str, found: Sequence[Outcome], currency: str) -> TableData:
    """Columns of amounts are there where at least one is known."""
    has_others = any(others(it.won.amounts, currency) for it in found)
    has_cost = any(it.cost is not None for it in found)
    heads = [
        name, _("Leads"), _("Sent a quotation"), _("Ordered"), _("Ordered, in percent"), _("Orders"), _("Value won"),
    ]  # fmt: skip
    heads += [_("Other currencies")] if has_others else []
    heads += [_("Cost per order")] if has_cost else []
    rows = []
    for it in found:
        cells: list[Cell] = [it.label, it.leads, it.quoted, it.ordered, percent(it.ordered, it.leads)]
        cells += [it.won.number, cell(it.won.amounts, currency)]
        cells += [money(others(it.won.amounts, currency)) or None] if has_others else []
        cells += [_each(it.cost, it.won.number, currency)] if has_cost else []
        rows.append(Row(cells=cells, where=it.where))
    return TableData(heads=heads, rows=rows, sentence=_most(found))


def _each(cost: Decimal | None, number: int, currency: str) -> Amount | None:
    return Amount(value=cost / number, currency=currency) if cost is not None and number else None


def _weighted(it: Expected, currency: str) -> str | None:
    """Of each other currency: all of it, and weighted."""
    known = {each.currency: each for each in it.weighted}
    told = [
        _("%(amount)s (%(weighted)s weighted)", amount=money([each]), weighted=money([known[each.currency]]))
        for each in others(it.open.amounts, currency)
    ]
    return ", ".join(told) or None


def _became(it: Outcome) -> str:
    told = {"count": it.leads, "quoted": it.quoted, "orders": it.ordered}
    words = {name: format_decimal(number) for name, number in told.items()}
    words["of_quoted"] = format_percent(Decimal(it.quoted) / it.leads)
    words["of_orders"] = format_percent(Decimal(it.ordered) / it.leads)
    return str(ngettext(
        "Of %(count)s lead received then, by today: sent a quotation %(quoted)s (%(of_quoted)s), ordered %(orders)s "
        "(%(of_orders)s). The latest ones may still follow.",
        "Of %(count)s leads received then, by today: sent a quotation %(quoted)s (%(of_quoted)s), ordered %(orders)s "
        "(%(of_orders)s). The latest ones may still follow.",
        it.leads, **words,
    ))  # fmt: skip


def _most(found: Sequence[Outcome]) -> str:
    best = max(found, key=lambda it: it.ordered, default=None)
    if best is None or not best.ordered:
        return ""
    told = {"ordered": format_decimal(best.ordered), "count": format_decimal(best.leads)}
    return _("Most leads that ordered came from “%(name)s”: %(ordered)s of %(count)s.", name=best.label, **told)


def _expected(found: Sequence[Expected]) -> str:
    number, unweighted = (sum(it) for it in ([it.open.number for it in found], [it.unweighted for it in found]))
    if not number:
        return ""
    words = [ngettext("%(count)s opportunity is open.", "%(count)s opportunities are open.", number,
                      count=format_decimal(number))]  # fmt: skip
    late = next((it.open for it in found if it.kind == "overdue"), Documents())
    if late.number:
        words.append(_("Overdue: %(count)s.", count=format_decimal(late.number)))
    if unweighted:
        words.append(_("Without a probability, weighted as 0%%: %(count)s.", count=format_decimal(unweighted)))
    return " ".join(words)
