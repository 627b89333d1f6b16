"""Leads that are in a stage: told to the guard of its deletion, and moved to another pipeline all at once."""

from collections.abc import Mapping

import sqlalchemy as sa
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.leads.replaced import Standing
from leadhub.leads.stages.models import StageMove
from leadhub.lists import guard, services
from leadhub.lists.guard import SuccessorNeeded, TooManyLeads
from leadhub.pipelines.deletion import GUARD, kept_words, lead_counts, too_many_of_pipeline
from leadhub.pipelines.models import Pipeline, Stage
from leadhub.pipelines.queries import names_with_pipeline, stages_of, stages_outside
from leadhub.referrers.registry import Referrer

STAGES = "stages"  # the channel of the lines in the histories
STANDING = Standing(
    guard=GUARD, field="stage", column=Lead.stage_id, since=Lead.stage_since, moves=StageMove, extras={},
    names=names_with_pipeline, channel=STAGES, kept_words=kept_words, may_be_empty=False,
)  # fmt: skip


def referrers() -> list[Referrer]:
    return [STANDING.referrer()]


def move_leads(pipeline: Pipeline, mapping: Mapping[int, int], *, by: User) -> int:
    """The leads of each stage go where the mapping says (id of a stage -> of one of another pipeline), those in the bin
    too; statuses stay.  Returns how many they are.  Commits nothing.

    Raises ``SuccessorNeeded`` (with the stage's id) or ``TooManyLeads``; nothing is changed then.
    """
    services.one_at_a_time()
    mine, there = {row.id for row in stages_of(pipeline)}, {row.id for row in stages_outside(pipeline)}
    for old_id, new_id in mapping.items():
        if old_id not in mine or new_id not in there:
            raise SuccessorNeeded(_("Your choice is no longer there. Choose another one."), str(old_id))
    held = sa.select(Stage.id).where(Stage.id.in_([*mapping, *mapping.values()])).order_by(Stage.id)
    db.session.scalars(held.with_for_update(of=Stage)).all()  # from here on nothing new comes into them
    if sum(lead_counts(list(mapping)).values()) > guard.LEADS_MAX:
        raise TooManyLeads(too_many_of_pipeline(guard.LEADS_MAX))
    return sum(STANDING.move(old_id, new_id, by) for old_id, new_id in mapping.items())
