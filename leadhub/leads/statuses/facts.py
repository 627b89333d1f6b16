"""The facts that a lead's status follows, and the one place where it does.  Commits nothing.

Whoever makes, changes or drops a document of a lead tells it here, in the same transaction.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import NoResultFound

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
    verdicts = tell_many({lead_id: said}, by=by, at=at)
    if lead_id not in verdicts:
        raise NoResultFound(f"there is no lead {lead_id}")
    return verdicts[lead_id]


def tell_many(
    said: Mapping[int, Mapping[str, Said]], *, by: User | None, at: datetime | None = None
) -> dict[int, Verdict]:
    """The same of many leads (id -> what is so of it), of those that are there: a fixed number of statements, but for
    those that move."""
    if not said:
        return {}
    known = held_statuses()  # rows of lists first, then the leads: as deletions do
    held_stages()
    leads = _locked(said)
    now = at or utcnow()  # what others have done while this waited was before
    stored = _stored([lead.id for lead in leads])
    for lead_id, rows in stored.items():
        _write(lead_id, said[lead_id], rows, now)
    db.session.flush()  # the facts are there whatever becomes of the status
    rules, default = rules_in_force(known), default_of([*known.values()]).standing
    choices = _last_choices(list(stored), known)
    verdicts = {
        lead_id: status_of({it.name: it.fact for it in rows.values()}, rules, choices.get(lead_id), default)
        for lead_id, rows in stored.items()
    }
    _move([(lead, verdicts[lead.id]) for lead in leads if verdicts[lead.id].status.id != lead.status_id], by, now)
    return verdicts


def _stored(lead_ids: Collection[int]) -> dict[int, dict[str, LeadFact]]:
    wanted = sa.select(LeadFact).where(LeadFact.lead_id.in_(lead_ids)).execution_options(populate_existing=True)
    found: dict[int, dict[str, LeadFact]] = {lead_id: {} for lead_id in lead_ids}
    for row in db.session.scalars(wanted):
        found[row.lead_id][row.name] = row
    return found


def _write(lead_id: int, said: Mapping[str, Said], stored: dict[str, LeadFact], now: datetime) -> None:
    for name, change in said.items():
        if name not in stored:
            if not change.holds:
                continue
            stored[name] = LeadFact(lead_id=lead_id, name=name)
            db.session.add(stored[name])
        row = stored[name]
        row.holds, row.about, row.at = change.holds, change.about, now


def standing_of(lead: Lead) -> tuple[Facts, Verdict]:
    """The facts of a lead, and what they make of its status: for its page."""
    facts = facts_of(lead.id)
    if not facts:
        return facts, Verdict(lead.status.standing, Cause(HAND))
    known = {row.id: row for row in statuses()}
    choice = _last_choices([lead.id], known).get(lead.id)
    return facts, status_of(facts, rules_in_force(known), choice, default_of([*known.values()]).standing)


def facts_of(lead_id: int) -> Facts:
    """Those that were told once, true or not."""
    rows = db.session.scalars(sa.select(LeadFact).where(LeadFact.lead_id == lead_id))
    return {row.name: row.fact for row in rows}


def live_facts(facts: Facts) -> dict[str, Fact]:
    """What is so by now, but for enquiries, which keep no choice from holding."""
    return {name: fact for name, fact in facts.items() if fact.holds and name != ENQUIRY}


def _locked(lead_ids: Collection[int]) -> Sequence[Lead]:
    wanted = sa.select(Lead).where(Lead.id.in_(lead_ids)).order_by(Lead.id).with_for_update(key_share=True, of=Lead)
    return db.session.scalars(wanted.execution_options(populate_existing=True)).all()


def _last_choices(lead_ids: Sequence[int], known: Mapping[int, Status]) -> dict[int, Choice]:
    """What a person wanted last, of each lead.  A status that was deleted since counts as what took its place; a choice
    for many leads that was undone counts as none."""
    newest = sa.func.row_number().over(partition_by=StatusMove.lead_id, order_by=StatusMove.id.desc())
    columns = (StatusMove.id, StatusMove.lead_id, StatusMove.to_id, StatusMove.at, StatusMove.is_choice)
    ranked = sa.select(*columns, newest.label("place")).where(
        StatusMove.lead_id.in_(lead_ids), StatusMove.is_choice | (StatusMove.cause == UNDONE)
    )
    its = ranked.subquery()
    undone: Counter[int] = Counter()
    found: dict[int, Choice | None] = {}
    for row in db.session.execute(sa.select(its).where(its.c.place <= LOOKED_AT).order_by(its.c.id.desc())):
        if row.lead_id in found:
            continue
        if not row.is_choice:
            undone[row.lead_id] += 1
        elif undone[row.lead_id]:
            undone[row.lead_id] -= 1
        else:
            status = successor_of(row.to_id, known)
            found[row.lead_id] = Choice(status.standing, row.at) if status else None
    return {lead_id: choice for lead_id, choice in found.items() if choice}


def _move(moved: Sequence[tuple[Lead, Verdict]], by: User | None, at: datetime) -> None:
    if not moved:
        return
    field, changes = catalogue()["status"], {}
    steps = []
    for lead, verdict in moved:
        old, since = lead.status_id, lead.status_since
        changes[lead.id] = [line_of(field, old, verdict.status.id)]
        lead.status_id, lead.status_since = verdict.status.id, at
        step = history.Step(lead_id=lead.id, old_id=old, new_id=lead.status_id, since=since, cause=verdict.cause)
        steps.append(step)
    for lead_id, change in documents.follow(moved, by=by, at=at).items():
        changes[lead_id].append(change)
    db.session.flush()  # the versions that the lines name are the leads' from here on
    common = {"at": at, "by_id": by.id if by else None, "kind": "changed", "channel": AUTOMATIC}
    remember(
        [
            common | {
                "lead_id": lead.id, "version": lead.version, "changes": changes[lead.id],
                "details": {"cause": verdict.cause.key, "arguments": dict(verdict.cause.arguments)},
            }
            for lead, verdict in moved
        ]
    )  # fmt: skip
    for lead, _verdict in moved:
        db.session.expire(lead, ["status", "stage"])
    history.record(steps, at=at, by=by)
