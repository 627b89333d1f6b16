"""A card is moved to another stage or place, or added to a stage."""

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException

from leadhub.accounts import once
from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import WRITE_LEADS
from leadhub.accounts.visibility import may_see
from leadhub.database import ID_MAX, TookTooLong, id_from, only_reading
from leadhub.errors import NotAllowed, RuleBroken, UserError
from leadhub.extensions import db
from leadhub.fields.queries import catalogue, may_change_field
from leadhub.leads import facts, services
from leadhub.leads.board.asking import Board
from leadhub.leads.board.forms import MoveForm, QuickForm
from leadhub.leads.board.services import move
from leadhub.leads.checks import FieldRefused
from leadhub.leads.listing.asking import asked_state, list_url
from leadhub.leads.models import Lead
from leadhub.leads.stages.transitions import STAGE
from leadhub.leads.twins import twins_of
from leadhub.pipelines.models import Pipeline, Stage
from leadhub.pipelines.queries import may_enter, stages
from leadhub.web import language, respond, wants_partial

bp = Blueprint("leads_cards", __name__, url_prefix="/leads/board")
ID = f"<int(max={ID_MAX}):id>"


@bp.get(f"/leads/{ID}/stage")
@needs(WRITE_LEADS)
def edit(id: int) -> ResponseReturnValue:
    _refuse_readers()
    lead = _lead(id)
    return _move_page(lead, MoveForm.moving(lead), 200)


@bp.post(f"/leads/{ID}/stage")
@needs(WRITE_LEADS)
def update(id: int) -> ResponseReturnValue:
    """Whatever comes of it, both columns are shown as they are by now."""
    _refuse_readers()
    lead = _lead(id)
    form, left = MoveForm.moving(lead), lead.stage_id
    if not form.validate_on_submit():
        return _refused(lead, form, 422)
    try:
        changes, version = form.changes(), int(form.version.data)
        move(lead, changes, by=current_user, version=version, after_id=form.after_id)
        db.session.commit()
    except (services.StaleLead, services.LeadGone) as error:
        db.session.rollback()
        return _too_late(id, error)
    except FieldRefused as error:
        db.session.rollback()
        lead = _lead(id)
        return _refused(lead, MoveForm.moving(lead).refused(error), 422)
    return _moved(lead, left)


@bp.get(f"/stages/{ID}/new")
@needs(WRITE_LEADS)
def new(id: int) -> ResponseReturnValue:
    _refuse_readers()
    return _new_page(QuickForm.into(_stage(id)), 200)


@bp.post(f"/stages/{ID}/new")
@needs(WRITE_LEADS)
def create(id: int) -> ResponseReturnValue:
    _refuse_readers()
    form = QuickForm.into(_stage(id))
    if form.is_unfinished:
        return _new_page(form, 200)
    claim = once.claim(form.once.data, user=current_user, endpoint=f"leads_cards.create.{id}")
    if claim.made is None and not form.validate_on_submit():
        return _new_page(form, 422)
    if claim.made is None:
        try:
            lead = services.create_lead(form.to_draft(), by=current_user)
            path, name = url_for("leads.show", id=lead.id), lead.title(language())
            claim.settle(path)
            db.session.commit()
            link = Markup('<a href="{}">{}</a>').format(path, name)
            flash(escape(_("Lead created: %(lead)s.")) % {"lead": link}, "success")
        except FieldRefused as error:
            db.session.rollback()
            form.refuse(error)
            return _new_page(form, 422)
    return _back()


def _refuse_readers() -> None:
    if not may_change_field(current_user, catalogue()[STAGE]):
        raise NotAllowed(_("Your role does not allow this. An admin can change it."))


def _moved(lead: Lead, left: int | None) -> ResponseReturnValue:
    """It is stored: whatever goes wrong from here on is none of the move's."""
    told = _words(lead, left) if may_see(current_user, lead) else _("Saved.")
    if not wants_partial():
        flash(told, "success")
        return _back()
    try:
        return _columns({left, lead.stage_id, *_from()}, 200, moved=told)
    except (UserError, TookTooLong, HTTPException):
        return make_response(render_template("leads/board/_moved.html", columns=(), moved=told), 200)


def _words(lead: Lead, left: int | None) -> str:
    name, stage = lead.title(language()), lead.stage
    if stage is None or stage.id == left:
        return _("“%(lead)s” has its new place.", lead=name)
    return _("“%(lead)s” moved to “%(stage)s”.", lead=name, stage=stage.short(language()))


def _too_late(lead_id: int, error: RuleBroken) -> ResponseReturnValue:
    """Somebody else was faster: what is so by now is the answer."""
    if not wants_partial():
        flash(str(error), "danger")
        return _back()
    lead = facts.whole_lead(current_user, lead_id)
    return _columns({lead.stage_id if lead else None, *_named(), *_from()}, 409, error=str(error))


def _refused(lead: Lead, form: MoveForm, status: int) -> ResponseReturnValue:
    if not wants_partial():
        return _move_page(lead, form, status)
    return _columns({lead.stage_id, *_named(), *_from()}, status, lead=lead, form=form)


def _named() -> set[int | None]:
    """Where the card was to go."""
    return {row.id for row in stages() if row.key == request.form.get(STAGE)}


def _from() -> list[int]:
    """Where the browser showed it."""
    told = request.form.get("from", type=id_from)
    return [told] if told else []


def _columns(stage_ids: set[int | None], status: int, **more: Any) -> ResponseReturnValue:
    with only_reading():
        board = Board.asked()
        page = board.columns([row for row in board.stages if row.id in stage_ids])
        return make_response(render_template("leads/board/_moved.html", **page, **more), status)


def _move_page(lead: Lead, form: MoveForm, status: int) -> ResponseReturnValue:
    offered: dict[Pipeline, list[Stage]] = {}
    for row in stages():
        if may_enter(current_user, row):
            offered.setdefault(row.pipeline, []).append(row)
    page = {"lead": lead, "form": form, "state": asked_state(), "pipelines": offered.items()}
    return respond("leads/board/move.html", partial="leads/board/_move.html", status=status, **page)


def _new_page(form: QuickForm, status: int) -> ResponseReturnValue:
    page = {"form": form, "state": asked_state(), "twins": twins_of(current_user, *form.reaches())}
    return respond("leads/board/new.html", partial="leads/board/_new.html", status=status, **page)


def _back() -> ResponseReturnValue:
    """To the board that one came from; htmx goes there as well."""
    there = list_url(Board.asked().state.address())
    return make_response("", 200, {"HX-Redirect": there}) if wants_partial() else redirect(there, 303)


def _stage(stage_id: int) -> Stage:
    stage = next((row for row in stages() if row.id == stage_id), None) or not_there("stage", stage_id)
    return stage if may_enter(current_user, stage) else not_there("stage", stage_id)


def _lead(lead_id: int) -> Lead:
    return facts.whole_lead(current_user, lead_id) or not_there("lead", lead_id)
