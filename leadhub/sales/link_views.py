"""A lead of somebody who is a customer already: which one."""

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.wrappers import Response

from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import WRITE_LEADS
from leadhub.database import ID_MAX, id_from
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.leads.queries import lead_seen_by
from leadhub.sales import customers, queries
from leadhub.sales.customers import HasCustomer
from leadhub.sales.models import TEXT_MAX
from leadhub.web import respond

bp = Blueprint("customer_links", __name__, url_prefix="/leads")
PATH = f"/<int(max={ID_MAX}):id>/customer/link"


@bp.get(PATH)
@needs(WRITE_LEADS)
def new(id: int) -> Response:
    return _page(_lead(id))


@bp.post(PATH)
@needs(WRITE_LEADS)
def create(id: int) -> Response:
    lead, chosen = _lead(id), request.form.get("customer", type=id_from)
    if chosen is None:
        return _page(lead, 422, _("Choose a customer."))
    customer = queries.customer_seen_by(current_user, chosen) or not_there("customer", chosen)
    try:
        customers.link_customer(lead, customer, by=current_user)
    except HasCustomer as error:
        db.session.rollback()
        return _page(_lead(id), 409, str(error))
    db.session.commit()
    flash(_("The lead belongs to “%(name)s” now.", name=customer.title), "success")
    return redirect(url_for("leads.show", id=id), 303)


def _lead(lead_id: int) -> Lead:
    return lead_seen_by(current_user, lead_id) or not_there("lead", lead_id)


def _page(lead: Lead, status: int = 200, told: str = "") -> Response:
    """The first customers that the search finds."""
    text = request.args.get("q", "").strip()[:TEXT_MAX]
    found = queries.customers_page(current_user, text, None)
    held = queries.customer_of(lead)
    seen = queries.customer_seen_by(current_user, held.id) if held else None
    context = {"lead": lead, "text": text, "found": found, "told": told, "is_free": not held, "held": seen}
    page = "sales/customers/link.html"
    return respond(page, partial=page, status=status, **context)
