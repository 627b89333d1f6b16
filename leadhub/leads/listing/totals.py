"""How many leads a list has.  Nothing here writes."""

from datetime import UTC, datetime
from typing import Any

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
    statement = read_in_order(matching(user, state, all_of_them=True), state).with_only_columns(Lead.id)
    ids = (statement.limit(most + 1) if most is not None else statement).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(ids)) or 0


def read_in_order(statement: sa.Select[Any], state: ListState) -> sa.Select[Any]:
    """The same; where filters look at the leads' own rows, SQLite reads these in about their order."""
    is_slow = any(reads_rows(chosen.field) for chosen in state.filters)
    return statement.where(Lead.received_at > BEFORE_ALL) if is_slow else statement
