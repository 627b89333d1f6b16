"""What a customer reaches by the link that they were sent: the sheet, and their answer.  No sign-in."""

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask_babel import force_locale
from werkzeug.wrappers import Response

from leadhub.accounts.access import public
from leadhub.accounts.notices import address_of
from leadhub.errors import RuleBroken
from leadhub.extensions import db, limiter
from leadhub.sales.documents import Quotation
from leadhub.sales.quotations import decisions, links, sheets
from leadhub.sales.quotations.answer_forms import AcceptForm, DeclineForm
from leadhub.sales.quotations.decisions import ACCEPT, DECLINE, GONE, REPLACED

bp = Blueprint("quotation_link", __name__, url_prefix="/q")
LOOKED_AT = "120 per minute"  # of one network
ANSWERED = "20 per minute"


@bp.after_request
def keep_out(response: Response) -> Response:
    """Whoever was given the link found it in a mail, not by a search."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@bp.get("/<token>")
@public
@limiter.limit(LOOKED_AT)
def show(token: str) -> Response:
    """Changes nothing: mail servers look at links before people do."""
    row = _found(token)
    if not isinstance(row, Quotation):
        return row
    with force_locale(sheets.language_of(row)):
        return _page(row, token)


@bp.post("/<token>/accept")
@public
@limiter.limit(ANSWERED)
def accept(token: str) -> Response:
    row = _found(token)
    if not isinstance(row, Quotation):
        return row
    with force_locale(sheets.language_of(row)):
        form = AcceptForm(prefix=ACCEPT)
        if not form.validate_on_submit():
            return _page(row, token, 422, accepting=form)
        return _decided(row, token, ACCEPT, name=form.name.data)


@bp.post("/<token>/decline")
@public
@limiter.limit(ANSWERED)
def decline(token: str) -> Response:
    row = _found(token)
    if not isinstance(row, Quotation):
        return row
    with force_locale(sheets.language_of(row)):
        form = DeclineForm(prefix=DECLINE)
        if not form.validate_on_submit():
            return _page(row, token, 422, declining=form)
        return _decided(row, token, DECLINE, name=form.name.data, note=form.note.data)


def _found(token: str) -> Quotation | Response:
    """The quotation, or the page that says that there is none."""
    try:
        row = links.quotation_of(token)
    except links.NoLink:
        return _gone(404)
    if row is None or decisions.standing_of(row) == GONE:
        return _gone(410)
    if decisions.standing_of(row) == REPLACED:
        with force_locale(sheets.language_of(row)):
            return _gone(410, is_replaced=True)
    return row


def _decided(row: Quotation, token: str, how: str, **answer: str) -> Response:
    try:
        decisions.decide(row, how, link=address_of("quotations.show", id=row.id), **answer)
    except RuleBroken:  # what it is now is told by the page itself
        db.session.rollback()
        found = _found(token)
        return _page(found, token, 409) if isinstance(found, Quotation) else found
    db.session.commit()
    return redirect(url_for("quotation_link.show", token=token), 303)


def _page(
    row: Quotation,
    token: str,
    status: int = 200,
    *,
    accepting: AcceptForm | None = None,
    declining: DeclineForm | None = None,
) -> Response:
    words = {
        "accepting": accepting or AcceptForm(prefix=ACCEPT, formdata=None),
        "declining": declining or DeclineForm(prefix=DECLINE, formdata=None),
        "standing": decisions.standing_of(row), "token": token, "was_late": status == 409,
    }  # fmt: skip
    page = render_template("sales/quotations/answer.html", **sheets.words_of(row), **words)
    return make_response(page, status)


def _gone(status: int, *, is_replaced: bool = False) -> Response:
    return make_response(render_template("sales/quotations/gone.html", is_replaced=is_replaced), status)
