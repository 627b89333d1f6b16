"""How a change is written into a lead and into its history."""

from collections.abc import Mapping
from typing import Any

from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.hub.queries import hub
from leadhub.leads.fields import FIELDS
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.search import search_key
from leadhub.lists.models import LeadType, Source
from leadhub.lists.services import row_ids
from leadhub.plugins.api.leads import LeadDraft
from leadhub.statuses.models import Status

LINKED: dict[str, Any] = {"source_id": Source, "type_id": LeadType, "status_id": Status, "owner_id": User}
OTHER = "other."  # before the name of a column of other data, in a history line
TEXTS = ("first_name", "last_name", "organisation", "email", "phone")


def changes_from(draft: LeadDraft, lead: Lead) -> dict[str, Any]:
    """Columns of the lead and the values that the draft brings for them; what it leaves empty is not there."""
    language = hub().language
    values: dict[str, Any] = {name: getattr(draft, name) for name in (*TEXTS, "received_at") if getattr(draft, name)}
    if draft.is_organisation:
        values["is_organisation"] = True
    if draft.source:
        values["source_id"] = row_ids(Source, [draft.source], language=language)[draft.source]
    if draft.type:
        values["type_id"] = row_ids(LeadType, [draft.type], language=language)[draft.type]
    values["other_data"] = {**lead.other_data, **draft.other}
    return values


def apply_changes(lead: Lead, values: Mapping[str, Any], *, by: User | None, channel: str) -> bool:
    """Write what differs, with one history line for all of it.  False when nothing differs."""
    different = {column: value for column, value in values.items() if getattr(lead, column) != value}
    if not different:
        return False
    lines = [line for column, value in different.items() for line in _lines(lead, column, value)]
    for column, value in different.items():
        setattr(lead, column, value)
    lead.email_key = fold(lead.email) or None
    lead.search_key = search_key(lead)
    event = LeadEvent(lead_id=lead.id, by_id=by.id if by else None, kind="changed", channel=channel, changes=lines)
    db.session.add(event)
    return True


def _lines(lead: Lead, column: str, value: Any) -> list[dict[str, str]]:
    old = getattr(lead, column)
    if column == "other_data":
        names = [name for name in value if value[name] != old.get(name, "")]
        return [{"field": OTHER + name, "old": old.get(name, ""), "new": value[name]} for name in names]
    field = next(field for field in FIELDS.values() if field.column == column)
    return [{"field": field.name, "old": _words(column, old), "new": _words(column, value)}]


def _words(column: str, value: Any) -> str:
    """The value as it reads today: a label is kept, not the id of something that may be renamed."""
    if value is None or value == "":
        return ""
    if column in LINKED:
        row = db.session.get_one(LINKED[column], value)
        return row.label if isinstance(row, User) else row.label(hub().language)
    if column == "received_at":
        return str(value.isoformat())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
