"""The board: its columns, its figures, and more cards of a column."""

from hashlib import sha256
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user
from markupsafe import Markup

from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import READ_LEADS
from leadhub.database import ID_MAX, bounded
from leadhub.extensions import db
from leadhub.leads.board import figures, queries, words
from leadhub.leads.board.asking import Board
from leadhub.leads.board.queries import Place
from leadhub.leads.listing.asking import list_url
from leadhub.web import respond, wants_partial

bp = Blueprint("leads_board", __name__, url_prefix="/leads/board")
words.register(bp)
bp.add_app_template_global(lambda: queries.boards_for(current_user), "boards")


@bp.get("/")
@needs(READ_LEADS)
def index() -> ResponseReturnValue:
    """Asked with the print of what is seen, it says nothing where that is still so."""
    board = Board.asked()
    page: dict[str, Any] = board.columns()
    html = render_template("leads/board/_columns.html", **page)
    seen = sha256(html.encode()).hexdigest()[:16]
    unstaged = sum(row.leads for row in board.sums if row.stage_id is None)
    page |= {"html": Markup(html), "seen": seen, "unstaged": unstaged}
    if "seen" in request.args:
        is_same = request.args["seen"] == seen
        return make_response("", 204) if is_same else make_response(render_template("leads/board/_seen.html", **page))
    return respond("leads/board/index.html", partial="leads/board/_board.html", **page)


@bp.get("/figures")
@needs(READ_LEADS)
def show_figures() -> ResponseReturnValue:
    """Of leads that filters have chosen."""
    board = Board.asked()
    with bounded(db.session):
        told = figures.filtered(current_user, board.state, board.stages, board.sums)
    page: dict[str, Any] = {"state": board.state, "stages": board.stages, "figures": told}
    return respond("leads/board/figures.html", partial="leads/board/_figures.html", **page)


@bp.get(f"/stages/<int(max={ID_MAX}):id>/cards")
@needs(READ_LEADS)
def cards(id: int) -> ResponseReturnValue:
    """Further cards of a column."""
    board = Board.asked()
    stage = next((row for row in board.stages if row.id == id), None) or not_there("stage", id)
    after = Place.read(request.args.get("after", ""))
    if not wants_partial():
        return redirect(list_url(board.state.address()), 303)
    with bounded(db.session):
        (column,) = queries.columns_of(current_user, board.state, [stage], {}, after)
    return make_response(render_template("leads/board/_cards.html", state=board.state, column=column))
