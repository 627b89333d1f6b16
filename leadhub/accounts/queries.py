"""Reads users.  Nothing here writes."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from leadhub.accounts.models import Role, Team, User
from leadhub.extensions import db


def user_by_email(email: str) -> User | None:
    return db.session.scalar(sa.select(User).where(sa.func.lower(User.email) == email.lower()))


def active_users() -> list[User]:
    """By name; everybody a lead may be given to."""
    statement = sa.select(User).where(User.active).options(selectinload(User.roles)).order_by(User.name, User.email)
    return list(db.session.scalars(statement))


def all_users() -> list[User]:
    """Everybody there ever was, with role and team: those who are in before those who are out, by name."""
    statement = sa.select(User).options(selectinload(User.roles), joinedload(User.team))
    return list(db.session.scalars(statement.order_by(User.active.desc(), sa.func.lower(User.name), User.email)))


def user_by_id(user_id: int) -> User | None:
    return db.session.get(User, user_id, options=[selectinload(User.roles), joinedload(User.team)])


def teams() -> list[Team]:
    """By name."""
    return list(db.session.scalars(sa.select(Team).order_by(sa.func.lower(Team.name))))


def team_by_id(team_id: int) -> Team | None:
    return db.session.get(Team, team_id)


def reaches() -> dict[str, str]:
    """Role -> how far its people see."""
    return {role.name: role.reach for role in db.session.scalars(sa.select(Role))}
