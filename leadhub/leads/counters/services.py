"""Counts the leads themselves.  Commits nothing."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from leadhub.leads.counters.models import LeadCount, LeadDelta
from leadhub.leads.counters.queries import parts_of
from leadhub.leads.models import Lead


def recount(connection: Connection) -> None:
    """Makes the counters anew; nobody may write to leads meanwhile."""
    for model in (LeadDelta, LeadCount):
        connection.execute(sa.delete(model))
    keys = (sa.func.coalesce(Lead.stage_id, 0), sa.func.coalesce(Lead.owner_id, 0), Lead.currency)
    parts = parts_of(sa.func.coalesce(sa.type_coerce(Lead.expected_value, sa.BigInteger), 0))
    sums = (sa.func.count(), *map(sa.func.sum, parts))
    counted = sa.select(*keys, *sums).where(Lead.deleted_at.is_(None)).group_by(*keys)
    columns = [column.name for column in LeadCount.__table__.columns]
    connection.execute(sa.insert(LeadCount).from_select(columns, counted))
