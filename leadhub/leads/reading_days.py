"""Leads counted by the day, week or month in which they were received, on the clock of the page.  Nothing here
writes."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from flask_babel import format_date
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.database import UtcDateTime
from leadhub.extensions import db
from leadhub.leads.listing import periods
from leadhub.leads.listing.columns import day as day_label
from leadhub.leads.models import Lead
from leadhub.leads.reading_counted import Plan
from leadhub.leads.reading_kept import rows_of
from leadhub.web import zone

SLICES_MAX = 400
MONTH = "month"
DAY = timedelta(days=1)
Edges = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Part:
    """Both days are in it."""

    label: str
    start: date
    end: date
    count: int


@dataclass(frozen=True, slots=True)
class Step:
    """``begins``: the first day of the stretch that a day is in; ``shift``: that of another one, so many further."""

    begins: Callable[[date], date]
    shift: Callable[[date, int], date]
    label: Callable[[date], str]


def parts_of(
    user: User | None,
    leads: sa.Select[Lead],
    step: str,
    first: date | None,
    last: date | None,
    plan: Plan | None = None,
) -> Sequence[Part]:
    """In order, stretches without leads too, from the first lead up to today where nothing else is said; the last
    ``SLICES_MAX``.  Empty where there are no leads.  Two statements.  ``plan``: how the counters say it."""
    way = STEPS[step]
    last = last or periods.today_in(zone())
    earliest = _earliest(way, last)
    if plan:
        begins = max(first, earliest) if first else earliest
        days = plan.within(begins, last).by_day(by_month=step == MONTH)
        first = first or min(days, default=None)
    else:
        first = first or _first_day(leads, earliest, last)
    if first is None:
        return []
    edges = _edges(way, max(first, earliest), last)
    counts = _summed(way, edges, days) if plan else _counted(user, leads, edges)
    if not any(counts):
        return []
    return [Part(way.label(way.begins(start)), start, end, n) for (start, end), n in zip(edges, counts, strict=True)]


def _edges(way: Step, first: date, last: date) -> list[Edges]:
    """First and last day of each stretch."""
    found: list[Edges] = []
    begins = way.begins(first)
    while begins <= last:
        behind = way.shift(begins, 1)
        found.append((max(begins, first), min(behind - DAY, last)))
        begins = behind
    return found


def _summed(way: Step, edges: Sequence[Edges], days: Mapping[date, int]) -> list[int]:
    found: Counter[date] = Counter()
    for day, count in days.items():
        found[way.begins(day)] += count
    return [found[way.begins(start)] for start, _end in edges]


def _counted(user: User | None, leads: sa.Select[Lead], edges: Sequence[Edges]) -> list[int]:
    """One range of the list's own index for each stretch: nothing is sorted."""
    here = zone()
    moments = [periods.Span(start, end + DAY).moments(here) for start, end in edges]
    columns = (sa.column("place", sa.Integer), sa.column("start", UtcDateTime), sa.column("end", UtcDateTime))
    rows = sa.values(*columns, name="stretches").data([(place, *each) for place, each in enumerate(moments)]).cte()
    inside = leads.where(Lead.received_at >= rows.c.start, Lead.received_at < rows.c.end)
    count = inside.with_only_columns(sa.func.count()).correlate(rows).scalar_subquery()
    found = dict(rows_of(user, sa.select(rows.c.place, count)))
    return [found[place] for place in range(len(edges))]


def _first_day(leads: sa.Select[Lead], earliest: date, last: date) -> date | None:
    start, end = periods.Span(earliest, last + DAY).moments(zone())
    within = leads.where(Lead.received_at >= start, Lead.received_at < end)
    moment = db.session.scalar(within.with_only_columns(Lead.received_at).order_by(Lead.received_at).limit(1))
    return moment.astimezone(zone()).date() if moment else None


def _earliest(way: Step, last: date) -> date:
    try:
        return max(way.shift(way.begins(last), 1 - SLICES_MAX), periods.FIRST)
    except (OverflowError, ValueError):  # before there were days
        return periods.FIRST


def _month(day: date, step: int = 0) -> date:
    months = day.year * 12 + day.month - 1 + step
    return date(max(months // 12, 1), months % 12 + 1, 1)


def _week_label(day: date) -> str:
    year, week, _weekday = day.isocalendar()
    return _("W%(week)s %(year)s", week=week, year=year)


STEPS = {
    "day": Step(lambda day: day, lambda day, step: day + step * DAY, day_label),
    "week": Step(lambda day: day - day.weekday() * DAY, lambda day, step: day + step * timedelta(weeks=1), _week_label),
    MONTH: Step(_month, _month, lambda day: str(format_date(day, "MMM yyyy"))),
}
