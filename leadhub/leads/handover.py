"""All leads of one person go over to another, each with a line in its history; a few statements, however many."""

import sqlalchemy as sa
from flask_babel import ngettext

from leadhub.accounts.handover import Holding
from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.leads.moves import Change, move_leads

HAND_OVER = "handover"  # the channel of these lines


def count(user: User) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Lead).where(Lead.owner_id == user.id)) or 0


def words(number: int) -> str:
    return ngettext("%(num)d lead", "%(num)d leads", number)


def move(giver: User, taker: User | None, by: User | None) -> int:
    """Raises nothing and skips none."""
    new = taker.label if taker else ""
    change = Change(field="owner", old=giver.label, new=new, by=by, channel=HAND_OVER)
    return move_leads(Lead.owner_id, giver.id, taker.id if taker else None, change)


HOLDING = Holding(key="leads", count=count, words=words, move=move)
