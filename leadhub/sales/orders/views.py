"""Pages of orders: the list, one of them, its form, what becomes of it."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_security import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from leadhub.accounts import once
from leadhub.accounts.access import needs, not_there, refuse
from leadhub.accounts.roles import MANAGE_LEADS, READ_LEADS, WRITE_LEADS
from leadhub.database import ID_MAX
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.leads.checks import FieldRefused
from leadhub.sales import document_queries, listing
from leadhub.sales.asking import asked, opportunity_asked, party_asked, version_seen
from leadhub.sales.documents import CONFIRMED, DRAFT, ORDER_STATES, Order
from leadhub.sales.orders import queries, services
from leadhub.sales.orders.forms import OrderForm
from leadhub.sales.parties import NotNow, Party, StaleDocument
from leadhub.sales.quotations.queries import quotation_seen_by
from leadhub.web import respond

bp = Blueprint("orders", __name__, url_prefix="/orders")
ROW = f"/<int(max={ID_MAX}):id>"
bp.add_app_template_global(services.acts_on, "acts_on_order")


@bp.get("/")
@needs(READ_LEADS)
def index() -> Response:
    return _respond("index", **listing.listed(Order, ORDER_STATES, CONFIRMED))


@bp.get("/new")
@needs(WRITE_LEADS)
def new() -> Response:
    party = party_asked()
    if party is None:
        return _respond("choose", **listing.parties_asked())
    form, opportunity = OrderForm(), opportunity_asked(party)
    if opportunity:
        form.title.data, form.currency.data = opportunity.title, opportunity.currency
    return _form(form, party)


@bp.post("/")
@needs(WRITE_LEADS)
def create() -> Response:
    party = party_asked()
    if party is None:
        return redirect(url_for("orders.new"), 303)
    form, opportunity = OrderForm(), opportunity_asked(party)
    claim = once.claim(form.once.data, user=current_user, endpoint="orders.create")
    if claim.made is not None:
        return redirect(claim.made or url_for("orders.index"), 303)
    if not form.is_unfinished and form.validate_on_submit():
        try:
            row = services.create(party, form.to_draft(), by=current_user, opportunity=opportunity)
            return _created(row, claim)
        except FieldRefused as error:  # a rule about one field is told at the field
            form.refuse(error)
    return _form(form, party, 200 if form.is_unfinished else 422)


@bp.post(f"/from{ROW}")
@needs(WRITE_LEADS)
def create_from(id: int) -> Response:
    """Of an accepted quotation: a draft, or the order that is there already."""
    quotation = quotation_seen_by(current_user, id) or not_there("quotation", id)
    try:
        row = services.create_from(quotation, by=current_user)
    except NotNow as error:
        db.session.rollback()
        flash(str(error), "warning")
        return redirect(url_for("quotations.show", id=id), 303)
    return _done(row, _("Draft of the order saved. It counts once it is confirmed."))


@bp.get(ROW)
@needs(READ_LEADS)
def show(id: int) -> Response:
    return _respond("show", order=_row(id))


@bp.get(f"{ROW}/edit")
@needs(WRITE_LEADS)
def edit(id: int) -> Response:
    row = _row(id)
    if row.state != DRAFT:
        return _refused(row, NotNow(_("Only a draft can be changed.")))
    return _form(OrderForm.of(row), row=row)


@bp.post(f"{ROW}/edit")
@needs(WRITE_LEADS)
def update(id: int) -> Response:
    row, form = _row(id), OrderForm()
    form.keep_number(row)
    if not form.is_unfinished and form.validate_on_submit():
        try:
            services.change(row, form.to_draft(), version=int(form.version.data or 0), by=current_user)
            return _done(row, _("Saved."))
        except (NotNow, StaleDocument) as error:
            return _stale(id, form, error)
        except FieldRefused as error:
            form.refuse(error)
    return _form(form, row=row, status=200 if form.is_unfinished else 422)


@bp.post(f"{ROW}/<act>")
@needs(WRITE_LEADS)
def do(id: int, act: str) -> Response:
    if act not in services.ACTS:
        abort(404)
    row = _row(id)
    try:
        services.act(row, act, by=current_user, version=version_seen())
    except (NotNow, StaleDocument) as error:
        return _refused(row, error)
    told = _("Confirmed as %(number)s.", number=row.number) if act == "confirm" else _("Saved.")
    return _done(row, told)


@bp.post(f"{ROW}/delete")
@needs(WRITE_LEADS)
def delete(id: int) -> Response:
    row = _row(id)
    _guard(row)
    try:
        services.remove(row, by=current_user)
    except NotNow as error:
        return _refused(row, error)
    db.session.commit()
    flash(Markup(render_template("sales/orders/_deleted.html", id=id)), "success")
    return redirect(url_for("orders.index"), 303)


@bp.post(f"{ROW}/restore")
@needs(WRITE_LEADS)
def restore(id: int) -> Response:
    row = document_queries.deleted_seen_by(current_user, Order, id) or not_there("order", id)
    _guard(row)
    try:
        services.restore(row, by=current_user)
    except NotNow as error:
        db.session.rollback()
        flash(str(error), "warning")
        return redirect(url_for("orders.index"), 303)
    return _done(row, _("The order is back."))


def _row(order_id: int) -> Order:
    return queries.order_seen_by(current_user, order_id) or not_there("order", order_id)


def _guard(row: Order) -> None:
    """What LeadHub gave a number is known to others."""
    if row.sequence is not None and not current_user.may(MANAGE_LEADS):
        refuse(MANAGE_LEADS)


def _respond(name: str, status: int = 200, **context: Any) -> Response:
    page = f"sales/orders/{name}.html"
    return respond(page, partial=page, status=status, **context)


def _form(form: OrderForm, party: Party | None = None, status: int = 200, *, row: Order | None = None) -> Response:
    return _respond("form", status, form=form, party=party or row, order=row, asked=asked() if party else {})


def _created(row: Order, claim: once.Claim) -> Response:
    claim.settle(url_for("orders.show", id=row.id))
    return _done(row, _("Draft of the order saved. It counts once it is confirmed."))


def _done(row: Order, told: str) -> Response:
    there = url_for("orders.show", id=row.id)
    db.session.commit()
    flash(told, "success")
    return redirect(there, 303)


def _refused(row: Order, error: RuleBroken) -> Response:
    there = url_for("orders.show", id=row.id)
    db.session.rollback()
    flash(str(error), "warning")
    return redirect(there, 303)


def _stale(order_id: int, form: OrderForm, error: RuleBroken) -> Response:
    db.session.rollback()
    row = _row(order_id)
    form.meet(row.version, str(error))
    return _form(form, row=row, status=409)
