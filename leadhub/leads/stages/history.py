"""The path of a lead through the stages: written with each move, read for its page.  Commits nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from leadhub.accounts.models import User
from leadhub.database import insert_many
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.leads.stages.models import StageMove
from leadhub.pipelines.models import Stage
from leadhub.pipelines.queries import names_with_pipeline, stages
from leadhub.statuses.rules import HAND, Cause

LOOKED_AT = 200  # moves of one lead; what is older is not on its page


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One lead's way from a stage to another; None is none.  ``since`` is when the one before was entered."""

    lead_id: int
    old_id: int | None
    new_id: int | None
    since: datetime | None
    cause: Cause | None = None  # where it is not that of all


def record(steps: Sequence[Step], *, at: datetime, by: User | None, cause: Cause | None = None) -> None:
    """Append to the paths of these leads.  Without a ``cause`` a person moved them.

    As many statements for five hundred steps as for one.
    """
    if not steps:
        return
    known = {row.id: row for row in stages()}
    names = {row_id: names_with_pipeline(row) for row_id, row in known.items()}
    common: dict[str, Any] = {"at": at, "by_id": by.id if by else None, "deletion_id": None}
    why = [step.cause or cause or Cause(HAND) for step in steps]
    rows = [
        common | {
            "lead_id": step.lead_id, "from_id": step.old_id, "to_id": step.new_id, "since": step.since,
            "from_names": names.get(step.old_id or 0, {}), "to_names": names.get(step.new_id or 0, {}),
            "cause": its.key, "arguments": dict(its.arguments),
        }
        for step, its in zip(steps, why, strict=True)
    ]  # fmt: skip
    insert_many(db.session(), StageMove, rows)


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A stage of the lead's pipeline, on the bar of its page: how long the lead has been there, all visits together.

    ``seconds`` is 0 where it never was.
    """

    stage: Stage
    seconds: float
    is_now: bool


def moves_of(lead: Lead) -> list[StageMove]:
    """The last ones, oldest first."""
    wanted = sa.select(StageMove).where(StageMove.lead_id == lead.id).options(joinedload(StageMove.by))
    return list(reversed(db.session.scalars(wanted.order_by(StageMove.id.desc()).limit(LOOKED_AT)).all()))


def bar_of(lead: Lead, now: datetime) -> list[Span]:
    """Every stage of the lead's pipeline that is offered or was passed, in their order; empty where it is in none."""
    if lead.stage is None:
        return []
    spent: dict[int | None, float] = {}
    moves = moves_of(lead)
    for move, after in zip(moves, [*moves[1:], None], strict=True):
        left = after.at if after else now
        spent[move.to_id] = spent.get(move.to_id, 0) + (left - move.at).total_seconds()
    rows = [row for row in stages() if row.pipeline_id == lead.stage.pipeline_id]
    return [
        Span(stage=row, seconds=spent.get(row.id, 0), is_now=row.id == lead.stage_id)
        for row in rows
        if not row.retired or row.id in spent or row.id == lead.stage_id
    ]
