"""All customers of one person go over to another."""

import sqlalchemy as sa
from flask_babel import ngettext

from leadhub.accounts.handover import Holding
from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.sales.models import Customer


def count(user: User) -> int:
    counted = sa.select(sa.func.count()).select_from(Customer).where(Customer.owner_id == user.id)
    return db.session.scalar(counted) or 0


def words(number: int) -> str:
    return ngettext("%(num)d customer", "%(num)d customers", number)


def move(giver: User, taker: User | None, by: User | None) -> int:
    values = {"owner_id": taker.id if taker else None, "version": Customer.version + 1}
    moved = sa.update(Customer).where(Customer.owner_id == giver.id).values(values)
    return int(db.session.execute(moved, execution_options={"synchronize_session": False}).rowcount)  # type: ignore[attr-defined]


HOLDING = Holding(key="customers", count=count, words=words, move=move)
