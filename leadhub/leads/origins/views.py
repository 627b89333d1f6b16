"""The queue of leads without a source: its pages, what is applied there, and the undo."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from leadhub.accounts.access import needs, not_there, refuse
from leadhub.accounts.roles import MANAGE_LEADS, WRITE_LEADS
from leadhub.database import bounded
from leadhub.extensions import db
from leadhub.fields.queries import may_change_field, shown_fields
from leadhub.leads.listing.bulk_queries import run_seen_by
from leadhub.leads.listing.models import BulkRun
from leadhub.leads.origins import forms, queries, services
from leadhub.web import respond

bp = Blueprint("origins", __name__, url_prefix="/leads/without-source")
RUNS_MAX = 100


@bp.app_template_global()
def may_find_sources() -> bool:
    """May this person give leads a source?"""
    field = shown_fields(current_user).get(services.FIELD)
    return current_user.may(WRITE_LEADS) and field is not None and may_change_field(current_user, field)


@bp.get("")
@needs(WRITE_LEADS)
def index() -> Response:
    _check_field()
    return _page()


@bp.post("")
@needs(WRITE_LEADS)
def apply() -> Response:
    _check_field()
    asked = forms.asked(request.form)
    if not asked.wanted:
        return _page(422, _("Choose a source first.") if asked.unchosen else _("Tick leads first."))
    done = services.apply(asked.wanted, by=current_user)
    db.session.commit()
    told = render_template("leads/origins/_told.html", done=done, unchosen=asked.unchosen)
    flash(Markup(told), "success" if done.changed else "warning")
    return redirect(url_for("origins.index", after=request.args.get("after"), at=asked.next), 303)


@bp.post("/undo")
@needs(WRITE_LEADS)
def undo() -> Response:
    _check_field()
    runs = _runs()
    services.undo(runs, by=current_user)
    db.session.commit()
    flash(render_template("leads/origins/_undone.html", runs=runs), "success")
    return redirect(url_for("origins.index", after=request.args.get("after")), 303)


def _check_field() -> None:
    """A source that this person may not see is none; one that is not theirs to change is refused."""
    field = shown_fields(current_user).get(services.FIELD) or abort(404)
    if not may_change_field(current_user, field):
        refuse(MANAGE_LEADS)


def _page(status: int = 200, error: str = "") -> Response:
    with bounded(db.session):
        queue = queries.queue_of(current_user, queries.place_from(request.args.get("after", ""), current_user))
    at = request.args.get("at")
    page: dict[str, Any] = {"queue": queue, "error": error, "kept": request.form, "at": at}
    return respond("leads/origins/index.html", partial="leads/origins/_queue.html", status=status, **page)


def _runs() -> list[BulkRun]:
    """Changes of sources that the address names; 404 where one of them is none of this person's."""
    ids = dict.fromkeys(map(forms.id_of, request.args.getlist("run")[:RUNS_MAX]))
    runs = [run_seen_by(current_user, run_id) or not_there("bulk_run", run_id) for run_id in ids]
    if not runs or any(run.field != services.FIELD for run in runs):
        abort(404)
    return runs
