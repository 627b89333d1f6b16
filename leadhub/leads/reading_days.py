"""Leads counted by the day, week or month in which they were received, on the clock of the page.  Nothing here
writes."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
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
Days = tuple[date | None, date | None]


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
    """In order, stretches without leads too, from the first lead to the last one or today where nothing else is said;
    by a larger step where there would be more than ``SLICES_MAX``.  Empty where there are no leads.  A few statements.
    ``plan``: how the counters say it."""
    first, last = _span_of_plan(plan, first, last) if plan else _span(leads, first, last)
    if first is None or last is None:
        return []
    step = fitting(step, first, last)
    way = STEPS[step]
    edges = edges_within(way, max(first, earliest(way, last)), last)
    counts = at(user, leads, edges, plan, by_month=step == MONTH)
    if not any(counts):
        return []
    return [Part(way.label(way.begins(start)), start, end, n) for (start, end), n in zip(edges, counts, strict=True)]


def at(
    user: User | None, leads: sa.Select[Lead], edges: Sequence[Edges], plan: Plan | None, *, by_month: bool = False
) -> list[int]:
    """How many were received in each of these stretches, one behind the other, both of their days in them.
    ``by_month``: each is a month, or what is asked of one."""
    if not edges:
        return []
    if plan is None:
        return _counted(user, leads, edges)
    days = plan.within(edges[0][0], edges[-1][1]).by_day(by_month=by_month)
    found: Counter[int] = Counter()
    starts = [start for start, _end in edges]
    for day, count in days.items():
        found[max(bisect_right(starts, day) - 1, 0)] += count  # the first month may be told by a day before
    return [found[place] for place in range(len(edges))]


def _span_of_plan(plan: Plan, first: date | None, last: date | None) -> Days:
    """The first and the last day that is asked for, or has leads, or is today: by months, so that few rows are read."""
    if first and last:
        return first, last
    months = plan.by_day(by_month=True)
    if not months:
        return None, None
    today = periods.today_in(zone())
    first = first or min(_days_in(plan, min(months)))
    late = max(months).replace(day=1) >= today.replace(day=1)
    return first, last or max([today, first, *(_days_in(plan, max(months)) if late else ())])


def _days_in(plan: Plan, month: date) -> Iterable[date]:
    begins = month.replace(day=1)
    return plan.within(begins, _month(begins, 1) - DAY).by_day(by_month=False) or [begins]


def fitting(step: str, first: date, last: date) -> str:
    """The step itself, or a larger one that is not too fine."""
    steps = list(STEPS)
    days = {"day": 1, "week": 7, MONTH: 28}
    for each in steps[steps.index(step) :]:
        if (last - first).days // days[each] < SLICES_MAX:
            return each
    return MONTH


def edges_within(way: Step, first: date, last: date) -> list[Edges]:
    """First and last day of each stretch."""
    found: list[Edges] = []
    begins = way.begins(first)
    while begins <= last:
        behind = way.shift(begins, 1)
        found.append((max(begins, first), min(behind - DAY, last)))
        begins = behind
    return found


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


def _span(leads: sa.Select[Lead], first: date | None, last: date | None) -> Days:
    """The same, out of the leads."""
    first = first or _day_of(leads.order_by(Lead.received_at))
    if first and not last:
        last = max(periods.today_in(zone()), first, _day_of(leads.order_by(Lead.received_at.desc())) or first)
    return first, last


def _day_of(ordered: sa.Select[Lead]) -> date | None:
    moment = db.session.scalar(ordered.with_only_columns(Lead.received_at).limit(1))
    return moment.astimezone(zone()).date() if moment else None


def earliest(way: Step, last: date) -> date:
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
