"""How many leads a list has.  Nothing here writes."""

from datetime import UTC, datetime

import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.leads.listing.conditions import reads_rows
from leadhub.leads.listing.pages import matching
from leadhub.leads.listing.state import ListState
from leadhub.leads.models import Lead

COUNT_MAX = 10_000
BEFORE_ALL = datetime(1, 1, 2, tzinfo=UTC)


def total_of(user: User | None, state: ListState, most: int | None = None) -> int:
    """How many there are, exactly; with ``most``, ``most + 1`` stands for more than that."""
    statement = matching(user, state, all_of_them=True).with_only_columns(Lead.id)
    if any(reads_rows(chosen.field) for chosen in state.filters):
        statement = statement.where(Lead.received_at > BEFORE_ALL)  # SQLite then reads the rows in about their order
    ids = (statement.limit(most + 1) if most is not None else statement).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(ids)) or 0
