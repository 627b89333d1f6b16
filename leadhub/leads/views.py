"""Pages of leads."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from leadhub.accounts.access import needs
from leadhub.accounts.roles import READ_LEADS, WRITE_LEADS
from leadhub.database import ID_MAX
from leadhub.extensions import db
from leadhub.leads import queries, services, words
from leadhub.leads.checks import FieldRefused
from leadhub.leads.fields import FIELDS
from leadhub.leads.forms import FieldForm, NewLeadForm
from leadhub.leads.models import Lead
from leadhub.web import respond, wants_partial

bp = Blueprint("leads", __name__, url_prefix="/leads")
words.register(bp)
LEAD = f"<int(max={ID_MAX}):id>"
FIELD = f"<any({','.join(FIELDS)}):name>"


@bp.get("/")
@needs(READ_LEADS)
def index():
    text = request.args.get("q", "").strip()[:200]
    statement = queries.leads_matching(current_user, text)
    page = queries.page_of(statement, queries.Place.read(request.args.get("after", "")))
    return respond(
        "leads/index.html", partial="leads/_list.html", page=page, count=queries.count_of(statement), text=text
    )


@bp.get("/new")
@needs(WRITE_LEADS)
def new():
    form = NewLeadForm(data={"owner": current_user.email, "type": "prospect"})
    return respond("leads/new.html", partial="leads/_form.html", form=form)


@bp.post("/")
@needs(WRITE_LEADS)
def create():
    form = NewLeadForm()
    if form.validate_on_submit():
        try:
            lead = services.create_lead(form.to_draft(), by=current_user)
        except FieldRefused as error:  # a rule about one field is told at the field
            form[error.field].errors = [str(error)]
        else:
            db.session.commit()
            flash(_("Lead created."), "success")
            return redirect(url_for("leads.show", id=lead.id), 303)
    return respond("leads/new.html", partial="leads/_form.html", status=422, form=form)


@bp.get(f"/{LEAD}")
@needs(READ_LEADS)
def show(id: int):
    lead = _lead(id)
    events, older = queries.history_of(lead, request.args.get("before", type=queries.id_from))
    return respond("leads/show.html", partial="leads/_history.html", lead=lead, events=events, older=older)


@bp.get(f"/{LEAD}/fields/{FIELD}")
@needs(READ_LEADS)
def show_field(id: int, name: str):
    lead = _lead(id)
    if not wants_partial():
        return redirect(url_for("leads.show", id=id), 303)
    return render_template("leads/_field.html", lead=lead, name=name)


@bp.get(f"/{LEAD}/fields/{FIELD}/edit")
@needs(WRITE_LEADS)
def edit(id: int, name: str):
    lead = _lead(id)
    form = FieldForm.of(lead, name)
    return respond("leads/edit.html", partial="leads/_field_form.html", lead=lead, name=name, form=form)


@bp.post(f"/{LEAD}/fields/{FIELD}")
@needs(WRITE_LEADS)
def update(id: int, name: str):
    lead = _lead(id)
    form = FieldForm.of(lead, name)
    conflict = False
    if form.validate_on_submit():
        try:
            services.update_lead(lead, form.values(), by=current_user, version=int(form.version.data))
        except services.StaleLead:
            db.session.rollback()
            conflict = True
            form.version.data = str(lead.version)
        except FieldRefused as error:
            form.field.errors = [str(error)]
        else:
            db.session.commit()
            return _saved(lead, name)
    status = 409 if conflict else 422
    page = {"lead": lead, "name": name, "form": form, "conflict": conflict}
    return respond("leads/edit.html", partial="leads/_field_form.html", status=status, **page)


def _saved(lead: Lead, name: str):
    if not wants_partial():
        flash(_("Saved."), "success")
        return redirect(url_for("leads.show", id=lead.id), 303)
    events, older = queries.history_of(lead)
    return render_template("leads/_saved.html", lead=lead, name=name, events=events, older=older)


def _lead(lead_id: int) -> Lead:
    return queries.lead_seen_by(current_user, lead_id) or abort(404)
