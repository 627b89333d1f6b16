"""The history of a lead on its page: what people write into it, and following it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from leadhub.accounts import once
from leadhub.accounts.access import needs, not_there
from leadhub.accounts.notices import address_of
from leadhub.accounts.queries import active_users
from leadhub.accounts.roles import READ_LEADS, WRITE_LEADS
from leadhub.database import ID_MAX, id_from
from leadhub.extensions import db
from leadhub.fields.queries import catalogue, hidden_fields
from leadhub.leads import activities, activity_words, files, following, queries
from leadhub.leads.activity_forms import FORMS, ActivityForm
from leadhub.leads.checks import FieldRefused
from leadhub.leads.file_views import folder
from leadhub.leads.models import Lead
from leadhub.leads.services import StaleLead
from leadhub.leads.values import held, words
from leadhub.web import respond, wants_partial

bp = Blueprint("activities", __name__, url_prefix=f"/leads/<int(max={ID_MAX}):id>")
activity_words.register(bp)
KIND = f"<any({','.join(FORMS)}):kind>"


@bp.get("/compose")
@needs(WRITE_LEADS)
def index(id: int) -> ResponseReturnValue:
    """The closed composer."""
    lead = _lead(id)
    if not wants_partial():
        return redirect(url_for("leads.show", id=id), 303)
    return render_template("leads/_composer.html", lead=lead, back=request.args.get("back"))


@bp.get(f"/compose/{KIND}")
@needs(WRITE_LEADS)
def new(id: int, kind: str) -> ResponseReturnValue:
    lead = _lead(id)
    return _open(lead, FORMS[kind].of(lead))


@bp.post("/activities")
@needs(WRITE_LEADS)
def create(id: int) -> ResponseReturnValue:
    lead = _lead(id)
    form = (FORMS.get(request.form.get("kind", "")) or abort(400)).of(lead)
    if not form.validate_on_submit():
        return _open(lead, form, 422)
    try:
        saved = _save(id, form)
    except StaleLead as error:
        return _open_again(id, form, error)
    except (FieldRefused, files.FileRefused) as error:
        db.session.rollback()
        form.field_about(error.field).errors = [str(error)]
        return _open(_lead(id), form, error.status)
    return _show(_lead(id), form, saved)


@bp.post("/follow")
@needs(READ_LEADS)
def follow(id: int) -> ResponseReturnValue:
    lead = _lead(id)
    following.follow(lead, [current_user.id])
    return _followed(lead, _("You follow this lead now."))


@bp.post("/unfollow")
@needs(READ_LEADS)
def unfollow(id: int) -> ResponseReturnValue:
    lead = _lead(id)
    following.unfollow(lead, current_user)
    return _followed(lead, _("You no longer follow this lead."))


@dataclass(frozen=True)
class Saved:
    """Where to see it, and which fields of the lead it changed."""

    path: str
    changed: Sequence[str] = ()


@dataclass(frozen=True)
class HistoryPage:
    """One page of a lead's history.  ``older``: the id behind which the next one begins; ``is_first``: the newest."""

    kind: str
    lines: Sequence[queries.HistoryLine]
    older: int | None
    is_first: bool


@bp.app_template_global()
def history(lead: Lead) -> HistoryPage:
    """The page that the address asks for."""
    kind = request.args.get("kind", "")
    kind = kind if kind in queries.HISTORY_KINDS else ""
    before = request.args.get("before", type=id_from)
    lines, older = queries.history_of(lead, before, kind=kind, hidden=hidden_fields(current_user))
    return HistoryPage(kind, lines, older, not before)


@bp.app_template_global()
def is_following(lead: Lead) -> bool:
    return following.is_following(lead, current_user)


def _save(lead_id: int, form: ActivityForm) -> Saved:
    """Either everything is there afterwards or nothing is, on the disk too."""
    uploads = form.uploads()
    if uploads:
        db.session.rollback()  # nobody's turn to write should wait for a disk
    stored = files.store_files(uploads, folder())
    try:
        saved = _log(_lead(lead_id), form, stored)
    except BaseException:
        files.remove(folder(), [file.stored for file in stored])
        raise
    return saved


def _log(lead: Lead, form: ActivityForm, stored: Sequence[files.Stored]) -> Saved:
    claim = once.claim(form.once.data, user=current_user, endpoint=request.path)
    page = url_for("leads.show", id=lead.id)
    if claim.made is not None:
        files.remove(folder(), [file.stored for file in stored])
        return Saved(claim.made or page)
    event = activities.log(
        lead,
        form.activity(stored),
        by=current_user,
        version=form.version_seen,
        changes=form.changes(),
        link=address_of("leads.show", id=lead.id),
    )
    saved = Saved(f"{page}#event-{event.id}", [change["field"] for change in event.changes])
    claim.settle(saved.path)
    db.session.commit()
    return saved


def _open(lead: Lead, form: ActivityForm, status: int = 200, stale: Mapping[str, str] | None = None) -> Response:
    page = {"lead": lead, "composer": form, "people": active_users(), "stale": stale or {}}
    return respond("leads/compose.html", partial="leads/_composer.html", status=status, **page)


def _open_again(lead_id: int, form: ActivityForm, error: StaleLead) -> Response:
    """What was typed, beside what is stored by now; sent again it goes before that."""
    db.session.rollback()
    lead, fields = _lead(lead_id), catalogue()
    stored = {name: words(fields[name], held(lead, fields[name])) for name in sorted(error.fields)}
    form.see(lead)
    return _open(lead, form, error.status, {"": str(error), **stored})


def _show(lead: Lead, form: ActivityForm, saved: Saved) -> ResponseReturnValue:
    if wants_partial():
        page = {"lead": lead, "back": form.KIND, "changed": saved.changed}
        return make_response(render_template("leads/_logged.html", saved=True, **page), 201)
    flash(_("Saved."), "success")
    return redirect(saved.path, 303)


def _followed(lead: Lead, message: str) -> ResponseReturnValue:
    db.session.commit()
    if wants_partial():
        return render_template("leads/_follow.html", lead=lead, focus=True)
    flash(message, "success")
    return redirect(url_for("leads.show", id=lead.id), 303)


def _lead(lead_id: int) -> Lead:
    return queries.lead_seen_by(current_user, lead_id) or not_there("lead", lead_id)
