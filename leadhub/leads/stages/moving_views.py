"""Settings > Pipelines: all leads of one go to another, with a stage for each stage."""

from flask import Blueprint, flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from flask_security import current_user

from leadhub.accounts.access import needs
from leadhub.accounts.roles import MANAGE_LEADS
from leadhub.database import ID_MAX
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.leads.stages.referrers import move_leads
from leadhub.pipelines import deletion
from leadhub.pipelines.forms import MappingForm
from leadhub.pipelines.models import Pipeline
from leadhub.pipelines.queries import stages_of, stages_outside
from leadhub.pipelines.views.pages import lead_pipeline_of, page_of
from leadhub.web import respond

bp = Blueprint("pipeline_leads", __name__, url_prefix="/settings/pipelines")
LEADS = f"/<int(max={ID_MAX}):id>/leads"


@bp.get(LEADS)
@needs(MANAGE_LEADS)
def edit(id: int) -> ResponseReturnValue:
    row = lead_pipeline_of(id)
    return _mapping(row, _form(row))


@bp.post(LEADS)
@needs(MANAGE_LEADS)
def update(id: int) -> ResponseReturnValue:
    row = lead_pipeline_of(id)
    form = _form(row)
    if not form.validate_on_submit():
        return _mapping(row, form, 422)
    try:
        moved = move_leads(row, form.chosen(), by=current_user)
    except RuleBroken as error:
        is_told = form.refuse(getattr(error, "referrer", ""), str(error))
        return _mapping(row, form, error.status, told="" if is_told else str(error))
    there = page_of(row)
    db.session.commit()
    flash(ngettext("%(num)d lead moved.", "%(num)d leads moved.", moved), "success")
    return redirect(there, 303)


def _form(row: Pipeline) -> MappingForm:
    mine = stages_of(row)
    return MappingForm.over(mine, deletion.lead_counts([it.id for it in mine]), stages_outside(row))


def _mapping(row: Pipeline, form: MappingForm, status: int = 200, told: str = "") -> ResponseReturnValue:
    page, mine = "pipelines/move.html", stages_of(row)
    leads = deletion.lead_counts([it.id for it in mine])
    return respond(page, partial=page, status=status, row=row, form=form, stages=mine, leads=leads, told=told)
