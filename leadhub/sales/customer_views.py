"""Pages of customers: the list, one of them, its form, its end."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.wrappers import Response

from leadhub.accounts import once
from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import MANAGE_LEADS, READ_LEADS, WRITE_LEADS
from leadhub.accounts.visibility import may_see
from leadhub.database import ID_MAX
from leadhub.extensions import db
from leadhub.fields.queries import hidden_fields
from leadhub.leads.bin_forms import NamedForm
from leadhub.leads.checks import FieldRefused
from leadhub.leads.queries import lead_seen_by
from leadhub.sales import customer_queries, customers, queries
from leadhub.sales.customer_forms import CustomerForm, EditCustomerForm, NewCustomerForm
from leadhub.sales.customers import StaleCustomer
from leadhub.sales.models import TEXT_MAX, Customer
from leadhub.sales.opportunities.queries import opportunities_of_customer
from leadhub.sales.orders.queries import orders_of_customer
from leadhub.sales.quotations.queries import quotations_of_customer
from leadhub.web import respond

bp = Blueprint("customers", __name__, url_prefix="/customers")
CUSTOMER = f"/<int(max={ID_MAX}):id>"
bp.add_app_template_global(customer_queries.written, "place_in_list")


@bp.get("/")
@needs(READ_LEADS)
def index() -> Response:
    text = request.args.get("q", "").strip()[:TEXT_MAX]
    page = queries.customers_page(current_user, text, customer_queries.place_from(request.args.get("after", "")))
    count = queries.customer_count(current_user, text)
    return _respond("index", page=page, text=text, count=count)


@bp.get("/new")
@needs(WRITE_LEADS)
def new() -> Response:
    return _respond("form", form=NewCustomerForm.of(current_user), customer=None)


@bp.post("/")
@needs(WRITE_LEADS)
def create() -> Response:
    form = NewCustomerForm.of(current_user)
    claim = once.claim(form.once.data, user=current_user, endpoint="customers.create")
    if claim.made is not None:
        return redirect(claim.made or url_for("customers.index"), 303)
    if not form.is_unfinished and form.validate_on_submit():
        try:
            return _created(customers.create_customer(form.columns(), by=current_user), claim)
        except FieldRefused as error:  # a rule about one field is told at the field
            form.refuse(error)
    return _respond("form", 200 if form.is_unfinished else 422, form=form, customer=None)


@bp.get(CUSTOMER)
@needs(READ_LEADS)
def show(id: int) -> Response:
    customer = _customer(id)
    linked = queries.leads_of(customer, current_user)
    leads = [lead for lead, _link in linked]
    history = customer_queries.history_of(leads, hidden_fields(current_user))
    contacts = queries.contacts_of(customer=customer)
    found: dict[str, Any] = {"contacts": contacts, "history": history, **_documents(customer)}
    return _respond("show", customer=customer, linked=linked, **found)


@bp.get(f"{CUSTOMER}/edit")
@needs(WRITE_LEADS)
def edit(id: int) -> Response:
    customer = _customer(id)
    return _respond("form", form=EditCustomerForm.of(customer, current_user), customer=customer)


@bp.post(f"{CUSTOMER}/edit")
@needs(WRITE_LEADS)
def update(id: int) -> Response:
    customer = _customer(id)
    form = EditCustomerForm.of(customer, current_user)
    if not form.is_unfinished and form.validate_on_submit():
        try:
            customers.change_customer(customer, form.columns(), version=int(form.version.data))
            return _changed(customer)
        except StaleCustomer as error:
            return _stale(id, form, error)
        except FieldRefused as error:
            form.refuse(error)
    return _respond("form", 200 if form.is_unfinished else 422, form=form, customer=customer)


@bp.get(f"{CUSTOMER}/delete")
@needs(MANAGE_LEADS)
def ask(id: int) -> Response:
    return _ask(_customer(id))


@bp.post(f"{CUSTOMER}/delete")
@needs(MANAGE_LEADS)
def delete(id: int) -> Response:
    customer = _customer(id)
    form = NamedForm(customer.title)
    if not form.validate_on_submit():
        return _ask(customer, form)
    customers.delete_customer(customer, by=current_user)
    db.session.commit()
    flash(_("Customer deleted."), "success")
    return redirect(url_for("customers.index"), 303)


@bp.post(f"{CUSTOMER}/leads/<int(max={ID_MAX}):row_id>/unlink")
@needs(WRITE_LEADS)
def unlink(id: int, row_id: int) -> Response:
    customer = _customer(id)
    lead = lead_seen_by(current_user, row_id) or not_there("lead", row_id)
    if queries.customer_of(lead) is not customer:
        not_there("lead", row_id)
    customers.unlink_customer(lead, by=current_user)
    db.session.commit()
    flash(_("The lead is no customer any more."), "success")
    return redirect(url_for("customers.show", id=id, _anchor="customer-leads"), 303)


def _customer(customer_id: int) -> Customer:
    return queries.customer_seen_by(current_user, customer_id) or not_there("customer", customer_id)


def _documents(customer: Customer) -> dict[str, Any]:
    """Its own and those of its leads that the person may see."""
    return {
        "opportunities": opportunities_of_customer(customer, current_user),
        "quotations": quotations_of_customer(customer, current_user),
        "orders": orders_of_customer(customer, current_user),
    }


def _respond(name: str, status: int = 200, **context: Any) -> Response:
    page = f"sales/customers/{name}.html"
    return respond(page, partial=page, status=status, **context)


def _created(customer: Customer, claim: once.Claim) -> Response:
    is_seen = may_see(current_user, customer)
    path = url_for("customers.show", id=customer.id) if is_seen else url_for("customers.index")
    claim.settle(path)
    db.session.commit()
    flash(_("Customer created.") if is_seen else _handed_on(), "success")
    return redirect(path, 303)


def _changed(customer: Customer) -> Response:
    is_seen = may_see(current_user, customer)
    path = url_for("customers.show", id=customer.id) if is_seen else url_for("customers.index")
    db.session.commit()
    flash(_("Saved.") if is_seen else _handed_on(), "success")
    return redirect(path, 303)


def _handed_on() -> str:
    """The person gave the customer to somebody whose customers they don't see."""
    return _("Saved. The customer is no longer among those that you see.")


def _stale(customer_id: int, form: CustomerForm, error: StaleCustomer) -> Response:
    db.session.rollback()
    customer = _customer(customer_id)
    form.meet(customer, str(error))
    return _respond("form", 409, form=form, customer=customer)


def _ask(customer: Customer, form: NamedForm | None = None) -> Response:
    """What goes and what stays, in numbers."""
    losses = customer_queries.losses_of(customer)
    asked = form or NamedForm(customer.title)
    return _respond("delete", 422 if form else 200, customer=customer, losses=losses, form=asked)
