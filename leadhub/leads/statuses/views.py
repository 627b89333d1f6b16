"""Settings > Statuses: what actions have done, and what an undo could not give back."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user
from sqlalchemy.orm import joinedload

from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import MANAGE_LEADS
from leadhub.accounts.visibility import may_see, visible
from leadhub.database import ID_MAX, id_from
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.leads.statuses import jobs, words
from leadhub.leads.statuses.models import StatusMove, StatusRun
from leadhub.leads.statuses.words import RUN_STATES
from leadhub.statuses.offers import offered
from leadhub.statuses.queries import deletion_of
from leadhub.statuses.rules import REPLACED
from leadhub.web import respond

bp = Blueprint("lead_statuses", __name__, url_prefix="/settings/statuses")
words.register(bp)
PAGE = 50


@bp.get("/runs")
@needs(MANAGE_LEADS)
def index():
    state = request.args.get("state")
    state = state if state in RUN_STATES else None
    runs, older = _runs(state, request.args.get("before", type=id_from))
    page = "leads/statuses/runs.html"
    return respond(page, partial=page, runs=runs, older=older, state=state, states=RUN_STATES, offers=offered().actions)


@bp.post(f"/runs/<int(max={ID_MAX}):id>/retry")
@needs(MANAGE_LEADS)
def retry(id: int):
    row = db.session.get(StatusRun, id, options=[joinedload(StatusRun.lead)])
    if row is None or not may_see(current_user, row.lead):
        not_there("status_run", id)
    jobs.try_again(row, by=current_user)
    db.session.commit()
    flash(_("The worker tries it again."), "success")
    return redirect(url_for("lead_statuses.index"), 303)


@bp.get(f"/deletions/<int(max={ID_MAX}):id>/leads")
@needs(MANAGE_LEADS)
def kept(id: int):
    """Leads that had the deleted status and went on before it came back."""
    deletion = deletion_of(id) or not_there("status_deletion", id)
    leads, older = _kept(deletion.id, request.args.get("before", type=id_from))
    page = "leads/statuses/kept.html"
    return respond(page, partial=page, deletion=deletion, leads=leads, older=older)


def _runs(state: str | None, before: int | None) -> tuple[list[Any], int | None]:
    """Newest first, of the leads that the person sees, and the id behind which the next page begins."""
    seen = visible(current_user, Lead).with_only_columns(Lead.id)
    wanted = sa.select(StatusRun).where(StatusRun.lead_id.in_(seen)).options(joinedload(StatusRun.lead))
    if state:
        wanted = wanted.where(StatusRun.state == state)
    if before:
        wanted = wanted.where(StatusRun.id < before)
    found = list(db.session.scalars(wanted.order_by(StatusRun.id.desc()).limit(PAGE + 1)))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def _kept(deletion_id: int, before: int | None) -> tuple[list[Lead], int | None]:
    later = sa.orm.aliased(StatusMove)
    not_its = later.deletion_id.is_distinct_from(deletion_id)
    moved = sa.select(StatusMove.lead_id).where(
        StatusMove.deletion_id == deletion_id,
        StatusMove.cause == REPLACED,
        sa.exists().where(later.lead_id == StatusMove.lead_id, later.id > StatusMove.id, not_its),
    )
    wanted = visible(current_user, Lead).where(Lead.id.in_(moved))
    wanted = wanted.options(joinedload(Lead.status), joinedload(Lead.source))
    if before:
        wanted = wanted.where(Lead.id < before)
    found = list(db.session.scalars(wanted.order_by(Lead.id.desc()).limit(PAGE + 1)))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None
