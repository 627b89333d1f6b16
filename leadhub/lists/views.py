"""Settings > Lists: what a lead's fields can be."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import ADMINISTER
from leadhub.database import ID_MAX, id_from
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.lists import deletion, queries, services
from leadhub.lists.forms import DeletionForm, RowForm, form_of
from leadhub.lists.kinds import KINDS, Kind, kind_of
from leadhub.referrers.registry import use_counts
from leadhub.web import respond, wants_partial

bp = Blueprint("lists", __name__, url_prefix="/settings/lists")
ROW = f"/<slug>/<int(max={ID_MAX}):id>"


@bp.get("/")
@needs(ADMINISTER)
def index():
    page, kinds = "lists/index.html", list(KINDS.values())
    return respond(page, partial=page, kinds=kinds, sizes=queries.sizes(kinds))


@bp.get("/<slug>/")
@needs(ADMINISTER)
def show(slug: str):
    return _page(_kind(slug))


@bp.post("/<slug>/")
@needs(ADMINISTER)
def create(slug: str):
    kind, form = _kind(slug), RowForm()
    if form.validate_on_submit():
        try:
            row = services.add_row(kind, form.to_draft(), by=current_user)
        except services.ListFieldRefused as error:
            form.refuse(error.field, str(error))
        else:
            return _done(kind, row)
    return _page(kind, 422, adding=form)


@bp.post("/<slug>/order")
@needs(ADMINISTER)
def reorder(slug: str):
    kind = _kind(slug)
    try:
        ids = [id_from(word) for word in request.form.get("ids", "").split(",") if word]
    except ValueError:
        abort(400)
    services.reorder(kind, ids)
    db.session.commit()
    return ("", 204) if wants_partial() else redirect(url_for("lists.show", slug=slug), 303)


@bp.get(ROW)
@needs(ADMINISTER)
def edit(slug: str, id: int):
    kind = _kind(slug)
    row = _row(kind, id)
    return _page(kind, row=row, form=form_of(kind, row))


@bp.post(ROW)
@needs(ADMINISTER)
def update(slug: str, id: int):
    kind = _kind(slug)
    row = _row(kind, id, locked=True)
    form = form_of(kind, row, sent=True)
    if form.is_stale(row):
        form.refuse("names", _("Somebody changed this meanwhile. Save again to replace it with yours."))
        return _page(kind, 409, row=row, form=form)
    if form.validate_on_submit():
        try:
            services.change_row(kind, row, form.to_draft(), by=current_user)
        except services.ListFieldRefused as error:
            form.refuse(error.field, str(error))
        else:
            return _done(kind, row)
    return _page(kind, 422, row=row, form=form)


@bp.post(f"{ROW}/retire")
@needs(ADMINISTER)
def retire(slug: str, id: int):
    kind = _kind(slug)
    row = _row(kind, id, locked=True)
    change = services.unretire if request.form.get("back") else services.retire
    change(kind, row, by=current_user)
    return _done(kind, row)


@bp.post(f"{ROW}/move")
@needs(ADMINISTER)
def move(slug: str, id: int):
    kind = _kind(slug)
    row = _row(kind, id)
    services.move_by_one(kind, row, up=request.form.get("to") == "up")
    return _done(kind, row, told="")


@bp.get(f"{ROW}/delete")
@needs(ADMINISTER)
def ask(slug: str, id: int):
    kind = _kind(slug)
    row = _row(kind, id)
    return _question(kind, row, DeletionForm(kind, row))


@bp.post(f"{ROW}/delete")
@needs(ADMINISTER)
def delete(slug: str, id: int):
    kind = _kind(slug)
    row = _row(kind, id)
    form = DeletionForm(kind, row)
    if not form.validate_on_submit():
        return _question(kind, row, form, 422)
    page = _page_number(kind, row)
    try:
        deletion.delete_row(kind, row, form.chosen(), by=current_user)
    except (deletion.StillUsed, deletion.SuccessorGone) as error:
        form.successor.errors = [str(error)]
        return _question(kind, row, form, 422)
    db.session.commit()
    flash(_("Deleted."), "success")
    return redirect(url_for("lists.show", slug=slug, page=page), 303)


def _page(kind: Kind, status: int = 200, *, row: Any = None, form: Any = None, adding: Any = None):
    """The list; ``row``: the one whose drawer is open, with its form."""
    rows, words = queries.rows_in(kind), request.args.get("words", "") if row is None else ""
    found = queries.matching(rows, words) if words else rows
    number = queries.page_with(rows, row) if row else request.args.get("page", 1, type=id_from)
    page = queries.page_of(found, number)
    return respond(
        "lists/show.html",
        partial="lists/_row.html" if row else "lists/show.html",
        status=status,
        kind=kind,
        page=page,
        size=len(rows),
        words=words,
        used=use_counts(kind.table, [it.id for it in page.rows]),
        ends=[rows[0], rows[-1]] if rows else [],
        row=row,
        opened=row,
        form=form,
        adding=adding or RowForm(formdata=None),
        currency=hub().currency,
    )


def _question(kind: Kind, row: Any, form: DeletionForm, status: int = 200):
    page = "lists/delete.html"
    return respond(page, partial=page, status=status, kind=kind, row=row, form=form)


def _done(kind: Kind, row: Any, told: str | None = None):
    db.session.commit()
    if told != "":
        flash(told or _("Saved."), "success")
    page = url_for("lists.show", slug=kind.slug, page=_page_number(kind, row), _anchor=f"row-{row.id}")
    return redirect(page, 303)


def _page_number(kind: Kind, row: Any) -> int | None:
    """None for the first one, which addresses leave out."""
    number = queries.page_with(queries.rows_in(kind), row)
    return number if number > 1 else None


def _kind(slug: str) -> Kind:
    return kind_of(slug) or abort(404)


def _row(kind: Kind, row_id: int, *, locked: bool = False) -> Any:
    return queries.row_in(kind, row_id, locked=locked) or not_there("list_row", row_id)
