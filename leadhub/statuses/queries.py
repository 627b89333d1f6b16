"""Reads statuses."""

import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.statuses.models import Status


def statuses() -> list[Status]:
    """In their order."""
    return list(db.session.scalars(sa.select(Status).order_by(Status.position, Status.id)))


def default_status() -> Status:
    """The status of a new lead."""
    return db.session.scalars(sa.select(Status).where(Status.is_default).order_by(Status.id)).first() or statuses()[0]
