"""A lead as plugins see it.  Nothing here writes."""

from collections.abc import Container
from dataclasses import replace
from typing import Any

from leadhub.hub.queries import hub
from leadhub.leads.models import Lead
from leadhub.lists.models import ListRow
from leadhub.plugins.api.leads import LeadSnapshot

PLAIN = (
    "id", "version", "is_organisation", "first_name", "last_name", "organisation", "job_title", "email", "phone",
    "website", "language", "expected_value", "received_at", "next_contact_at", "status_since", "stage_since",
)  # fmt: skip
ALWAYS = ("id", "version", "title", "is_organisation")
LINKS = ("status", "stage", "source", "type", "campaign", "owner")
"""What a lead is read with where many are wanted, so that none asks the database for its own."""


def snapshot_of(lead: Lead, hidden: Container[str] = ()) -> LeadSnapshot:
    """``hidden``: names of fields that are not for whoever looks; the snapshot has nothing in them."""
    row = hub()
    told = LeadSnapshot(
        **{name: getattr(lead, name) for name in PLAIN},
        title=lead.title(row.language),
        status=lead.status.key,
        stage=_key(lead.stage),
        source=_key(lead.source),
        type=_key(lead.type),
        campaign=_key(lead.campaign),
        owner=lead.owner.email if lead.owner else "",
        currency=lead.currency or row.currency,
    )
    unseen = [name for name in LeadSnapshot.__slots__ if name in hidden and name not in ALWAYS]
    blank: dict[str, Any] = {name: "" if isinstance(getattr(told, name), str) else None for name in unseen}
    return replace(told, **blank) if blank else told


def _key(row: ListRow | None) -> str:
    return row.key if row else ""
