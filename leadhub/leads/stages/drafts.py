"""The stages that drafts ask for: the same rules as for leads that are there.  Nothing here writes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadhub.accounts.models import User
from leadhub.leads.links import Links
from leadhub.leads.models import Lead
from leadhub.leads.stages.transitions import REASON, STAGE, StageRefused, Transitions
from leadhub.leads.updates import changes_from
from leadhub.pipelines.models import LOST, Stage
from leadhub.plugins.api.leads import LeadDraft


@dataclass(frozen=True, slots=True)
class Staging:
    """For one block; ``rules`` are None where no draft says anything about a stage."""

    links: Links
    rules: Transitions | None

    @classmethod
    def of(cls, block: Sequence[LeadDraft], links: Links, known: Collection[Lead], by: User | None) -> "Staging":
        is_asked = any(draft.stage for draft in block)
        return cls(links, Transitions.of(known, by) if is_asked else None)

    def problem(self, draft: LeadDraft, lead: Lead | None) -> StageRefused | None:
        if self.rules is None or not draft.stage or self.links.unknown(draft):
            return None
        if lead is None:
            brought = self.links.brought(draft)
            return self.rules.refusal(brought.get(STAGE), brought.get)
        changes = changes_from(draft, lead, self.links)
        return self.rules.problem(lead, changes) if changes[STAGE] != lead.stage_id else None

    def changes(self, draft: LeadDraft, lead: Lead) -> dict[str, Any]:
        """What the draft makes of a lead that is there."""
        changes = changes_from(draft, lead, self.links)
        return self.rules.with_status(lead, changes) if self.rules and STAGE in changes else changes


def lost_status(row: Mapping[str, Any], known: Mapping[int, Stage]) -> dict[str, Any]:
    """A new lead that comes into a lost stage has the status that the stage gives, as columns."""
    stage = known.get(row["stage_id"])
    is_given = stage and stage.kind == LOST and stage.pipeline.is_joined and stage.status_id
    return {"status_id": stage.status_id} if stage and is_given and row.get(f"{REASON}_id") else {}
