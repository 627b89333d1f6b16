"""Leads counted by the day, week or month in which they were received, on the clock of the page.  Nothing here
writes."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import format_date
from flask_babel import gettext as _

from leadhub.extensions import db
from leadhub.leads.listing import periods
from leadhub.leads.listing.columns import day as day_label
from leadhub.leads.models import Lead
from leadhub.web import zone

SLICES_MAX = 400
DAY = timedelta(days=1)
Offsets = tuple[tuple[datetime, timedelta], ...]


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


def parts_of(leads: sa.Select[Lead], step: str, first: date | None, last: date | None) -> Sequence[Part]:
    """In order, stretches without leads too, from the first lead up to today where nothing else is said; the last
    ``SLICES_MAX``.  Empty where there are no leads.  One statement."""
    way, here = STEPS[step], zone()
    last = last or periods.today_in(here)
    earliest = _earliest(way, last)
    counts = _by_day(leads, max(first, earliest) if first else earliest, last, here)
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
    days = within.with_only_columns(_day(_offsets(here, first, last)).label("day")).subquery()
    rows = db.session.execute(sa.select(days.c.day, sa.func.count()).group_by(days.c.day))
    return {date.fromisoformat(str(value)): count for value, count in rows}


def _day(offsets: Offsets) -> Any:
    """The day of ``received_at`` as SQL: neither database knows the zones that Python knows, so it is told by how much
    and until when the clock is ahead."""
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    known: dict[timedelta, Any] = {}
    for _until, offset in offsets:
        ahead: Any = f"{int(offset.total_seconds())} seconds" if is_sqlite else offset
        known[offset] = sa.literal(ahead, sa.String() if is_sqlite else sa.Interval())
    first, *later = [known[offset] for _until, offset in offsets]
    ahead = first
    if later:  # the newest first, since most leads are
        begun = zip([until for until, _offset in offsets], later, strict=False)
        ahead = sa.case(*((Lead.received_at >= since, offset) for since, offset in reversed(list(begun))), else_=first)
    if is_sqlite:
        return sa.func.date(Lead.received_at, ahead, type_=sa.String())
    return sa.cast(sa.type_coerce(Lead.received_at, sa.DateTime()) + ahead, sa.Date)


@lru_cache(maxsize=64)
def _offsets(here: ZoneInfo, first: date, last: date) -> Offsets:
    """(until when, how far the clock is ahead) from the first day to the last."""
    moment, end = (datetime.combine(day, time(), UTC) for day in (first - DAY, last + 2 * DAY))
    found: list[tuple[datetime, timedelta]] = []
    while moment < end:
        offset, following = _offset(moment, here), min(moment + 7 * DAY, end)
        if _offset(following, here) != offset:
            following = _change_between(moment, following, here)
            found.append((following, offset))
        moment = following
    return (*found, (end, _offset(end, here)))


def _change_between(before: datetime, behind: datetime, here: ZoneInfo) -> datetime:
    """The first moment with another offset, to the second."""
    old = _offset(before, here)
    while behind - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((behind - before).total_seconds()) // 2)
        if _offset(middle, here) == old:
            before = middle
        else:
            behind = middle
    return behind


def _offset(moment: datetime, here: ZoneInfo) -> timedelta:
    return moment.astimezone(here).utcoffset() or timedelta()


def _month(day: date, step: int = 0) -> date:
    months = day.year * 12 + day.month - 1 + step
    return date(max(months // 12, 1), months % 12 + 1, 1)


def _week_label(day: date) -> str:
    year, week, _weekday = day.isocalendar()
    return _("W%(week)s %(year)s", week=week, year=year)


STEPS = {
    "day": Step(lambda day: day, lambda day, step: day + step * DAY, day_label),
    "week": Step(lambda day: day - day.weekday() * DAY, lambda day, step: day + step * timedelta(weeks=1), _week_label),
    "month": Step(_month, _month, lambda day: str(format_date(day, "MMM yyyy"))),
}
