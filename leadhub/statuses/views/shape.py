"""Settings > Statuses: the list, and the drawer of each."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import MANAGE_LEADS
from leadhub.database import ID_MAX, id_from
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.lists import services as lists
from leadhub.lists.queries import row_in
from leadhub.lists.services import one_at_a_time
from leadhub.referrers.registry import referrers_of
from leadhub.statuses import deletion, health, services
from leadhub.statuses.forms import MendForm, StatusForm
from leadhub.statuses.models import Status
from leadhub.statuses.offers import offered
from leadhub.statuses.proposals import open_proposals
from leadhub.statuses.queries import action_counts, automatic_ids, statuses
from leadhub.web import respond, wants_partial

bp = Blueprint("statuses", __name__, url_prefix="/settings/statuses")
ROW = f"/<int(max={ID_MAX}):id>"


@bp.get("/")
@needs(MANAGE_LEADS)
def index():
    return _page()


@bp.post("/")
@needs(MANAGE_LEADS)
def create():
    form = StatusForm.new(sent=True)
    if form.validate_on_submit():
        try:
            row = services.add_status(form.to_draft(), by=current_user)
        except lists.ListFieldRefused as error:
            form.refuse(error.field, str(error))
        else:
            return _done(row, _("Status added."))
    return _page(422, adding=form)


@bp.post("/order")
@needs(MANAGE_LEADS)
def reorder():
    try:
        ids = [id_from(word) for word in request.form.get("ids", "").split(",") if word]
    except ValueError:
        abort(400)
    one_at_a_time()
    lists.reorder(services.LIST, ids)
    db.session.commit()
    return ("", 204) if wants_partial() else redirect(url_for("statuses.index"), 303)


@bp.get(ROW)
@needs(MANAGE_LEADS)
def edit(id: int):
    row = row_of(id)
    return _page(row=row, form=StatusForm.of(row))


@bp.post(ROW)
@needs(MANAGE_LEADS)
def update(id: int):
    one_at_a_time()  # before any row is held, as deletions do
    row = row_of(id, locked=True)
    form = StatusForm.of(row, sent=True)
    if form.is_stale(row):
        form.refuse("names", _("Somebody changed this meanwhile. Save again to replace it with yours."))
        return _page(409, row=row, form=form)
    if form.validate_on_submit():
        try:
            services.change_status(row, form.to_draft(), by=current_user)
        except lists.ListFieldRefused as error:
            form.refuse(error.field, str(error))
        else:
            return _done(row)
    return _page(422, row=row, form=form)


@bp.post(f"{ROW}/retire")
@needs(MANAGE_LEADS)
def retire(id: int):
    one_at_a_time()  # before any row is held, as deletions do
    row = row_of(id, locked=True)
    change = services.unretire if request.form.get("back") else services.retire
    try:
        change(row, by=current_user)
    except RuleBroken as error:
        flash(str(error), "danger")
        return redirect(url_for("statuses.edit", id=id), 303)
    return _done(row)


@bp.post(f"{ROW}/move")
@needs(MANAGE_LEADS)
def move(id: int):
    one_at_a_time()
    row = row_of(id)
    lists.move_by_one(services.LIST, row, up=request.form.get("to") == "up")
    return _done(row, "")


def row_of(status_id: int, *, locked: bool = False) -> Status:
    row: Status = row_in(services.LIST, status_id, locked=locked) or not_there("status", status_id)
    return row


def _page(status: int = 200, *, row: Any = None, form: Any = None, adding: Any = None):
    """The list; ``row``: the one whose drawer is open, with its form."""
    rows = statuses()
    leads = next(it for it in referrers_of(services.LIST.table) if it.key == deletion.LEADS)
    return respond(
        "statuses/index.html",
        partial="statuses/_row.html" if row else "statuses/index.html",
        status=status,
        rows=rows,
        ends=[rows[0], rows[-1]],
        leads=leads.counts([it.id for it in rows]) if leads.counts else {},
        automatic=automatic_ids(),
        actions=action_counts(),
        offers=offered().actions,
        waiting=health.waiting_actions(),
        mending=MendForm.over(rows),
        deletions=deletion.open_deletions(),
        proposals=open_proposals(),
        row=row,
        opened=row,
        form=form,
        adding=adding or StatusForm.new(),
        is_adding=adding is not None,
    )


def _done(row: Status, told: str | None = None):
    db.session.commit()
    if told != "":
        flash(told or _("Saved."), "success")
    return redirect(url_for("statuses.index", _anchor=f"row-{row.id}"), 303)
