"""A hub where leads have gone this way and that, and what a person with a pencil would count of them."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from leadhub.accounts.models import Role
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.leads.services import create_leads
from leadhub.leads.stages import history
from leadhub.leads.stages.history import Step
from leadhub.lists.drafts import RowDraft
from leadhub.pipelines import services
from leadhub.pipelines.models import Stage
from leadhub.pipelines.queries import pipelines, stages_of
from leadhub.plugins.api import LeadDraft

MIDNIGHT = datetime(2026, 10, 24, 22, tzinfo=UTC)  # of 25 October in Paris, on which the clock goes back
OWNERS = ("bob@example.org", "mia@example.org", "", "ada@example.org")
SOURCES = ("web-form", "whatsapp", "")
NO_STAGE = None


@dataclass
class Walker:
    """A lead, with the stages that it was in, one after the other, and its visits that ended by another stage:
    (stage, when it was entered, when it was left)."""

    id: int
    owner: str
    source: str
    received_at: datetime
    path: list[Stage | None] = field(default_factory=list)
    visits: list[tuple[Stage, datetime, datetime]] = field(default_factory=list)
    is_binned: bool = False


def world(seed, size=60, steps=6, ada=None):
    """Leads of everybody and nobody in two pipelines, some of them in the bin."""
    chance = random.Random(seed)
    draft = RowDraft(names={"en": "Support"}, extras={"team_id": None})
    services.add_pipeline(draft, ready="support", by=ada)
    db.session.commit()
    choices = [*(stage for row in pipelines() for stage in stages_of(row)), NO_STAGE]
    drafts = [
        LeadDraft(
            channel="form", last_name=f"Lead {number}", owner=chance.choice(OWNERS), source=chance.choice(SOURCES),
            received_at=MIDNIGHT + timedelta(hours=12 * (number - size // 2), minutes=-1),
        )
        for number in range(size)
    ]  # fmt: skip
    outcomes = create_leads(drafts, by=None)
    db.session.flush()
    walkers = [
        Walker(outcome.lead_id, draft.owner, draft.source, draft.received_at)
        for outcome, draft in zip(outcomes, drafts, strict=True)
    ]
    for walker in walkers:
        _walk(walker, chance, choices, steps)
    binned = [walker for walker in walkers if chance.random() < 0.1]
    for walker in binned:
        walker.is_binned = True
        db.session.get(Lead, walker.id).deleted_at = MIDNIGHT
    db.session.commit()
    return walkers


def _walk(walker, chance, choices, steps):
    lead = db.session.get(Lead, walker.id)
    walker.path.append(lead.stage)
    lead.stage_since = now = walker.received_at
    db.session.flush()
    for _step in range(chance.randrange(steps)):
        new = chance.choice([stage for stage in choices if stage is not lead.stage])
        since, now = now, now + timedelta(seconds=chance.randrange(1, 20 * 86_400))
        old = lead.stage
        step = Step(lead_id=lead.id, old_id=old and old.id, new_id=new and new.id, since=since if old else None)
        history.record([step], at=now, by=None)
        lead.stage, lead.stage_since = new, now if new else None
        db.session.flush()
        walker.path.append(new)
        if old and new:
            walker.visits.append((old, since, now))


def place_of(stage):
    """Its place on the way, from 1; all that are won have the same one; 0: none."""
    kinds = [row.id for row in stages_of(stage.pipeline) if row.kind == "open"]
    return kinds.index(stage.id) + 1 if stage.kind == "open" else len(kinds) + 1 if stage.kind == "won" else 0


def mine(stages, pipeline):
    return [stage for stage in stages if stage and stage.pipeline_id == pipeline.id]


def set_reach(reach):
    db.session.execute(sa.update(Role).values(reach=reach))
    db.session.commit()


def cohort(walkers, start, end, sees=None, source=None):
    """Those received on these days in Paris; ``sees``: of these owners."""

    def day(walker):
        return walker.received_at.astimezone(ZoneInfo("Europe/Paris")).date()

    return [
        it for it in walkers
        if not it.is_binned and (start or date.min) <= day(it) <= (end or date.max)
        and (sees is None or it.owner in sees) and (source is None or it.source == source)
    ]  # fmt: skip
