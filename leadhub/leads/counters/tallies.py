"""Reads how many leads there are by the day on which they were received.  Nothing here writes.

Counters, and the changes that they don't hold yet, in one statement: else a fold between two would be counted twice.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.accounts.visibility import holders_within, sees_all
from leadhub.extensions import db
from leadhub.leads.clock import day_of
from leadhub.leads.counters.days import ALL, DAY, DIMENSIONS, EVER, MONTH, Stretch, stretches
from leadhub.leads.counters.models import ONLY_ID, CounterState, LeadDays, LeadDelta, OwnerChanges

NEAR = date(2000, 1, 1)
Owners = Collection[int | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Leads received from ``start`` up to and without ``end``, days on the hub's clock; None: no such edge.
    ``owners``: of these alone, None among them stands for nobody; None: of all."""

    dimension: str = ALL
    start: date | None = None
    end: date | None = None
    owners: Owners | None = None


def clock() -> ZoneInfo | None:
    """On which days were counted; None: there are no counters now."""
    name = db.session.scalar(sa.select(CounterState.time_zone).where(CounterState.id == ONLY_ID))
    return ZoneInfo(name) if name else None


def by_value(user: User | None, asked: Asked, here: ZoneInfo) -> dict[int | None, int]:
    """What leads have in the field -> how many the user may see; None: those without.  Without a user, of all."""
    rows = db.session.execute(_summed(asked, here, None, by_owner=_is_narrowed(user, asked)))
    found = [(row.value_id or None, row.owner_id, row.leads) for row in rows]
    return _added(found, _seen(user, asked, found))


def by_owner(
    user: User | None, asked: Asked, here: ZoneInfo, keeps: Callable[[int | None], bool]
) -> dict[int | None, int]:
    """Owner -> how many of their leads the user may see, of those whose value of the field is wanted."""
    found = [row for row in db.session.execute(_summed(asked, here, None)) if keeps(row.value_id or None)]
    rows = [(row.owner_id or None, row.owner_id, row.leads) for row in found]
    return _added(rows, _seen(user, asked, rows))


def by_day(user: User | None, asked: Asked, here: ZoneInfo, *, by_month: bool) -> dict[date, dict[int | None, int]]:
    """The same for each day (or first day of a month) that has any; both edges have to be there where it is by day."""
    rows = db.session.execute(
        _summed(asked, here, MONTH if by_month else DAY, by_owner=_is_narrowed(user, asked))
    ).all()
    found: dict[date, list[Any]] = {}
    for row in rows:
        found.setdefault(_day(row.day), []).append((row.value_id or None, row.owner_id, row.leads))
    seen = _seen(user, asked, [line for its in found.values() for line in its])
    added = {day: _added(its, seen) for day, its in found.items()}
    return {day: counts for day, counts in added.items() if counts}


def version_for(user: User) -> str:
    """Another one as soon as a lead that the user sees has changed, whenever changes are folded."""
    sides = [
        sa.select(getattr(LeadDelta, f"{side}_owner_id").label("owner_id"), sa.literal_column("1").label("changes"))
        .where(getattr(LeadDelta, f"{side}_leads") == 1)
        for side in ("old", "new")
    ]  # fmt: skip
    parts = sa.union_all(sa.select(OwnerChanges.owner_id, OwnerChanges.changes), *sides).subquery()
    rows = db.session.execute(sa.select(parts.c.owner_id, sa.func.sum(parts.c.changes)).group_by(parts.c.owner_id))
    changes = {owner_id or None: int(number) for owner_id, number in rows}
    seen = holders_within(user, set(changes))
    return f"{sum(changes[each] for each in seen)}-{len(seen)}"


def _is_narrowed(user: User | None, asked: Asked) -> bool:
    """Does it matter whose the leads are?"""
    return asked.owners is not None or (user is not None and not sees_all(user))


def _seen(user: User | None, asked: Asked, rows: Iterable[tuple[Any, ...]]) -> set[int | None]:
    """The owners of what counts, of rows (value, owner, leads)."""
    owners = {owner_id or None for _value, owner_id, _leads in rows}
    if not _is_narrowed(user, asked):
        return owners
    seen = owners if user is None else holders_within(user, owners)
    return seen if asked.owners is None else seen & set(asked.owners)


