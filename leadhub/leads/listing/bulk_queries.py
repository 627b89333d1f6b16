"""Reads changes of many leads.  Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from leadhub.accounts.models import User
from leadhub.accounts.roles import ADMINISTER
from leadhub.accounts.visibility import visible
from leadhub.extensions import db
from leadhub.leads.listing.bulk import KEPT
from leadhub.leads.listing.models import BulkItem, BulkRun
from leadhub.leads.many_written import REFUSED
from leadhub.leads.models import Lead

LISTED = 100
LISTED_MAX = 100_000  # in a file


@dataclass(frozen=True, slots=True)
class Refusal:
    """``lead`` is there where the reader sees it, in the bin or not."""

    lead_id: int
    reason: str
    lead: Lead | None


def run_seen_by(user: User, run_id: int) -> BulkRun | None:
    """One's own; an admin's: all."""
    wanted = sa.select(BulkRun).where(BulkRun.id == run_id).options(joinedload(BulkRun.by))
    if not user.may(ADMINISTER):
        wanted = wanted.where(BulkRun.by_id == user.id)
    return db.session.scalar(wanted)


def refusals_of(run: BulkRun, user: User, limit: int = LISTED) -> Sequence[Refusal]:
    """Leads that were not changed, or that did not get their old value back, in the order of their ids."""
    told = sa.select(BulkItem.lead_id, BulkItem.reason).where(
        BulkItem.run_id == run.id, BulkItem.state.in_((REFUSED, KEPT)), sa.text("state IN ('refused', 'kept')")
    )
    items = db.session.execute(told.order_by(BulkItem.lead_id).limit(limit)).all()
    leads: dict[int, Lead] = {}
    for start in range(0, len(items), 500):
        ids = [item.lead_id for item in items[start : start + 500]]
        for in_bin in (False, True):
            wanted = visible(user, Lead, in_bin=in_bin).where(Lead.id.in_(ids)).options(joinedload(Lead.source))
            leads |= {lead.id: lead for lead in db.session.scalars(wanted)}
    return [Refusal(item.lead_id, item.reason, leads.get(item.lead_id)) for item in items]
