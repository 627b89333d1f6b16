"""Settings > Pipelines: the guard before a stage is deleted, and the way back; the mapping before a pipeline is."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_security import current_user

from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import MANAGE_LEADS
from leadhub.database import ID_MAX
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.lists import guard
from leadhub.pipelines import deletion
from leadhub.pipelines.forms import MappingForm, SuccessorForm
from leadhub.pipelines.models import Pipeline, Stage
from leadhub.pipelines.queries import deletion_of, stages_of, stages_outside
from leadhub.pipelines.services import is_last_open
from leadhub.pipelines.views.pages import lead_pipeline_of, page_of, stage_of
from leadhub.pipelines.views.pipelines import ONE
from leadhub.pipelines.views.stages import ROW
from leadhub.referrers.registry import use_counts, uses_of
from leadhub.web import label, respond

bp = Blueprint("stage_deletions", __name__, url_prefix="/settings/pipelines")
DELETION = f"/deletions/<int(max={ID_MAX}):id>"


@bp.get(f"{ROW}/delete")
@needs(MANAGE_LEADS)
def ask(id: int):
    row = stage_of(id)
    return _question(row, _form(row))


@bp.post(f"{ROW}/delete")
@needs(MANAGE_LEADS)
def delete(id: int):
    row = stage_of(id)
    form, there = _form(row), page_of(row.pipeline)
    if not form.validate_on_submit():
        return _question(row, form, 422)
    try:
        deletion.delete_stage(id, form.chosen(), by=current_user, but=form.chosen_for_each())
    except (guard.SuccessorNeeded, guard.TooManyLeads, deletion.LastStage) as error:
        form.refuse(getattr(error, "referrer", ""), str(error))
        return _question(row, form, 422)
    db.session.commit()
    return redirect(there, 303)  # which tells it, and how to undo it


@bp.post(f"{DELETION}/undo")
@needs(MANAGE_LEADS)
def undo(id: int):
    gone = deletion_of(id, locked=True) or not_there("stage_deletion", id)
    row = deletion.undo_deletion(gone, by=current_user)
    kept = list(gone.kept)
    db.session.commit()
    flash(_("“%(name)s” is back.", name=label(row)), "success")
    for words in kept:
        flash(words, "info")
    return redirect(page_of(row.pipeline, f"row-{row.id}"), 303)


@bp.get(f"{ONE}/delete")
@needs(MANAGE_LEADS)
def ask_all(id: int):
    row = lead_pipeline_of(id)
    return _mapping(row, _mapping_form(row))


@bp.post(f"{ONE}/delete")
@needs(MANAGE_LEADS)
def delete_all(id: int):
    row = lead_pipeline_of(id)
    form, name = _mapping_form(row), label(row)
    if not form.validate_on_submit():
        return _mapping(row, form, 422)
    try:
        moved = deletion.delete_pipeline(row, form.chosen(), by=current_user)
    except RuleBroken as error:
        is_told = form.refuse(getattr(error, "referrer", ""), str(error))
        return _mapping(row, form, error.status, told="" if is_told else str(error))
    db.session.commit()
    flash(_deleted(name, moved), "success")
    return redirect(url_for("pipelines.index"), 303)


def _form(row: Stage) -> SuccessorForm:
    return SuccessorForm.over(uses_of(deletion.GUARD.table, row.id), deletion.others_of(row))


def _question(row: Stage, form: SuccessorForm, status: int = 200):
    page = "pipelines/delete_stage.html"
    return respond(
        page,
        partial=page,
        status=status,
        row=row,
        form=form,
        is_last_open=is_last_open(row),
        needs_successor=deletion.needs_successor(row, form.uses),
        is_too_many=deletion.GUARD.lead_count(form.uses) > guard.LEADS_MAX,
        leads_max=guard.LEADS_MAX,
    )


def _mapping_form(row: Pipeline) -> MappingForm:
    mine = stages_of(row)
    return MappingForm.over(mine, use_counts(deletion.GUARD.table, [it.id for it in mine]), stages_outside(row))


def _mapping(row: Pipeline, form: MappingForm, status: int = 200, told: str = ""):
    page, mine = "pipelines/delete.html", stages_of(row)
    leads = deletion.lead_counts([it.id for it in mine])
    return respond(
        page,
        partial=page,
        status=status,
        row=row,
        form=form,
        stages=mine,
        leads=leads,
        told=told or deletion.why_kept(row),
        is_kept=bool(deletion.why_kept(row)),
    )


def _deleted(name: str, leads: int) -> str:
    """One sentence."""
    if not leads:
        return _("“%(name)s” was deleted.", name=name)
    return ngettext(
        "“%(name)s” was deleted. %(num)d lead went to another pipeline.",
        "“%(name)s” was deleted. %(num)d leads went to another pipeline.",
        leads,
        name=name,
    )
