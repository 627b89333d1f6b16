"""Settings > Pipelines: the stages of one, and the drawer of each."""

from flask import Blueprint, flash, redirect, request
from flask_babel import gettext as _
from flask_security import current_user

from leadhub.accounts.access import needs
from leadhub.accounts.roles import MANAGE_LEADS
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.lists import services as lists
from leadhub.lists.services import one_at_a_time
from leadhub.pipelines import services
from leadhub.pipelines.forms import stage_form
from leadhub.pipelines.models import Stage
from leadhub.pipelines.services import stages_in
from leadhub.pipelines.views.pages import page_of, pipeline_of, stage_of, stages_page
from leadhub.pipelines.views.pipelines import ONE, ids_sent
from leadhub.statuses.queries import statuses
from leadhub.web import wants_partial

bp = Blueprint("stages", __name__, url_prefix="/settings/pipelines")
ROW = f"/stages{ONE}"


@bp.post(f"{ONE}/stages")
@needs(MANAGE_LEADS)
def create(id: int):
    pipeline = pipeline_of(id)
    form = stage_form(pipeline).new(pipeline, statuses(), sent=True)
    if form.validate_on_submit():
        try:
            row = services.add_stage(pipeline, form.to_draft(), by=current_user)
        except RuleBroken as error:
            form.refuse(getattr(error, "field", "names"), str(error))
        else:
            return _done(row, _("Stage added."))
    return stages_page(pipeline, 422, adding=form)


@bp.post(f"{ONE}/stages/order")
@needs(MANAGE_LEADS)
def reorder(id: int):
    one_at_a_time()
    pipeline = pipeline_of(id)
    lists.reorder(stages_in(pipeline.id), ids_sent())
    db.session.commit()
    return ("", 204) if wants_partial() else redirect(page_of(pipeline), 303)


@bp.get(ROW)
@needs(MANAGE_LEADS)
def edit(id: int):
    row = stage_of(id)
    return stages_page(row.pipeline, row=row, form=stage_form(row.pipeline).of(row, statuses()))


@bp.post(ROW)
@needs(MANAGE_LEADS)
def update(id: int):
    one_at_a_time()  # before any row is held, as deletions do
    row = stage_of(id, locked=True)
    form = stage_form(row.pipeline).of(row, statuses(), sent=True)
    if form.is_stale(row):
        form.refuse("names", _("Somebody changed this meanwhile. Save again to replace it with yours."))
        return stages_page(row.pipeline, 409, row=row, form=form)
    if form.validate_on_submit():
        try:
            services.change_stage(row, form.to_draft(), by=current_user)
        except lists.ListFieldRefused as error:
            form.refuse(error.field, str(error))
        else:
            return _done(row)
    return stages_page(row.pipeline, 422, row=row, form=form)


@bp.post(f"{ROW}/retire")
@needs(MANAGE_LEADS)
def retire(id: int):
    one_at_a_time()  # before any row is held, as deletions do
    row = stage_of(id, locked=True)
    try:
        if request.form.get("back"):
            lists.unretire(stages_in(row.pipeline_id), row, by=current_user)
        else:
            services.retire_stage(row, by=current_user)
    except RuleBroken as error:
        flash(str(error), "danger")
        return redirect(page_of(row.pipeline, f"row-{row.id}"), 303)
    return _done(row)


@bp.post(f"{ROW}/move")
@needs(MANAGE_LEADS)
def move(id: int):
    one_at_a_time()
    row = stage_of(id)
    lists.move_by_one(stages_in(row.pipeline_id), row, up=request.form.get("to") == "up")
    return _done(row, "")


def _done(row: Stage, told: str | None = None):
    db.session.commit()
    if told != "":
        flash(told or _("Saved."), "success")
    return redirect(page_of(row.pipeline, f"row-{row.id}"), 303)
