"""Reads users.  Nothing here writes."""

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from leadhub.accounts.models import User
from leadhub.extensions import db


def user_by_email(email: str) -> User | None:
    return db.session.scalar(sa.select(User).where(sa.func.lower(User.email) == email.lower()))


def active_users() -> list[User]:
    """By name; everybody a lead may be given to."""
    statement = sa.select(User).where(User.active).options(selectinload(User.roles)).order_by(User.name, User.email)
    return list(db.session.scalars(statement))
