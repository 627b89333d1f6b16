"""What of a pipeline names other rows: the status that a lost stage gives, the team whose pipeline it is."""

from typing import Any

import sqlalchemy as sa
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from leadhub.accounts.handover import Holding
from leadhub.accounts.models import Team, User
from leadhub.extensions import db
from leadhub.pipelines.models import Pipeline, Stage
from leadhub.referrers.registry import Given, Referrer, Undo
from leadhub.statuses.models import Status


def referrers() -> list[Referrer]:
    statuses = Referrer(
        key="stages.status", table=Status.__tablename__, column="stages.status_id", count=_count_stages,
        words=_stage_words, move=_move_stages, remember=_stages_with, give_back=_give_back,
        page=lambda row: ("pipelines.index", {}),
    )  # fmt: skip
    stages = Referrer(
        key="pipelines.stages", table=Pipeline.__tablename__, column="stages.pipeline_id", count=_count_of_pipeline,
        words=_stage_words, move=lambda row_id, to, by: 0, may_be_empty=False, blocks=True,
    )  # fmt: skip
    return [statuses, stages]


def _stage_words(number: int) -> str:
    return str(ngettext("%(count)s stage", "%(count)s stages", number, count=format_decimal(number)))


def _pipeline_words(number: int) -> str:
    return str(ngettext("%(count)s pipeline", "%(count)s pipelines", number, count=format_decimal(number)))


def _count_stages(row_id: int) -> int:
    return len(_stages_with(row_id))


def _stages_with(row_id: int) -> list[int]:
    return list(db.session.scalars(sa.select(Stage.id).where(Stage.status_id == row_id).order_by(Stage.id)))


def _move_stages(row_id: int, to: int | None, by: User | None) -> int:
    """Without a successor a lead that enters the stage keeps its status."""
    moved: Any = db.session.execute(sa.update(Stage).where(Stage.status_id == row_id).values(status_id=to))
    return int(moved.rowcount)


def _give_back(undo: Undo) -> Given:
    same = Stage.status_id == undo.to if undo.to else Stage.status_id.is_(None)
    back: Any = db.session.execute(
        sa.update(Stage).where(Stage.id.in_(undo.memory), same).values(status_id=undo.row_id)
    )
    left = len(undo.memory) - int(back.rowcount)
    told = [_("%(what)s: changed since, and not given back.", what=_stage_words(left))] if left else []
    return int(back.rowcount), told


def _count_of_pipeline(row_id: int) -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(Stage.pipeline_id == row_id)) or 0


def _leave_team(team: Team) -> int:
    """What was the team's is everybody's."""
    left: Any = db.session.execute(sa.update(Pipeline).where(Pipeline.team_id == team.id).values(team_id=None))
    return int(left.rowcount)


HOLDING = Holding(
    key="pipelines", count=lambda user: 0, words=_pipeline_words, move=lambda giver, taker, by: 0,
    leave_team=_leave_team,
)  # fmt: skip
"""Nobody holds one; a team does, until it is deleted."""
