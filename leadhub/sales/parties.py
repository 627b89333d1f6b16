"""Who a document is of: a lead, or a customer that was none.  What all documents do alike.  Commits nothing."""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import InvalidRequestError

from leadhub.accounts.models import User
from leadhub.accounts.visibility import sees_all, visible
from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.hub.queries import local
from leadhub.leads.links import TYPED
from leadhub.leads.models import Lead
from leadhub.leads.updates import remember
from leadhub.pipelines.queries import held_stages
from leadhub.sales import customers
from leadhub.sales.documents import Document
from leadhub.sales.models import Customer

Party = Lead | Customer
AUTOMATIC, CUSTOMERS = "status", "sales"  # doors of the history
Its = TypeVar("Its", bound=Document)


class NotNow(RuleBroken):
    """The document is in another state by now, or somebody else has changed it."""


class StaleDocument(RuleBroken):
    """Somebody else has changed the document since the form was opened; nothing was saved."""


def of_party(party: Party) -> dict[str, Any]:
    """The columns that say whose a document is."""
    return {"lead_id": party.id} if isinstance(party, Lead) else {"customer_id": party.id}


def party_of(row: Document) -> Party:
    """Raises ``NotNow`` where the lead or customer was deleted for good in this moment."""
    if party := row.lead or row.customer:
        return party
    raise NotNow(_("This was deleted meanwhile."))


def seen_by(user: User | None, model: type[Its], *, deleted: bool = False) -> sa.Select[Its]:
    """The documents of this kind that count and that the user may see: those of leads and customers that they see.
    ``deleted``: those that count no more instead."""
    leads = visible(user, Lead).where(Lead.id == model.lead_id).exists()
    statement = sa.select(model).where(model.deleted_at.is_not(None) if deleted else model.deleted_at.is_(None))
    if user is not None and sees_all(user):
        return statement.where(sa.or_(model.lead_id.is_(None), leads))
    customers_seen = visible(user, Customer).where(Customer.id == model.customer_id).exists()
    return statement.where(sa.or_(leads, customers_seen))


def hold(party: Party) -> None:
    """For nobody else until the transaction ends: stages first, as deletions of those do.  Raises ``LeadGone``,
    ``CustomerGone``."""
    if isinstance(party, Lead):
        customers.hold(party)
    else:
        held_stages()
        customers.lock_customer(party)
    db.session.flush()
    for row in db.session.identity_map.values():
        if isinstance(row, Document):  # whoever held the party until now may have changed it
            db.session.expire(row)


def hold_document(row: Its, version: int | None = None, *, in_bin: bool = False) -> Party:
    """The same, and the document as it is now.  ``version``: the one that was looked at; ``in_bin``: a deleted one will
    do.  Raises ``NotNow`` where it is gone, and ``StaleDocument``; nothing is changed then."""
    try:
        party = party_of(row)
        hold(party)
        db.session.refresh(row)
    except InvalidRequestError:  # no row
        raise NotNow(_("This was deleted meanwhile.")) from None
    if row.deleted_at is not None and not in_bin:
        raise NotNow(_("This was deleted meanwhile."))
    if version is not None and row.version != version:
        raise StaleDocument(_("Somebody changed this meanwhile."))
    return party


def renew(party: Party, *, by: User | None, about: str = "") -> None:
    """The status of a lead that is held follows what its documents are now."""
    if isinstance(party, Lead):
        customers.renew(party, by=by, about=about)


def note(party: Party, change: Mapping[str, str], *, by: User | None, channel: str = "") -> None:
    """A line in the history of the lead; the lead's own fields stay.  ``channel`` says who did it where nobody of the
    hub did; left out, it was the hub itself."""
    if isinstance(party, Lead):
        line = {
            "lead_id": party.id, "at": utcnow(), "by_id": by.id if by else None, "kind": "changed",
            "channel": channel or (TYPED if by else AUTOMATIC),
            "version": party.version, "changes": [dict(change)],
        }  # fmt: skip
        remember([line])


def today() -> date:
    """The hub's."""
    return local(utcnow()).date()
