"""Reads orders.  Nothing here writes."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.sales.documents import CANCELLED, Order, Quotation
from leadhub.sales.models import Customer, CustomerLead
from leadhub.sales.parties import seen_by

OF_ONE = 200  # of one lead, or one customer


def orders_of(lead: Lead) -> Sequence[Order]:
    """Oldest first."""
    wanted = sa.select(Order).where(Order.lead_id == lead.id, Order.deleted_at.is_(None))
    wanted = wanted.options(joinedload(Order.quotation))
    return db.session.scalars(wanted.order_by(Order.id).limit(OF_ONE)).all()


def order_of(quotation: Quotation) -> Order | None:
    """The one that was not cancelled."""
    wanted = sa.select(Order).where(Order.quotation_id == quotation.id, Order.deleted_at.is_(None))
    return db.session.scalar(wanted.where(Order.state != CANCELLED).order_by(Order.id).limit(1))


def order_seen_by(user: User | None, order_id: int) -> Order | None:
    """The order with its lines, if it is there and the user may see it."""
    options = (joinedload(Order.lead), joinedload(Order.customer), joinedload(Order.quotation))
    wanted = seen_by(user, Order).where(Order.id == order_id).options(*options, selectinload(Order.lines))
    return db.session.scalar(wanted)


def orders_of_customer(customer: Customer, user: User | None) -> Sequence[Order]:
    """Its own and those of its leads that the user may see, the latest first."""
    leads = sa.select(CustomerLead.lead_id).where(CustomerLead.customer_id == customer.id)
    mine = sa.or_(Order.customer_id == customer.id, Order.lead_id.in_(leads))
    ordered = seen_by(user, Order).where(mine).order_by(Order.id.desc()).limit(OF_ONE)
    ordered = ordered.options(joinedload(Order.quotation))
    return db.session.scalars(ordered).all()
