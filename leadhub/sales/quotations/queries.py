"""Reads quotations.  Nothing here writes."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.sales.documents import ACCEPTED, CANCELLED, EXPIRED, SUBMITTED, Order, Quotation
from leadhub.sales.models import Customer, CustomerLead
from leadhub.sales.parties import seen_by

OF_ONE = 200  # of one lead, or one customer
LIVE = (SUBMITTED, EXPIRED, ACCEPTED)


def quotations_of(lead: Lead) -> Sequence[Quotation]:
    """Oldest first."""
    wanted = sa.select(Quotation).where(Quotation.lead_id == lead.id, Quotation.deleted_at.is_(None))
    options = (joinedload(Quotation.loss_reason), selectinload(Quotation.orders))
    return db.session.scalars(wanted.order_by(Quotation.id).limit(OF_ONE).options(*options)).all()


def quotation_of(lead: Lead, quotation_id: int) -> Quotation | None:
    """One that was made elsewhere, of this lead."""
    found = db.session.get(Quotation, quotation_id)
    return found if found and found.lead_id == lead.id and not found.deleted_at and not found.is_own else None


def quotation_seen_by(user: User | None, quotation_id: int) -> Quotation | None:
    """The quotation with its lines, if it is there and the user may see it."""
    options = (joinedload(Quotation.lead), joinedload(Quotation.customer), selectinload(Quotation.lines))
    wanted = seen_by(user, Quotation).where(Quotation.id == quotation_id)
    return db.session.scalar(wanted.options(*options, selectinload(Quotation.orders)))


def quotations_of_customer(customer: Customer, user: User | None) -> Sequence[Quotation]:
    """Its own and those of its leads that the user may see, the latest first."""
    leads = sa.select(CustomerLead.lead_id).where(CustomerLead.customer_id == customer.id)
    mine = sa.or_(Quotation.customer_id == customer.id, Quotation.lead_id.in_(leads))
    ordered = seen_by(user, Quotation).where(mine).order_by(Quotation.id.desc()).limit(OF_ONE)
    return db.session.scalars(ordered.options(selectinload(Quotation.orders))).all()


def versions_of(row: Quotation) -> Sequence[Quotation]:
    """All of its number, the first one first; itself alone before it has one."""
    if row.sequence is None:
        return [row]
    same = (Quotation.series == row.series, Quotation.year == row.year, Quotation.sequence == row.sequence)
    wanted = sa.select(Quotation).where(*same, Quotation.deleted_at.is_(None)).order_by(Quotation.revision)
    return db.session.scalars(wanted).all()


def latest_version_of(row: Quotation) -> Quotation:
    return (versions_of(row) or [row])[-1]


def live_versions_beside(row: Quotation) -> list[Quotation]:
    """Other versions that wait for an answer, or were accepted."""
    return [other for other in versions_of(row) if other is not row and other.state in LIVE]


def is_the_latest(row: Quotation) -> bool:
    """Is there no later version of its number, and none beside it that is live?"""
    return latest_version_of(row) is row and not live_versions_beside(row)


def is_alone(row: Quotation) -> bool:
    """Does no other quotation of its opportunity wait for an answer, or for its order?"""
    others = sa.select(Quotation.id).where(Quotation.opportunity_id == row.opportunity_id, Quotation.id != row.id)
    live = others.where(Quotation.state.in_((SUBMITTED, ACCEPTED)), Quotation.deleted_at.is_(None))
    return db.session.scalar(live.limit(1)) is None


def last_revision_of(row: Quotation) -> int:
    """The highest that was given, to a version that was deleted too."""
    same = (Quotation.series == row.series, Quotation.year == row.year, Quotation.sequence == row.sequence)
    return db.session.scalar(sa.select(sa.func.max(Quotation.revision)).where(*same)) or row.revision


def standing_orders(row: Quotation) -> list[Order]:
    """Its orders that were not cancelled."""
    return [order for order in row.orders if order.state != CANCELLED and order.deleted_at is None]
