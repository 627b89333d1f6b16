"""The stage follows the documents: a status of kind won or lost that they give takes the lead to such a stage."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from leadhub.accounts.models import User
from leadhub.fields.queries import catalogue
from leadhub.leads.models import Lead
from leadhub.leads.stages import ranks
from leadhub.leads.stages.history import Step, record
from leadhub.leads.values import words
from leadhub.pipelines.models import LOST, WON, Stage
from leadhub.pipelines.queries import stage_of_kind, stages
from leadhub.statuses.rules import Verdict

KINDS = {WON: WON, LOST: LOST}  # of a status -> of a stage


def follow(verdicts: Sequence[tuple[Lead, Verdict]], *, by: User | None, at: datetime) -> dict[int, dict[str, str]]:
    """Move those leads, which are held, as the stages are; the caller flushes.  Returns the changes for the lines of
    their histories, by the leads' ids."""
    steps, changes = [], {}
    field, known = catalogue()["stage"], {row.id: row for row in stages()}
    for place, (lead, verdict) in enumerate(verdicts):
        old = known.get(lead.stage_id or 0)
        new = _next(old, verdict, known) if old else None
        if old is None or new is None:
            continue
        changes[lead.id] = {"field": "stage", "old": words(field, old.id), "new": words(field, new.id)}
        since, why = lead.stage_since, verdict.cause
        steps.append(Step(lead_id=lead.id, old_id=old.id, new_id=new.id, since=since, cause=why))
        lead.stage_id, lead.stage_since, lead.stage_rank = new.id, at, ranks.newest(at, -place)
    record(steps, at=at, by=by)
    return changes


def _next(old: Stage, verdict: Verdict, known: Mapping[int, Stage]) -> Stage | None:
    """None: the lead stays where it is."""
    kind = KINDS.get(verdict.status.kind)
    if kind is None or old.kind == kind or not old.pipeline.is_joined:
        return None
    return stage_of_kind(old.pipeline_id, kind, known)
