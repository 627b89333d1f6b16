"""Reads customers and contacts, through the one visibility rule.  Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from leadhub.accounts.models import User
from leadhub.accounts.visibility import visible
from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.leads.listing.patterns import escaped, like
from leadhub.leads.models import Lead
from leadhub.sales.documents import Opportunity, Order, Quotation
from leadhub.sales.facts import Documents
from leadhub.sales.models import Contact, Customer, CustomerLead

PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Some customers, by name.  ``after`` is where the next page begins: sort key and id; None: it is the last."""

    customers: Sequence[Customer]
    after: tuple[str, int] | None


def documents_of(lead: Lead, customer: str) -> Documents:
    """What the facts of a lead are made of.  ``customer`` is what its customer is called."""
    return Documents(
        opportunities=_names(Opportunity, Opportunity.title, lead),
        quotations=_names(Quotation, Quotation.number, lead),
        orders=_names(Order, Order.number, lead),
        customer=customer,
    )


def customer_of(lead: Lead) -> Customer | None:
    wanted = sa.select(Customer).join(CustomerLead).where(CustomerLead.lead_id == lead.id)
    return db.session.scalar(wanted.options(selectinload(Customer.reaches)))


def customer_seen_by(user: User | None, customer_id: int) -> Customer | None:
    """The customer, if it is there and the user may see it."""
    links = ("industry", "segment", "territory", "source", "campaign", "owner")
    options = [*(joinedload(getattr(Customer, link)) for link in links), selectinload(Customer.reaches)]
    options.append(selectinload(Customer.addresses))
    return db.session.scalar(visible(user, Customer).where(Customer.id == customer_id).options(*options))


def customers_page(user: User | None, text: str, after: tuple[str, int] | None) -> Page:
    """Those in which every word is found."""
    wanted = _found(visible(user, Customer), text)
    if after:
        here = (sa.literal(after[0], Customer.sort_key.type), after[1])
        wanted = wanted.where(sa.tuple_(Customer.sort_key, Customer.id) > sa.tuple_(*here))
    ordered = wanted.order_by(Customer.sort_key, Customer.id).limit(PAGE + 1)
    options = (selectinload(Customer.reaches), joinedload(Customer.owner))
    rows = db.session.scalars(ordered.options(*options)).all()
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(rows[:PAGE], (last.sort_key, last.id) if last else None)


def customer_count(user: User | None, text: str) -> int:
    ids = _found(visible(user, Customer), text).with_only_columns(Customer.id).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(ids)) or 0


def leads_of(customer: Customer, user: User | None) -> Sequence[tuple[Lead, CustomerLead]]:
    """The leads of a customer that the user may see, the latest first."""
    wanted = visible(user, Lead).join(CustomerLead, CustomerLead.lead_id == Lead.id)
    rows = wanted.where(CustomerLead.customer_id == customer.id).order_by(CustomerLead.at.desc(), Lead.id.desc())
    options = (joinedload(Lead.status), joinedload(Lead.source), joinedload(Lead.owner))
    return [tuple(row) for row in db.session.execute(rows.add_columns(CustomerLead).options(*options).limit(200))]


def contacts_of(*, lead: Lead | None = None, customer: Customer | None = None) -> Sequence[Contact]:
    """The primary one first, then by name."""
    lead_id = lead.id if lead else 0
    mine = sa.or_(Contact.lead_id == lead_id, Contact.came_with_id == lead_id)
    if customer:
        mine = Contact.customer_id == customer.id
    ordered = sa.select(Contact).where(mine).order_by(Contact.is_primary.desc(), Contact.last_name, Contact.id)
    return db.session.scalars(ordered.limit(200)).all()


def _names(model: Any, name: Any, lead: Lead) -> Sequence[Any]:
    """State and name of each, the one that was made last at the end."""
    wanted = sa.select(model.state, name.label("name")).where(model.lead_id == lead.id, model.deleted_at.is_(None))
    return db.session.execute(wanted.order_by(model.id)).all()


def _found(statement: sa.Select[Customer], text: str) -> sa.Select[Customer]:
    words = fold(text).split()
    return statement.where(*(like(Customer.search_key, f"%{escaped(word)}%") for word in words[:10]))
