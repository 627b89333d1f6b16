"""Reads the views of the list that are kept: whoever may see one is offered it.  Nothing here writes."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.leads.listing.models import ALL, TEAM, SavedView


def views_seen_by(user: User) -> Sequence[SavedView]:
    """By name, one's own and those of others that are for one's team or for all."""
    return db.session.scalars(_seen_by(user).order_by(sa.func.lower(SavedView.name), SavedView.id)).all()


def view_seen_by(user: User, view_id: int) -> SavedView | None:
    return db.session.scalar(_seen_by(user).where(SavedView.id == view_id))


def default_view_of(user: User) -> SavedView | None:
    """The one with which the list of people in this role opens."""
    shared = db.session.scalars(_seen_by(user).where(SavedView.scope == ALL).order_by(SavedView.id))
    return next((view for view in shared if user.role in view.default_for), None)


def _seen_by(user: User) -> sa.Select[SavedView]:
    seen = [SavedView.owner_id == user.id, SavedView.scope == ALL]
    if user.team_id is not None:
        seen.append((SavedView.scope == TEAM) & (SavedView.team_id == user.team_id))
    return sa.select(SavedView).where(sa.or_(*seen)).options(joinedload(SavedView.owner))
