"""What of sales a hub shows: a team that quotes elsewhere sees the one-line way, and lists are there once they hold
something.  Nothing here writes."""

import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.sales.documents import DRAFT, Opportunity, Order, Quotation


def makes_quotations() -> bool:
    """Does LeadHub write the team's quotations?"""
    return hub().makes_quotations


def used_documents() -> frozenset[str]:
    """Of ``opportunities``, ``quotations`` and ``orders`` those of which LeadHub has ever written one."""
    asked: dict[str, list[sa.ColumnElement[bool]]] = {  # each is found by an index, however many were made elsewhere
        "opportunities": [Opportunity.id.is_not(None)],
        "quotations": [Quotation.series.is_not(None), Quotation.state == DRAFT],
        "orders": [Order.series.is_not(None), Order.quotation_id.is_(None)],
    }
    columns = [
        sa.or_(*(sa.exists().where(condition) for condition in conditions)).label(name)
        for name, conditions in asked.items()
    ]
    row = db.session.execute(sa.select(*columns)).one()
    return frozenset(name for name in asked if getattr(row, name))
