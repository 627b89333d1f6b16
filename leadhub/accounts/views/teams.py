"""Teams, which stand on the page of users; and Settings > Audit log."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from leadhub.accounts import audit, services
from leadhub.accounts.access import needs, not_there
from leadhub.accounts.forms import TeamForm
from leadhub.accounts.queries import team_by_id
from leadhub.accounts.roles import ADMINISTER
from leadhub.accounts.views import people
from leadhub.database import ID_MAX, id_from
from leadhub.extensions import db
from leadhub.web import respond

bp = Blueprint("teams", __name__, url_prefix="/settings")
TEAM = f"/teams/<int(max={ID_MAX}):id>"


@bp.post("/teams")
@needs(ADMINISTER)
def create():
    form = TeamForm()
    return _changed(form, lambda: services.create_team(form.name.data, by=current_user))


@bp.post(TEAM)
@needs(ADMINISTER)
def update(id: int):
    team, form = _team(id), TeamForm()
    return _changed(form, lambda: services.rename_team(team, form.name.data, by=current_user))


@bp.post(f"{TEAM}/delete")
@needs(ADMINISTER)
def delete(id: int):
    team = _team(id)
    form = TeamForm(formdata=None, data={"name": team.name})
    return _changed(form, lambda: services.delete_team(team, by=current_user), is_sent=True)


@bp.get("/audit")
@needs(ADMINISTER)
def audit_log():
    events, older = audit.events(request.args.get("before", type=id_from))
    page, named = "accounts/audit.html", audit.people_in(events)
    return respond(page, partial=page, events=events, older=older, people=named)


def _changed(form: TeamForm, change: Callable[[], object], *, is_sent: bool = False):
    """Make the change, and open the drawer again; or show what is wrong with it."""
    if is_sent or form.validate_on_submit():
        try:
            change()
        except services.TeamRefused as error:
            form.name.errors = [str(error)]
        else:
            db.session.commit()
            flash(_("Saved."), "success")
            return redirect(url_for("people.index", _anchor="teams"), 303)
    return people.index_page(422, team=form)


def _team(team_id: int):
    return team_by_id(team_id) or not_there("team", team_id)
