"""Folds changes into the counters, so that readers find few of them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.jobs.registry import Handler, Payload, Periodic
from leadhub.leads.counters import services
from leadhub.leads.counters.days import SIDES, changed, spread
from leadhub.leads.counters.models import (
    ONLY_ID,
    CounterState,
    LeadCount,
    LeadDays,
    LeadDelta,
    StageTime,
)
from leadhub.leads.counters.queries import BILLION, KEYS, SUMS
from leadhub.leads.counters.times import power_of

FOLD = "leads.fold"
AT_ONCE = 5_000  # changes


def fold(payload: Payload) -> Iterator[None]:
    """Block by block, each in a transaction of its own; days are counted anew where the hub's clock is another one."""
    while fold_block():
        yield
    time_zone = hub().time_zone
    if db.session.scalar(sa.select(CounterState.time_zone)) != time_zone:
        yield  # counting takes a while, and no transaction is open meanwhile
        found = services.counted_aside(time_zone)
        with suppress(services.CountedInVain):  # the next minute brings another turn
            services.install(db.session.connection(), found)


def fold_block() -> int:
    """Takes some changes away and adds them to the counters; how many there were.  Commits nothing."""
    state = db.session.scalars(sa.select(CounterState).where(CounterState.id == ONLY_ID).with_for_update()).one()
    oldest = sa.select(LeadDelta.id).order_by(LeadDelta.id).limit(AT_ONCE)
    gone = sa.delete(LeadDelta).where(LeadDelta.id.in_(oldest)).returning(*LeadDelta.__table__.columns)
    rows = db.session.execute(gone).all()
    if rows:
        db.session.execute(sa.update(CounterState).values(folds=CounterState.folds + 1))
        _add_stages(rows)
        services.add_owners(db.session.connection(), rows)
        if state.time_zone:
            _add_days(rows, ZoneInfo(state.time_zone))
            _add_times(rows, ZoneInfo(state.time_zone))
    return len(rows)


def _add_stages(rows: Sequence[Any]) -> None:
    leads: Counter[tuple[int, int, str]] = Counter()
    amounts: Counter[tuple[int, int, str]] = Counter()
    for row in rows:
        for side, sign in SIDES:
            if getattr(row, f"{side}_leads"):
                key = tuple(getattr(row, f"{side}_{name}") for name in KEYS)
                leads[key] += sign
                amounts[key] += sign * getattr(row, f"{side}_amount")
    found = [key for key in leads if leads[key] or amounts[key]]
    _add(LeadCount, KEYS, SUMS, [(*key, leads[key], *divmod(amounts[key], BILLION)) for key in found])


def _add_days(rows: Sequence[Any], here: ZoneInfo) -> None:
    keys = ("dimension", "span", "day", "value_id", "owner_id")
    _add(LeadDays, keys, ("leads",), [(*key, number) for key, number in spread(changed(rows, here)).items()])


def _add_times(rows: Sequence[Any], here: ZoneInfo) -> None:
    found: Counter[tuple[int, int, int]] = Counter()
    for row in rows:
        has_moved = 0 < row.old_stage_id != row.new_stage_id > 0 and row.old_leads and row.new_leads
        if has_moved and row.old_stage_since and row.new_stage_since:
            day = row.new_stage_since.astimezone(here).toordinal()
            found[row.old_stage_id, day, power_of(row.old_stage_since, row.new_stage_since)] += 1
    _add(StageTime, ("stage_id", "span", "day", "power"), ("visits",), services.spread_times(found))


def _add(model: Any, keys: Sequence[str], sums: Sequence[str], found: Sequence[tuple[Any, ...]]) -> None:
    services.add(db.session.connection(), model, keys, sums, found)


HANDLERS = {FOLD: Handler(run=fold, label=_l("Sum up what has changed"))}
PERIODIC = (Periodic(kind=FOLD, every=timedelta(minutes=1)),)
