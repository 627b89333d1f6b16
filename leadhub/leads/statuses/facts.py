"""The facts that a lead's status follows, and the one place where it does.  Commits nothing.

Whoever makes, changes or drops a document of a lead tells it here, in the same transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.fields.queries import catalogue
from leadhub.leads.models import Lead
from leadhub.leads.stages import documents
from leadhub.leads.statuses import history
from leadhub.leads.statuses.models import LeadFact, StatusMove
from leadhub.leads.updates import line_of, remember
from leadhub.pipelines.queries import held_stages
from leadhub.statuses.models import Status
from leadhub.statuses.queries import default_of, held_statuses, rules_in_force, statuses, successor_of
from leadhub.statuses.rules import ENQUIRY, HAND, UNDONE, Cause, Choice, Fact, Facts, Verdict, status_of

LOOKED_AT = 50  # choices, those that were undone too
AUTOMATIC = "status"  # the channel of the lines in the history


@dataclass(frozen=True, slots=True)
class Said:
    """What is so from now on: ``about`` names it, for the history (a quotation's number)."""

    holds: bool
    about: str = ""


def tell(lead_id: int, said: Mapping[str, Said], *, by: User | None, at: datetime | None = None) -> Verdict:
    """These facts (``statuses.rules.FACTS``) have changed; the status follows.

    What is so already and is said again is a change too: another quotation was submitted.  The lead is held until the
    transaction ends, and its statuses with it.
    """
    known = held_statuses()  # rows of lists first, then the lead: as deletions do
    held_stages()
    lead = _locked(lead_id)
    now = at or utcnow()  # what others have done while this waited was before
    wanted = sa.select(LeadFact).where(LeadFact.lead_id == lead_id).execution_options(populate_existing=True)
    stored = {row.name: row for row in db.session.scalars(wanted)}
    for name, change in said.items():
        row = stored.get(name)
        if row is None:
            if not change.holds:
                continue
            row = stored[name] = LeadFact(lead_id=lead_id, name=name)
            db.session.add(row)
        row.holds, row.about, row.at = change.holds, change.about, now
    db.session.flush()  # the facts are there whatever becomes of the status
    facts = {name: Fact(row.holds, row.at, row.about) for name, row in stored.items()}
    choice = _last_choice(lead, known)
    verdict = status_of(facts, rules_in_force(known), choice, default_of([*known.values()]).standing)
    if verdict.status.id != lead.status_id:
        _move(lead, verdict, by, now)
    return verdict


def standing_of(lead: Lead) -> tuple[Facts, Verdict]:
    """The facts of a lead, and what they make of its status: for its page."""
    facts = facts_of(lead.id)
    if not facts:
        return facts, Verdict(lead.status.standing, Cause(HAND))
    known = {row.id: row for row in statuses()}
    choice = _last_choice(lead, known)
    return facts, status_of(facts, rules_in_force(known), choice, default_of([*known.values()]).standing)


def facts_of(lead_id: int) -> Facts:
    """Those that were told once, true or not."""
    rows = db.session.scalars(sa.select(LeadFact).where(LeadFact.lead_id == lead_id))
    return {row.name: Fact(row.holds, row.at, row.about) for row in rows}


def live_facts(facts: Facts) -> dict[str, Fact]:
    """What is so by now, but for enquiries, which keep no choice from holding."""
    return {name: fact for name, fact in facts.items() if fact.holds and name != ENQUIRY}


def _locked(lead_id: int) -> Lead:
    wanted = sa.select(Lead).where(Lead.id == lead_id).with_for_update(key_share=True, of=Lead)
    return db.session.execute(wanted.execution_options(populate_existing=True)).scalar_one()


def _last_choice(lead: Lead, known: Mapping[int, Status]) -> Choice | None:
    """What a person wanted last.  A status that was deleted since counts as what took its place; a choice for many
    leads that was undone counts as none."""
    wanted = sa.select(StatusMove.to_id, StatusMove.at, StatusMove.is_choice).where(
        StatusMove.lead_id == lead.id, StatusMove.is_choice | (StatusMove.cause == UNDONE)
    )
    undone = 0
    for row in db.session.execute(wanted.order_by(StatusMove.id.desc()).limit(LOOKED_AT)):
        if not row.is_choice:
            undone += 1
        elif undone:
            undone -= 1
        else:
            status = successor_of(row.to_id, known)
            return Choice(status.standing, row.at) if status else None
    return None


def _move(lead: Lead, verdict: Verdict, by: User | None, at: datetime) -> None:
    field = catalogue()["status"]
    old, since = lead.status_id, lead.status_since
    change = line_of(field, old, verdict.status.id)
    lead.status_id, lead.status_since = verdict.status.id, at
    moved = documents.follow(lead, verdict, by=by, at=at)
    db.session.flush()  # the version that the line names is the lead's from here on
    details = {"cause": verdict.cause.key, "arguments": dict(verdict.cause.arguments)}
    remember(
        [
            {
                "lead_id": lead.id, "at": at, "by_id": by.id if by else None, "kind": "changed", "channel": AUTOMATIC,
                "version": lead.version, "changes": [change, *([moved] if moved else [])],
                "details": details,
            }
        ]
    )  # fmt: skip
    db.session.expire(lead, ["status", "stage"])
    step = history.Step(lead_id=lead.id, old_id=old, new_id=verdict.status.id, since=since)
    history.record([step], at=at, by=by, cause=verdict.cause)
