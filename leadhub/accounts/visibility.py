"""Who sees which records: the one rule that every query of leads goes through."""

from typing import TypeVar

import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.accounts.roles import READ_LEADS

Record = TypeVar("Record")


def visible(user: User | None, model: type[Record]) -> sa.Select[Record]:
    """The records of this kind that the user may see: all of them for every role, none for nobody."""
    statement = sa.select(model)
    if user is None or not user.active or not user.may(READ_LEADS):
        return statement.where(sa.false())
    return statement
