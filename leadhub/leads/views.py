"""Pages of leads: the list, one of them, its form and its fields."""

from dataclasses import replace

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security import current_user
from markupsafe import Markup, escape

from leadhub.accounts import once
from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import READ_LEADS, WRITE_LEADS
from leadhub.accounts.visibility import may_see
from leadhub.database import ID_MAX, bounded, id_from
from leadhub.errors import NotAllowed
from leadhub.extensions import db
from leadhub.fields.catalogue import FIELDS, Field
from leadhub.fields.queries import may_change_field, shown_fields
from leadhub.leads import facts, services, words
from leadhub.leads.checks import FieldRefused
from leadhub.leads.field_forms import FieldForm
from leadhub.leads.forms import EditForm, NewLeadForm
from leadhub.leads.listing import computed, pages
from leadhub.leads.listing.asking import asked_state
from leadhub.leads.listing.state import PLACES
from leadhub.leads.models import Lead
from leadhub.leads.twins import twins_of
from leadhub.web import language, respond, wants_partial

bp = Blueprint("leads", __name__, url_prefix="/leads")
words.register(bp)
LEAD = f"<int(max={ID_MAX}):id>"
FIELD = "<name>"


@bp.get("/")
@needs(READ_LEADS)
def index():
    state = replace(asked_state(), pipeline="")
    after, before = (pages.Place.read(request.args.get(name, ""), state.sort) for name in PLACES)
    with bounded(db.session):
        page = pages.page_of(current_user, state, after=after, before=before)
    cells = computed.cells_of(current_user, state.columns, page.leads)
    return respond("leads/index.html", partial="leads/_list.html", page=page, state=state, cells=cells)


@bp.get("/new")
@needs(WRITE_LEADS)
def new():
    return _new_page(NewLeadForm.of(current_user), 200)


@bp.post("/")
@needs(WRITE_LEADS)
def create():
    form = NewLeadForm.of(current_user)
    if form.is_unfinished:
        return _new_page(form, 200)
    claim = once.claim(form.once.data, user=current_user, endpoint="leads.create")
    if claim.made is not None:
        return redirect(claim.made or url_for("leads.index"), 303)
    if form.validate_on_submit():
        try:
            return _created(services.create_lead(form.to_draft(), by=current_user), claim)
        except FieldRefused as error:  # a rule about one field is told at the field
            form.refuse(error)
    return _new_page(form, 422)


@bp.get("/twins")
@needs(WRITE_LEADS)
def twins():
    emails, phones = request.args.getlist("email"), request.args.getlist("phone")
    found = twins_of(current_user, emails, phones, but=request.args.get("lead", type=id_from))
    return render_template("leads/_twins.html", twins=found)


@bp.get("/address")
@needs(WRITE_LEADS)
def address():
    """The row of an address again, with the lines of the country that was chosen."""
    form = FieldForm.with_fields([FIELDS["addresses"]], formdata=request.args)
    number = request.args.get("row", type=id_from) or 0
    return render_template("leads/_address.html", field=form["addresses"], number=number)


@bp.get(f"/{LEAD}")
@needs(READ_LEADS)
def show(id: int):
    lead = facts.whole_lead(current_user, id) or not_there("lead", id)
    shown = {"lead": lead} if wants_partial() else {"lead": lead, "facts": facts.facts_of(lead, current_user)}
    return respond("leads/show.html", partial="leads/_history.html", **shown)


@bp.get(f"/{LEAD}/edit")
@needs(WRITE_LEADS)
def edit(id: int):
    lead = _lead(id)
    return _edit_page(lead, EditForm.of(lead, current_user), 200)


@bp.post(f"/{LEAD}/edit")
@needs(WRITE_LEADS)
def update(id: int):
    lead = _lead(id)
    form = EditForm.of(lead, current_user)
    if form.is_unfinished:
        return _edit_page(lead, form, 200)
    if form.is_undecided:
        return _edit_page(lead, form, 409)
    if form.validate_on_submit():
        try:
            return _stored(lead, form) or redirect(url_for("leads.show", id=id), 303)
        except services.StaleLead as error:
            return _edit_page(_conflict(id, form, error), form, 409)
        except FieldRefused as error:
            form.refuse(error)
    return _edit_page(lead, form, 422)


