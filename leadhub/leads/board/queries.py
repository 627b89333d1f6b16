"""Cards of the board, column by column, each in its order by hand.  Nothing here writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from leadhub.accounts.models import User
from leadhub.database import ID_MAX, unindexed
from leadhub.extensions import db
from leadhub.leads.listing.pages import matching
from leadhub.leads.listing.state import ListState
from leadhub.leads.listing.totals import total_of
from leadhub.leads.models import RANK_MAX, Lead
from leadhub.pipelines.models import Pipeline, Stage
from leadhub.pipelines.queries import may_use, pipelines, stages_of

CARDS = 20  # of a column at first, and with each step further down
CARDS_MAX = 200  # of a column that is read anew
SORTED = (Lead.stage_id, Lead.stage_rank, Lead.id)
FEW_MAX = 5_000  # leads that are chosen by the list's index and then sorted; more are met in the board's own order


@dataclass(frozen=True, slots=True)
class Place:
    """Right behind this lead of a column."""

    rank: str
    id: int

    def __str__(self) -> str:
        return f"{self.rank}.{self.id}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """The place that an address names; None for what is none."""
        rank, _dot, lead_id = text[: RANK_MAX + 12].partition(".")
        if not (rank.isascii() and rank.isalnum() and lead_id.isdecimal() and lead_id.isascii()):
            return None
        return cls(rank, int(lead_id)) if int(lead_id) <= ID_MAX else None


@dataclass(frozen=True, slots=True)
class Column:
    """``after``: where further cards begin; None: there are none."""

    stage: Stage
    cards: Sequence[Lead]
    after: Place | None


def boards_for(user: User) -> list[Pipeline]:
    """Pipelines whose boards are offered, in their order."""
    return [row for row in pipelines() if not row.retired and may_use(user, row)]


def board_named(key: str, user: User) -> Pipeline | None:
    """The pipeline with that key; without one the usual one, or the first that there is.  None: none is there for
    this user."""
    usable = [row for row in pipelines() if may_use(user, row) and (row.key == key if key else not row.retired)]
    return min(usable, key=lambda row: not row.is_default, default=None)


def stages_on(pipeline: Pipeline, held: Mapping[int, Any]) -> list[Stage]:
    """Those that are offered, and retired ones where leads are left: ``held`` names the stages that hold some."""
    return [row for row in stages_of(pipeline) if not row.retired or row.id in held]


def columns_of(
    user: User, state: ListState, stages: Sequence[Stage], deep: Mapping[int, int], after: Place | None = None
) -> list[Column]:
    """The first cards of each stage, or those behind a place of a single one.  ``deep``: id of a stage -> how many
    cards of it are wanted, where that is more than usual."""
    sizes = {stage.id: min(max(deep.get(stage.id, 0), CARDS), CARDS_MAX) for stage in stages}
    found = _places(user, state, sizes, after) if stages else {}
    leads = _loaded([place.id for stage in stages for place in found[stage.id][: sizes[stage.id]]])
    columns = []
    for stage in stages:
        places, size = found[stage.id], sizes[stage.id]
        cards = [leads[place.id] for place in places[:size] if place.id in leads]
        columns.append(Column(stage, cards, places[size - 1] if len(places) > size else None))
    return columns


def _places(user: User, state: ListState, sizes: Mapping[int, int], after: Place | None) -> dict[int, list[Place]]:
    """Of each stage as many as wanted and one more, if it is there."""
    if state.is_narrowed and total_of(user, state, FEW_MAX) <= FEW_MAX:
        return _chosen_then_sorted(user, state, sizes, after)
    seen, pieces = matching(user, state), []
    for stage_id, size in sizes.items():
        piece = _behind(seen.where(Lead.stage_id == stage_id), after).with_only_columns(*SORTED)
        pieces.append(sa.select(piece.order_by(Lead.stage_rank, Lead.id).limit(size + 1).subquery()))
    return _by_stage(db.session.execute(sa.union_all(*pieces)), sizes)


def _chosen_then_sorted(
    user: User, state: ListState, sizes: Mapping[int, int], after: Place | None
) -> dict[int, list[Place]]:
    seen = matching(user, state, all_of_them=True).where(unindexed(Lead.stage_id).in_(list(sizes)))
    return _by_stage(db.session.execute(_behind(seen, after).with_only_columns(*SORTED)), sizes)


def _behind(statement: sa.Select[Any], after: Place | None) -> sa.Select[Any]:
    if after is None:
        return statement
    here = (sa.literal(after.rank, Lead.stage_rank.type), sa.literal(after.id, Lead.id.type))
    return statement.where(sa.tuple_(Lead.stage_rank, Lead.id) > sa.tuple_(*here))


def _by_stage(rows: Any, sizes: Mapping[int, int]) -> dict[int, list[Place]]:
    found: dict[int, list[Place]] = {stage_id: [] for stage_id in sizes}
    for stage_id, rank, lead_id in sorted(tuple(row) for row in rows):
        if len(found[stage_id]) <= sizes[stage_id]:
            found[stage_id].append(Place(rank, lead_id))
    return found


def _loaded(ids: Sequence[int]) -> dict[int, Lead]:
    if not ids:
        return {}
    wanted = sa.select(Lead).where(Lead.id.in_(ids)).options(joinedload(Lead.source), joinedload(Lead.owner))
    return {lead.id: lead for lead in db.session.scalars(wanted)}
