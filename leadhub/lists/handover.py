"""Sources whose leads go to one person by default go to another one's."""

from typing import Any

import sqlalchemy as sa
from flask_babel import ngettext

from leadhub.accounts.handover import Holding
from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.lists.models import Source


def count(user: User) -> int:
    of_user = sa.select(sa.func.count()).select_from(Source).where(Source.default_owner_id == user.id)
    return db.session.scalar(of_user) or 0


def words(number: int) -> str:
    return ngettext("%(num)d source whose leads come to them", "%(num)d sources whose leads come to them", number)


def move(giver: User, taker: User | None, by: User | None) -> int:
    """A source has no history: the line of the audit log says how many there were."""
    change = sa.update(Source).where(Source.default_owner_id == giver.id)
    moved: Any = db.session.execute(change.values(default_owner_id=taker.id if taker else None))
    return int(moved.rowcount)


HOLDING = Holding(key="sources", count=count, words=words, move=move)
