"""Quotations and orders by what happened to them, and when.  Nothing here writes."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from leadhub.hub.queries import hub
from leadhub.leads import reading_days
from leadhub.leads.listing import periods
from leadhub.leads.reading import Asked
from leadhub.leads.reading_days import Edges
from leadhub.leads.reading_kept import rows_of
from leadhub.plugins.api.figures import Amount
from leadhub.plugins.api.reading import Period
from leadhub.plugins.api.sales import Documents, Stretch
from leadhub.sales.documents import ACCEPTED, CONFIRMED, EXPIRED, LOST, Order, Quotation
from leadhub.sales.money import from_minor
from leadhub.sales.reading_leads import replaced, seen
from leadhub.web import zone

EVENTS: Mapping[str, tuple[Any, Any, tuple[str, ...]]] = {
    "submitted": (Quotation, Quotation.sent_on, ()),
    "accepted": (Quotation, Quotation.settled_on, (ACCEPTED,)),
    "lost": (Quotation, Quotation.settled_on, (LOST,)),
    "expired": (Quotation, Quotation.settled_on, (EXPIRED,)),
    "answered": (Quotation, Quotation.settled_on, (ACCEPTED, LOST, EXPIRED)),
    "ordered": (Order, Order.ordered_on, (CONFIRMED,)),
}
"""What happens -> to what, which day it goes by, and the states of which it then has one; none: any."""
Rows = Iterable[tuple[str, int, Any]]
"""Currency, number, minor units."""


def documents_of(asked: Asked, event: str, period: Period) -> Documents:
    model, _day, _states = EVENTS[event]
    columns = (model.currency, sa.func.count(), sa.func.sum(model.net_minor))
    statement = sa.select(*columns).where(*_conditions(asked, event, period)).group_by(model.currency)
    return summed(rows_of(asked.reader, statement))  # type: ignore[arg-type]


def over_time(asked: Asked, event: str, step: str, period: Period) -> list[Stretch]:
    """In order, stretches without any too; empty where there are none in the period."""
    days = _by_day(asked, event, period)
    if not days:
        return []
    first = period.start or min(days)
    last = period.end or max(periods.today_in(zone()), max(days))
    step = reading_days.fitting(step, first, last)
    way = reading_days.STEPS[step]
    edges = reading_days.edges_within(way, max(first, reading_days.earliest(way, last)), last)
    before = _before(asked, event, period, edges)
    return [
        Stretch(label=way.label(way.begins(start)), start=start, end=end, documents=found, before=was)
        for (start, end), found, was in zip(edges, _cut(days, edges), before, strict=True)
    ]


def within(column: Any, period: Period) -> list[sa.ColumnElement[bool]]:
    """Days, both edges in it."""
    found = [column >= period.start] if period.start else []
    return [*found, column <= period.end] if period.end else [*found, column.is_not(None)]


def summed(rows: Rows) -> Documents:
    number = 0
    minors: dict[str, int] = defaultdict(int)
    for currency, count, minor in rows:
        number += int(count)
        if minor is not None:
            minors[currency] += int(minor)
    return Documents(number=number, amounts=amounts_of(minors))


def amounts_of(minors: Mapping[str, int]) -> tuple[Amount, ...]:
    """Of minor units by currency, the hub's own first."""
    ours = hub().currency
    order = sorted(minors, key=lambda currency: (currency != ours, currency))
    return tuple(Amount(value=from_minor(minors[each], each), currency=each) for each in order)


def _conditions(asked: Asked, event: str, period: Period) -> list[sa.ColumnElement[bool]]:
    model, day, states = EVENTS[event]
    found = [*within(day, period), seen(asked, model)]
    found += [model.state.in_(states)] if states else []
    return [*found, model.id.not_in(replaced())] if model is Quotation else found


def _by_day(asked: Asked, event: str, period: Period) -> dict[date, list[tuple[str, int, Any]]]:
    model, day, _states = EVENTS[event]
    columns = (day, model.currency, sa.func.count(), sa.func.sum(model.net_minor))
    statement = sa.select(*columns).where(*_conditions(asked, event, period)).group_by(day, model.currency)
    found: dict[date, list[tuple[str, int, Any]]] = {}
    for its_day, *row in rows_of(asked.reader, statement):
        found.setdefault(its_day, []).append(tuple(row))  # type: ignore[arg-type]
    return found


def _cut(days: Mapping[date, Sequence[tuple[str, int, Any]]], edges: Sequence[Edges]) -> list[Documents]:
    """Each stretch's own; what lies before the first falls to it, what lies behind the last to that."""
    starts = [start for start, _end in edges]
    found: dict[int, list[tuple[str, int, Any]]] = defaultdict(list)
    for day, rows in days.items():
        found[max(bisect_right(starts, day) - 1, 0)].extend(rows)
    return [summed(found[place]) for place in range(len(edges))]


def _before(asked: Asked, event: str, period: Period, edges: Sequence[Edges]) -> list[Documents | None]:
    """Of the period before, cut as this one is."""
    before = period.before
    if not (before and period.start and before.start and before.end):
        return [None] * len(edges)
    back, end = period.start - before.start, before.end
    shifted = [(start - back, last - back) for start, last in edges if start - back <= end]
    found: list[Documents | None] = [*_cut(_by_day(asked, event, before), shifted)] if shifted else []
    return found + [Documents()] * (len(edges) - len(found))
