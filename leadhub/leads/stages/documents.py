"""The stage follows the documents: a status of kind won or lost that they give takes the lead to such a stage."""

from datetime import datetime

from leadhub.accounts.models import User
from leadhub.fields.queries import catalogue
from leadhub.leads.models import Lead
from leadhub.leads.stages import ranks
from leadhub.leads.stages.history import Step, record
from leadhub.leads.values import words
from leadhub.pipelines.models import LOST, WON
from leadhub.pipelines.queries import stage_of_kind
from leadhub.statuses.rules import Verdict

KINDS = {WON: WON, LOST: LOST}  # of a status -> of a stage


def follow(lead: Lead, verdict: Verdict, *, by: User | None, at: datetime) -> dict[str, str] | None:
    """Move the lead, which is held, as the stages are; the caller flushes.  Returns the change for its history line."""
    kind, old = KINDS.get(verdict.status.kind), lead.stage
    if kind is None or old is None or old.kind == kind or not old.pipeline.is_joined:
        return None
    new = stage_of_kind(old.pipeline_id, kind, {row.id: row for row in old.pipeline.stages})
    if new is None:
        return None
    field = catalogue()["stage"]
    change = {"field": "stage", "old": words(field, old.id), "new": words(field, new.id)}
    step = Step(lead_id=lead.id, old_id=old.id, new_id=new.id, since=lead.stage_since)
    lead.stage_id, lead.stage_since, lead.stage_rank = new.id, at, ranks.newest(at)
    record([step], at=at, by=by, cause=verdict.cause)
    return change
