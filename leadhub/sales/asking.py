"""Whose document an address asks for, and what pages say of whom a document is of."""

from flask import request, url_for
from flask_security import current_user
from werkzeug.exceptions import NotFound

from leadhub.accounts.access import not_there
from leadhub.database import id_from
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.leads.queries import lead_seen_by
from leadhub.sales.documents import Document, Opportunity
from leadhub.sales.parties import Party, party_of, seen_by
from leadhub.sales.queries import customer_seen_by
from leadhub.web import language


def party_asked() -> Party | None:
    """Of ``?lead=`` or ``?customer=``, else of ``?opportunity=``; None where none is named."""
    if lead_id := _id("lead"):
        return lead_seen_by(current_user, lead_id) or not_there("lead", lead_id)
    if customer_id := _id("customer"):
        return customer_seen_by(current_user, customer_id) or not_there("customer", customer_id)
    opportunity = opportunity_asked()
    return party_of(opportunity) if opportunity else None


def opportunity_asked(party: Party | None = None) -> Opportunity | None:
    """Of ``?opportunity=``, which is this one's."""
    opportunity_id = _id("opportunity")
    if not opportunity_id:
        return None
    wanted = seen_by(current_user, Opportunity).where(Opportunity.id == opportunity_id)
    found = db.session.scalar(wanted) or not_there("opportunity", opportunity_id)
    return found if party is None or party_of(found) is party else not_there("opportunity", opportunity_id)


def asked() -> dict[str, str]:
    """What the address says of this, to be said again by the next one."""
    return {name: request.args[name] for name in ("lead", "customer", "opportunity") if request.args.get(name)}


def version_seen() -> int | None:
    """The version of the document that the page showed on which a button was pressed."""
    return request.form.get("version", type=int)


def party_name(row: Document | Party) -> str:
    party = party_of(row) if isinstance(row, Document) else row
    return party.title(language()) if isinstance(party, Lead) else party.title


def party_address(row: Document | Party) -> str:
    party = party_of(row) if isinstance(row, Document) else row
    return url_for("leads.show" if isinstance(party, Lead) else "customers.show", id=party.id)


def _id(name: str) -> int | None:
    text = request.args.get(name, "")
    try:
        return id_from(text) if text else None
    except ValueError:
        raise NotFound from None
