"""Customers: made once from a lead, linked to others, told apart from contacts.  Commits nothing."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.hub.queries import hub, local
from leadhub.leads import services as leads
from leadhub.leads.keys import email_key, phone_key
from leadhub.leads.models import KEY_MAX, Lead
from leadhub.leads.statuses.facts import facts_of as told_of
from leadhub.leads.statuses.facts import tell
from leadhub.pipelines.queries import held_stages
from leadhub.sales import facts, queries
from leadhub.sales.models import Customer, CustomerAddress, CustomerLead, CustomerReach
from leadhub.statuses.queries import held_statuses
from leadhub.statuses.rules import CUSTOMER

CHANNEL = "sales"
SINCE = "customer_since"
CARRIED = (
    "is_organisation", "first_name", "last_name", "organisation", "website", "language", "industry_id", "segment_id",
    "territory_id", "source_id", "campaign_id", "owner_id",
)  # fmt: skip
PLACES = ("type", "title", "line1", "line2", "postal_code", "city", "county", "state", "country", "position")


class HasCustomer(RuleBroken):
    """The lead belongs to another customer already."""


def make_customer(lead: Lead, *, by: User | None) -> Customer:
    """The customer that this lead has become: made now, or whoever made it before.  The lead is held until the
    transaction ends, so that two who do it at once make one."""
    hold(lead)
    if link := db.session.get(CustomerLead, lead.id, populate_existing=True):
        return link.customer
    since = lead.customer_since or local(utcnow()).date()
    customer = Customer(since=since, created_by_id=by.id if by else None, **{it: getattr(lead, it) for it in CARRIED})
    customer.reaches = _reaches(lead)
    customer.addresses = [CustomerAddress(**{name: getattr(it, name) for name in PLACES}) for it in lead.addresses]
    write_keys(customer)
    db.session.add(customer)
    db.session.flush()
    _link(lead, customer, by, is_origin=True)
    return customer


def link_customer(lead: Lead, customer: Customer, *, by: User | None) -> None:
    """The lead is of somebody who is a customer already.  Raises ``HasCustomer`` where it is of another one."""
    hold(lead)
    link = db.session.get(CustomerLead, lead.id, populate_existing=True)
    if link and link.customer_id != customer.id:
        raise HasCustomer(_("This lead belongs to another customer already."))
    if not link:
        _link(lead, customer, by, is_origin=False)


def unlink_customer(lead: Lead, *, by: User | None) -> None:
    """The lead is no customer any more; the customer stays."""
    hold(lead)
    if link := db.session.get(CustomerLead, lead.id, populate_existing=True):
        db.session.delete(link)
        db.session.flush()
        renew(lead, by=by)


def delete_customer(customer: Customer, *, by: User | None) -> None:
    """For good, with its contacts; its leads are leads again."""
    mine = sa.select(CustomerLead.lead_id).where(CustomerLead.customer_id == customer.id)
    for lead_id in db.session.scalars(mine.order_by(CustomerLead.lead_id)).all():
        lead = db.session.get(Lead, lead_id)
        if lead and lead.deleted_at is None:
            unlink_customer(lead, by=by)
    db.session.delete(customer)
    db.session.flush()


def change_customer(customer: Customer, values: Mapping[str, Any]) -> None:
    """Columns of the customer -> what they hold from now on."""
    for name, value in values.items():
        setattr(customer, name, value)
    write_keys(customer)
    db.session.flush()


def hold(lead: Lead) -> None:
    """Rows of lists first, then the lead: as deletions do.  Raises ``LeadGone``."""
    held_statuses()
    held_stages()
    leads.lock(lead)


def renew(lead: Lead, *, by: User | None, about: str = "") -> None:
    """The facts of a lead that is held are those of its documents from now on; its status follows.  ``about``: what was
    done just now was done to this document."""
    link = db.session.get(CustomerLead, lead.id)
    quotations = queries.quotations_of(lead)
    now = facts.facts_of(quotations, link.customer.title if link else "")
    before = told_of(lead.id)
    changed = facts.changes(before, now, about)
    since = link.customer.since if link else None
    if (CUSTOMER in changed) and lead.customer_since != since:
        leads.change_for_hub(lead, {SINCE: since}, channel=CHANNEL)
    if changed:
        tell(lead.id, changed, by=by)


def write_keys(customer: Customer) -> None:
    words = [customer.organisation, customer.person, *(reach.value for reach in customer.reaches)]
    words += [reach.key or "" for reach in customer.reaches]
    customer.search_key = " ".join(["", *(fold(word) for word in words if word)])
    customer.sort_key = fold(customer.title)[:KEY_MAX] if customer.id or any(words) else ""


def _link(lead: Lead, customer: Customer, by: User | None, *, is_origin: bool) -> None:
    row = CustomerLead(lead_id=lead.id, customer_id=customer.id, by_id=by.id if by else None, is_origin=is_origin)
    db.session.add(row)
    db.session.flush()
    renew(lead, by=by)


def _reaches(lead: Lead) -> list[CustomerReach]:
    country = hub().country
    found = [("email", lead.email_type, lead.email), ("phone", lead.phone_type, lead.phone)]
    found += [(reach.kind, reach.type, reach.value) for reach in lead.reaches]
    return [
        CustomerReach(
            kind=kind, type=type, value=value, position=place,
            key=email_key(value) if kind == "email" else phone_key(value, country),
        )
        for place, (kind, type, value) in enumerate(found)
        if value
    ]  # fmt: skip
