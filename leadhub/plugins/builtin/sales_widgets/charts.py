"""What was won month by month, and why quotations were lost."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, SelectField
from wtforms.fields.choices import SelectChoice

from leadhub.plugins.api import Amount, ChartData, Documents, Loss, Period, Reader, Slice, Stretch
from leadhub.plugins.api.widgets import Options
from leadhub.plugins.builtin.sales_widgets.words import in_currency, money, others

MANY_SLICES = 60  # more are a line


class StepForm(Form):
    step = SelectField(
        _l("A bar for each"),
        choices=[SelectChoice("day", _l("day")), SelectChoice("week", _l("week")), SelectChoice("month", _l("month"))],
        default="month",
    )


def value_over_time(reader: Reader, period: Period, options: Options) -> ChartData:
    """The hub's currency is drawn, others stand beside: they are never added up."""
    found, currency = reader.documents_over_time("ordered", options["step"], period=period), reader.currency
    has_others = any(others(it.documents.amounts, currency) for it in found)
    return ChartData(
        kind="line" if len(found) > MANY_SLICES else "bar", slices=[_bar(it, currency) for it in found],
        sentence=_best(found, currency), counts=_("Orders"), amounts=_("Value before tax"), unit=currency,
        beside=_("Other currencies") if has_others else "",
    )  # fmt: skip


def losses(reader: Reader, period: Period, options: Options) -> ChartData:
    found, currency = reader.losses(period=period), reader.currency
    slices = [
        Slice(
            label=it.label or _("No reason"), value=it.lost.number, before=it.before, is_without=not it.label,
            beside=money(it.lost.amounts),
        )
        for it in found
    ]  # fmt: skip
    heads = {"counts": _("Lost"), "beside": _("Value before tax")}
    return ChartData(kind="doughnut", slices=slices, sentence=_why(found, currency), **heads)


def _bar(it: Stretch, currency: str) -> Slice:
    documents, before = it.documents, it.before
    return Slice(
        label=it.label, value=documents.number, amount=in_currency(documents.amounts, currency) or Decimal(0),
        before=None if before is None else before.number,
        amount_before=None if before is None else in_currency(before.amounts, currency) or Decimal(0),
        beside=money(others(documents.amounts, currency)),
    )  # fmt: skip


def _best(found: Sequence[Stretch], currency: str) -> str:
    number = sum(it.documents.number for it in found)
    if not number:
        return ""
    told = {
        "count": format_decimal(number),
        "amounts": money(_together((it.documents for it in found), currency)) or "–",
    }
    words = [ngettext("%(count)s order: %(amounts)s.", "%(count)s orders: %(amounts)s.", number, **told)]
    best = max(found, key=lambda it: in_currency(it.documents.amounts, currency) or 0)
    value = in_currency(best.documents.amounts, currency)
    if value and len(found) > 1:
        amount = money([Amount(value=value, currency=currency)])
        words.append(_("Most in %(when)s: %(amount)s.", when=best.label, amount=amount))
    return " ".join(words)


def _why(found: Sequence[Loss], currency: str) -> str:
    number = sum(it.lost.number for it in found)
    if not number:
        return ""
    worth = money(_together((it.lost for it in found), currency))
    told = _("%(count)s lost, %(amounts)s before tax.", count=format_decimal(number), amounts=worth)
    words = [told if worth else _("%(count)s lost.", count=format_decimal(number))]
    most = max(found, key=lambda it: it.lost.number)
    if most.label:
        count = format_decimal(most.lost.number)
        words.append(_("Most often: %(reason)s (%(count)s).", reason=most.label, count=count))
    else:
        words.append(_("Most have no reason: ask for one."))
    return " ".join(words)


def _together(every: Iterable[Documents], currency: str) -> list[Amount]:
    """The sum of each currency, this one first."""
    sums: dict[str, Decimal] = {}
    for documents in every:
        for each in documents.amounts:
            sums[each.currency] = sums.get(each.currency, Decimal(0)) + each.value
    order = sorted(sums, key=lambda each: (each != currency, each))
    return [Amount(value=sums[each], currency=each) for each in order]
