"""Reads the state of the list out of a request's address: its own words, or those of a saved view."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import abort, request, url_for
from flask_security import current_user

from leadhub.accounts.access import not_there
from leadhub.database import id_from
from leadhub.leads.listing import saved
from leadhub.leads.listing.state import PIPELINE, VIEW, ListState, is_plain, state_from, state_of


def asked() -> dict[str, Sequence[str]]:
    return dict(request.args.lists())


def asked_state(told: Mapping[str, Sequence[str]] | None = None) -> ListState:
    """What the address asks for; a view where it names one and nothing else, or nothing at all.

    ``told`` is read instead of the request's address.  A view that is not there, or not for this reader, is 404; where
    the address has words of its own beside it, they stand alone.  Raises ``FilterRefused`` or ``SortRefused``.
    """
    told = asked() if told is None else told
    view_id = _view_id(told)
    if not is_plain(told):
        return _beside(state_from(told, current_user), view_id)
    view = saved.view_seen_by(current_user, view_id) if view_id else None
    if view_id and view is None:
        not_there("saved_view", view_id)
    if VIEW not in told:
        view = saved.default_view_of(current_user)
    state = state_from(told, current_user)
    return replace(state_of(view.query, current_user, view=view.id), pipeline=state.pipeline) if view else state


def list_url(address: Mapping[str, Any], **options: Any) -> str:
    """Where these leads are shown: as a list, or on the board of the pipeline that the address names."""
    return url_for("leads_board.index" if address.get(PIPELINE) else "leads.index", **address, **options)


def _beside(state: ListState, view_id: int) -> ListState:
    """With the view that it began with if that is there; without one, and saying so, where a bare address would open
    the usual view of the reader's role."""
    if view_id:
        return state if saved.view_seen_by(current_user, view_id) else replace(state, view=0)
    return replace(state, is_viewless=state.is_viewless or saved.default_view_of(current_user) is not None)


def _view_id(told: Mapping[str, Sequence[str]]) -> int:
    """0 for none."""
    word = next(iter(told.get(VIEW, ())), "")
    try:
        return id_from(word) if word else 0
    except ValueError:
        abort(404)
