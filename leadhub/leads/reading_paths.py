"""How far leads came in a pipeline, and what became of them in each stage.  Nothing here writes.

A lead was in the stage that it is in, and in whatever it has left: its path says from where to where each step led.  A
stage that was deleted counts as the one that took its place.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.database import unindexed
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.leads.stages.models import StageMove
from leadhub.pipelines.models import LOST, OPEN, WON, Pipeline, Stage, StageDeletion
from leadhub.pipelines.queries import may_use, pipelines, stages_of
from leadhub.plugins.api.figures import Exits, Reached
from leadhub.statuses.rules import RESTORED
from leadhub.web import language

STILL, ONWARD, BACK, WAS_LOST, AWAY = range(5)
ENDS = 8  # more than there are of those
LAST = ENDS * 2**50  # beyond every step


@dataclass(frozen=True)
class Route:
    """The stages of a pipeline, open ones in their order, then those that are won, then those that are lost.

    ``places``: id of a stage, also of one that is gone, -> its place, from 1; all that are won have the same one.
    ``lost``: ids of those that are lost.
    """

    stages: Sequence[Stage]
    places: Mapping[int, int]
    lost: Sequence[int]

    @property
    def open(self) -> list[Stage]:
        return [row for row in self.stages if row.kind == OPEN]

    @property
    def won(self) -> list[Stage]:
        return [row for row in self.stages if row.kind == WON]

    def place(self, stage_id: Any) -> Any:
        """SQL: 0 for what is no stage on the way."""
        return sa.case(dict(self.places), value=stage_id, else_=0) if self.places else sa.literal_column("0")

    def is_lost(self, stage_id: Any) -> Any:
        """SQL: 1 or 0."""
        return sa.case((stage_id.in_(self.lost), 1), else_=0)


def pipeline_for(user: User | None, key: str) -> Pipeline | None:
    """The one with this key, else the default one; None where there is none for them."""
    rows = pipelines_for(user)
    return next((row for row in rows if row.key == key), None) if key else next(iter(rows), None)


def pipelines_for(user: User | None) -> list[Pipeline]:
    """Those that they may use, the default one first."""
    rows = [row for row in pipelines() if not row.retired and may_use(user, row)]
    return sorted(rows, key=lambda row: not row.is_default)


def route_of(pipeline: Pipeline) -> Route:
    kinds = (OPEN, WON, LOST)
    rows = sorted(stages_of(pipeline), key=lambda row: kinds.index(row.kind))  # the order stays among equals
    opens = [row for row in rows if row.kind == OPEN]
    places = {row.id: place for place, row in enumerate(opens, 1)}
    places |= {row.id: len(opens) + 1 for row in rows if row.kind == WON}
    lost = [row.id for row in rows if row.kind == LOST]
    for gone, successor in _gone({row.id for row in rows}).items():
        if successor in places:
            places[gone] = places[successor]
        elif successor in lost:
            lost.append(gone)
    return Route(rows, places, lost)


def reached_of(leads: sa.Select[Lead], route: Route) -> list[Reached]:
    """One statement.  What never came into the pipeline is left out."""
    cohort = leads.with_only_columns(Lead.id, Lead.stage_id).subquery()
    furthest = sa.func.max(route.place(StageMove.from_id)) * 2 + sa.func.max(route.is_lost(StageMove.from_id))
    left = sa.select(furthest).where(_steps(cohort)).correlate(cohort).scalar_subquery()
    told = sa.select(cohort.c.stage_id, sa.func.coalesce(left, 0).label("left")).subquery()
    rows: Any = db.session.execute(sa.select(told.c.stage_id, told.c.left, sa.func.count()).group_by(*told.c))
    counts: Counter[int] = Counter()
    lost = 0
    for stage_id, code, number in rows:
        before, was_lost = divmod(code, 2)
        counts[max(before, route.places.get(stage_id, 0))] += number
        is_lost = bool(was_lost) or stage_id in route.lost
        lost += number if is_lost else 0
        counts[-1] += number if is_lost and not before and stage_id not in route.places else 0
    return _reached(route, counts, lost)


def exits_of(leads: sa.Select[Lead], route: Route) -> list[Exits]:
    """One statement.  A retired stage where no lead ever was is left out."""
    ids = [row.id for row in route.open]
    places = {stage_id for stage_id, place in route.places.items() if place <= len(ids)}
    if not ids:
        return []
    cohort = leads.with_only_columns(Lead.id, Lead.stage_id).subquery()
    pairs = sa.union_all(_departures(cohort, route, places), _here(cohort, route, places)).subquery()
    last = sa.select(pairs.c.place, sa.func.max(pairs.c.code).label("code")).group_by(pairs.c.lead_id, pairs.c.place)
    inner = last.subquery()
    ends = sa.select(inner.c.place, (inner.c.code % ENDS).label("end")).subquery()
    rows: Any = db.session.execute(sa.select(*ends.c, sa.func.count()).group_by(*ends.c)).all()
    found: dict[int, Counter[int]] = {place: Counter() for place in range(1, len(ids) + 1)}
    for place, end, number in rows:
        if place:
            found[place][end] += number
    return [_exits(row, found[place]) for place, row in enumerate(route.open, 1) if found[place] or not row.retired]


def _steps(cohort: Any) -> Any:
    """Of a lead, but for those of an undone deletion: what they left was never its own."""
    return sa.and_(StageMove.lead_id == cohort.c.id, StageMove.cause != RESTORED)


def _departures(cohort: Any, route: Route, places: set[int]) -> sa.Select[Any]:
    """What has left no stage stands there too, in place 0: by such a join SQLite goes from leads to their paths, not
    through the paths of all."""
    start, end = route.place(StageMove.from_id), route.place(StageMove.to_id)
    way = sa.case(
        (StageMove.to_id.in_(route.lost), WAS_LOST), (end == 0, AWAY), (end > start, ONWARD), else_=BACK
    )  # fmt: skip
    code = sa.cast(StageMove.id, sa.BigInteger) * ENDS + way
    return sa.select(cohort.c.id.label("lead_id"), start.label("place"), code.label("code")).join_from(
        cohort, StageMove, sa.and_(_steps(cohort), StageMove.from_id.in_(places), start != end), isouter=True
    )


def _here(cohort: Any, route: Route, places: set[int]) -> sa.Select[Any]:
    code = sa.literal(LAST + STILL, sa.BigInteger())
    place = route.place(cohort.c.stage_id)
    return sa.select(cohort.c.id, place, code).where(unindexed(cohort.c.stage_id).in_(places))


def _exits(stage: Stage, ends: Mapping[int, int]) -> Exits:
    return Exits(
        key=stage.key, label=stage.short(language()), leads=sum(ends.values()), onward=ends[ONWARD], back=ends[BACK],
        lost=ends[WAS_LOST], away=ends[AWAY], still=ends[STILL],
    )  # fmt: skip


def _reached(route: Route, counts: Mapping[int, int], lost: int) -> list[Reached]:
    def came(place: int) -> int:
        return sum(number for each, number in counts.items() if each >= place)

    found = [Reached(leads=came(1) + counts[-1])]
    for place, row in enumerate(route.open, 1):
        its = counts[place]
        if its or not row.retired:
            found.append(Reached(key=row.key, label=row.short(language()), kind=OPEN, leads=came(place)))
    last = len(route.open) + 1
    found += _ends(route.won, WON, came(last))
    return found + _ends([row for row in route.stages if row.kind == LOST], LOST, lost)


def _ends(rows: Sequence[Stage], kind: str, leads: int) -> list[Reached]:
    """One, whatever number of stages has this kind."""
    shown = [row for row in rows if not row.retired] or (list(rows) if leads else [])
    if not shown:
        return []
    label = " / ".join(row.short(language()) for row in shown)
    return [Reached(key=shown[0].key, label=label, kind=kind, leads=leads)]


def _gone(there: set[int]) -> dict[int, int]:
    """Id of a stage that was deleted -> the one of these that has its place."""
    rows = db.session.execute(
        sa.select(StageDeletion.row_id, StageDeletion.successor_id)
        .where(StageDeletion.undone_at.is_(None), StageDeletion.successor_id.is_not(None))
        .order_by(StageDeletion.id)
    )
    successors: dict[int, Any] = dict(rows.all())  # type: ignore[arg-type]
    found = {}
    for gone in successors:
        stage_id, seen = gone, set[int]()
        while stage_id in successors and stage_id not in seen:
            seen.add(stage_id)
            stage_id = successors[stage_id]
        if gone not in there and stage_id in there:
            found[gone] = stage_id
    return found
