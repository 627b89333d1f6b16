"""Settings > Statuses: the guard before one is deleted, and the way back."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_security import current_user
from markupsafe import Markup

from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import MANAGE_LEADS
from leadhub.database import ID_MAX
from leadhub.extensions import db
from leadhub.lists import guard
from leadhub.lists.queries import successors_of
from leadhub.referrers.registry import uses_of
from leadhub.statuses import deletion, services
from leadhub.statuses.forms import SuccessorForm
from leadhub.statuses.models import Status
from leadhub.statuses.queries import deletion_of
from leadhub.statuses.views.shape import ROW, row_of
from leadhub.web import label, respond

bp = Blueprint("status_deletions", __name__, url_prefix="/settings/statuses")
DELETION = f"/deletions/<int(max={ID_MAX}):id>"


@bp.get(f"{ROW}/delete")
@needs(MANAGE_LEADS)
def ask(id: int):
    row = row_of(id)
    return _question(row, _form(row))


@bp.post(f"{ROW}/delete")
@needs(MANAGE_LEADS)
def delete(id: int):
    row = row_of(id)
    form = _form(row)
    if not form.validate_on_submit():
        return _question(row, form, 422)
    try:
        deletion.delete_status(id, form.chosen(), by=current_user, but=form.chosen_for_each())
    except deletion.SuccessorNeeded as error:
        form.refuse(error.referrer, str(error))
        return _question(row, form, 422)
    except deletion.TooManyLeads as error:
        form.refuse("", str(error))
        return _question(row, form, 422)
    db.session.commit()
    return redirect(url_for("statuses.index"), 303)  # which tells it, and how to undo it


@bp.post(f"{DELETION}/undo")
@needs(MANAGE_LEADS)
def undo(id: int):
    gone = deletion_of(id, locked=True) or not_there("status_deletion", id)
    row = deletion.undo_deletion(gone, by=current_user)
    words = render_template("statuses/_kept.html", deletion=gone)
    db.session.commit()
    flash(_("“%(name)s” is back.", name=label(row)), "success")
    if gone.kept:
        flash(Markup(words), "info")
    return redirect(url_for("statuses.index", _anchor=f"row-{row.id}"), 303)


def _form(row: Status) -> SuccessorForm:
    return SuccessorForm.over(uses_of(services.LIST.table, row.id), successors_of(services.LIST, row))


def _question(row: Status, form: SuccessorForm, status: int = 200):
    page = "statuses/delete.html"
    return respond(
        page,
        partial=page,
        status=status,
        row=row,
        form=form,
        is_last_open=deletion.is_last_open(row),
        needs_successor=deletion.needs_successor(row, list(form.uses)),
        is_too_many=deletion.GUARD.lead_count(form.uses) > guard.LEADS_MAX,
        leads_max=guard.LEADS_MAX,
    )
