"""A lead as plugins see it.  Nothing here writes."""

from leadhub.hub.queries import hub
from leadhub.leads.models import Lead
from leadhub.lists.models import ListRow
from leadhub.plugins.api.leads import LeadSnapshot

PLAIN = (
    "id", "version", "is_organisation", "first_name", "last_name", "organisation", "job_title", "email", "phone",
    "website", "language", "expected_value", "received_at", "next_contact_at",
)  # fmt: skip


def snapshot_of(lead: Lead) -> LeadSnapshot:
    row = hub()
    return LeadSnapshot(
        **{name: getattr(lead, name) for name in PLAIN},
        title=lead.title(row.language),
        status=lead.status.key,
        source=_key(lead.source),
        type=_key(lead.type),
        campaign=_key(lead.campaign),
        owner=lead.owner.email if lead.owner else "",
        currency=lead.currency or row.currency,
    )


def _key(row: ListRow | None) -> str:
    return row.key if row else ""
