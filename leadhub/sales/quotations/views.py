"""Pages of quotations: the list of all, and those that LeadHub writes."""

from dataclasses import replace
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
from leadhub.sales import document_queries, listing, showing
from leadhub.sales.asking import asked, opportunity_asked, party_asked, version_seen
from leadhub.sales.company.queries import issuer
from leadhub.sales.documents import DRAFT, QUOTATION_STATES, SUBMITTED, Quotation
from leadhub.sales.parties import NotNow, Party, StaleDocument
from leadhub.sales.quotations import offers, queries, services, writing
from leadhub.sales.quotations.forms import LostForm, WrittenForm
from leadhub.web import respond

bp = Blueprint("quotations", __name__, url_prefix="/quotations")
showing.init_app(bp)
bp.add_app_template_global(offers.near_acts)
ROW = f"/<int(max={ID_MAX}):id>"
ACTS = services.ACTS.keys() - services.NOT_OF_OWN


@bp.get("/")
@needs(READ_LEADS)
def index() -> Response:
    return _respond("index", **listing.listed(Quotation, QUOTATION_STATES, SUBMITTED))


@bp.get("/new")
@needs(WRITE_LEADS)
def new() -> Response:
    party = party_asked()
    if party is None:
        return _respond("choose", **listing.parties_asked())
    draft = writing.blank(party)
    if opportunity := opportunity_asked(party):
        draft = replace(draft, title=opportunity.title, currency=opportunity.currency)
    return _form(WrittenForm.of(draft), party)


@bp.post("/")
@needs(WRITE_LEADS)
def create() -> Response:
    party = party_asked()
    if party is None:
        return redirect(url_for("quotations.new"), 303)
    form, opportunity = WrittenForm(), opportunity_asked(party)
    claim = once.claim(form.once.data, user=current_user, endpoint="quotations.create")
    if claim.made is not None:
        return redirect(claim.made or url_for("quotations.index"), 303)
    if not form.is_unfinished and form.validate_on_submit():
        try:
            row = writing.create(party, form.to_draft(), by=current_user, opportunity=opportunity)
            return _created(row, claim)
        except FieldRefused as error:  # a rule about one field is told at the field
            form.refuse(error)
    return _form(form, party, 200 if form.is_unfinished else 422)


@bp.get(ROW)
@needs(READ_LEADS)
def show(id: int) -> Response:
    row = queries.quotation_seen_by(current_user, id) or not_there("quotation", id)
    if not row.is_own:  # its place is on the lead's page
        return redirect(url_for("leads.show", id=row.lead_id, _anchor="lead-sales"), 303)
    versions = queries.versions_of(row)
    more = offers.more_acts(row, versions, manages=current_user.may(MANAGE_LEADS))
    return _respond("show", quotation=row, issuer=row.issuer or issuer(), versions=versions, more=more)


@bp.get(f"{ROW}/edit")
@needs(WRITE_LEADS)
def edit(id: int) -> Response:
    row = _row(id)
    if row.state != DRAFT:
        return _refused(row, NotNow(_("A submitted quotation never changes. Revise it instead.")))
    return _form(WrittenForm.of(writing.draft_of(row), version=row.version), row=row)


@bp.post(f"{ROW}/edit")
@needs(WRITE_LEADS)
def update(id: int) -> Response:
    row, form = _row(id), WrittenForm()
    if not form.is_unfinished and form.validate_on_submit():
        try:
            writing.change(row, form.to_draft(), version=int(form.version.data or 0), by=current_user)
            return _done(row, _("Saved."))
        except (NotNow, StaleDocument) as error:
            return _stale(id, form, error)
        except FieldRefused as error:
            form.refuse(error)
    return _form(form, row=row, status=200 if form.is_unfinished else 422)


