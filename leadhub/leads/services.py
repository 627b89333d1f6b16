"""The only door to leads: whatever enters or changes one comes through here.  Commits nothing.

``create_leads`` works in blocks of 500: rules, lists, twins by external id, history and search words are made per
block, so that a thousand rows from a file cost a handful of statements.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from leadhub.accounts.models import User
from leadhub.accounts.queries import active_users
from leadhub.database import insert_many, utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.hub.queries import hub
from leadhub.leads.checks import FieldRefused, problem_of
from leadhub.leads.fields import FIELDS
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.search import search_key
from leadhub.leads.updates import apply_changes, changes_from
from leadhub.lists.models import LeadType, Source
from leadhub.lists.services import row_ids
from leadhub.plugins.api.leads import LeadDraft
from leadhub.statuses.models import Status
from leadhub.statuses.queries import default_status

BLOCK = 500
DRAFT_FIELDS = [field.name for field in fields(LeadDraft)]
LIST_FIELDS = {"source": Source, "type": LeadType, "status": Status, "owner": User}
SAMPLE = "sample"
TYPED = "form"
Result = Literal["created", "updated", "unchanged", "refused"]


class StaleLead(RuleBroken):
    """Somebody else has changed the lead since the form was opened; nothing was saved."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one draft.  ``refusal`` is there when it was refused, ``lead_id`` otherwise."""

    result: Result
    lead_id: int | None = None
    refusal: FieldRefused | None = None


def create_lead(draft: LeadDraft, *, by: User | None) -> Lead:
    """Store one lead, whatever door it came through.  Raises ``FieldRefused``; nothing is stored then."""
    (outcome,) = create_leads([draft], by=by)
    if outcome.refusal:
        raise outcome.refusal
    return db.session.get_one(Lead, outcome.lead_id)


def create_leads(drafts: Iterable[LeadDraft], *, by: User | None) -> list[Outcome]:
    """An outcome for each draft, in order.  A draft whose external scope and id are known updates that lead."""
    outcomes: list[Outcome] = []
    for block in _blocks(drafts):
        outcomes.extend(_take_in(block, by))
    return outcomes


def _blocks(drafts: Iterable[LeadDraft]) -> Iterator[list[LeadDraft]]:
    """At most 500 drafts each, and no external id twice in one: the second must find the first stored."""
    block: list[LeadDraft] = []
    met: set[tuple[str, str]] = set()
    for draft in drafts:
        pair = (draft.external_scope, draft.external_id)
        if len(block) == BLOCK or pair in met:
            yield block
            block, met = [], set()
        block.append(draft)
        if draft.external_id:
            met.add(pair)
    if block:
        yield block


def _take_in(block: Sequence[LeadDraft], by: User | None) -> list[Outcome]:
    """Store one block.  Another process may store the same external id or list row meanwhile: then look again."""
    try:
        with db.session.begin_nested():
            return _store(block, by)
    except IntegrityError:
        with db.session.begin_nested():
            return _store(block, by)


def _store(block: Sequence[LeadDraft], by: User | None) -> list[Outcome]:
    outcomes: list[Outcome | None] = [None] * len(block)
    known = _known(block)
    fresh: list[int] = []
    for place, draft in enumerate(block):
        if refusal := problem_of(_values(draft), identified=draft.channel != TYPED):
            outcomes[place] = Outcome("refused", refusal=refusal)
        elif lead := known.get((draft.external_scope, draft.external_id)):
            outcomes[place] = _update_known(lead, draft, by)
        else:
            fresh.append(place)
    for place, lead_id in zip(fresh, _insert([block[place] for place in fresh], by), strict=True):
        outcomes[place] = Outcome("created", lead_id)
    db.session.flush()  # the block stands or falls here, inside its savepoint
    return [outcome for outcome in outcomes if outcome]


def _values(draft: LeadDraft) -> dict[str, Any]:
    names = ("is_organisation", "first_name", "last_name", "organisation", "email", "phone", "source", "type")
    return {name: getattr(draft, name) for name in names} | {"external_id": draft.external_id}


def _known(block: Sequence[LeadDraft]) -> dict[tuple[str, str], Lead]:
    """The leads that already carry an external id of this block."""
    wanted: dict[str, list[str]] = {}
    for draft in block:
        if draft.external_id:
            wanted.setdefault(draft.external_scope, []).append(draft.external_id)
    found: dict[tuple[str, str], Lead] = {}
    for scope, ids in wanted.items():
        statement = sa.select(Lead).where(Lead.external_scope == scope, Lead.external_id.in_(ids))
        found |= {(scope, lead.external_id or ""): lead for lead in db.session.scalars(statement)}
    return found


