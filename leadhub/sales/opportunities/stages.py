"""Where opportunities stand that have stages of their own.  Commits nothing."""

import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.pipelines.models import OPEN, OPPORTUNITY, Stage
from leadhub.pipelines.queries import default_pipeline, first_stage, names_with_pipeline, stages_of
from leadhub.pipelines.ready import OPPORTUNITIES
from leadhub.pipelines.services import give_stages, hide_stages
from leadhub.sales.documents import OPPORTUNITY_STATES, Opportunity, OpportunityMove
from leadhub.statuses.rules import HAND


def offered_stages() -> list[Stage]:
    """In their order; none where opportunities have none of their own."""
    pipeline = default_pipeline(OPPORTUNITY)
    return [row for row in stages_of(pipeline) if not row.retired] if pipeline else []


def shown_stages() -> list[Stage]:
    """Those, and retired ones, where some may be left."""
    pipeline = default_pipeline(OPPORTUNITY)
    return stages_of(pipeline) if pipeline else []


def begin(row: Opportunity, *, by: User | None) -> None:
    """A new one stands in the first stage."""
    if stage := first_stage(OPPORTUNITY):
        enter(row, stage, by=by)


def enter(row: Opportunity, stage: Stage, *, by: User | None) -> None:
    """It gets the stage's probability, unless somebody has typed another."""
    old = row.stage
    if old is stage:
        return
    if stage.probability is not None and row.probability in (None, old.probability if old else None):
        row.probability = stage.probability
    now = utcnow()
    db.session.add(OpportunityMove(
        opportunity_id=row.id, at=now, from_id=old.id if old else None, to_id=stage.id, since=row.stage_since,
        from_names=names_with_pipeline(old), to_names=names_with_pipeline(stage), cause=HAND,
        by_id=by.id if by else None,
    ))  # fmt: skip
    row.stage, row.stage_since = stage, now
    db.session.flush()


def follow(row: Opportunity, *, by: User | None) -> None:
    """The stage goes with the state: into the first that is won, or lost; back to where it last was open."""
    offered = offered_stages()
    alike = [stage for stage in offered if stage.kind == row.state]
    if not alike or row.stage in alike:
        return
    before = _last_open(row) if row.state == OPEN else None
    enter(row, next((stage for stage in alike if stage.id == before), alike[0]), by=by)


def switch_on(*, by: User) -> None:
    """Opportunities have stages of their own from now on: those that fit their states, where they had none."""
    pipeline = give_stages(OPPORTUNITY, OPPORTUNITIES, by=by)
    rows = stages_of(pipeline)
    for state in OPPORTUNITY_STATES:
        fitting = [row.id for row in rows if row.kind == state]
        first = next((row.id for row in rows if row.kind == state and not row.retired), None)
        elsewhere = sa.or_(Opportunity.stage_id.is_(None), Opportunity.stage_id.not_in(fitting))
        values = {"stage_id": first, "stage_since": utcnow(), "version": Opportunity.version + 1}
        placed = sa.update(Opportunity).where(Opportunity.state == state, elsewhere).values(values)
        if first:
            db.session.execute(placed, execution_options={"synchronize_session": False})


def switch_off(*, by: User) -> None:
    """They are hidden; what stands where is kept."""
    hide_stages(OPPORTUNITY, by=by)


def _last_open(row: Opportunity) -> int | None:
    """Id of the stage that it left when it was settled."""
    wanted = sa.select(OpportunityMove.from_id).join(Stage, Stage.id == OpportunityMove.from_id)
    mine = wanted.where(OpportunityMove.opportunity_id == row.id, Stage.kind == OPEN)
    return db.session.scalar(mine.order_by(OpportunityMove.id.desc()).limit(1))
