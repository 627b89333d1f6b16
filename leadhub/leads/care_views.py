"""Taking a lead; the bin: into it, out of it, and for good."""

from datetime import timedelta

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_security import current_user
from itsdangerous import BadData, URLSafeTimedSerializer
from markupsafe import Markup
from werkzeug.wrappers import Response

from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import MANAGE_LEADS, WRITE_LEADS
from leadhub.accounts.visibility import visible
from leadhub.database import ID_MAX
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.leads import bin, queries, taking
from leadhub.leads.bin_forms import NamedForm
from leadhub.leads.models import Lead
from leadhub.web import language, respond, wants_partial

bp = Blueprint("leads_care", __name__, url_prefix="/leads")
LEAD = f"/<int(max={ID_MAX}):id>"
SEEN_FOR = 24 * 60 * 60  # seconds
bp.add_app_template_global(taking.may_take)


@bp.app_template_global()
def seen_mark(lead: Lead) -> str:
    """Says that this person has seen this lead: whoever was slower may be told who has it now."""
    return _marks().dumps([lead.id, current_user.id])


@bp.post(f"{LEAD}/take")
@needs(WRITE_LEADS)
def take(id: int) -> Response:
    if queries.lead_seen_by(current_user, id) is None and not _has_seen(id):
        not_there("lead", id)
    taking.take(id, by=current_user)
    db.session.commit()
    return _to(url_for("leads.show", id=id), _("The lead is yours."))


@bp.post(f"{LEAD}/delete")
@needs(WRITE_LEADS)
def delete(id: int) -> Response:
    lead = queries.lead_seen_by(current_user, id) or not_there("lead", id)
    bin.delete(lead, by=current_user)
    db.session.commit()
    return _to(url_for("leads.index"), Markup(render_template("leads/_binned.html", lead_id=id)))


@bp.post(f"{LEAD}/restore")
@needs(WRITE_LEADS)
def restore(id: int) -> Response:
    bin.restore(_binned(id), by=current_user)
    db.session.commit()
    return _to(url_for("leads.show", id=id), _("The lead is back."))


@bp.get("/bin")
@needs(WRITE_LEADS)
def index() -> Response:
    page = queries.bin_page_of(current_user, queries.Place.read(request.args.get("after", "")))
    statement = visible(current_user, Lead, in_bin=True)
    counted = {"count": queries.count_of(statement), "most": queries.COUNT_MAX}
    kept = timedelta(days=hub().bin_days)
    is_busy = bin.is_being_emptied(current_user)
    return respond("leads/bin.html", partial="leads/bin.html", page=page, kept=kept, is_busy=is_busy, **counted)


@bp.get(f"{LEAD}/delete-for-good")
@needs(MANAGE_LEADS)
def ask(id: int) -> Response:
    return _ask(_binned(id))


@bp.post(f"{LEAD}/delete-for-good")
@needs(MANAGE_LEADS)
def delete_for_good(id: int) -> Response:
    lead = _binned(id)
    form = NamedForm(lead.title(language()))
    if not form.validate_on_submit():
        return _ask(lead, form)
    bin.delete_for_good(lead, by=current_user)
    db.session.commit()
    return _to(url_for("leads_care.index"), _("Deleted for good."))


@bp.get("/bin/empty")
@needs(MANAGE_LEADS)
def ask_empty() -> Response:
    return _ask(None)


@bp.post("/bin/empty")
@needs(MANAGE_LEADS)
def empty() -> Response:
    form = NamedForm(_("Bin"))
    if not form.validate_on_submit():
        return _ask(None, form)
    count = bin.empty(by=current_user)
    db.session.commit()
    if count is None:
        return _to(url_for("leads_care.index"), _("The bin is being emptied."))
    words = ngettext("%(num)d lead deleted for good.", "%(num)d leads deleted for good.", count)
    return _to(url_for("leads_care.index"), words)


def _ask(lead: Lead | None, form: NamedForm | None = None) -> Response:
    """What will be gone, in numbers: one lead, or all that is in the bin."""
    leads = visible(current_user, Lead, in_bin=True)
    if lead:
        leads = leads.where(Lead.id == lead.id)
    page = {"lead": lead, "leads": queries.exact_count_of(leads), "files": queries.file_count(leads)}
    status = 422 if form else 200
    form = form or NamedForm(lead.title(language()) if lead else _("Bin"))
    return respond("leads/delete.html", partial="leads/delete.html", status=status, form=form, **page)


def _to(path: str, message: str) -> Response:
    """Go there and say so; htmx is told to load it whole."""
    flash(message, "success")
    return make_response("", 200, {"HX-Redirect": path}) if wants_partial() else redirect(path, 303)


def _binned(lead_id: int) -> Lead:
    return queries.binned_seen_by(current_user, lead_id) or not_there("lead", lead_id)


def _has_seen(lead_id: int) -> bool:
    try:
        mark = _marks().loads(request.form.get("seen", ""), max_age=SEEN_FOR)
    except BadData:
        return False
    return mark == [lead_id, current_user.id]


def _marks() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="leads.seen")