@bp.post(f"{ROW}/submit")
@needs(WRITE_LEADS)
def submit(id: int) -> Response:
    row = _row(id)
    try:
        writing.submit(row, by=current_user, version=version_seen())
    except (NotNow, StaleDocument) as error:
        return _refused(row, error)
    except FieldRefused as error:  # told where it is filled in
        db.session.rollback()
        row = _row(id)
        form = WrittenForm.of(writing.draft_of(row), version=row.version, is_sent=False)
        form.refuse(error)
        return _form(form, row=row, status=422)
    return _done(row, _("Submitted as %(number)s.", number=row.number))


@bp.get(f"{ROW}/lose")
@needs(WRITE_LEADS)
def ask(id: int) -> Response:
    row = _row(id)
    return _respond("lose", quotation=row, form=LostForm.of(row))


@bp.post(f"{ROW}/<act>")
@needs(WRITE_LEADS)
def do(id: int, act: str) -> Response:
    if act not in ACTS:
        abort(404)
    row = _row(id)
    answers: dict[str, Any] = {}
    if act == "lose":
        form = LostForm.of(row)
        if not form.validate_on_submit():
            return _respond("lose", 422, quotation=row, form=form)
        answers = {"reason": form.chosen(), "keeps_opportunity": form.keeps}
    try:
        services.act(row, act, by=current_user, version=version_seen(), **answers)
    except (NotNow, StaleDocument) as error:
        return _refused(row, error)
    return _done(row, _("Saved."))


@bp.post(f"{ROW}/revise")
@needs(WRITE_LEADS)
def revise(id: int) -> Response:
    row = _row(id)
    try:
        new = writing.revise(row, by=current_user)
    except NotNow as error:
        return _refused(row, error)
    db.session.commit()
    return redirect(url_for("quotations.edit", id=new.id), 303)


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
    flash(Markup(render_template("sales/quotations/_deleted.html", id=id)), "success")
    return redirect(url_for("quotations.index"), 303)


@bp.post(f"{ROW}/restore")
@needs(WRITE_LEADS)
def restore(id: int) -> Response:
    row = document_queries.deleted_seen_by(current_user, Quotation, id) or not_there("quotation", id)
    _guard(row)
    try:
        services.restore(row, by=current_user)
    except NotNow as error:
        db.session.rollback()
        flash(str(error), "warning")
        return redirect(url_for("quotations.index"), 303)
    return _done(row, _("The quotation is back."))


def _row(quotation_id: int) -> Quotation:
    """One that LeadHub writes."""
    found = queries.quotation_seen_by(current_user, quotation_id)
    return found if found and found.is_own else not_there("quotation", quotation_id)


def _guard(row: Quotation) -> None:
    """What has a number was seen by a customer."""
    if row.number and row.is_own and not current_user.may(MANAGE_LEADS):
        refuse(MANAGE_LEADS)


def _respond(name: str, status: int = 200, **context: Any) -> Response:
    page = f"sales/quotations/{name}.html"
    return respond(page, partial=page, status=status, **context)


def _form(
    form: WrittenForm, party: Party | None = None, status: int = 200, *, row: Quotation | None = None
) -> Response:
    return _respond("form", status, form=form, party=party or row, quotation=row, asked=asked() if party else {})


def _created(row: Quotation, claim: once.Claim) -> Response:
    claim.settle(url_for("quotations.show", id=row.id))
    return _done(row, _("Draft saved. It gets its number when it is submitted."))


def _done(row: Quotation, told: str) -> Response:
    there = url_for("quotations.show", id=row.id)
    db.session.commit()
    flash(told, "success")
    return redirect(there, 303)


def _refused(row: Quotation, error: RuleBroken) -> Response:
    there = url_for("quotations.show", id=row.id)
    db.session.rollback()
    flash(str(error), "warning")
    return redirect(there, 303)


def _stale(quotation_id: int, form: WrittenForm, error: RuleBroken) -> Response:
    db.session.rollback()
    row = _row(quotation_id)
    form.meet(row.version, str(error))
    return _form(form, row=row, status=409)
