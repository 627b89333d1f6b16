"""How one block of drafts is stored: rules, lists, known leads, history and search words, a handful of statements."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.database import insert_many, utcnow
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.leads.checks import FieldRefused, problem_of
from leadhub.leads.identity import is_another, key_of, print_of
from leadhub.leads.models import Lead
from leadhub.leads.outcomes import Outcome
from leadhub.leads.search import search_key
from leadhub.leads.updates import Links, apply_changes, changes_from, email_key, remember
from leadhub.lists.models import LeadType, Source
from leadhub.lists.queries import rows_of
from leadhub.plugins.api.leads import LeadDraft
from leadhub.statuses.queries import default_status

BLOCK = 500
SAMPLE = "sample"
TYPED = "form"
CHECKED = ("is_organisation", "first_name", "last_name", "organisation", "email", "phone", "source", "type", "owner")


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
    known = _known(keys)
    outcomes = {place: _judged(draft, known.get(keys[place])) for place, draft in enumerate(block)}
    wanted = [place for place, outcome in outcomes.items() if outcome is None]
    links = Links.of([block[place] for place in wanted])
    fresh = [place for place in wanted if keys[place] not in known]
    changed = {place: known[keys[place]] for place in wanted if keys[place] in known}
    rows = [_row(block[place], keys[place], links) for place in fresh]
    for place, lead_id in zip(fresh, _insert(rows, by), strict=True):
        outcomes[place] = Outcome("created", lead_id)
    kept = (rows_of(Source), rows_of(LeadType)) if changed else ()  # held, so that the labels of old values are here
    lines = {place: _update(lead, block[place], links, by) for place, lead in changed.items()}
    for place, line in lines.items():
        outcomes[place] = Outcome("updated" if line else "unchanged", changed[place].id)
    remember([line for line in lines.values() if line])
    db.session.flush()  # the block stands or falls here, inside its savepoint
    del kept
    return [outcome for outcome in outcomes.values() if outcome]


def _judged(draft: LeadDraft, lead: Lead | None) -> Outcome | None:
    """What can be said without writing: refused, or the same as before.  None: it is to be stored."""
    values = {name: getattr(draft, name) for name in (*CHECKED, "external_id", "received_at", "other")}
    if refusal := problem_of(values, identified=draft.channel != TYPED):
        return Outcome("refused", refusal=refusal)
    if lead is None:
        return None
    if lead.external_print == print_of(draft):
        return Outcome("unchanged", lead.id)
    if is_another(lead, draft):
        name = lead.title(hub().language)
        message = _("The id %(id)s belongs to another lead here: %(name)s.", id=draft.external_id, name=name)
        return Outcome("refused", refusal=FieldRefused("external_id", message))
    return None


def _known(keys: Sequence[str | None]) -> dict[str | None, Lead]:
    """External key -> the lead that carries it already."""
    wanted = [key for key in keys if key]
    if not wanted:
        return {}
    statement = sa.select(Lead).where(Lead.external_key.in_(wanted)).execution_options(populate_existing=True)
    return {lead.external_key: lead for lead in db.session.scalars(statement)}


def _update(lead: Lead, draft: LeadDraft, links: Links, by: User | None) -> dict[str, Any] | None:
    """What the door brings now goes before what is stored; what it leaves empty stays.  The line for the history."""
    lead.external_print = print_of(draft)
    return apply_changes(lead, changes_from(draft, lead, links), by=by, channel=draft.channel)


def _insert(rows: Sequence[dict[str, Any]], by: User | None) -> Sequence[int]:
    """Ids of the new leads, in order, each with the first line of its history."""
    if not rows:
        return []
    now, by_id = utcnow(), by.id if by else None
    common = {"status_id": default_status().id, "created_by_id": by_id, "created_at": now}
    ids = insert_many(db.session(), Lead, [row | common for row in rows])
    line: dict[str, Any] = {"kind": "created", "at": now, "by_id": by_id, "version": 1, "changes": []}
    lines = [line | {"lead_id": lead_id, "channel": row["channel"]} for lead_id, row in zip(ids, rows, strict=True)]
    remember(lines)
    return ids


def _row(draft: LeadDraft, key: str | None, links: Links) -> dict[str, Any]:
    return {
        "version": 1,
        "is_organisation": draft.is_organisation,
        "first_name": draft.first_name,
        "last_name": draft.last_name,
        "organisation": draft.organisation,
        "email": draft.email,
        "email_key": email_key(draft.email),
        "phone": draft.phone,
        "search_key": search_key(draft),
        "received_at": draft.received_at or utcnow(),
        "channel": draft.channel,
        "external_id": draft.external_id or None,
        "external_key": key,
        "external_print": print_of(draft) if key else None,
        "other_data": dict(draft.other),
        "is_sample": draft.channel == SAMPLE,
        **links.ids(draft),
    }
