"""Many leads at once: what to do, the question, the run with its progress, its refusals and its undo."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from leadhub.accounts import once
from leadhub.accounts.access import needs, not_there, note_export
from leadhub.accounts.roles import WRITE_LEADS
from leadhub.database import ID_MAX, bounded, utcnow
from leadhub.extensions import db
from leadhub.jobs.queries import SILENT, last_seen
from leadhub.leads.listing import bulk, bulk_queries
from leadhub.leads.listing.bulk_choice import Choice, asked_choice
from leadhub.leads.listing.bulk_forms import BulkForm, acts_of, fields_for, grouped
from leadhub.leads.listing.models import BulkRun
from leadhub.tables import as_csv
from leadhub.web import language, respond

bp = Blueprint("leads_bulk", __name__, url_prefix="/leads/bulk")
RUN = f"<int(max={ID_MAX}):id>"
SECONDS = 8.0  # that choosing a million leads may take; less than SQLite's other writers wait
NOT_KEPT = ("csrf_token", "most", "act", "field")
bp.add_app_template_global(bulk.may_undo, "may_undo_bulk")


@bp.get("/new")
@needs(WRITE_LEADS)
def new() -> Response:
    act, name = (request.args.get(word, "") for word in ("act", "field"))
    return _page(asked_choice(), BulkForm.of(act, name, current_user), act)


@bp.get("/all")
@needs(WRITE_LEADS)
def all_of_them() -> Response:
    """How many match, exactly: the button that chooses them all."""
    return respond("leads/bulk/all.html", partial="leads/bulk/_all.html", choice=asked_choice())


@bp.post("/")
@needs(WRITE_LEADS)
def create() -> Response:
    choice, act = asked_choice(), request.form.get("act", "")
    form = BulkForm.of(act, request.form.get("field", ""), current_user)
    if form is None or not form.validate_on_submit():
        return _page(choice, form, act, status=422)
    if "confirmed" not in request.form:
        return _page(choice, form, act, asks=True)
    claim = once.claim(form.once.data, user=current_user, endpoint="leads_bulk.create")
    if claim.made is not None:
        return redirect(claim.made or url_for("leads.index"), 303)
    try:
        return _begun(choice, form, claim)
    except bulk.MoreThanTold as error:
        db.session.rollback()
        return _page(choice, form, act, asks=True, status=409, error=str(error))


@bp.get(f"/{RUN}")
@needs(WRITE_LEADS)
def show(id: int) -> Response:
    run = _run(id)
    listed = bulk_queries.refusals_of(run, current_user) if run.refused or run.kept else ()
    seen = last_seen() if run.state in bulk.WORKING else None
    nobody = run.state in bulk.WORKING and (seen is None or seen < utcnow() - SILENT)
    shown: dict[str, Any] = {"run": run, "refusals": listed, "nobody_works": nobody}
    return respond("leads/bulk/show.html", partial="leads/bulk/_run.html", **shown)


@bp.post(f"/{RUN}/stop")
@needs(WRITE_LEADS)
def stop(id: int) -> Response:
    bulk.stop(_run(id))
    db.session.commit()
    return redirect(url_for("leads_bulk.show", id=id), 303)


@bp.post(f"/{RUN}/undo")
@needs(WRITE_LEADS)
def undo(id: int) -> Response:
    run = _run(id)
    bulk.undo(run, by=current_user)
    db.session.commit()
    return _after(run, "?" + urlencode(list(request.args.items(multi=True))))


@bp.get(f"/{RUN}/refusals.csv")
@needs(WRITE_LEADS)
def refusals(id: int) -> Response:
    run = _run(id)
    listed = bulk_queries.refusals_of(run, current_user, bulk_queries.LISTED_MAX)
    named = [(it.lead_id, it.lead.title(language()) if it.lead else "", it.reason) for it in listed]
    rows = [(_("Number"), _("Lead"), _("Reason")), *named]
    text = as_csv(rows, separator=";" if language() == "fr" else ",")
    note_export(f"not-changed-{id}.csv", rows=len(named))
    answer = make_response(text, 200, {"Content-Type": "text/csv; charset=utf-8"})
    answer.headers["Content-Disposition"] = f'attachment; filename="not-changed-{id}.csv"'
    return answer


def _begun(choice: Choice, form: BulkForm, claim: once.Claim) -> Response:
    """Commit, and go back to the list, or to where its progress is seen."""
    most = int(form.most.data) if (form.most.data or "").isdecimal() else 0
    with bounded(db.session, SECONDS):
        run = bulk.begin(choice.which, form.to_act(), by=current_user, words=form.sentence(most), most=most)
    claim.settle(url_for("leads_bulk.show", id=run.id))
    db.session.commit()
    back = url_for("leads.index", **choice.state.address()).partition("?")[2]
    return _after(run, f"?{back}")


def _after(run: BulkRun, back: str) -> Response:
    """Where the worker does it, its page; else the list, which says what was done and can undo it."""
    if run.state in bulk.WORKING:
        return redirect(url_for("leads_bulk.show", id=run.id), 303)
    flash(Markup(render_template("leads/bulk/_told.html", run=run, back=back.rstrip("?"))), "success")
    return redirect(url_for("leads.index") + back.rstrip("?"), 303)


def _page(
    choice: Choice, form: BulkForm | None, act: str, *, asks: bool = False, status: int = 200, error: str = ""
) -> Response:
    """What to do; and where that is said, with which value; and where that is said too, the question."""
    page: dict[str, Any] = {
        "choice": choice,
        "form": form,
        "act": act,
        "acts": acts_of(current_user),
        "groups": grouped(fields_for(act, current_user)),
        "asks": asks or (form is not None and form.control is None),
        "kept": [pair for pair in request.form.items(multi=True) if pair[0] not in NOT_KEPT],
        "error": error,
    }
    return respond("leads/bulk/new.html", partial="leads/bulk/_new.html", status=status, **page)


def _run(run_id: int) -> BulkRun:
    return bulk_queries.run_seen_by(current_user, run_id) or not_there("bulk_run", run_id)
