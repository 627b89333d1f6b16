"""All opportunities of one person go over to another."""

import sqlalchemy as sa
from flask_babel import ngettext

from leadhub.accounts.handover import Holding
from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.sales.documents import Opportunity


def count(user: User) -> int:
    """Those that count: what was deleted is told to nobody, and goes over too."""
    mine = (Opportunity.owner_id == user.id, Opportunity.deleted_at.is_(None))
    return db.session.scalar(sa.select(sa.func.count()).select_from(Opportunity).where(*mine)) or 0


def words(number: int) -> str:
    return ngettext("%(num)d opportunity", "%(num)d opportunities", number)


def move(giver: User, taker: User | None, by: User | None) -> int:
    values = {"owner_id": taker.id if taker else None, "version": Opportunity.version + 1}
    moved = sa.update(Opportunity).where(Opportunity.owner_id == giver.id).values(values)
    return int(db.session.execute(moved, execution_options={"synchronize_session": False}).rowcount)  # type: ignore[attr-defined]


HOLDING = Holding(key="opportunities", count=count, words=words, move=move)
