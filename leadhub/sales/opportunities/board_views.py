"""The board of opportunities, which have stages of their own there: the columns, a card that moves, the tick for it."""

from hashlib import sha256
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user
from markupsafe import Markup

from leadhub.accounts.access import needs, not_there
from leadhub.accounts.queries import active_users
from leadhub.accounts.roles import MANAGE_LEADS, READ_LEADS, WRITE_LEADS
from leadhub.database import ID_MAX
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.pipelines.models import LOST, Stage
from leadhub.sales.documents import Opportunity
from leadhub.sales.opportunities import board_queries, queries, services, stages
from leadhub.sales.opportunities.forms import FILTERS, FilterForm, LostPlaceForm, PlaceForm
from leadhub.sales.parties import NotNow, StaleDocument
from leadhub.web import language, respond, wants_partial

bp = Blueprint("opportunity_board", __name__, url_prefix="/opportunities")
settings = Blueprint("opportunity_stages", __name__, url_prefix="/settings/pipelines/opportunities")
ROW = f"/<int(max={ID_MAX}):id>/stage"


@bp.get("/board")
@needs(READ_LEADS)
def index() -> ResponseReturnValue:
    """Asked with the print of what is seen, it says nothing where that is still so."""
    if not stages.offered_stages():
        return redirect(url_for("opportunities.index"), 303)
    there = _columns(stages.shown_stages())
    there["columns"] = [it for it in there["columns"] if it.count or not it.stage.retired]
    html = render_template("sales/opportunities/board/_columns.html", **there)
    page: dict[str, Any] = {"html": Markup(html), "seen": sha256(html.encode()).hexdigest()[:16]}
    if "seen" in request.args:
        is_same = request.args["seen"] == page["seen"]
        return make_response("", 204) if is_same else make_response(render_template("leads/board/_seen.html", **page))
    template = "sales/opportunities/board/index.html"
    return respond(template, partial=template, form=_filters(), asked=_asked(), **page)


@bp.get(ROW)
@needs(WRITE_LEADS)
def edit(id: int) -> ResponseReturnValue:
    row = _row(id)
    return _page("move", row=row, form=PlaceForm(data={"version": row.version}), stages=stages.offered_stages())


@bp.post(ROW)
@needs(WRITE_LEADS)
def update(id: int) -> ResponseReturnValue:
    """Whatever comes of it, both columns are shown as they are by now."""
    row = _row(id)
    stage = next((it for it in stages.offered_stages() if it.key == request.form.get("stage")), None)
    form = LostPlaceForm() if stage and stage.kind == LOST != row.state else PlaceForm()
    if stage is None or not form.validate_on_submit():
        return _refused(row, stage, form)
    answers = {"reason": form.chosen(), "competitor": form.competitor.data} if isinstance(form, LostPlaceForm) else {}
    left = row.stage
    try:
        services.move(row, stage, version=int(form.version.data), by=current_user, **answers)
        db.session.commit()
    except (NotNow, StaleDocument) as error:
        return _too_late(id, stage, error)
    return _moved(row, left)


@settings.post("/")
@needs(MANAGE_LEADS)
def update_tick() -> ResponseReturnValue:
    """Whether opportunities have stages of their own."""
    if request.form.get("on"):
        stages.switch_on(by=current_user)
        told = _("Opportunities have stages of their own now.")
    else:
        stages.switch_off(by=current_user)
        told = _("The stages of opportunities are hidden. What stands where is kept.")
    db.session.commit()
    flash(told, "success")
    return redirect(url_for("pipelines.index", _anchor="opportunity-stages"), 303)


def _row(opportunity_id: int) -> Opportunity:
    return queries.opportunity_seen_by(current_user, opportunity_id) or not_there("opportunity", opportunity_id)


def _asked() -> dict[str, Any]:
    """The filters of the address, but for the state: a board shows all."""
    asked: dict[str, Any] = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    asked.pop("state", None)
    return asked


def _filters() -> FilterForm:
    return FilterForm.asked(_asked(), active_users())


def _columns(of: list[Stage]) -> dict[str, Any]:
    found = board_queries.columns_of(current_user, _filters().wanted(), of)
    return {"columns": found, "asked": _asked(), "most": board_queries.CARDS}


def _moved(row: Opportunity, left: Stage | None) -> ResponseReturnValue:
    stage = row.stage
    told = _("“%(lead)s” moved to “%(stage)s”.", lead=row.title, stage=_name(stage))
    if left is stage:
        told = _("“%(name)s” stays: cards stand in the order of their expected close.", name=row.title)
    return _answer({left, stage}, 200, told=told) if wants_partial() else _back(told, "success")


def _too_late(opportunity_id: int, stage: Stage, error: RuleBroken) -> ResponseReturnValue:
    """Somebody else was faster: what is so by now is the answer."""
    db.session.rollback()
    row = queries.opportunity_seen_by(current_user, opportunity_id)
    if not wants_partial():
        return _back(str(error), "danger")
    return _answer({row.stage if row else None, stage}, 409, error=str(error))


def _refused(row: Opportunity, stage: Stage | None, form: Any) -> ResponseReturnValue:
    """A lost one is asked for its reason; whoever names no stage chooses one."""
    page: dict[str, Any] = {"row": row, "form": form, "stages": stages.offered_stages()}
    if isinstance(form, LostPlaceForm):
        if not form.is_asked:  # by whoever dropped the card there
            form.reason.errors, form.competitor.data = [], row.competitor
        page["stage"] = stage
    if not wants_partial():
        return _page("move", 422, **page)
    return _answer({row.stage, stage}, 422, **page)


def _answer(of: set[Stage | None], status: int, **more: Any) -> ResponseReturnValue:
    ids = {stage.id for stage in of if stage}
    page = _columns([stage for stage in stages.shown_stages() if stage.id in ids])
    return make_response(render_template("sales/opportunities/board/_moved.html", **page, **more), status)


def _page(name: str, status: int = 200, **context: Any) -> ResponseReturnValue:
    folder = "sales/opportunities/board"
    return respond(f"{folder}/{name}.html", partial=f"{folder}/_{name}.html", status=status, asked=_asked(), **context)


def _name(stage: Stage | None) -> str:
    return stage.short(language()) if stage else ""


def _back(told: str, kind: str) -> ResponseReturnValue:
    flash(told, kind)
    return redirect(url_for("opportunity_board.index", **_asked()), 303)
