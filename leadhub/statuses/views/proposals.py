"""Settings > Statuses: what becomes of a status that a plugin proposes."""

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from leadhub.accounts.access import needs
from leadhub.accounts.roles import MANAGE_LEADS
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.statuses import proposals
from leadhub.statuses.forms import MendForm
from leadhub.statuses.models import Status
from leadhub.statuses.queries import statuses

bp = Blueprint("status_proposals", __name__, url_prefix="/settings/statuses/proposals")


@bp.post("/")
@needs(MANAGE_LEADS)
def answer():
    """``how``: *added*, *mine* (with the status that it means) or *declined*."""
    how, form = request.form.get("how", ""), MendForm.over(statuses())
    chosen = form.chosen() if form.validate_on_submit() else None
    if how == proposals.MINE and chosen is None:
        flash(_("Choose a status."), "danger")
        return _back()
    mine = db.session.get(Status, chosen) if chosen else None
    try:
        status = proposals.answer(request.form.get("key", ""), how, status=mine, by=current_user)
    except RuleBroken as error:
        db.session.rollback()
        flash(str(error), "danger")
        return _back()
    db.session.commit()
    flash(_("Status added.") if how == proposals.ADDED else _("Saved."), "success")
    return _back(f"row-{status.id}" if status else None)


def _back(anchor: str | None = None):
    return redirect(url_for("statuses.index", _anchor=anchor), 303)
