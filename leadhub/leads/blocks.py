"""How one block of drafts is stored: rules, lists, known leads, history and search words, a handful of statements."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import selectinload

from leadhub.accounts.models import User
from leadhub.accounts.visibility import visible
from leadhub.database import insert_many, utcnow
from leadhub.extensions import db
from leadhub.fields import catalogue as kinds
from leadhub.fields.queries import catalogue, searched_fields
from leadhub.hub.queries import hub
from leadhub.leads.checks import FieldRefused, problem_of
from leadhub.leads.identity import is_another, key_of, print_of, values_of
from leadhub.leads.links import TYPED, Links
from leadhub.leads.models import CustomValue, Lead, LeadAddress, LeadReach, LeadTag
from leadhub.leads.outcomes import Outcome
from leadhub.leads.search import keys_of
from leadhub.leads.stages import history as stages
from leadhub.leads.stages import ranks
from leadhub.leads.stages.drafts import Staging, lost_status
from leadhub.leads.statuses.facts import Said, tell_many
from leadhub.leads.updates import apply_changes, remember
from leadhub.leads.values import KINDS, address_rows, custom_rows, empty_of, first_reach, reach_rows
from leadhub.pipelines.models import Stage
from leadhub.pipelines.queries import first_stage
from leadhub.plugins.api.leads import LeadDraft
from leadhub.statuses.models import Status
from leadhub.statuses.queries import default_status
from leadhub.statuses.rules import BEGUN, CUSTOMER, Cause

BLOCK = 500
SAMPLE = "sample"
Row = dict[str, Any]


class Begun(NamedTuple):
    """Where new leads begin."""

    status: Status
    stage: Stage | None


def blocks_of(drafts: Iterable[LeadDraft]) -> Iterator[list[LeadDraft]]:
    """At most 500 drafts each, and no external id twice in one: the second must find the first stored."""
    block: list[LeadDraft] = []
    met: set[str] = set()
    for draft in drafts:
        key = key_of(draft)
        if len(block) == BLOCK or key in met:
            yield block
            block, met = [], set()
        block.append(draft)
        if key:
            met.add(key)
    if block:
        yield block


def store_block(block: Sequence[LeadDraft], by: User | None) -> list[Outcome]:
    """An outcome for each draft, in order; everything is flushed."""
    keys = [key_of(draft) for draft in block]
    begun = Begun(default_status(), first_stage())  # held before any lead is
    known = _known(keys)
    hidden = _hidden(known, by)
    outcomes = {
        place: _judged(draft, known.get(keys[place])) if keys[place] not in hidden else _out_of_reach(draft)
        for place, draft in enumerate(block)
    }
    links = Links.of([block[place] for place, outcome in outcomes.items() if outcome is None], by)
    for place, outcome in outcomes.items():
        if outcome is None and (problem := links.problem(block[place], by)):
            outcomes[place] = Outcome("refused", refusal=problem)
    moves = Staging.of(block, links, [known[key] for key in keys if key in known], by)
    for place, outcome in outcomes.items():
        if outcome is None and (refusal := moves.problem(block[place], known.get(keys[place]))):
            outcomes[place] = Outcome("refused", refusal=refusal)
    wanted = [place for place, outcome in outcomes.items() if outcome is None]
    fresh = [place for place in wanted if keys[place] not in known]
    changed = {place: known[keys[place]] for place in wanted if keys[place] in known}
    for place, lead_id in zip(fresh, _insert([block[place] for place in fresh], links, by, begun), strict=True):
        outcomes[place] = Outcome("created", lead_id)
    kept = links.kept() if changed else ()
    lines = {place: _update(lead, block[place], moves, by) for place, lead in changed.items()}
    for place, line in lines.items():
        outcomes[place] = Outcome("updated" if line else "unchanged", changed[place].id)
    remember([line for line in lines.values() if line])
    db.session.flush()  # the block stands or falls here, inside its savepoint
    _tell_customers({it.lead_id: block[place] for place in wanted if (it := outcomes[place])}, by)
    del kept
    return [outcome for outcome in outcomes.values() if outcome]


def _judged(draft: LeadDraft, lead: Lead | None) -> Outcome | None:
    """What can be said without writing: refused, or the same as before.  None: it is to be stored."""
    if refusal := problem_of(values_of(draft), identified=draft.channel != TYPED):
        return Outcome("refused", refusal=refusal)
    if lead is None:
        return None
    if lead.external_print == print_of(draft):
        return Outcome("unchanged", lead.id)
    if lead.deleted_at:
        return _refused("external_id", _("The lead with the id %(id)s is in the bin.", id=draft.external_id))
    if is_another(lead, draft):
        name = lead.title(hub().language)
        words = _("The id %(id)s belongs to another lead here: %(name)s.", id=draft.external_id, name=name)
        return _refused("external_id", words)
    return None


def _refused(field: str, words: str) -> Outcome:
    return Outcome("refused", refusal=FieldRefused(field, words))


def _known(keys: Sequence[str | None]) -> dict[str | None, Lead]:
    """External key -> the lead that carries it already, in the bin or not, with what hangs on it."""
    wanted = [key for key in keys if key]
    if not wanted:
        return {}
    beside = (Lead.reaches, Lead.addresses, Lead.tags, Lead.custom_values)
    statement = sa.select(Lead).where(Lead.external_key.in_(wanted)).options(*map(selectinload, beside))
    found = db.session.scalars(statement.execution_options(populate_existing=True))
    return {lead.external_key: lead for lead in found}


def _hidden(known: Mapping[str | None, Lead], by: User | None) -> set[str | None]:
    """Keys of the leads that the person who brings the block may not see.  Nobody: a command of the server's admin."""
    if by is None or not known:
        return set()
    ids = [lead.id for lead in known.values()]
    seen = {
        lead_id
        for in_bin in (False, True)
        for lead_id in db.session.scalars(
            visible(by, Lead, in_bin=in_bin).where(Lead.id.in_(ids)).with_only_columns(Lead.id)
        )
    }
    return {key for key, lead in known.items() if lead.id not in seen}


