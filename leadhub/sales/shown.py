"""What of sales a hub shows: a team that quotes elsewhere sees the one-line way, and lists are there once they hold
something.  Nothing here writes."""

import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.sales.documents import Opportunity, Order, Quotation


def makes_quotations() -> bool:
    """Does LeadHub write the team's quotations?"""
    return hub().makes_quotations


def used_documents() -> frozenset[str]:
    """Of ``opportunities``, ``quotations`` and ``orders`` those of which LeadHub has written one."""
    outside = sa.select(Quotation.id).where(Quotation.id == Order.quotation_id, Quotation.is_own.is_(False)).exists()
    asked = {
        "opportunities": sa.select(Opportunity.id).where(Opportunity.deleted_at.is_(None)),
        "quotations": sa.select(Quotation.id).where(Quotation.is_own, Quotation.deleted_at.is_(None)),
        "orders": sa.select(Order.id).where(~outside, Order.deleted_at.is_(None)),
    }
    row = db.session.execute(sa.select(*(wanted.exists().label(name) for name, wanted in asked.items()))).one()
    return frozenset(name for name in asked if getattr(row, name))
