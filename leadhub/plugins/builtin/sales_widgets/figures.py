"""Four figures: quotations submitted and accepted, orders, what they come to."""

from decimal import Decimal

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from leadhub.plugins.api import Documents, NumberData, Period, Reader
from leadhub.plugins.api.sales import Event
from leadhub.plugins.api.widgets import Options
from leadhub.plugins.builtin.sales_widgets.words import in_currency, others, rounded


def quotations_submitted(reader: Reader, period: Period, options: Options) -> NumberData:
    found, before = _documents(reader, "submitted", period)
    words = _("submitted")
    return NumberData(value=found.number, label=_worth(words, found), before=None if before is None else before.number)


def orders_confirmed(reader: Reader, period: Period, options: Options) -> NumberData:
    found, before = _documents(reader, "ordered", period)
    words = ngettext("order that was confirmed", "orders that were confirmed", found.number)
    return NumberData(value=found.number, label=words, before=None if before is None else before.number)


def accepted_rate(reader: Reader, period: Period, options: Options) -> NumberData:
    """Of those that were answered: a rate by the day of submission would be low as long as customers think."""
    rate, answered = _rate(reader, period)
    if not answered:
        return NumberData(value=0, label=_("No quotation was answered."))
    before = _rate(reader, period.before) if period.before else (0, 0)
    count = format_decimal(answered)
    words = ngettext("of %(count)s answered quotation", "of %(count)s answered quotations", answered, count=count)
    return NumberData(value=rate, label=words, before=before[0] if before[1] else None, unit="percent")


def value_won(reader: Reader, period: Period, options: Options) -> NumberData:
    """In the hub's currency; what was won in others stands in words beside."""
    found, before = _documents(reader, "ordered", period)
    currency, nothing = reader.currency, Decimal(0)
    words, beside = _("before tax"), others(found.amounts, currency)
    if beside:
        words = _("before tax, and %(amounts)s", amounts=rounded(beside))
    return NumberData(
        value=in_currency(found.amounts, currency) or nothing, label=words, unit=currency,
        before=None if before is None else in_currency(before.amounts, currency) or nothing,
    )  # fmt: skip


def _documents(reader: Reader, event: Event, period: Period) -> tuple[Documents, Documents | None]:
    """And those of the period before, where the page compares."""
    before = reader.documents(event, period=period.before) if period.before else None
    return reader.documents(event, period=period), before


def _rate(reader: Reader, period: Period) -> tuple[int, int]:
    """Whole percents, of how many."""
    answered = reader.documents("answered", period=period).number
    accepted = reader.documents("accepted", period=period).number if answered else 0
    return (round(accepted * 100 / answered) if answered else 0), answered


def _worth(words: str, found: Documents) -> str:
    return _("%(what)s: %(amounts)s", what=words, amounts=rounded(found.amounts)) if found.amounts else words
