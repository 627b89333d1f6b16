"""Status actions that name a person, told to those who deactivate somebody."""

import sqlalchemy as sa
from flask_babel import ngettext

from leadhub.accounts.handover import Holding
from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.statuses.action_forms import person_fields
from leadhub.statuses.models import StatusAction
from leadhub.statuses.offers import offered


def _of(user: User) -> list[StatusAction]:
    """Those whose form asks for a person, and got this one."""
    rows = db.session.scalars(sa.select(StatusAction).order_by(StatusAction.id))
    return [row for row in rows if any(row.settings.get(name) == user.id for name in _asked(row))]


def _asked(row: StatusAction) -> list[str]:
    """Names of the settings that hold a person."""
    offer = offered().actions.get(row.action)
    return person_fields(offer.form) if offer else []


def words(number: int) -> str:
    return ngettext(
        "%(num)d status action that gives them leads", "%(num)d status actions that give them leads", number
    )


def move(giver: User, taker: User | None, by: User | None) -> int:
    """Without a taker they are switched off."""
    rows = _of(giver)
    for row in rows:
        named = [name for name in _asked(row) if row.settings.get(name) == giver.id]
        row.settings = row.settings | (dict.fromkeys(named, taker.id) if taker else {})
        row.is_on = row.is_on and taker is not None
    return len(rows)


HOLDING = Holding(key="status_actions", count=lambda user: len(_of(user)), words=words, move=move)
