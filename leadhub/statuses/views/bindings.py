"""Settings > Statuses: automatic rules, actions, and what mends them when something they name is missing."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import MANAGE_LEADS
from leadhub.database import ID_MAX, id_from
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.plugin_settings import plugin_forms
from leadhub.statuses import health, services
from leadhub.statuses.forms import MendForm, RulesForm
from leadhub.statuses.models import Status, StatusAction
from leadhub.statuses.offers import ActionOffer, offered
from leadhub.statuses.queries import actions_of, bound_rules, statuses
from leadhub.statuses.views.shape import ROW, row_of
from leadhub.web import own_path, respond

bp = Blueprint("status_bindings", __name__, url_prefix="/settings/statuses")
ACTION = f"/actions/<int(max={ID_MAX}):id>"


@bp.get("/rules")
@needs(MANAGE_LEADS)
def show_rules():
    return _rules_page(RulesForm.over(bound_rules(), statuses()))


@bp.post("/rules")
@needs(MANAGE_LEADS)
def update_rules():
    bound = bound_rules()
    form = RulesForm.over(bound, statuses())
    if not form.validate_on_submit():
        return _rules_page(form, 422)
    for it in bound:
        new = form.chosen(it.offer.key)
        if new != (it.row.status_id if it.row.is_on else None):
            services.bind_rule(it.offer.key, new, is_on=new is not None, by=current_user)
    db.session.commit()
    flash(_("Saved."), "success")
    return redirect(url_for("status_bindings.show_rules"), 303)


@bp.get(f"{ROW}/actions")
@needs(MANAGE_LEADS)
def actions(id: int):
    row, page = row_of(id), "statuses/actions.html"
    return respond(page, partial=page, row=row, actions=actions_of(row), offers=offered().actions)


@bp.get(f"{ROW}/actions/new/<kind>")
@needs(MANAGE_LEADS)
def new_action(id: int, kind: str):
    row, offer = row_of(id), _offer(kind)
    return _action_page(row, offer, _form(offer, {}))


@bp.post(f"{ROW}/actions/new/<kind>")
@needs(MANAGE_LEADS)
def create_action(id: int, kind: str):
    row, offer = row_of(id), _offer(kind)
    form = _form(offer, {})
    if not plugin_forms.is_sent_well(offer.plugin, form):
        return _action_page(row, offer, form, status=422)
    services.add_action(row, kind, form.to_settings(), by=current_user)
    return _acted(row.id, _("Action added."))


@bp.get(ACTION)
@needs(MANAGE_LEADS)
def edit_action(id: int):
    action = _action(id)
    offer = _offer(action.action)
    return _action_page(action.status, offer, _form(offer, action.settings), action)


@bp.post(ACTION)
@needs(MANAGE_LEADS)
def update_action(id: int):
    action = _action(id)
    offer = _offer(action.action)
    form = _form(offer, action.settings)
    if not plugin_forms.is_sent_well(offer.plugin, form):
        return _action_page(action.status, offer, form, action, 422)
    services.change_action(action, form.to_settings(), by=current_user)
    return _acted(action.status_id)


@bp.post(f"{ACTION}/switch")
@needs(MANAGE_LEADS)
def switch_action(id: int):
    action = _action(id)
    services.switch_action(action, is_on=bool(request.form.get("on")), by=current_user)
    return _acted(action.status_id)


@bp.post(f"{ACTION}/move")
@needs(MANAGE_LEADS)
def move_action(id: int):
    action = _action(id)
    services.move_action(action, up=request.form.get("to") == "up")
    return _acted(action.status_id, "")


@bp.post(f"{ACTION}/remove")
@needs(MANAGE_LEADS)
def remove_action(id: int):
    action = _action(id)
    status_id = action.status_id
    services.remove_action(action, by=current_user)
    return _acted(status_id, _("Action removed."))


@bp.post(f"{ACTION}/give")
@needs(MANAGE_LEADS)
def give_action(id: int):
    """An action that has lost its status gets another one."""
    action, status = _action(id), _chosen_status()
    if status is None:
        flash(_("Choose a status."), "danger")
        return redirect(url_for("statuses.index"), 303)
    services.give_action(action, status, by=current_user)
    return _acted(status.id)


@bp.post("/mend")
@needs(MANAGE_LEADS)
def mend():
    """One binding of the diagnosis."""
    try:
        row_id = id_from(request.form.get("id", ""))
    except ValueError:
        abort(400)
    back = own_path(request.form.get("back")) or url_for("statuses.index")
    how, status = request.form.get("how", ""), _chosen_status()
    if how == health.CHOOSE and status is None:
        flash(_("Choose a status."), "danger")
        return redirect(back, 303)
    try:
        health.mend(request.form.get("kind", ""), row_id, how, status=status, by=current_user)
    except RuleBroken as error:
        db.session.rollback()
        flash(str(error), "danger")
        return redirect(back, 303)
    db.session.commit()
    flash(_("Mended."), "success")
    return redirect(back, 303)


def _rules_page(form: RulesForm, status: int = 200):
    page = "statuses/rules.html"
    return respond(page, partial=page, status=status, form=form)


def _action_page(row: Any, offer: ActionOffer, form: Any, action: StatusAction | None = None, status: int = 200):
    page = "statuses/action.html"
    fields = plugin_forms.drawn(offer.plugin, form)
    return respond(page, partial=page, status=status, row=row, offer=offer, form=form, drawn=fields, action=action)


def _form(offer: ActionOffer, settings: Mapping[str, Any]) -> Any:
    return plugin_forms.made(offer.plugin, offer.form.of, settings)


def _acted(status_id: int | None, told: str | None = None):
    db.session.commit()
    if told != "":
        flash(told or _("Saved."), "success")
    there = url_for("status_bindings.actions", id=status_id) if status_id else url_for("statuses.index")
    return redirect(there, 303)


def _chosen_status() -> Status | None:
    """What a mend was given; None for nothing that is there."""
    form = MendForm.over(statuses())
    chosen = form.chosen() if form.validate_on_submit() else None
    return db.session.get(Status, chosen) if chosen else None


def _offer(kind: str) -> ActionOffer:
    return offered().actions.get(kind) or abort(404)


def _action(action_id: int) -> StatusAction:
    return db.session.get(StatusAction, action_id, with_for_update=True) or not_there("status_action", action_id)
