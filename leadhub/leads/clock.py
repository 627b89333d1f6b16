"""The day of a moment as SQL, on any clock."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from leadhub.extensions import db

DAY = timedelta(days=1)
Offsets = tuple[tuple[datetime, timedelta], ...]


def day_of(column: Any, here: ZoneInfo, first: date, last: date) -> Any:
    """The day of a moment between these days on the clock of ``here``: text on SQLite, a day on PostgreSQL.

    Neither database knows the zones that Python knows, so it is told by how much and until when the clock is ahead.
    """
    offsets = _offsets(here, first, last)
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    known: dict[timedelta, Any] = {}
    for _until, offset in offsets:
        ahead: Any = f"{int(offset.total_seconds())} seconds" if is_sqlite else offset
        known[offset] = sa.literal(ahead, sa.String() if is_sqlite else sa.Interval())
    oldest, *later = [known[offset] for _until, offset in offsets]
    ahead = oldest
    if later:  # the newest first, since most leads are
        begun = zip([until for until, _offset in offsets], later, strict=False)
        ahead = sa.case(*((column >= since, offset) for since, offset in reversed(list(begun))), else_=oldest)
    if is_sqlite:
        return sa.func.date(column, ahead, type_=sa.String())
    return sa.cast(sa.type_coerce(column, sa.DateTime()) + ahead, sa.Date)


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


def seconds_between(start: Any, end: Any) -> Any:
    """How long it is from one moment to another, to the millisecond: a float on both databases."""
    if db.session.get_bind().dialect.name == "sqlite":
        days = sa.func.julianday(end) - sa.func.julianday(start)
        return sa.func.round(days * 86_400_000, type_=sa.Float()) / 1000.0
    passed = sa.type_coerce(end, sa.DateTime()) - sa.type_coerce(start, sa.DateTime())
    return sa.cast(sa.func.round(sa.cast(sa.extract("epoch", passed), sa.Numeric()), 3), sa.Float())
