"""Reads the views of the list that are kept: whoever may see one is offered it.  Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from leadhub.accounts.models import User
from leadhub.accounts.roles import MANAGE_LEADS
from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.leads.listing.models import ALL, DELETED, PRIVATE, TEAM, SavedView
from leadhub.leads.listing.state import ListState, state_of

NAME_MAX = 100
OFFERED_MAX = 500
KEPT = (PRIVATE, TEAM, ALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What a reader can choose from above the list.  ``current``: the view that the list began with, which may be
    ``changed`` since; ``may_save``: and the reader may keep the change in it."""

    current: SavedView | None
    changed: bool
    may_save: bool
    own: list[SavedView]
    team: list[SavedView]
    everybody: list[SavedView]

    @property
    def is_empty(self) -> bool:
        return not (self.own or self.team or self.everybody)


@dataclass(frozen=True, kw_only=True, slots=True)
class ViewDraft:
    """``default_for`` names the roles whose list opens with the view, None: those of before."""

    name: str
    scope: str
    default_for: Sequence[str] | None = None


def selection(user: User, state: ListState) -> Selection:
    views = views_seen_by(user)
    others = [view for view in views if view.owner_id != user.id]
    current = next((view for view in views if view.id == state.view), None)
    changed = current is not None and current.query != state.query and _reads(current, user) != state.query
    return Selection(
        current=current,
        changed=changed,
        may_save=changed and current is not None and may_change(user, current),
        own=[view for view in views if view.owner_id == user.id],
        team=[view for view in others if view.scope == TEAM],
        everybody=[view for view in others if view.scope == ALL],
    )


def views_seen_by(user: User) -> list[SavedView]:
    """By name, one's own and those of others that are for one's team or for all."""
    found = db.session.scalars(_seen_by(user).order_by(sa.func.lower(SavedView.name), SavedView.id).limit(OFFERED_MAX))
    return sorted(found, key=lambda view: fold(view.name))


def view_seen_by(user: User, view_id: int) -> SavedView | None:
    return db.session.scalar(_seen_by(user).where(SavedView.id == view_id))


def names_seen_by(user: User, *, but: SavedView | None = None) -> set[str]:
    """Folded, of all views that the user sees, without that one's."""
    named = _seen_by(user).with_only_columns(SavedView.id, SavedView.name)
    return {fold(name) for view_id, name in db.session.execute(named) if but is None or view_id != but.id}


def default_view_of(user: User) -> SavedView | None:
    """The one with which the list of people in this role opens."""
    shared = db.session.scalars(_seen_by(user).where(SavedView.scope == ALL).order_by(SavedView.id))
    return next((view for view in shared if user.role in view.default_for), None)


def deleted_view_of(user: User, view_id: int) -> SavedView | None:
    """One that was deleted and may be taken back by this person."""
    view = db.session.get(SavedView, view_id)
    return view if view and view.is_deleted and may_change(user, view) else None


def may_change(user: User, view: SavedView) -> bool:
    """One's own; and what all are offered, whoever manages leads."""
    return view.owner_id == user.id or (view.scope.removeprefix(DELETED) == ALL and user.may(MANAGE_LEADS))


def scopes_for(user: User, view: SavedView | None = None) -> list[str]:
    """Whom the person can offer a view to; ``view``: this one, which can stay with whom it is for."""
    is_own = view is None or view.owner_id == user.id
    kept = view.scope if view else PRIVATE
    has_team = is_own and user.team_id is not None
    possible = {PRIVATE: True, TEAM: has_team or kept == TEAM, ALL: user.may(MANAGE_LEADS) or kept == ALL}
    return [scope for scope, is_possible in possible.items() if is_possible]


def _reads(view: SavedView, user: User) -> str:
    """What the view asks for by now, without what is not for this reader."""
    return state_of(view.query, user).query


def _seen_by(user: User) -> sa.Select[SavedView]:
    seen = [SavedView.owner_id == user.id, SavedView.scope == ALL]
    if user.team_id is not None:
        seen.append((SavedView.scope == TEAM) & (SavedView.team_id == user.team_id))
    there = sa.select(SavedView).where(SavedView.scope.in_(KEPT), sa.or_(*seen))
    return there.options(joinedload(SavedView.owner))
