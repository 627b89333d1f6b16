"""For whom something is new: the lead or the customer that an address names, or those among which to choose."""

from collections.abc import Sequence

import sqlalchemy as sa
from flask import request
from flask_security import current_user
from sqlalchemy.orm import joinedload

from leadhub.accounts.access import not_there
from leadhub.accounts.visibility import visible
from leadhub.database import ID_MAX, id_from
from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.leads.listing.patterns import escaped, like
from leadhub.leads.models import Lead
from leadhub.leads.queries import lead_seen_by
from leadhub.sales.parties import Party
from leadhub.sales.queries import customer_seen_by, customers_page

OFFERED, WORDS_MAX, TEXT_MAX = 10, 10, 200


def party_asked() -> Party | None:
    """``?lead=7`` or ``?customer=7``; None: no word of either.  404 for what is not there, or not for this person."""
    if "lead" in request.args:
        lead_id = _id("lead")
        return lead_seen_by(current_user, lead_id) or not_there("lead", lead_id)
    if "customer" in request.args:
        customer_id = _id("customer")
        return customer_seen_by(current_user, customer_id) or not_there("customer", customer_id)
    return None


def text_asked() -> str:
    return request.args.get("q", "").strip()[:TEXT_MAX]


def found() -> list[tuple[str, Sequence[Party]]]:
    """The first customers and leads in whose names every word is found, by what they are."""
    customers = customers_page(current_user, text_asked(), None).customers
    return [("customer", customers[:OFFERED]), ("lead", _leads())]


def _leads() -> Sequence[Lead]:
    """The latest first."""
    wanted = visible(current_user, Lead).options(joinedload(Lead.source), joinedload(Lead.status))
    for word in fold(text_asked()).split()[:WORDS_MAX]:
        pattern = f"%{escaped(word)}%"
        wanted = wanted.where(sa.or_(like(Lead.person_key, pattern), like(Lead.organisation_key, pattern)))
    return db.session.scalars(wanted.order_by(Lead.received_at.desc(), Lead.id.desc()).limit(OFFERED)).all()


def _id(name: str) -> int:
    try:
        return id_from(request.args[name])
    except ValueError:
        return ID_MAX  # nobody's