def _insert(drafts: Sequence[LeadDraft], by: User | None) -> Sequence[int]:
    """Ids of the new leads, in order."""
    if not drafts:
        return []
    language = hub().language
    links = {
        "source_id": row_ids(Source, dict.fromkeys(draft.source for draft in drafts), language=language),
        "type_id": row_ids(LeadType, dict.fromkeys(draft.type for draft in drafts), language=language),
        "owner_id": _owner_ids(drafts),
    }
    common = {"status_id": default_status().id, "created_by_id": by.id if by else None, "created_at": utcnow()}
    rows = [_row(draft, links) | common for draft in drafts]
    ids = insert_many(db.session(), Lead, rows)
    _remember_creation(ids, drafts[0].channel, common)
    return ids


def _row(draft: LeadDraft, links: dict[str, dict[str, int]]) -> dict[str, Any]:
    return {
        "version": 1,
        "is_organisation": draft.is_organisation,
        "first_name": draft.first_name,
        "last_name": draft.last_name,
        "organisation": draft.organisation,
        "email": draft.email,
        "email_key": fold(draft.email) or None,
        "phone": draft.phone,
        "search_key": search_key(draft),
        "source_id": links["source_id"].get(draft.source),
        "type_id": links["type_id"].get(draft.type),
        "owner_id": links["owner_id"].get(draft.owner),
        "received_at": draft.received_at or utcnow(),
        "channel": draft.channel,
        "external_scope": draft.external_scope or None,
        "external_id": draft.external_id or None,
        "external_print": _print_of(draft) if draft.external_id else None,
        "other_data": dict(draft.other),
        "is_sample": draft.channel == SAMPLE,
    }


def _owner_ids(drafts: Sequence[LeadDraft]) -> dict[str, int]:
    if not any(draft.owner for draft in drafts):
        return {}
    return {user.email: user.id for user in active_users()}


def _remember_creation(ids: Sequence[int], channel: str, common: dict[str, Any]) -> None:
    line = {"kind": "created", "channel": channel, "at": common["created_at"], "by_id": common["created_by_id"]}
    db.session.execute(sa.insert(LeadEvent), [line | {"lead_id": lead_id, "changes": []} for lead_id in ids])


def _print_of(draft: LeadDraft) -> str:
    """Differs as soon as anything that the door brought differs.  What it did not bring counts for nothing, so that a
    field which drafts learn to carry later makes no known row look new."""
    brought = [(name, value) for name in DRAFT_FIELDS if (value := getattr(draft, name))]
    return hashlib.sha256(repr(brought).encode()).hexdigest()[:32]


def _update_known(lead: Lead, draft: LeadDraft, by: User | None) -> Outcome:
    """What the door brings now goes before what is stored; what it leaves empty stays.  The same again is no change,
    so that a file read twice takes nothing back that a person has put right meanwhile."""
    fresh = _print_of(draft)
    if lead.external_print == fresh:
        return Outcome("unchanged", lead.id)
    lead.external_print = fresh
    changed = apply_changes(lead, changes_from(draft, lead), by=by, channel=draft.channel)
    return Outcome("updated" if changed else "unchanged", lead.id)


def update_lead(lead: Lead, changes: Mapping[str, Any], *, by: User, version: int) -> bool:
    """Change some fields (names of ``fields.FIELDS``) of a lead that the person may see.  False: nothing differed.

    Raises ``FieldRefused`` or, where the lead is no longer the ``version`` that the person saw, ``StaleLead``.
    """
    values = _resolved(changes)
    current = {name: getattr(lead, field.column) for name, field in FIELDS.items() if name not in LIST_FIELDS}
    if refusal := problem_of({**current, **changes, "external_id": lead.external_id}, identified=lead.channel != TYPED):
        raise refusal
    differs = any(getattr(lead, column) != value for column, value in values.items())
    if differs and lead.version != version:
        raise StaleLead(_("Somebody changed this lead meanwhile."))
    try:
        apply_changes(lead, values, by=by, channel=TYPED)
        db.session.flush()  # a version that moved between load and write is found here
    except StaleDataError:
        raise StaleLead(_("Somebody changed this lead meanwhile.")) from None
    return differs


def _resolved(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Column -> value: keys of list rows and e-mails of owners become ids.  Raises ``FieldRefused``."""
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name in LIST_FIELDS and value:
            value = _row_id(name, value)
        elif name in LIST_FIELDS:
            value = None
        values[FIELDS[name].column] = value
    return values


def _row_id(name: str, word: str) -> int:
    model: Any = LIST_FIELDS[name]
    column = User.email if model is User else model.key
    row_id = db.session.scalar(sa.select(model.id).where(column == word))
    if row_id is None:
        raise FieldRefused(name, _("This choice is no longer there."))
    return int(row_id)
