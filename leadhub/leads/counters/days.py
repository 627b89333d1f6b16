"""What leads are counted by, and over which days.  Pure functions.

A lead counts under each of ``DIMENSIONS`` and in three spans: the day, the month in which it was received, and ever.
Any stretch of days is then a few whole months and what is left of the first and the last one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date
from typing import Any
from zoneinfo import ZoneInfo

EVER, MONTH, DAY = 0, 1, 2
ALL = ""
DIMENSIONS = {ALL: 0, "source": 1, "type": 2, "status": 3, "stage": 4, "campaign": 5}
"""Name of a field -> its number; ``ALL``: every lead, whose value is 0."""
LINKS = [name for name in DIMENSIONS if name]
SIDES = (("old", -1), ("new", 1))
NO_END = 2**31 - 1
MONTHS = (MAXYEAR + 1) * 12
Key = tuple[int, int, int, int, int]  # dimension, span, day, value, owner


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days of one span, from ``first`` up to and without ``end``."""

    span: int
    first: int
    end: int


def month_of(day: int) -> int:
    """The first day of its month."""
    return date.fromordinal(day).replace(day=1).toordinal()


def stretches(start: date | None, end: date | None) -> list[Stretch]:
    """From ``start`` up to and without ``end``; None: there is no such edge."""
    if start is None and end is None:
        return [Stretch(EVER, 0, 1)]
    first = start.toordinal() if start else 0
    behind = end.toordinal() if end else NO_END
    whole_from = first if not first or month_of(first) == first else _next_month(first)
    whole_to = month_of(behind) if end else NO_END
    if whole_to <= whole_from:
        return [Stretch(DAY, first, behind)]
    found = [Stretch(DAY, first, whole_from), Stretch(MONTH, whole_from, whole_to), Stretch(DAY, whole_to, behind)]
    return [stretch for stretch in found if stretch.first < stretch.end]


def spread(days: Mapping[Key, int]) -> dict[Key, int]:
    """What was counted by the day, and with it by the month and ever; what comes to nothing is left out."""
    found: Counter[Key] = Counter()
    for (dimension, _span, day, value, owner), number in days.items():
        found[dimension, DAY, day, value, owner] += number
        found[dimension, MONTH, month_of(day), value, owner] += number
        found[dimension, EVER, 0, value, owner] += number
    return {key: number for key, number in found.items() if number}


def changed(rows: Iterable[Any], here: ZoneInfo) -> Counter[Key]:
    """What changes (rows of ``LeadDelta``) make of the days."""
    found: Counter[Key] = Counter()
    for row in rows:
        for side, sign in SIDES:
            if getattr(row, f"{side}_leads"):
                day = getattr(row, f"{side}_received_at").astimezone(here).toordinal()
                owner_id = getattr(row, f"{side}_owner_id")
                values = (0, *(getattr(row, f"{side}_{name}_id") for name in LINKS))
                for dimension, value in enumerate(values):
                    found[dimension, DAY, day, value, owner_id] += sign
    return found


def _next_month(day: int) -> int:
    here = date.fromordinal(day)
    months = here.year * 12 + here.month  # of the next one, from 0
    return date(months // 12, months % 12 + 1, 1).toordinal() if months < MONTHS else NO_END
