"""Taking a lead that nobody has: of many at once one gets it.  Commits nothing."""

import sqlalchemy as sa
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.accounts.roles import WRITE_LEADS
from leadhub.accounts.visibility import visible
from leadhub.database import utcnow
from leadhub.errors import NotAllowed, RuleBroken
from leadhub.extensions import db
from leadhub.fields.queries import catalogue, may_change_field
from leadhub.leads.links import TYPED
from leadhub.leads.models import Lead
from leadhub.leads.moves import AS_IT_IS
from leadhub.leads.updates import remember


class TakenAlready(RuleBroken):
    """Somebody was faster; the message says who."""


def may_take(user: User, lead: Lead) -> bool:
    """Nobody has the lead, and the user may have it."""
    return lead.owner_id is None and lead.deleted_at is None and _may_take(user)


def take(lead_id: int, *, by: User) -> None:
    """Make the person the owner of a lead that has none; nothing happens where it is theirs already.

    Raises ``TakenAlready`` or ``NotAllowed``; nothing is changed then.
    """
    if not _may_take(by):
        raise NotAllowed(_("Your role does not allow this. An admin can change it."))
    is_here = sa.select(User.id).where(User.id == by.id, User.active).with_for_update(read=True)
    if db.session.scalar(is_here) is None:  # held till the end: who is being deactivated takes nothing over
        raise NotAllowed(_("Your role does not allow this. An admin can change it."))
    free = (Lead.id == lead_id, Lead.owner_id.is_(None), Lead.deleted_at.is_(None))  # judged anew after a wait
    seen = Lead.id.in_(visible(by, Lead).where(Lead.id == lead_id).with_only_columns(Lead.id))
    statement = sa.update(Lead).where(*free, seen).values(owner_id=by.id, version=Lead.version + 1)
    version = db.session.scalar(statement.returning(Lead.version), execution_options=AS_IT_IS)
    if version is None:
        _tell_who(lead_id, by)
        return
    change = {"field": "owner", "old": "", "new": by.label}
    line = {"lead_id": lead_id, "at": utcnow(), "by_id": by.id, "kind": "changed", "channel": TYPED}
    remember([line | {"version": version, "changes": [change]}])
    db.session.expire_all()


def _may_take(user: User) -> bool:
    return user.may(WRITE_LEADS) and may_change_field(user, catalogue()["owner"])


def _tell_who(lead_id: int, by: User) -> None:
    held = (Lead.id == lead_id, Lead.deleted_at.is_(None))
    owner = db.session.scalar(sa.select(User).join(Lead, Lead.owner_id == User.id).where(*held))
    if owner is None:
        raise TakenAlready(_("This lead is in the bin, or is gone."))
    if owner.id != by.id:
        raise TakenAlready(_("%(name)s has taken this lead already.", name=owner.label))
