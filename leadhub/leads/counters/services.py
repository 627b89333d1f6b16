"""Counts the leads themselves.  Commits nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from leadhub.database import reading_aside
from leadhub.extensions import db
from leadhub.hub.models import Hub
from leadhub.leads.clock import day_of
from leadhub.leads.counters.days import ALL, DAY, DIMENSIONS, EVER, MONTH, SIDES, Key, changed, month_of, spread
from leadhub.leads.counters.models import (
    ONLY_ID,
    CounterState,
    LeadCount,
    LeadDays,
    LeadDelta,
    OwnerChanges,
    StageTime,
)
from leadhub.leads.counters.queries import BILLION, parts_of, summed
from leadhub.leads.counters.times import power_of
from leadhub.leads.models import Lead
from leadhub.leads.stages.models import StageMove

BLOCK = 5_000  # rows
TIMES_BLOCK = 20_000


class CountedInVain(Exception):
    """Changes were added to the counters meanwhile."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """What the leads say at one moment: rows of ``LeadCount``, ``LeadDays`` and ``StageTime``.  ``deltas``: the changes
    that are in it; ``folds``: how often others had been added."""

    time_zone: str
    folds: int
    deltas: list[int]
    counts: list[tuple[Any, ...]] = field(default_factory=list)
    days: dict[Key, int] = field(default_factory=dict)
    times: list[tuple[int, int, int, int, int]] = field(default_factory=list)


def recount(connection: Connection) -> None:
    """Makes the counters anew; nobody may write to leads meanwhile."""
    install(connection, counted(connection, connection.scalar(sa.select(Hub.time_zone)) or "UTC"))


def counted_aside(time_zone: str) -> Counted:
    """While others write: out of a snapshot of what is committed."""
    with _snapshot() as connection:
        return counted(connection, time_zone)


def checked_aside(time_zone: str) -> tuple[Counted, int]:
    """The same, and how many counters say something else."""
    with _snapshot() as connection:
        found = counted(connection, time_zone)
        return found, wrong_rows(connection, found)


def counted(connection: Connection, time_zone: str) -> Counted:
    here = ZoneInfo(time_zone)
    return Counted(
        time_zone=time_zone,
        folds=connection.scalar(sa.select(CounterState.folds).where(CounterState.id == ONLY_ID)) or 0,
        deltas=list(connection.scalars(sa.select(LeadDelta.id))),
        counts=_stages(connection),
        days=spread(_days(connection, here)),
        times=_times(connection, here),
    )


def wrong_rows(connection: Connection, found: Counted) -> int:
    """How many counters, with the changes that they don't hold yet, say something else; in the same snapshot."""
    names = [column for column in LeadDays.__table__.columns if column.name != "leads"]
    kept = {tuple(row[:-1]): row[-1] for row in connection.execute(sa.select(*names, LeadDays.leads))}
    told: Counter[Any] = Counter(kept)
    deltas = connection.execute(sa.select(*LeadDelta.__table__.columns))
    for key, number in spread(changed(deltas, ZoneInfo(found.time_zone))).items():
        told[key] += number
    days = sum(told[key] != found.days.get(key, 0) for key in told.keys() | found.days.keys())
    stages = {tuple(map(_whole, row)) for row in connection.execute(summed()) if any(row[3:])}
    return days + len({_exact(row) for row in stages} ^ {_exact(row) for row in found.counts})


def install(connection: Connection, found: Counted) -> None:
    """Puts it in the place of the counters.  Raises ``CountedInVain`` where changes were folded since."""
    folds = connection.scalar(sa.select(CounterState.folds).where(CounterState.id == ONLY_ID).with_for_update())
    if folds is None:  # of a database that was just filled
        connection.execute(sa.insert(CounterState).values(id=ONLY_ID, time_zone="", folds=found.folds))
    elif folds != found.folds:
        raise CountedInVain("changes were added meanwhile")
    for at in range(0, len(found.deltas), BLOCK):
        _take_away(connection, found.deltas[at : at + BLOCK])
    days = [(*key, leads) for key, leads in found.days.items()]
    rows: list[tuple[Any, Sequence[tuple[Any, ...]]]] = [(LeadCount, found.counts), (LeadDays, days)]
    for model, values in [*rows, (StageTime, found.times)]:
        connection.execute(sa.delete(model))
        names = [column.name for column in model.__table__.columns]
        for at in range(0, len(values), BLOCK):
            block = values[at : at + BLOCK]
            connection.execute(sa.insert(model), [dict(zip(names, each, strict=True)) for each in block])
    connection.execute(sa.update(CounterState).values(time_zone=found.time_zone, folds=CounterState.folds + 1))


