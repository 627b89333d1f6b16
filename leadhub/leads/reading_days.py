"""Leads counted by the day, week or month in which they were received, on the clock of the page.  Nothing here
writes."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import format_date
from flask_babel import gettext as _

from leadhub.extensions import db
from leadhub.leads.clock import day_of
from leadhub.leads.listing import periods
from leadhub.leads.listing.columns import day as day_label
from leadhub.leads.models import Lead
from leadhub.leads.reading_counted import Plan
from leadhub.web import zone

SLICES_MAX = 400
MONTH = "month"
DAY = timedelta(days=1)


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
    leads: sa.Select[Lead], step: str, first: date | None, last: date | None, plan: Plan | None = None
) -> Sequence[Part]:
    """In order, stretches without leads too, from the first lead up to today where nothing else is said; the last
    ``SLICES_MAX``.  Empty where there are no leads.  One statement.  ``plan``: how the counters say it."""
    way, here = STEPS[step], zone()
    last = last or periods.today_in(here)
    earliest = _earliest(way, last)
    begins = max(first, earliest) if first else earliest
    counts = plan.within(begins, last).by_day(by_month=step == MONTH) if plan else _by_day(leads, begins, last, here)
    if not counts:
        return []
    first = max(first or min(counts), earliest)
    found: Counter[date] = Counter()
    for day, count in counts.items():
        found[way.begins(day)] += count
    parts: list[Part] = []
    begins = way.begins(first)
    while begins <= last:
        behind = way.shift(begins, 1)
        parts.append(Part(way.label(begins), max(begins, first), min(behind - DAY, last), found[begins]))
        begins = behind
    return parts


def _earliest(way: Step, last: date) -> date:
    try:
        return max(way.shift(way.begins(last), 1 - SLICES_MAX), periods.FIRST)
    except (OverflowError, ValueError):  # before there were days
        return periods.FIRST


def _by_day(leads: sa.Select[Lead], first: date, last: date, here: ZoneInfo) -> dict[date, int]:
    """Day -> number of leads, without the days that have none."""
    start, end = periods.Span(first, last + DAY).moments(here)
    within = leads.where(Lead.received_at >= start, Lead.received_at < end)
    days = within.with_only_columns(day_of(Lead.received_at, here, first, last).label("day")).subquery()
    rows = db.session.execute(sa.select(days.c.day, sa.func.count()).group_by(days.c.day))
    return {date.fromisoformat(str(value)): count for value, count in rows}


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
