"""How long leads stay in the stages of a pipeline, and which stagnate.  Nothing here writes.

A visit counts when it has ended: the lead went to another stage, by whatever way.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads.clock import seconds_between
from leadhub.leads.counters import tallies
from leadhub.leads.counters.days import stretches
from leadhub.leads.counters.models import LeadDelta, StageTime
from leadhub.leads.counters.times import median_of, power_of
from leadhub.leads.listing.periods import Span
from leadhub.leads.models import Lead
from leadhub.leads.stages.models import StageMove
from leadhub.leads.statuses.snapshots import LINKS
from leadhub.pipelines.queries import stages
from leadhub.web import zone

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ended:
    """``median`` is in seconds; None where there are no visits."""

    visits: int
    median: float | None


def counted(ids: list[int], start: date | None, end: date | None) -> dict[int, Ended] | None:
    """Out of the counters: of all leads, those in the bin too; None where they can't say it.  ``end`` is a day in it.

    Counters and the changes that they don't hold yet in one statement, as ``tallies`` has it.
    """
    here = tallies.clock()
    if here is None or here.key != zone().key:
        return None
    behind = end + DAY if end else None
    kept = [_kept(ids, stretch) for stretch in stretches(start, behind)]
    powers: dict[int, Counter[int]] = {}
    for stage_id, power, visits, entered, left in db.session.execute(
        sa.union_all(*kept, _new(ids, here, start, behind))
    ):
        its = powers.setdefault(stage_id, Counter())
        its[power_of(_aware(entered), _aware(left)) if entered else power] += int(visits)
    return {row: Ended(sum(its.values()), median_of(its)) for row, its in powers.items()}


def measured(leads: sa.Select[Lead], ids: list[int], start: date | None, end: date | None) -> dict[int, Ended]:
    """Of these leads, each visit by itself.  One statement."""
    first, last = Span(start, end + DAY if end else None).moments(zone())
    cohort = leads.with_only_columns(Lead.id).subquery()
    edges: list[Any] = [StageMove.at >= first] if first else []
    edges += [StageMove.at < last] if last else []
    visits = (
        sa.select(StageMove.from_id, seconds_between(StageMove.since, StageMove.at).label("seconds"))
        .join_from(cohort, StageMove, StageMove.lead_id == cohort.c.id)
        .where(StageMove.from_id.in_(ids), StageMove.to_id.is_not(None), StageMove.since.is_not(None))
        .where(*edges)
        .subquery()
    )
    place = sa.func.row_number().over(partition_by=visits.c.from_id, order_by=visits.c.seconds)
    number = sa.func.count().over(partition_by=visits.c.from_id)
    ranked = sa.select(visits, place.label("place"), number.label("number")).subquery()
    middle = (ranked.c.place * 2).between(ranked.c.number, ranked.c.number + 1)  # of two, the lower: as the counters do
    found = sa.select(ranked.c.from_id, ranked.c.number, ranked.c.seconds).where(middle)
    return {row: Ended(visits, max(float(median), 0.0)) for row, visits, median in db.session.execute(found)}


def longest_stagnating(leads: sa.Select[Lead], limit: int) -> list[tuple[Lead, int]]:
    """With the whole days since somebody touched them, the longest first: the first ones of each stage out of an index,
    and of these the first ones."""
    now = utcnow()
    pieces = []
    for row in stages():
        if at := row.rotten_at(now):
            its = leads.where(Lead.stage_id == row.id, Lead.touched_at <= at).order_by(Lead.touched_at, Lead.id)
            pieces.append(sa.select(its.with_only_columns(Lead.id, Lead.touched_at).limit(limit).subquery()))
    if not pieces:
        return []
    every = sa.union_all(*pieces).subquery()
    first = sa.select(every.c.id).order_by(every.c.touched_at, every.c.id).limit(limit)
    links = (joinedload(getattr(Lead, link)) for link in LINKS)
    wanted = sa.select(Lead).where(Lead.id.in_(list(db.session.scalars(first)))).options(*links)
    found = db.session.scalars(wanted.order_by(Lead.touched_at, Lead.id))
    return [(lead, (now - lead.touched_at).days) for lead in found]


def _kept(ids: list[int], stretch: Any) -> sa.Select[Any]:
    none: Any = sa.cast(sa.null(), sa.DateTime())
    return (
        sa.select(
            StageTime.stage_id, StageTime.power, sa.func.sum(StageTime.visits).label("visits"),
            none.label("entered"), none.label("left"),
        )
        .where(
            StageTime.stage_id.in_(ids), StageTime.span == stretch.span, StageTime.day >= stretch.first,
            StageTime.day < stretch.end,
        )
        .group_by(StageTime.stage_id, StageTime.power)
    )  # fmt: skip


def _new(ids: list[int], here: ZoneInfo, start: date | None, behind: date | None) -> sa.Select[Any]:
    """As the worker would count them."""
    edges = [(start, LeadDelta.new_stage_since.__ge__), (behind, LeadDelta.new_stage_since.__lt__)]
    within = [compared(datetime.combine(day, time(), here).astimezone(UTC)) for day, compared in edges if day]
    one: Any = sa.literal_column("1")
    none: Any = sa.literal_column("0")
    entered, left = (
        sa.type_coerce(each, sa.DateTime()) for each in (LeadDelta.old_stage_since, LeadDelta.new_stage_since)
    )
    return sa.select(LeadDelta.old_stage_id, none, one, entered, left).where(
        LeadDelta.old_stage_id.in_(ids), LeadDelta.new_stage_id > 0,
        LeadDelta.old_stage_id != LeadDelta.new_stage_id, LeadDelta.old_leads == 1, LeadDelta.new_leads == 1,
        LeadDelta.old_stage_since.is_not(None), LeadDelta.new_stage_since.is_not(None), *within,
    )  # fmt: skip


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