def add(connection: Connection, model: Any, keys: Sequence[str], sums: Sequence[str], found: Sequence[Any]) -> None:
    """Rows of keys and sums, in one order, so that two who add never wait for each other."""
    if not found:
        return
    names = (*keys, *sums)
    rows: list[Mapping[str, Any]] = [dict(zip(names, each, strict=True)) for each in sorted(found)]
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    row = dialect.insert(model)
    more = {name: getattr(model, name) + row.excluded[name] for name in sums}
    connection.execute(row.on_conflict_do_update(index_elements=keys, set_=more), rows)


def add_owners(connection: Connection, rows: Iterable[Any]) -> None:
    """Of changes that are taken away: their owners' numbers only rise, or a version would come again."""
    changes: Counter[int] = Counter()
    for row in rows:
        changes.update(getattr(row, f"{side}_owner_id") for side, _sign in SIDES if getattr(row, f"{side}_leads"))
    add(connection, OwnerChanges, ("owner_id",), ("changes",), list(changes.items()))


def _take_away(connection: Connection, ids: Sequence[int]) -> None:
    told = [getattr(LeadDelta, f"{side}_{name}") for side, _sign in SIDES for name in ("owner_id", "leads")]
    gone = sa.delete(LeadDelta).where(LeadDelta.id.in_(ids)).returning(*told)
    add_owners(connection, connection.execute(gone).all())


def spread_times(days: Mapping[tuple[int, int, int], int]) -> list[tuple[int, int, int, int, int]]:
    """Visits by stage, day and power -> rows of ``StageTime``: by the day, by the month and ever."""
    found: Counter[tuple[int, int, int, int]] = Counter()
    for (stage_id, day, power), visits in days.items():
        for span, first in ((DAY, day), (MONTH, month_of(day)), (EVER, 0)):
            found[stage_id, span, first, power] += visits
    return [(*key, visits) for key, visits in found.items()]


@contextmanager
def _snapshot() -> Iterator[Connection]:
    with reading_aside(db.engine) as connection:
        if connection.dialect.name != "sqlite":
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield connection


def _stages(connection: Connection) -> list[tuple[Any, ...]]:
    keys = (sa.func.coalesce(Lead.stage_id, 0), sa.func.coalesce(Lead.owner_id, 0), Lead.currency)
    parts = parts_of(sa.func.coalesce(sa.type_coerce(Lead.expected_value, sa.BigInteger), 0))
    sums = (sa.func.count(), *map(sa.func.sum, parts))
    statement = sa.select(*keys, *sums).where(Lead.deleted_at.is_(None)).group_by(*keys)
    return [tuple(map(_whole, row)) for row in connection.execute(statement)]


def _exact(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row of ``LeadCount`` with its sum in one piece."""
    *key, billions, rest = row
    return (*key, billions * BILLION + rest)


def _whole(value: Any) -> Any:
    return value if isinstance(value, str) else int(value)


def _days(connection: Connection, here: ZoneInfo) -> dict[Key, int]:
    live = Lead.deleted_at.is_(None)
    edges = sa.select(sa.func.min(Lead.received_at), sa.func.max(Lead.received_at)).where(live)
    row: Any = connection.execute(edges).one()
    first, last = row
    if first is None or last is None:
        return {}
    found: dict[Key, int] = {}
    day = day_of(Lead.received_at, here, first.date(), last.date())
    for name, number in DIMENSIONS.items():
        value = sa.literal_column("0") if name == ALL else sa.func.coalesce(getattr(Lead, f"{name}_id"), 0)
        keys = (day.label("day"), value.label("value"), sa.func.coalesce(Lead.owner_id, 0).label("owner"))
        inner = sa.select(*keys).where(live).subquery()
        grouped = sa.select(*inner.c, sa.func.count()).group_by(*inner.c)
        for row in connection.execute(grouped):
            told, value_id, owner_id, leads = tuple(row)
            found[number, DAY, date.fromisoformat(str(told)).toordinal(), value_id, owner_id] = leads
    return found


def _times(connection: Connection, here: ZoneInfo) -> list[tuple[int, int, int, int, int]]:
    """Of leads in the bin too: they were there."""
    found: Counter[tuple[int, int, int]] = Counter()
    moves = sa.select(StageMove.from_id, StageMove.since, StageMove.at).where(
        StageMove.from_id.is_not(None), StageMove.to_id.is_not(None), StageMove.since.is_not(None)
    )
    rows: Any = connection.execute(moves.execution_options(yield_per=TIMES_BLOCK))
    for stage_id, since, at in rows:
        found[stage_id, at.astimezone(here).toordinal(), power_of(since, at)] += 1
    return spread_times(found)
