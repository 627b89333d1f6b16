"""Contacts of a customer and of a lead: the same pages under both."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.wrappers import Response

from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import READ_LEADS, WRITE_LEADS
from leadhub.database import ID_MAX
from leadhub.extensions import db
from leadhub.leads.checks import FieldRefused
from leadhub.leads.models import Lead
from leadhub.leads.queries import lead_seen_by
from leadhub.sales import contacts, queries
from leadhub.sales.contact_forms import ContactForm
from leadhub.sales.contacts import Home, StaleContact
from leadhub.sales.models import Contact, Customer
from leadhub.web import language, respond

bp = Blueprint("contacts", __name__, url_prefix=f"/customers/<int(max={ID_MAX}):id>/contacts")
of_leads = Blueprint("lead_contacts", __name__, url_prefix=f"/leads/<int(max={ID_MAX}):id>/contacts")
ROW = f"/<int(max={ID_MAX}):row_id>"
View = Callable[..., Response]


def under_both(rule: str, *, method: str) -> Callable[[View], View]:
    def register(view: View) -> View:
        for blueprint in (bp, of_leads):
            blueprint.add_url_rule(rule, view_func=view, methods=[method])
        return view

    return register


@of_leads.get("")
@needs(READ_LEADS)
def index(id: int) -> Response:
    lead = lead_seen_by(current_user, id) or not_there("lead", id)
    return _respond("contacts", lead, contacts=queries.contacts_of(lead=lead))


@under_both("/new", method="GET")
@needs(WRITE_LEADS)
def new(id: int) -> Response:
    return _form(_home(id), ContactForm())


@under_both("", method="POST")
@needs(WRITE_LEADS)
def create(id: int) -> Response:
    home, form = _home(id), ContactForm()
    if form.validate_on_submit():
        try:
            contacts.add(home, form.to_draft(), by=current_user)
        except FieldRefused as error:  # a rule about one field is told at the field
            form.refuse(error)
        else:
            return _done(home, _("Contact added."))
    return _form(home, form, 422)


@under_both(f"{ROW}/edit", method="GET")
@needs(WRITE_LEADS)
def edit(id: int, row_id: int) -> Response:
    home = _home(id)
    contact = _contact(home, row_id)
    return _form(home, ContactForm.of(contact), contact=contact)


@under_both(ROW, method="POST")
@needs(WRITE_LEADS)
def update(id: int, row_id: int) -> Response:
    home, form = _home(id), ContactForm()
    contact = _contact(home, row_id)
    if form.validate_on_submit():
        try:
            contacts.change(home, contact, form.to_draft(), seen=form.seen.data, by=current_user)
        except StaleContact as error:
            return _form(home, form.meet(contact, str(error)), 409, contact=contact)
        except FieldRefused as error:
            form.refuse(error)
        else:
            return _done(home, _("Saved."))
    return _form(home, form, 422, contact=contact)


@under_both(f"{ROW}/primary", method="POST")
@needs(WRITE_LEADS)
def make_primary(id: int, row_id: int) -> Response:
    home = _home(id)
    contact = _contact(home, row_id)
    contacts.make_primary(home, contact)
    return _done(home, _("“%(name)s” is the primary contact.", name=contact.name))


@under_both(f"{ROW}/delete", method="GET")
@needs(WRITE_LEADS)
def ask(id: int, row_id: int) -> Response:
    home = _home(id)
    return _respond("contact_delete", home, contact=_contact(home, row_id))


@under_both(f"{ROW}/delete", method="POST")
@needs(WRITE_LEADS)
def delete(id: int, row_id: int) -> Response:
    home = _home(id)
    contacts.remove(home, _contact(home, row_id), by=current_user)
    return _done(home, _("Contact deleted."))


def _home(record_id: int) -> Home:
    """The customer or the lead that the address names, if the person may see it."""
    if request.blueprint == bp.name:
        return queries.customer_seen_by(current_user, record_id) or not_there("customer", record_id)
    return lead_seen_by(current_user, record_id) or not_there("lead", record_id)


def _contact(home: Home, contact_id: int) -> Contact:
    return contacts.contact_of(home, contact_id) or not_there("contact", contact_id)


def _form(home: Home, form: ContactForm, status: int = 200, *, contact: Contact | None = None) -> Response:
    return _respond("contact", home, status, form=form, contact=contact)


def _respond(name: str, home: Home, status: int = 200, **context: Any) -> Response:
    """``under`` is the blueprint whose addresses the page links to."""
    page = f"sales/customers/{name}.html"
    title = home.title if isinstance(home, Customer) else home.title(language())
    context |= {"home": home, "title": title, "under": _under(home), "way": _way(home)}
    return respond(page, partial=page, status=status, **context)


def _under(home: Home) -> str:
    return of_leads.name if isinstance(home, Lead) else bp.name


def _way(home: Home) -> str:
    """Where the contacts are shown."""
    if isinstance(home, Lead):
        return url_for("lead_contacts.index", id=home.id)
    return url_for("customers.show", id=home.id, _anchor="customer-contacts")


def _done(home: Home, told: str) -> Response:
    path = _way(home)
    db.session.commit()
    flash(told, "success")
    return redirect(path, 303)
