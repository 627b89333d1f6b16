"""What is asked of the leads, answered by the counters where they can.  Nothing here writes.

They can where nothing is asked but days of receipt on the hub's clock, owners, and values of one field of theirs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.leads.counters import tallies
from leadhub.leads.counters.days import ALL, DIMENSIONS
from leadhub.leads.listing import conditions, periods
from leadhub.leads.listing.filters import IS, NOT, RANGE, Filter
from leadhub.web import zone

OWNER, RECEIVED = "owner", "received_at"
Keeps = Callable[[int | None], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """``asked`` of the counters, and ``keeps``: which values of its field are wanted."""

    user: User | None
    here: ZoneInfo
    asked: tallies.Asked
    keeps: Keeps

    def within(self, first: date, last: date) -> "Plan":
        """The same, received on these days, both of them too."""
        start, end = _later(self.asked.start, first), _earlier(self.asked.end, last + periods.DAY)
        return replace(self, asked=replace(self.asked, start=start, end=end))

    def by_value(self) -> dict[int | None, int]:
        found = tallies.by_value(self.user, self.asked, self.here)
        return {value: leads for value, leads in found.items() if self.keeps(value)}

    def by_owner(self) -> dict[int | None, int]:
        return tallies.by_owner(self.user, self.asked, self.here, self.keeps)

    def total(self) -> int:
        return sum(self.by_value().values())

    def by_day(self, *, by_month: bool) -> dict[date, int]:
        days = tallies.by_day(self.user, self.asked, self.here, by_month=by_month)
        found = {day: sum(n for value, n in its.items() if self.keeps(value)) for day, its in days.items()}
        return {day: leads for day, leads in found.items() if leads}


def plan_of(user: User | None, chosen: Sequence[Filter], field: str = "") -> Plan | None:
    """None: the leads have to be counted.  ``field``: by whose values they are wanted."""
    dimension = field if field in DIMENSIONS else ALL
    if field not in (*DIMENSIONS, OWNER):
        return None
    start, end, owners = None, None, None
    tests: list[Keeps] = []
    for each in chosen:
        name = each.field.name
        if name == RECEIVED and len(each.values) <= 2 and (edges := _days(each)):
            start, end = _later(start, edges.start), _earlier(end, edges.end)
        elif name == OWNER and each.operator == IS and conditions.FILLED not in each.stored:
            its = _owners(each)
            owners = its if owners is None else owners & its
        elif name in DIMENSIONS and dimension in (ALL, name) and each.operator in (IS, NOT):
            dimension = name
            tests.append(_test(each))
        else:
            return None
    here = tallies.clock()
    if here is None or here.key != zone().key:
        return None
    asked = tallies.Asked(dimension=dimension, start=start, end=end, owners=owners)
    return Plan(user=user, here=here, asked=asked, keeps=lambda value: all(test(value) for test in tests))


def _days(chosen: Filter) -> periods.Span | None:
    if chosen.operator == RANGE:
        first, last = (periods.day_of(value) for value in chosen.values)
        return periods.Span(first, last + periods.DAY if last else None)
    if chosen.operator == IS and len(chosen.values) == 1:
        return periods.span_of(chosen.values[0], periods.today_in(zone()))
    return None


def _owners(chosen: Filter) -> set[int | None]:
    found: set[int | None] = set()
    for each in chosen.stored:
        if each is conditions.EMPTY:
            found.add(None)
        elif isinstance(each, sa.Select):
            found.update(db.session.scalars(each))
        else:
            found.add(each)
    return found


def _test(chosen: Filter) -> Keeps:
    wanted: set[Any] = {None if each is conditions.EMPTY else each for each in chosen.stored}
    takes_any, is_not = conditions.FILLED in wanted, chosen.operator == NOT

    def test(value: int | None) -> bool:
        return (value in wanted or (takes_any and value is not None)) != is_not

    return test


def _later(first: date | None, second: date | None) -> date | None:
    return max(first, second) if first and second else first or second


def _earlier(first: date | None, second: date | None) -> date | None:
    return min(first, second) if first and second else first or second
