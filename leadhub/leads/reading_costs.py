"""What came of sources and campaigns, and what it has cost.  Nothing here writes.

What a campaign has cost falls to its leads in equal parts, whoever sees them and whenever they came: so the leads of a
period, or of one of its sources, have cost their part.
"""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

import sqlalchemy as sa

from leadhub.database import unindexed
from leadhub.extensions import db
from leadhub.leads.counters import tallies
from leadhub.leads.listing.filters import NONE
from leadhub.leads.models import Lead
from leadhub.lists.models import Campaign, Source

FIELDS = ("source", "campaign")
CENT = Decimal("0.01")


def costs_of(leads: sa.Select[Lead], field: str) -> dict[str, Decimal]:
    """Key of a source or a campaign -> what these leads of it have cost; without those of which nothing is known.  A
    few statements."""
    campaigns = {row.id: row for row in _campaigns() if row.actual_cost is not None}
    totals = _totals(campaigns)
    if field == "campaign":
        counts = _counts(leads.where(unindexed(Lead.campaign_id).in_(totals)), Lead.campaign_id)
        its = [(campaigns[row_id].key, row_id, number) for (row_id,), number in counts.items()]
    else:
        keys = dict(db.session.execute(sa.select(Source.id, Source.key)).all())  # type: ignore[arg-type]
        its_leads = leads.where(unindexed(Lead.campaign_id).in_(totals))
        counts = _counts(its_leads, Lead.campaign_id, Lead.source_id)
        its = [(keys.get(source, NONE), row_id, number) for (row_id, source), number in counts.items()]
    found: dict[str, Decimal] = {}
    for key, row_id, number in its:
        cost: Decimal = campaigns[row_id].actual_cost  # type: ignore[assignment]
        found[key] = found.get(key, Decimal(0)) + cost * number / totals[row_id]
    return {key: cost.quantize(CENT) for key, cost in found.items()}


def budgets() -> dict[str, Decimal]:
    """Key of a campaign -> its budget, of those that have one."""
    return {row.key: row.budget for row in _campaigns() if row.budget is not None}


def _campaigns() -> list[Campaign]:
    known = sa.or_(Campaign.actual_cost.is_not(None), Campaign.budget.is_not(None))
    return list(db.session.scalars(sa.select(Campaign).where(known)))


def _totals(campaigns: Mapping[int, Campaign]) -> dict[int, int]:
    """Id of a campaign -> all its leads, ever; without those that have none."""
    if not campaigns:
        return {}
    if here := tallies.clock():
        counts = tallies.by_value(None, tallies.Asked(dimension="campaign"), here)
    else:
        live = sa.select(Lead).where(Lead.deleted_at.is_(None), Lead.campaign_id.in_(campaigns))
        counts = {key[0]: number for key, number in _counts(live, Lead.campaign_id).items()}
    return {row_id: counts[row_id] for row_id in campaigns if counts.get(row_id)}


def _counts(leads: sa.Select[Lead], *columns: sa.orm.InstrumentedAttribute[int | None]) -> Counter[tuple[int, ...]]:
    keys = [unindexed(column) for column in columns]
    rows = db.session.execute(leads.with_only_columns(*keys, sa.func.count()).group_by(*keys))
    return Counter({tuple(row[:-1]): row[-1] for row in rows})
