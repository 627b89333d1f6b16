"""Won leads go to the accounting; a page and a chart say how many and how much."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from wtforms import Form, StringField
from wtforms.validators import URL, DataRequired, Length

from leadhub.plugins.api import (
    AddNote,
    ChartData,
    Context,
    Failed,
    LeadSnapshot,
    NoAnswer,
    NumberData,
    Period,
    Reader,
    Skip,
    Slice,
    TextData,
)
from leadhub.plugins.api.parts import Asked
from leadhub_company.words import _, _l

MONTHS = 24  # that are kept
PUSHED = "pushed"


class PushForm(Form):
    url = StringField(_l("Address of the accounting"), [DataRequired(), URL(require_tld=False)])


class WonForm(Form):
    status = StringField(_l("Key of the status"), [DataRequired(), Length(max=100)], default="converted")


def summary(settings: Mapping[str, Any]) -> str:
    return str(settings.get("url") or "")


def push(lead: LeadSnapshot, settings: Mapping[str, Any], context: Context) -> list[AddNote]:
    """One entry in the accounting.

    The hub may call this twice for one won lead, where something broke between.  ``run_id`` is the same then: with it
    the accounting knows an entry that it has, and the figures kept here are written over, not added.
    """
    if lead.expected_value is None:
        raise Skip(_("The lead has no expected value."))
    amount, month = str(lead.expected_value), f"{context.now():%Y-%m}"
    told = {"lead": lead.id, "name": lead.title, "amount": amount, "currency": lead.currency}
    if context.is_dry_run:
        return []
    answer = context.http("POST", settings["url"], headers={"Idempotency-Key": context.run_id}, json=told)
    if 400 <= answer.status < 500:
        raise Failed(_("The accounting refused the entry: %(status)s.", status=answer.status))
    if answer.status >= 300:
        raise NoAnswer(f"the accounting answered {answer.status}")  # tried again
    context.store.set(PUSHED, month, lead_id=lead.id)
    context.store.set(f"{month} {context.run_id}", [amount, lead.currency])
    _forget_old(context)
    return [
        AddNote(text=_("Pushed to the accounting: %(amount)s %(currency)s.", amount=amount, currency=lead.currency))
    ]


def show(asked: Asked, context: Context) -> list[NumberData | ChartData | TextData]:
    """What was pushed, by month."""
    counts: dict[str, int] = defaultdict(int)
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for key, (amount, currency) in context.store.all().items():
        counts[key.partition(" ")[0]] += 1
        totals[currency] += Decimal(amount)
    if not counts:
        return [TextData(text=context._("Nothing was pushed to the accounting yet."))]
    slices = [Slice(label=month, value=count) for month, count in sorted(counts.items())]
    numbers = [
        NumberData(value=total, label=context._("%(currency)s pushed to the accounting", currency=currency))
        for currency, total in totals.items()
    ]
    return [*numbers, ChartData(kind="bar", slices=slices, sentence=context._("Leads that were pushed, by month"))]


def won(reader: Reader, period: Period, options: Mapping[str, Any]) -> ChartData:
    slices: Sequence[Slice] = reader.leads_over_time("month", {"status": options["status"]}, period)
    return ChartData(kind="bar", slices=slices, sentence=_("By the month in which they came in"))


def _forget_old(context: Context) -> None:
    """Months before the last two years."""
    mine = context.store.all()
    months = sorted({key.partition(" ")[0] for key in mine})[:-MONTHS]
    for key in mine:
        if key.partition(" ")[0] in months:
            context.store.delete(key)
