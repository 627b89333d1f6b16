"""Keeps views of the list, changes them, deletes them and takes them back.  Commits nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm.exc import StaleDataError

from leadhub.accounts import audit
from leadhub.accounts.models import User
from leadhub.accounts.roles import MANAGE_LEADS, ROLES
from leadhub.errors import NotAllowed, RuleBroken
from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.leads.listing import saved
from leadhub.leads.listing.models import ALL, DELETED, PRIVATE, TEAM, SavedView
from leadhub.leads.listing.saved import NAME_MAX, ViewDraft
from leadhub.leads.listing.state import ListState
from leadhub.lists.services import one_at_a_time

VIEWS_MAX = 100
QUERY_MAX = 8000  # characters
Taken = list[tuple[str, str]]
"""Roles whose list opens with another view from now on, each with the name of the one that it opened with before."""


class ViewFieldRefused(RuleBroken):
    """Something that a view can't have.  ``field`` names where it was typed."""

    status = 422

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class StaleView(RuleBroken):
    """Somebody else has changed the view meanwhile."""


def keep_view(state: ListState, draft: ViewDraft, *, by: User) -> tuple[SavedView, Taken]:
    """A new view that shows the list as it is.  Raises ``ViewFieldRefused``; nothing is stored then."""
    one_at_a_time()
    owned = sa.select(sa.func.count()).where(SavedView.owner_id == by.id, SavedView.scope.in_(saved.KEPT))
    if (db.session.scalar(owned) or 0) >= VIEWS_MAX:
        words = ngettext("You can keep at most %(num)d view.", "You can keep at most %(num)d views.", VIEWS_MAX)
        raise ViewFieldRefused("name", words)
    view = SavedView(owner_id=by.id, scope=PRIVATE, team_id=None, default_for=[], query=_query_of(state))
    view.name = _checked_name(draft.name, None, by)
    view.scope, view.team_id = _checked_scope(view, draft.scope, by)
    taken = _open_lists(view, draft.default_for, by)
    db.session.add(view)
    db.session.flush()  # its id is asked for
    if view.scope != PRIVATE:
        _note(by, new=view.name, for_all=view.scope == ALL)
    return view, taken


def change_view(view: SavedView, draft: ViewDraft, *, by: User, version: int) -> Taken:
    """Another name, other people, other roles.  Raises ``StaleView`` or ``ViewFieldRefused``."""
    one_at_a_time()
    _check(view, by, version)
    old_name, old_scope = view.name, view.scope
    name = _checked_name(draft.name, view, by)
    scope, team_id = _checked_scope(view, draft.scope, by)
    with _unless_stale():
        view.name, view.scope, view.team_id = name, scope, team_id
        taken = _open_lists(view, draft.default_for, by)
        db.session.flush()  # here the version is compared
    if (name, scope) != (old_name, old_scope) and {scope, old_scope} != {PRIVATE}:
        for_all = scope == ALL if scope != old_scope else None
        _note(by, old=old_name, new=name if name != old_name else None, for_all=for_all)
    return taken


def keep_state(view: SavedView, state: ListState, *, by: User, version: int) -> None:
    """The view shows from now on what the list shows.  Raises ``StaleView``."""
    one_at_a_time()
    _check(view, by, version)
    with _unless_stale():
        view.query = _query_of(state)
        db.session.flush()  # here the version is compared
    if view.scope != PRIVATE:
        _note(by, view=view.name)


def delete_view(view: SavedView, *, by: User) -> None:
    """Seen by nobody from now on.  It can be taken back until its owner's next one is deleted."""
    one_at_a_time()
    if not saved.may_change(by, view):
        raise NotAllowed(_("Only its owner can change this view."))
    gone = sa.delete(SavedView).where(SavedView.owner_id == view.owner_id, SavedView.scope.startswith(DELETED))
    db.session.execute(gone)
    with _unless_stale():
        if view.scope != PRIVATE:
            _note(by, removed=view.name)
        view.scope = DELETED + view.scope
        db.session.flush()  # here the version is compared


def restore_view(view: SavedView, *, by: User) -> None:
    """Take back one that was deleted.  A role that has got another view since keeps that one.

    Raises ``RuleBroken`` where another view has its name by now.
    """
    one_at_a_time()
    if fold(view.name) in saved.names_seen_by(by):
        raise RuleBroken(
            _("Another view is called “%(name)s” by now. Give that one another name first.", name=view.name)
        )
    others = {role for other in _shared() for role in other.default_for}
    with _unless_stale():
        view.scope = view.scope.removeprefix(DELETED)
        view.default_for = [role for role in view.default_for if role not in others]
        db.session.flush()  # here the version is compared
    if view.scope != PRIVATE:
        _note(by, new=view.name, for_all=view.scope == ALL)


def _check(view: SavedView, by: User, version: int) -> None:
    if not saved.may_change(by, view):
        raise NotAllowed(_("Only its owner can change this view."))
    if view.version != version:
        raise _stale()


@contextmanager
def _unless_stale() -> Iterator[None]:
    try:
        yield
    except StaleDataError:
        raise _stale() from None


def _stale() -> StaleView:
    words = _("Somebody changed this view meanwhile. Nothing was saved: open it again, or save yours as a new one.")
    return StaleView(words)


def _query_of(state: ListState) -> str:
    if len(state.query) > QUERY_MAX:
        raise RuleBroken(_("This asks for too much to be kept as a view. Take some filters away."))
    return state.query


def _checked_name(name: str, view: SavedView | None, by: User) -> str:
    told = " ".join(name.split())
    if not fold(told):
        raise ViewFieldRefused("name", _("Give a name."))
    if len(told) > NAME_MAX:
        raise ViewFieldRefused("name", _("At most %(max)d characters.", max=NAME_MAX))
    if (view is None or told != view.name) and fold(told) in saved.names_seen_by(by, but=view):
        raise ViewFieldRefused("name", _("Another view that you see has this name."))
    return told


def _checked_scope(view: SavedView, scope: str, by: User) -> tuple[str, int | None]:
    """With the team; a view of a team stays with that team, wherever its owner went since."""
    if scope not in saved.scopes_for(by, view):
        raise ViewFieldRefused("scope", _("Choose one from the list."))
    if scope != TEAM:
        return scope, None
    return TEAM, view.team_id if view.scope == TEAM else by.team_id


def _open_lists(view: SavedView, roles: Sequence[str] | None, by: User) -> Taken:
    """Have the lists of these roles open with the view.  Only what all are offered can do that."""
    wanted = list(view.default_for) if roles is None or not by.may(MANAGE_LEADS) else list(roles)
    if roles and wanted and view.scope != ALL:
        raise ViewFieldRefused("default_for", _("Only a view for everybody can open the list of a role."))
    wanted = [role for role in ROLES if role in wanted and view.scope == ALL]
    taken: Taken = []
    for other in _shared():
        mine = [role for role in other.default_for if role in wanted]
        if other is not view and mine:
            other.default_for = [role for role in other.default_for if role not in mine]
            taken += [(role, other.name) for role in mine]
    if wanted != view.default_for:
        for role in {*wanted} ^ {*view.default_for}:
            _note(by, view=view.name, role=role, on=role in wanted)
        view.default_for = wanted
    return taken


def _shared() -> Sequence[SavedView]:
    with db.session.no_autoflush:
        return db.session.scalars(sa.select(SavedView).where(SavedView.scope == ALL).order_by(SavedView.id)).all()


def _note(by: User | None, **details: str | int | bool | None) -> None:
    """What nobody else was ever offered is nobody's business."""
    audit.record("views", user=by, **details)
