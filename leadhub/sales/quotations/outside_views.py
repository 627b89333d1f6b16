"""Quotations that were made elsewhere, on the page of a lead: each a line, with what can be done with it."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_security import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import WRITE_LEADS
from leadhub.accounts.visibility import may_see
from leadhub.database import ID_MAX
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.leads.queries import lead_seen_by
from leadhub.sales import customers, shown
from leadhub.sales import queries as sales
from leadhub.sales.asking import version_seen
from leadhub.sales.documents import Quotation
from leadhub.sales.forms import LossForm
from leadhub.sales.opportunities.queries import opportunities_of
from leadhub.sales.orders.queries import orders_of
from leadhub.sales.parties import NotNow, StaleDocument
from leadhub.sales.quotations import queries, services
from leadhub.sales.quotations.outside_forms import OrderForm, QuotationForm
from leadhub.sales.quotations.services import ACTS
from leadhub.sales.words import quotation_state
from leadhub.web import respond

bp = Blueprint("outside_quotations", __name__, url_prefix="/leads")
LEAD = f"/<int(max={ID_MAX}):id>"
ROW = f"{LEAD}/quotations/<int(max={ID_MAX}):row_id>"
FORMS = {"lose": LossForm, "order": OrderForm}
bp.add_app_template_global(queries.quotations_of)
bp.add_app_template_global(opportunities_of)
bp.add_app_template_global(orders_of)
bp.add_app_template_global(shown.makes_quotations)
bp.add_app_template_global(shown.used_documents)
bp.add_app_template_global(sales.customer_of)
bp.add_app_template_global(sales.contacts_of)
bp.add_app_template_global(lambda customer: may_see(current_user, customer), "sees_customer")
bp.add_app_template_global(services.acts_on)
bp.add_app_template_filter(quotation_state)
bp.add_app_template_global(queries.standing_orders)


@bp.get(f"{LEAD}/quotations/new")
@needs(WRITE_LEADS)
def new(id: int) -> Response:
    return _page(_lead(id), QuotationForm())


@bp.post(f"{LEAD}/quotations")
@needs(WRITE_LEADS)
def create(id: int) -> Response:
    lead, form = _lead(id), QuotationForm()
    if not form.validate_on_submit():
        return _page(lead, form, 422)
    services.add(lead, form.to_draft(), by=current_user)
    return _done(lead, _("Quotation added."))


@bp.get(f"{ROW}/edit")
@needs(WRITE_LEADS)
def edit(id: int, row_id: int) -> Response:
    lead = _lead(id)
    row = _row(lead, row_id)
    return _page(lead, QuotationForm.of(row), row=row)


@bp.post(ROW)
@needs(WRITE_LEADS)
def update(id: int, row_id: int) -> Response:
    lead = _lead(id)
    row, form = _row(lead, row_id), QuotationForm()
    if not form.validate_on_submit():
        return _page(lead, form, 422, row=row)
    services.change(row, form.to_draft(), by=current_user)
    return _done(lead, _("Saved."))


@bp.get(f"{ROW}/<act>")
@needs(WRITE_LEADS)
def ask(id: int, row_id: int, act: str) -> Response:
    """Of what wants an answer first."""
    form = FORMS.get(act) or abort(404)
    lead = _lead(id)
    return _page(lead, form(), row=_row(lead, row_id), act=act)


@bp.post(f"{ROW}/<act>")
@needs(WRITE_LEADS)
def do(id: int, row_id: int, act: str) -> Response:
    if act not in ACTS:
        abort(404)
    lead = _lead(id)
    row, form = _row(lead, row_id), FORMS[act]() if act in FORMS else None
    if form and not form.validate_on_submit():
        return _page(lead, form, 422, row=row, act=act)
    try:
        services.act(row, act, by=current_user, version=version_seen(), **_answers(form))
    except (NotNow, StaleDocument) as error:
        return _refused(lead, error)
    return _done(lead, _("Saved."))


@bp.post(f"{ROW}/delete")
@needs(WRITE_LEADS)
def delete(id: int, row_id: int) -> Response:
    lead = _lead(id)
    services.remove(_row(lead, row_id), by=current_user)
    return _done(lead, Markup(render_template("sales/quotations/_deleted.html", id=row_id)))


@bp.post(f"{LEAD}/customer")
@needs(WRITE_LEADS)
def make_customer(id: int) -> Response:
    lead = _lead(id)
    customer = customers.make_customer(lead, by=current_user)
    return _done(lead, _("“%(name)s” is a customer.", name=customer.title))


@bp.post(f"{LEAD}/customer/unlink")
@needs(WRITE_LEADS)
def unlink_customer(id: int) -> Response:
    lead = _lead(id)
    customers.unlink_customer(lead, by=current_user)
    return _done(lead, _("The lead is no customer any more."))


def _answers(form: Any) -> dict[str, Any]:
    if isinstance(form, LossForm):
        return {"reason": form.chosen()}
    if isinstance(form, OrderForm):
        return {"order_number": form.order_number.data, "on": form.ordered_on.data}
    return {}


def _lead(lead_id: int) -> Lead:
    return lead_seen_by(current_user, lead_id) or not_there("lead", lead_id)


def _row(lead: Lead, row_id: int) -> Quotation:
    return queries.quotation_of(lead, row_id) or not_there("quotation", row_id)


def _page(lead: Lead, form: Any, status: int = 200, *, row: Quotation | None = None, act: str = "") -> Response:
    page = "sales/outside_quotation.html"
    return respond(page, partial=page, status=status, lead=lead, form=form, row=row, act=act)


def _done(lead: Lead, told: str) -> Response:
    there = url_for("leads.show", id=lead.id, _anchor="lead-sales")
    db.session.commit()
    flash(told, "success")
    return redirect(there, 303)


def _refused(lead: Lead, error: RuleBroken) -> Response:
    there = url_for("leads.show", id=lead.id, _anchor="lead-sales")
    db.session.rollback()
    flash(str(error), "warning")
    return redirect(there, 303)
