"""Leads that are in a stage: told to the guard of its deletion."""

from leadhub.leads.models import Lead
from leadhub.leads.replaced import Standing
from leadhub.leads.stages.models import StageMove
from leadhub.pipelines.deletion import GUARD, kept_words
from leadhub.pipelines.queries import names_with_pipeline
from leadhub.referrers.registry import Referrer

STAGES = "stages"  # the channel of the lines in the histories


def referrers() -> list[Referrer]:
    standing = Standing(
        guard=GUARD, field="stage", column=Lead.stage_id, since=Lead.stage_since, moves=StageMove, extras={},
        names=names_with_pipeline, channel=STAGES, kept_words=kept_words, may_be_empty=False,
    )  # fmt: skip
    return [standing.referrer()]
