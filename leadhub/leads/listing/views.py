"""What stands beside the list: its total, the form of a filter, the choice of columns."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_security import current_user

from leadhub.accounts.access import needs
from leadhub.accounts.roles import READ_LEADS
from leadhub.database import bounded
from leadhub.extensions import db
from leadhub.fields.catalogue import Field
from leadhub.hub.queries import time_zone
from leadhub.leads.listing import columns, computed, editor, filters, heads, sorts
from leadhub.leads.listing.asking import asked, asked_state, list_url
from leadhub.leads.listing.editor import Editor
from leadhub.leads.listing.filters import FilterRefused
from leadhub.leads.listing.state import PLACES, ListState
from leadhub.leads.listing.totals import COUNT_MAX, total_of
from leadhub.leads.reading import address_of
from leadhub.web import respond, wants_partial

bp = Blueprint("leads_list", __name__, url_prefix="/leads")
for words in (columns.shown_in, columns.width_of, sorts.may_sort):
    bp.add_app_template_global(words)
for way in (heads.grouped, heads.next_sort, heads.orders, heads.unfiltered, list_url):
    bp.add_app_template_global(way)
bp.add_app_template_global(lambda: editor.fields_for(current_user), "filter_fields")
bp.add_app_template_global(lambda: columns.listed_columns(current_user), "column_fields")
bp.add_app_template_global(lambda where: address_of(where, current_user), "leads_address")
bp.add_app_template_test(lambda page: not (page.after or page.before or set(PLACES) & set(request.args)), "whole")
bp.add_app_template_filter(columns.day)
bp.add_app_template_filter(filters.sentence)
bp.add_app_template_filter(computed.worded, "computed_word")


@bp.get("/total")
@needs(READ_LEADS)
def total():
    """Up to 10,000 exactly, and what is more as soon as somebody asks for it: the piece does by itself."""
    state, is_exact = asked_state(), "exact" in request.args
    with bounded(db.session):
        count = total_of(current_user, state, None if is_exact else COUNT_MAX)
    page: dict[str, Any] = {
        "state": state,
        "count": count,
        "is_exact": is_exact or count <= COUNT_MAX,
        "most": COUNT_MAX,
    }
    return respond("leads/total.html", partial="leads/_total.html", **page)


@bp.get("/filter")
@needs(READ_LEADS)
def filter():
    """The form of one filter; where it was filled in, the list that it leads to, or the form again with the reason."""
    told, field = asked(), _asked_field()
    state = asked_state(editor.state_words(told))
    if field is None or "apply" not in told:
        return _filter_page(state, editor.editor_of(field, state, told) if field else None, 200)
    try:
        chosen = editor.filter_from(field, told, current_user, time_zone() if state.on_hub_clock else None)
    except FilterRefused as error:
        return _filter_page(state, editor.editor_of(field, state, told, str(error)), 422)
    narrowed = editor.changed(state, chosen, request.args.get("was", ""))
    return redirect(list_url(narrowed.address()), 303)


@bp.get("/columns")
@needs(READ_LEADS)
def show_columns():
    """The choice of columns, after a move of one; once it is made, the list with them."""
    told = asked()
    state = asked_state(editor.state_words(told))
    chosen = heads.columns_asked(told, state, current_user)
    if "apply" in told:
        names = ",".join(field.name for field in chosen)
        return redirect(url_for("leads.index", **state.address(columns=names or None)), 303)
    return respond("leads/columns.html", partial="leads/_columns.html", state=state, chosen=chosen)


def _asked_field() -> Field | None:
    """404 for one that is none, and alike for one that the reader may not see."""
    name = request.args.get("field", "")
    return (editor.fields_for(current_user).get(name) or abort(404)) if name else None


def _filter_page(state: ListState, form: Editor | None, status: int):
    if wants_partial() and form and "find" in request.args and "apply" not in request.args:
        return render_template("leads/_options.html", state=state, editor=form)
    return respond("leads/filter.html", partial="leads/_editor.html", status=status, state=state, editor=form)
