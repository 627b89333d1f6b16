"""Reads the state of the list out of a request's address: its own words, or those of a saved view."""

from collections.abc import Mapping, Sequence

from flask import request
from flask_babel import gettext as _
from flask_security import current_user

from leadhub.leads.listing import saved
from leadhub.leads.listing.filters import FilterRefused
from leadhub.leads.listing.state import VIEW, ListState, is_plain, state_from, state_of


def asked() -> dict[str, Sequence[str]]:
    return dict(request.args.lists())


def asked_state(told: Mapping[str, Sequence[str]] | None = None) -> ListState:
    """What the address asks for; a view where it names one and nothing else, or nothing at all.

    ``told`` is read instead of the request's address.  Raises ``FilterRefused`` or ``SortRefused``.
    """
    told = asked() if told is None else told
    if not is_plain(told):
        return state_from(told, current_user)
    if VIEW not in told:
        view = saved.default_view_of(current_user)
        return state_of(view.query, current_user, view=view.id) if view else state_from({}, current_user)
    state = state_from({VIEW: told[VIEW]}, current_user)
    if not state.view:
        return state
    view = saved.view_seen_by(current_user, state.view)
    if view is None:
        raise FilterRefused(_("There is no such view."))
    return state_of(view.query, current_user, view=view.id)
