"""Settings > Pipelines: the list, and what is decided about each."""

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from leadhub.accounts.access import needs
from leadhub.accounts.queries import teams
from leadhub.accounts.roles import MANAGE_LEADS
from leadhub.database import ID_MAX, id_from
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.lists import services as lists
from leadhub.lists.services import one_at_a_time
from leadhub.pipelines import services
from leadhub.pipelines.forms import NewPipelineForm, PipelineForm
from leadhub.pipelines.models import Pipeline
from leadhub.pipelines.queries import pipelines
from leadhub.pipelines.views.pages import lead_pipeline_of, list_page, page_of, pipeline_of, stages_page
from leadhub.web import language, wants_partial

bp = Blueprint("pipelines", __name__, url_prefix="/settings/pipelines")
ONE = f"/<int(max={ID_MAX}):id>"
bp.add_app_template_filter(page_of, "pipeline_page")


@bp.app_template_global()
def are_pipelines_named() -> bool:
    """Are there several, so that menus speak of pipelines rather than of stages?"""
    return len(pipelines()) > 1


@bp.app_template_filter()
def stage_name(stage: object) -> str:
    """Without its pipeline, where that is known anyway."""
    return stage.short(language()) if stage else ""  # type: ignore[attr-defined]


@bp.get("/")
@needs(MANAGE_LEADS)
def index():
    return list_page()


@bp.post("/")
@needs(MANAGE_LEADS)
def create():
    form = NewPipelineForm.over(pipelines(), teams(), sent=True)
    if form.validate_on_submit():
        try:
            row = services.add_pipeline(form.to_draft(), ready=form.ready.data, by=current_user)
        except RuleBroken as error:
            form.refuse(getattr(error, "field", "names"), str(error))
        else:
            return _done(row, _("Pipeline added. These are its stages."))
    return list_page(422, founding=form)


@bp.post("/order")
@needs(MANAGE_LEADS)
def reorder():
    one_at_a_time()
    lists.reorder(services.LIST, ids_sent())
    db.session.commit()
    return ("", 204) if wants_partial() else redirect(url_for("pipelines.index"), 303)


@bp.get(ONE)
@needs(MANAGE_LEADS)
def show(id: int):
    return stages_page(pipeline_of(id))


@bp.post(ONE)
@needs(MANAGE_LEADS)
def update(id: int):
    one_at_a_time()  # before any row is held, as deletions do
    row = lead_pipeline_of(id, locked=True)
    form = PipelineForm.of(row, teams(), sent=True)
    if form.is_stale(row):
        form.refuse("names", _("Somebody changed this meanwhile. Save again to replace it with yours."))
        return stages_page(row, 409, editing=form)
    if form.validate_on_submit():
        try:
            services.change_pipeline(row, form.draft_for(row), by=current_user)
        except lists.ListFieldRefused as error:
            form.refuse(error.field, str(error))
        else:
            return _done(row)
    return stages_page(row, 422, editing=form)


@bp.post(f"{ONE}/retire")
@needs(MANAGE_LEADS)
def retire(id: int):
    one_at_a_time()  # before any row is held, as deletions do
    row = lead_pipeline_of(id, locked=True)
    try:
        if request.form.get("back"):
            lists.unretire(services.LIST, row, by=current_user)
        else:
            services.retire_pipeline(row, by=current_user)
    except RuleBroken as error:
        flash(str(error), "danger")
        return redirect(page_of(row), 303)
    return _done(row)


@bp.post(f"{ONE}/move")
@needs(MANAGE_LEADS)
def move(id: int):
    one_at_a_time()
    row = lead_pipeline_of(id)
    lists.move_by_one(services.LIST, row, up=request.form.get("to") == "up")
    db.session.commit()
    return redirect(url_for("pipelines.index", _anchor=f"row-{row.id}"), 303)


def ids_sent() -> list[int]:
    """Of the rows, in their new order."""
    try:
        return [id_from(word) for word in request.form.get("ids", "").split(",") if word]
    except ValueError:
        abort(400)


def _done(row: Pipeline, told: str = ""):
    db.session.commit()
    flash(told or _("Saved."), "success")
    return redirect(page_of(row), 303)
