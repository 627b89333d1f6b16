"""Customers: made once from a lead or by hand, linked to leads, changed, deleted.  Commits nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm.attributes import flag_modified

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.hub.queries import local
from leadhub.leads import services as leads
from leadhub.leads.checks import problem_of
from leadhub.leads.models import KEY_MAX, Lead
from leadhub.leads.statuses.facts import facts_of as told_of
from leadhub.leads.statuses.facts import tell
from leadhub.leads.updates import apply_changes, remember
from leadhub.leads.values import EMAIL, PHONE, PLACE, reach_key
from leadhub.pipelines.queries import held_stages
from leadhub.plugins.api.leads import Address, Reach
from leadhub.sales import contacts, facts, queries
from leadhub.sales.models import Customer, CustomerAddress, CustomerLead, CustomerReach
from leadhub.statuses.queries import held_statuses

CHANNEL = "sales"
SINCE = "customer_since"
CARRIED = (
    "is_organisation", "first_name", "last_name", "organisation", "website", "language", "industry_id", "segment_id",
    "territory_id", "source_id", "campaign_id", "owner_id",
)  # fmt: skip
PLACES = (*PLACE, "position")
CHECKED = ("is_organisation", "first_name", "last_name", "organisation", "website", "language")
ROWS = ("emails", "phones", "addresses")
LOCK = {"of": Customer}


class HasCustomer(RuleBroken):
    """The lead belongs to another customer already."""


class StaleCustomer(RuleBroken):
    """Somebody else has changed the customer since the form was opened; nothing was saved."""


class CustomerGone(RuleBroken):
    """The customer was deleted meanwhile."""


def create_customer(values: Mapping[str, Any], *, by: User | None) -> Customer:
    """Somebody who is a customer without having been a lead.  ``values`` and what is raised as ``change_customer``."""
    _check(values)
    empty: dict[str, Any] = dict.fromkeys(("first_name", "last_name", "organisation"), "") | {"is_organisation": False}
    customer = Customer(since=local(utcnow()).date(), created_by_id=by.id if by else None, **empty)
    _write(customer, values)
    db.session.add(customer)
    db.session.flush()
    return customer


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
    contacts.carry_over(lead, customer)
    return customer


def link_customer(lead: Lead, customer: Customer, *, by: User | None) -> None:
    """The lead is of somebody who is a customer already.  Raises ``HasCustomer`` where it is of another one."""
    hold(lead)
    link = db.session.get(CustomerLead, lead.id, populate_existing=True)
    if link and link.customer_id != customer.id:
        raise HasCustomer(_("This lead belongs to another customer already."))
    if not link:
        _link(lead, customer, by, is_origin=False)
        contacts.carry_over(lead, customer)


def unlink_customer(lead: Lead, *, by: User | None) -> None:
    """The lead is no customer any more, and has its contacts for itself again; the customer stays."""
    hold(lead)
    if link := db.session.get(CustomerLead, lead.id, populate_existing=True):
        _unlink(lead, link, by)


def delete_customer(customer: Customer, *, by: User | None) -> None:
    """For good, with its contacts; its leads are leads again, with the contacts that came with them."""
    _unlink_leads(customer, by)
    lock_customer(customer)  # behind the leads, as for whoever links one
    _unlink_leads(customer, by)
    db.session.delete(customer)
    db.session.flush()


def change_customer(customer: Customer, values: Mapping[str, Any], *, version: int | None = None) -> None:
    """Columns of the customer -> what they hold from now on; ``emails`` and ``phones`` are tuples of ``Reach``,
    ``addresses`` of ``Address``.  ``version``: the one that was looked at.

    Raises ``StaleCustomer``, ``CustomerGone``, and ``FieldRefused`` with the field's name; nothing is changed then.
    """
    lock_customer(customer)
    if version is not None and customer.version != version:
        raise StaleCustomer(_("Somebody changed this customer meanwhile."))
    stored: dict[str, Any] = {name: getattr(customer, name) for name in CHECKED}
    stored |= {"emails": reaches_of(customer, EMAIL), "phones": reaches_of(customer, PHONE)}
    _check(stored | dict(values))
    with db.session.no_autoflush:  # one version more, not one for each row that is looked up
        _write(customer, values)
    db.session.flush()


def reaches_of(customer: Customer, kind: str) -> tuple[Reach, ...]:
    return tuple(Reach(value=row.value, type=row.type) for row in customer.reaches if row.kind == kind)


def addresses_of(customer: Customer) -> tuple[Address, ...]:
    return tuple(Address(**{name: getattr(row, name) for name in PLACE}) for row in customer.addresses)


def hold(lead: Lead) -> None:
    """Rows of lists first, then the lead: as deletions do.  Raises ``LeadGone``."""
    held_statuses()
    held_stages()
    leads.lock(lead)


def lock_customer(customer: Customer) -> None:
    """For nobody else until the transaction ends.  Raises ``CustomerGone``."""
    try:
        db.session.refresh(customer, with_for_update=LOCK)
    except InvalidRequestError:  # no row
        raise CustomerGone(_("This customer was deleted meanwhile.")) from None


def renew(lead: Lead, *, by: User | None, about: str = "") -> None:
    """The facts of a lead that is held are those of its documents from now on; its status follows.  ``about``: what was
    done just now was done to this document."""
    link = db.session.get(CustomerLead, lead.id, populate_existing=True)
    if link and lead.customer_since is None:
        _write_since(lead, link.customer.since)
    told = lead.customer_since.isoformat() if lead.customer_since else ""  # by hand: nobody has made the customer yet
    now = facts.facts_of(queries.documents_of(lead, link.customer.title if link else told), about)
    if changed := facts.changes(told_of(lead.id), now, about):
        tell(lead.id, changed, by=by)


def _unlink_leads(customer: Customer, by: User | None) -> None:
    """Those in the bin too: they may come back."""
    held_statuses()
    held_stages()
    its = sa.select(Lead).join(CustomerLead, CustomerLead.lead_id == Lead.id).order_by(Lead.id)
    held = its.where(CustomerLead.customer_id == customer.id).with_for_update(key_share=True, of=Lead)
    for lead in db.session.scalars(held.execution_options(populate_existing=True)).all():
        if link := db.session.get(CustomerLead, lead.id, populate_existing=True):
            _unlink(lead, link, by)


def _unlink(lead: Lead, link: CustomerLead, by: User | None) -> None:
    contacts.give_back(link.customer_id, lead.id)
    db.session.delete(link)
    db.session.flush()
    _write_since(lead, None)
    renew(lead, by=by)


def _write_since(lead: Lead, since: date | None) -> None:
    """The lead, which is held and may be in the bin, keeps in step with its customer."""
    line = apply_changes(lead, {SINCE: since}, by=None, channel=CHANNEL)
    remember([line] if line else [])
    db.session.flush()


def write_keys(customer: Customer) -> None:
    words = [customer.organisation, customer.person, *(reach.value for reach in customer.reaches)]
    words += [reach.key or "" for reach in customer.reaches]
    customer.search_key = " ".join(["", *(fold(word) for word in words if word)])
    customer.sort_key = fold(customer.title)[:KEY_MAX] if customer.id or any(words) else ""


def _link(lead: Lead, customer: Customer, by: User | None, *, is_origin: bool) -> None:
    row = CustomerLead(lead_id=lead.id, customer_id=customer.id, by_id=by.id if by else None, is_origin=is_origin)
    db.session.add(row)
    db.session.flush()
    _write_since(lead, customer.since)
    renew(lead, by=by)


def _check(values: Mapping[str, Any]) -> None:
    """What is refused of a lead is refused of a customer (row D2 of the mission)."""
    told = {name: value for name, value in values.items() if name not in ("emails", "phones")}
    for kind in (EMAIL, PHONE):
        first, *others = values.get(f"{kind}s") or [Reach(value="")]
        told |= {kind: first.value, f"{kind}_type": first.type, f"{kind}s": tuple(others)}
    if problem := problem_of(told, identified=False):
        raise problem


def _write(customer: Customer, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name not in ROWS:
            setattr(customer, name, value)
    emails, phones = (values.get(f"{kind}s", reaches_of(customer, kind)) for kind in (EMAIL, PHONE))
    if (emails, phones) != (reaches_of(customer, EMAIL), reaches_of(customer, PHONE)):
        customer.reaches = _rows([*((EMAIL, reach) for reach in emails), *((PHONE, reach) for reach in phones)])
    if values.get("addresses", addresses_of(customer)) != addresses_of(customer):
        places = enumerate(values["addresses"])
        customer.addresses = [
            CustomerAddress(**dict(zip(PLACE, astuple(it), strict=True)), position=place) for place, it in places
        ]
    write_keys(customer)
    flag_modified(customer, "search_key")  # a new version, where nothing but an address is another one too


def _reaches(lead: Lead) -> list[CustomerReach]:
    found = [(EMAIL, Reach(value=lead.email, type=lead.email_type))]
    found += [(PHONE, Reach(value=lead.phone, type=lead.phone_type))]
    return _rows(found + [(reach.kind, Reach(value=reach.value, type=reach.type)) for reach in lead.reaches])


def _rows(reaches: Iterable[tuple[str, Reach]]) -> list[CustomerReach]:
    filled = [(kind, reach) for kind, reach in reaches if reach.value]
    return [
        CustomerReach(kind=kind, type=reach.type, value=reach.value, key=reach_key(kind, reach.value), position=place)
        for place, (kind, reach) in enumerate(filled)
    ]
