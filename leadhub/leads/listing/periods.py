"""Spans of days as an address has them: ``today``, ``last-30-days``, ``2026-11-01``; on the calendar of the reader."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

DAY = timedelta(days=1)
DAYS_MAX = 3660
COUNTED = re.compile(r"(last|next)-(\d{1,4})-days")
FIRST, LAST = date(1, 1, 2), date(9999, 12, 30)  # a day is left on both sides for zones


@dataclass(frozen=True, slots=True)
class Span:
    """Days from ``start`` up to and without ``end``; None: there is no such edge."""

    start: date | None
    end: date | None

    def moments(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """The same as aware moments, half open."""
        return _midnight(self.start, zone), _midnight(self.end, zone)


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time(), zone).astimezone(UTC) if day else None


def _month(today: date, step: int) -> Span:
    return Span(_month_start(today, step), _month_start(today, step + 1))


def _month_start(today: date, step: int) -> date:
    months = today.year * 12 + today.month - 1 + step
    return date(months // 12, months % 12 + 1, 1)


def _quarter(today: date, step: int) -> Span:
    first = (today.month - 1) // 3 * 3 - (today.month - 1)
    return Span(_month_start(today, first + 3 * step), _month_start(today, first + 3 * step + 3))


def _week(today: date, step: int) -> Span:
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
    return Span(monday, monday + timedelta(weeks=1))


def _year(today: date, step: int) -> Span:
    return Span(date(today.year + step, 1, 1), date(today.year + step + 1, 1, 1))


NAMED: dict[str, tuple[Any, Callable[[date], Span]]] = {
    "today": (_l("today"), lambda today: Span(today, today + DAY)),
    "yesterday": (_l("yesterday"), lambda today: Span(today - DAY, today)),
    "tomorrow": (_l("tomorrow"), lambda today: Span(today + DAY, today + 2 * DAY)),
    "this-week": (_l("this week"), lambda today: _week(today, 0)),
    "last-week": (_l("last week"), lambda today: _week(today, -1)),
    "next-week": (_l("next week"), lambda today: _week(today, 1)),
    "this-month": (_l("this month"), lambda today: _month(today, 0)),
    "last-month": (_l("last month"), lambda today: _month(today, -1)),
    "next-month": (_l("next month"), lambda today: _month(today, 1)),
    "this-quarter": (_l("this quarter"), lambda today: _quarter(today, 0)),
    "last-quarter": (_l("last quarter"), lambda today: _quarter(today, -1)),
    "this-year": (_l("this year"), lambda today: _year(today, 0)),
    "last-year": (_l("last year"), lambda today: _year(today, -1)),
    "past": (_l("before today"), lambda today: Span(None, today)),
    "future": (_l("after today"), lambda today: Span(today + DAY, None)),
}
"""Word -> its label and the span that it means today."""
UNITS = {"week": _week, "month": _month, "quarter": _quarter, "year": _year}
"""What ``this-`` and ``last-`` stand before."""
OFFERED = (
    "today", "yesterday", "this-week", "last-week", "last-7-days", "last-30-days", "last-90-days", "this-month",
    "last-month", "this-quarter", "last-quarter", "this-year", "last-year", "tomorrow", "next-week", "next-7-days",
    "next-30-days", "past", "future",
)  # fmt: skip


def span_of(word: str, today: date) -> Span | None:
    """None for what is no period.  ``last-30-days`` ends with today, ``next-7-days`` begins with tomorrow."""
    if word in NAMED:
        return NAMED[word][1](today)
    if counted := COUNTED.fullmatch(word):
        days = int(counted[2]) * DAY
        if not 0 < days.days <= DAYS_MAX:
            return None
        return Span(today + DAY - days, today + DAY) if counted[1] == "last" else Span(today + DAY, today + DAY + days)
    day = day_of(word)
    return Span(day, day + DAY) if day else None


def before(word: str, span: Span, today: date) -> Span | None:
    """The previous equal period: of a calendar's unit the one before, as far as this one has come; of counted days as
    many before.  None where there is no such thing."""
    if span.start is None or span.end is None:
        return None
    unit = UNITS.get(word.partition("-")[2])
    if unit is None:
        days = span.end - span.start
        return Span(span.start - days, span.start) if span.start - FIRST >= days else None
    earlier = unit(today, -1 if word.startswith("this-") else -2)
    if word.startswith("last-") or earlier.start is None or earlier.end is None:
        return earlier
    return Span(earlier.start, min(earlier.start + (today + DAY - span.start), earlier.end))


def day_of(word: str) -> date | None:
    """A day in the form of ISO 8601, ``2026-11-22``."""
    try:
        day = date.fromisoformat(word) if len(word) == 10 else None
    except ValueError:
        return None
    return day if day and FIRST <= day <= LAST else None


def label_of(word: str) -> str:
    """What people call it; a day is the caller's to put into words."""
    if word in NAMED:
        return str(NAMED[word][0])
    if counted := COUNTED.fullmatch(word):
        number = int(counted[2])
        if counted[1] == "last":
            return str(ngettext("last %(num)d day", "last %(num)d days", number))
        return str(ngettext("next %(num)d day", "next %(num)d days", number))
    return word


def today_in(zone: ZoneInfo) -> date:
    return datetime.now(zone).date()


def kinds() -> list[tuple[str, str]]:
    """(word, label) pairs that a form offers."""
    return [(word, label_of(word)) for word in OFFERED]