@bp.get(f"/{LEAD}/fields/{FIELD}")
@needs(READ_LEADS)
def show_field(id: int, name: str):
    _shown(name)
    lead = _lead(id)
    if not wants_partial():
        return redirect(url_for("leads.show", id=id), 303)
    return render_template("leads/_field.html", lead=lead, name=name)


@bp.get(f"/{LEAD}/fields/{FIELD}/edit")
@needs(WRITE_LEADS)
def edit_field(id: int, name: str):
    field = _changeable(name)
    lead = _lead(id)
    return _field_page(lead, FieldForm.for_field(lead, field), 200)


@bp.post(f"/{LEAD}/fields/{FIELD}")
@needs(WRITE_LEADS)
def update_field(id: int, name: str):
    field = _changeable(name)
    lead = _lead(id)
    form = FieldForm.for_field(lead, field)
    if form.is_unfinished:
        return _field_page(lead, form, 200)
    if form.validate_on_submit():
        try:
            return _stored(lead, form) or _saved(lead, form)
        except services.StaleLead as error:
            return _field_page(_conflict(id, form, error), form, 409)
        except FieldRefused as error:
            form = form.asking(error)
            form.refuse(error)
    return _field_page(lead, form, 422)


def _created(lead: Lead, claim: once.Claim):
    """Commit, and go on: to the lead, to another one, or away from what is somebody else's now."""
    is_seen = may_see(current_user, lead)
    path = url_for("leads.show", id=lead.id)
    claim.settle(path if is_seen else url_for("leads.index"))
    link = Markup('<a href="{}">{}</a>').format(path, lead.title(language()))
    db.session.commit()
    if not is_seen:
        return _handed_on()
    if request.form.get("then") == "another":
        flash(escape(_("Lead created: %(lead)s.")) % {"lead": link}, "success")
        return redirect(url_for("leads.new"), 303)
    flash(_("Lead created."), "success")
    return redirect(path, 303)


def _stored(lead: Lead, form: EditForm):
    """Commit what the person changed.  An answer where the lead is no longer theirs to see."""
    if changes := form.changes():
        services.update_lead(lead, changes, by=current_user, version=int(form.version.data))
        db.session.commit()
    if not may_see(current_user, lead):
        return _handed_on()
    if not wants_partial():
        flash(_("Saved."), "success")
    return None


def _conflict(lead_id: int, form: EditForm, error: services.StaleLead) -> Lead:
    """The lead as it is stored by now; the form has met it."""
    db.session.rollback()
    lead = _lead(lead_id)
    form.meet(lead, error.fields, str(error))
    return lead


def _saved(lead: Lead, form: FieldForm):
    if not wants_partial():
        return redirect(url_for("leads.show", id=lead.id), 303)
    page = {"name": form.field.name, "beside": [control.name for control in form.beside]}
    return render_template("leads/_saved.html", lead=_lead(lead.id), **page)


def _handed_on():
    """The person gave the lead to somebody whose leads they don't see."""
    flash(_("Saved. The lead is no longer among those that you see."), "success")
    if wants_partial():
        return make_response("", 200, {"HX-Redirect": url_for("leads.index")})
    return redirect(url_for("leads.index"), 303)


def _new_page(form: NewLeadForm, status: int):
    page = {"form": form, "twins": twins_of(current_user, *form.reaches())}
    return respond("leads/new.html", partial="leads/_form.html", status=status, **page)


def _edit_page(lead: Lead, form: EditForm, status: int):
    page = {"lead": lead, "form": form, "twins": twins_of(current_user, *form.reaches(), but=lead.id)}
    return respond("leads/edit.html", partial="leads/_form.html", status=status, **page)


def _field_page(lead: Lead, form: FieldForm, status: int):
    page = {"lead": lead, "name": form.field.name, "form": form}
    return respond("leads/edit_field.html", partial="leads/_field_form.html", status=status, **page)


def _shown(name: str) -> Field:
    return shown_fields(current_user).get(name) or abort(404)


def _changeable(name: str) -> Field:
    field = _shown(name)
    if not may_change_field(current_user, field):
        raise NotAllowed(_("Your role does not allow this. An admin can change it."))
    return field


def _lead(lead_id: int) -> Lead:
    return facts.whole_lead(current_user, lead_id) or not_there("lead", lead_id)