def _out_of_reach(draft: LeadDraft) -> Outcome:
    words = _("The id %(id)s belongs to a lead that is not yours to change.", id=draft.external_id)
    return _refused("external_id", words)


def _update(lead: Lead, draft: LeadDraft, moves: Staging, by: User | None) -> Row | None:
    """What the door brings now goes before what is stored; what it leaves empty stays.  The line for the history."""
    lead.external_print = print_of(draft)
    return apply_changes(lead, moves.changes(draft, lead), by=by, channel=draft.channel)


def _tell_customers(stored: Mapping[int | None, LeadDraft], by: User | None) -> None:
    """Those that come with the day since when they are customers."""
    since = {lead_id: draft.customer_since for lead_id, draft in stored.items() if lead_id}
    said = {lead_id: {CUSTOMER: Said(True, day.isoformat())} for lead_id, day in since.items() if day}
    tell_many(said, by=by)


def _insert(drafts: Sequence[LeadDraft], links: Links, by: User | None, begun: Begun) -> Sequence[int]:
    """Ids of the new leads, in order, each with what hangs on it and the first line of its history."""
    if not drafts:
        return []
    now, by_id = utcnow(), by.id if by else None
    common = {"status_id": begun.status.id, "status_since": now, "created_by_id": by_id, "created_at": now}
    common |= {"touched_at": now, "stage_id": begun.stage.id if begun.stage else None}
    empty = {field.column: empty_of(field) for field in catalogue().values() if field.column}
    brought = [links.brought(draft) for draft in drafts]
    rows = [
        empty | common | _row(draft, values, links.unknown(draft))
        for draft, values in zip(drafts, brought, strict=True)
    ]
    known = {stage.id: stage for stage in links.rows["stage"].values()}
    for place, row in enumerate(rows):
        is_in = row["stage_id"] is not None
        row |= lost_status(row, known)
        row |= {"stage_since": now if is_in else None, "stage_rank": ranks.newest(now, -place) if is_in else ""}
    for row, draft, values in zip(rows, drafts, brought, strict=True):
        texts = [str(values.get(field.name, "")) for field in searched_fields()]
        row |= keys_of(row, [reach.value for reach in (*draft.emails, *draft.phones)], texts)
    ids = insert_many(db.session(), Lead, rows)
    _insert_beside(ids, brought)
    line: Row = {"kind": "created", "at": now, "by_id": by_id, "version": 1, "changes": []}
    remember([line | {"lead_id": lead_id, "channel": row["channel"]} for lead_id, row in zip(ids, rows, strict=True)])
    entered = [(lead_id, row["stage_id"]) for lead_id, row in zip(ids, rows, strict=True) if row["stage_id"]]
    steps = [stages.Step(lead_id=lead_id, old_id=None, new_id=stage_id, since=None) for lead_id, stage_id in entered]
    stages.record(steps, at=now, by=by, cause=Cause(BEGUN))
    return ids


def _row(draft: LeadDraft, brought: Mapping[str, Any], unknown: Mapping[str, str]) -> Row:
    fields = catalogue()
    values = {fields[name].column: value for name, value in brought.items() if fields[name].column}
    for name, kind in (("email", "email"), ("phone", "phone")):
        values |= first_reach(kind, brought.get(name, ()))
    key = key_of(draft)
    return values | {
        "version": 1,
        "received_at": draft.received_at or utcnow(),
        "channel": draft.channel,
        "external_id": draft.external_id or None,
        "external_key": key,
        "external_print": print_of(draft) if key else None,
        "other_data": {**draft.other, **unknown},
        "is_sample": draft.channel == SAMPLE,
    }


def _insert_beside(ids: Sequence[int], brought: Sequence[Mapping[str, Any]]) -> None:
    """Further e-mails and phones, addresses, tags, values of the team's own fields: a statement a kind."""
    fields = catalogue()
    rows: dict[Any, list[Row]] = {LeadReach: [], LeadAddress: [], LeadTag: [], CustomValue: []}
    for lead_id, values in zip(ids, brought, strict=True):
        for name, value in values.items():
            field, one = fields[name], {"lead_id": lead_id}
            if field.type in KINDS:
                rows[LeadReach] += [one | row for row in reach_rows(KINDS[field.type], value)]
            elif field.type == kinds.ADDRESSES:
                rows[LeadAddress] += [one | row for row in address_rows(value)]
            elif field.type == kinds.TAGS:
                rows[LeadTag] += [one | {"tag_id": tag_id} for tag_id in sorted(value)]
            elif field.is_custom:
                rows[CustomValue] += [one | row for row in custom_rows(field, value)]
    for model, found in rows.items():
        if found:
            db.session.execute(sa.insert(model), found)
