"""Contacts: people at a customer or, until there is one, at a lead.  Of each, one is the primary one.

Commits nothing.
"""

import hashlib
import json
from dataclasses import asdict, dataclass

import sqlalchemy as sa
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.leads.checks import FieldRefused, is_address
from leadhub.leads.links import TYPED
from leadhub.leads.models import Lead
from leadhub.leads.updates import remember
from leadhub.sales import queries
from leadhub.sales.models import Contact, Customer
from leadhub.sales.words import contact_change

Home = Lead | Customer
FIELDS = ("first_name", "last_name", "job_title", "role", "email", "phone")


@dataclass(frozen=True, kw_only=True)
class ContactDraft:
    """What somebody tells of a contact.  Not primary: it stays what it is."""

    first_name: str = ""
    last_name: str = ""
    job_title: str = ""
    role: str = ""
    email: str = ""
    phone: str = ""
    is_primary: bool = False


class StaleContact(RuleBroken):
    """Somebody else has changed the contact since the form was opened; nothing was saved."""


def add(home: Home, draft: ContactDraft, *, by: User | None) -> Contact:
    """The first one is the primary one.  A contact of a lead that has a customer is the customer's too.  Raises
    ``FieldRefused``; nothing is stored then."""
    _check(draft)
    _hold(home)
    customer = home if isinstance(home, Customer) else queries.customer_of(home)
    contact = Contact(
        **asdict(draft) | {"is_primary": False},
        lead_id=home.id if isinstance(home, Lead) and not customer else None,
        customer_id=customer.id if customer else None,
        came_with_id=home.id if isinstance(home, Lead) and customer else None,
    )
    db.session.add(contact)
    db.session.flush()
    _settle(_group_of(contact), contact if draft.is_primary else None)
    _note(home, contact, "", contact.name, by)
    return contact


def change(home: Home, contact: Contact, draft: ContactDraft, *, seen: str, by: User | None) -> None:
    """``seen`` is the ``mark_of`` what was looked at.  Raises as ``add``, and ``StaleContact``."""
    _check(draft)
    _hold(home)
    db.session.refresh(contact)
    if mark_of(contact) != seen:
        raise StaleContact(_("Somebody changed this contact meanwhile."))
    old = _told(contact)
    for name in FIELDS:
        setattr(contact, name, getattr(draft, name))
    db.session.flush()
    if old != _told(contact):
        _note(home, contact, old, _told(contact), by)
    if draft.is_primary:
        _settle(_group_of(contact), contact)


def make_primary(home: Home, contact: Contact) -> None:
    _hold(home)
    _settle(_group_of(contact), contact)


def remove(home: Home, contact: Contact, *, by: User | None) -> None:
    """Of those that stay, the oldest takes the place of the primary one."""
    _hold(home)
    _note(home, contact, contact.name, "", by)
    group = _group_of(contact)
    db.session.delete(contact)
    db.session.flush()
    _settle(group)


def mark_of(contact: Contact) -> str:
    """Differs as soon as something else is told of the contact."""
    told = json.dumps([getattr(contact, name) for name in FIELDS])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def contact_of(home: Home, contact_id: int) -> Contact | None:
    found = db.session.get(Contact, contact_id)
    if found is None:
        return None
    homes = (found.customer_id,) if isinstance(home, Customer) else (found.lead_id, found.came_with_id)
    return found if home.id in homes else None


def carry_over(lead: Lead, customer: Customer) -> None:
    """The contacts of a lead that has become this customer are the customer's; whom it has as its primary one stays."""
    of_lead = _alone_at(lead.id)
    if db.session.scalar(sa.select(sa.exists().where(Contact.customer_id == customer.id))):
        _set(of_lead, is_primary=False)
    _set(of_lead, customer_id=customer.id, came_with_id=lead.id, lead_id=None)
    _settle(Contact.customer_id == customer.id)


def give_back(customer_id: int, lead_id: int) -> None:
    """What came with this lead is the lead's alone again."""
    its = sa.and_(Contact.customer_id == customer_id, Contact.came_with_id == lead_id)
    _set(its, customer_id=None, came_with_id=None, lead_id=lead_id)
    _settle(Contact.customer_id == customer_id)
    _settle(_alone_at(lead_id))


def _check(draft: ContactDraft) -> None:
    if not (draft.first_name or draft.last_name or draft.email or draft.phone):
        raise FieldRefused("last_name", _("Give a name, an e-mail or a phone."))
    if draft.email and not is_address(draft.email):
        raise FieldRefused("email", _("This is not an e-mail address."))


def _told(contact: Contact) -> str:
    return ", ".join(filter(None, [contact.name, contact.job_title, contact.role, contact.email, contact.phone]))


def _note(home: Home, contact: Contact, old: str, new: str, by: User | None) -> None:
    """A line in the history of the lead that the contact is of, or has come with."""
    lead_id = home.id if isinstance(home, Lead) else contact.came_with_id
    lead = db.session.get(Lead, lead_id) if lead_id else None
    if lead:
        line = {
            "lead_id": lead.id, "at": utcnow(), "by_id": by.id if by else None, "kind": "changed", "channel": TYPED,
            "version": lead.version, "changes": [contact_change(contact.name, old, new)],
        }  # fmt: skip
        remember([line])


def _hold(home: Home) -> None:
    """Of two who choose a primary contact at once, the second waits."""
    model = type(home)
    db.session.execute(sa.select(model.id).where(model.id == home.id).with_for_update())


def _alone_at(lead_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(Contact.lead_id == lead_id, Contact.customer_id.is_(None))


def _group_of(contact: Contact) -> sa.ColumnElement[bool]:
    """Those of whom one is the primary one: the customer's, else the lead's."""
    return Contact.customer_id == contact.customer_id if contact.customer_id else _alone_at(contact.lead_id or 0)


def _set(which: sa.ColumnElement[bool], **values: int | bool | None) -> None:
    db.session.execute(sa.update(Contact).where(which).values(**values))


def _settle(group: sa.ColumnElement[bool], chosen: Contact | None = None) -> None:
    """One of the group is the primary one: who is chosen, else who is it already, else the oldest."""
    ordered = sa.select(Contact).where(group).order_by(Contact.is_primary.desc(), Contact.id)
    found = db.session.scalars(ordered.execution_options(populate_existing=True)).all()
    first = chosen or (found[0] if found else None)
    for contact in found:
        contact.is_primary = contact is first
    db.session.flush()