def _added(rows: Iterable[tuple[Any, ...]], seen: Collection[int | None]) -> dict[int | None, int]:
    found: Counter[int | None] = Counter()
    for value, owner_id, leads in rows:
        if (owner_id or None) in seen:
            found[value] += int(leads)
    return {value: leads for value, leads in found.items() if leads}


def _summed(asked: Asked, here: ZoneInfo, span: int | None, *, by_owner: bool = True) -> sa.Select[Any]:
    """By value, by owner (else it is 0), and by the day or month where ``span`` says so."""
    pieces = [_counted(asked.dimension, stretch, span) for stretch in _stretches(asked, span)]
    halves = [_half(asked, here, side, sign, span) for side, sign in (("old", -1), ("new", 1))]
    parts = sa.union_all(*pieces, *halves).subquery()
    keys = [parts.c.value_id, *([parts.c.owner_id] if by_owner else []), *([parts.c.day] if span is not None else [])]
    owner: list[Any] = [] if by_owner else [sa.literal_column("0").label("owner_id")]
    return sa.select(*keys, *owner, sa.func.sum(parts.c.leads).label("leads")).group_by(*keys)


def _stretches(asked: Asked, span: int | None) -> list[Stretch]:
    found = stretches(asked.start, asked.end)
    if span == DAY and asked.start and asked.end:
        return [Stretch(DAY, asked.start.toordinal(), asked.end.toordinal())]
    if span == MONTH and found[0].span == EVER:
        return stretches(date.min, None)
    return found


def _counted(dimension: str, stretch: Stretch, span: int | None) -> sa.Select[Any]:
    columns: list[Any] = [LeadDays.value_id, LeadDays.owner_id, LeadDays.leads]
    if span is not None:
        columns.append(LeadDays.day.label("day"))
    return sa.select(*columns).where(
        LeadDays.dimension == DIMENSIONS[dimension],
        LeadDays.span == stretch.span,
        LeadDays.day >= stretch.first,
        LeadDays.day < stretch.end,
    )


def _half(asked: Asked, here: ZoneInfo, side: str, sign: int, span: int | None) -> sa.Select[Any]:
    """Of the changes: what no longer counts, or what does since."""
    name = f"{side}_{asked.dimension}_id"
    value = sa.literal_column("0") if asked.dimension == ALL else getattr(LeadDelta, name)
    received = getattr(LeadDelta, f"{side}_received_at")
    edges = [(asked.start, received.__ge__), (asked.end, received.__lt__)]
    within = [compared(_midnight(day, here)) for day, compared in edges if day]
    columns = [value.label("value_id"), getattr(LeadDelta, f"{side}_owner_id").label("owner_id")]
    columns.append(sa.literal_column(str(sign)).label("leads"))
    if span is not None:
        columns.append(_ordinal(received, here, asked).label("day"))
    return sa.select(*columns).where(getattr(LeadDelta, f"{side}_leads") == 1, *within)


def _ordinal(received: Any, here: ZoneInfo, asked: Asked) -> Any:
    """The day of a moment, counted as ``date.toordinal`` does."""
    edges = sa.select(
        sa.func.min(sa.func.coalesce(LeadDelta.old_received_at, LeadDelta.new_received_at)),
        sa.func.min(sa.func.coalesce(LeadDelta.new_received_at, LeadDelta.old_received_at)),
        sa.func.max(sa.func.coalesce(LeadDelta.old_received_at, LeadDelta.new_received_at)),
        sa.func.max(sa.func.coalesce(LeadDelta.new_received_at, LeadDelta.old_received_at)),
    )
    moments = [moment for moment in db.session.execute(edges).one() if moment]
    first, last = (min(moments).date(), max(moments).date()) if moments else (NEAR, NEAR)
    day = day_of(received, here, max(first, asked.start or first), min(last, asked.end or last))
    if db.session.get_bind().dialect.name == "sqlite":
        return sa.cast(sa.func.julianday(day) - 1721424.5, sa.Integer)  # of 0001-01-00
    return sa.cast(day.op("-")(sa.literal(date.min, sa.Date())), sa.Integer) + 1


def _midnight(day: date, here: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), here).astimezone(UTC)


def _day(ordinal: Any) -> date:
    return date.fromordinal(int(ordinal))
