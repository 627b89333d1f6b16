"""How a change is written into a lead and into its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.accounts.queries import active_users
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.hub.queries import hub
from leadhub.leads.fields import EMAIL_MAX, FIELDS
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.search import search_key
from leadhub.lists.models import LeadType, Source
from leadhub.lists.services import rows_named
from leadhub.plugins.api.leads import LeadDraft
from leadhub.statuses.models import Status

LINKED: dict[str, Any] = {"source_id": Source, "type_id": LeadType, "status_id": Status, "owner_id": User}
OTHER = "other."  # before the name of a column of other data, in a history line
TEXTS = ("first_name", "last_name", "organisation", "email", "phone")


@dataclass(frozen=True, slots=True)
class Links:
    """The rows that the words of a block of drafts stand for: looked up once, and kept in memory while it lasts."""

    sources: Mapping[str, Source]
    types: Mapping[str, LeadType]
    owners: Mapping[str, User]

    @classmethod
    def of(cls, drafts: Sequence[LeadDraft]) -> "Links":
        """Unknown sources and types become rows; an unknown owner is nobody."""
        language = hub().language
        return cls(
            rows_named(Source, dict.fromkeys(draft.source for draft in drafts), language=language),
            rows_named(LeadType, dict.fromkeys(draft.type for draft in drafts), language=language),
            {user.email: user for user in active_users()} if any(draft.owner for draft in drafts) else {},
        )

    def ids(self, draft: LeadDraft) -> dict[str, int | None]:
        """Column -> id, None for what the draft does not bring."""
        found = {
            "source_id": self.sources.get(draft.source),
            "type_id": self.types.get(draft.type),
            "owner_id": self.owners.get(draft.owner),
        }
        return {column: row.id if row else None for column, row in found.items()}


def changes_from(draft: LeadDraft, lead: Lead, links: Links) -> dict[str, Any]:
    """Columns of the lead and the values that the draft brings for them; what it leaves empty is not there."""
    values: dict[str, Any] = {name: getattr(draft, name) for name in (*TEXTS, "received_at") if getattr(draft, name)}
    values |= {column: row_id for column, row_id in links.ids(draft).items() if row_id}
    if draft.is_organisation:
        values["is_organisation"] = True
    return values | {"other_data": {**lead.other_data, **draft.other}}


def apply_changes(lead: Lead, values: Mapping[str, Any], *, by: User | None, channel: str) -> dict[str, Any] | None:
    """Write what differs.  Returns the line that ``remember`` puts into the history; None when nothing differs."""
    different = {column: value for column, value in values.items() if getattr(lead, column) != value}
    if not different:
        return None
    lines = [line for column, value in different.items() for line in _lines(lead, column, value)]
    for column, value in different.items():
        setattr(lead, column, value)
    lead.email_key = email_key(lead.email)
    lead.search_key = search_key(lead)
    return {
        "lead_id": lead.id,
        "at": utcnow(),
        "by_id": by.id if by else None,
        "kind": "changed",
        "channel": channel,
        "version": lead.version + 1,  # what the flush makes of it
        "changes": lines,
    }


def remember(lines: Sequence[dict[str, Any]]) -> None:
    """Append lines to the histories of their leads, all in one statement."""
    if lines:
        db.session.execute(sa.insert(LeadEvent), lines)


def email_key(email: str) -> str | None:
    """For finding twins; folding can make a text longer than it was."""
    return fold(email)[:EMAIL_MAX] or None


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
