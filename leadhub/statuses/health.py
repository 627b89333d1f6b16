"""What names a status, an action or a plugin that is missing: it never fails at use, and is listed here with a mend."""

from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.lists.services import one_at_a_time
from leadhub.statuses import services
from leadhub.statuses.models import Status, StatusAction, StatusRule
from leadhub.statuses.offers import offered
from leadhub.statuses.queries import statuses

RULE, ACTION = "rule", "action"
CHOOSE, RECREATE, OFF = "choose", "recreate", "off"


@dataclass(frozen=True, kw_only=True)
class Broken:
    """One binding that has lost what it binds.  ``kind`` is ``rule`` or ``action``, ``id`` its row's, ``mends`` what
    can be done about it, ``wished`` what *re-create* would make."""

    kind: str
    id: int
    text: str
    mends: tuple[str, ...]
    wished: str = ""


class NothingToMend(RuleBroken):
    """Somebody else has mended it, or it can't be mended so."""


def broken_bindings() -> list[Broken]:
    """Those that are switched on; whoever switched one off knows."""
    return [*_rules(), *_actions()]


def waiting_actions() -> list[StatusAction]:
    """Those that lost their status to a deletion: switched off, until somebody gives them another one."""
    wanted = sa.select(StatusAction).where(StatusAction.status_id.is_(None)).order_by(StatusAction.id)
    return list(db.session.scalars(wanted))


def mend(kind: str, row_id: int, how: str, *, status: Status | None, by: User) -> None:
    """Do one of the ``mends`` of a binding; *choose* gives it ``status``.  Raises ``NothingToMend``."""
    one_at_a_time()
    found = next((it for it in broken_bindings() if (it.kind, it.id) == (kind, row_id)), None)
    if found is None or how not in found.mends or (how == CHOOSE and status is None):
        raise NothingToMend(_("This is mended already, or needs something else. Look at the list again."))
    if kind == RULE:
        _mend_rule(row_id, how, status, by)
    else:
        _mend_action(row_id, how, status, by)


def _rules() -> list[Broken]:
    rules, known = offered().rules, {row.id for row in statuses()}
    found = []
    for row in db.session.scalars(sa.select(StatusRule).where(StatusRule.is_on).order_by(StatusRule.id)):
        offer = rules.get(row.rule)
        if offer is None:
            words = _("The rule “%(key)s” comes from a plugin that is not installed. It does nothing.", key=row.rule)
            found.append(Broken(kind=RULE, id=row.id, text=words, mends=(OFF,)))
        elif row.status_id not in known:
            words = _(
                "When %(condition)s, no status is given: the one that it gave is not there.", condition=offer.label
            )
            wished = services.wished_name(offer.wished)
            found.append(Broken(kind=RULE, id=row.id, text=words, mends=(CHOOSE, RECREATE, OFF), wished=wished))
    return found


def _actions() -> list[Broken]:
    actions = offered().actions
    found = []
    for row in db.session.scalars(sa.select(StatusAction).where(StatusAction.is_on).order_by(StatusAction.id)):
        if row.action not in actions:
            words = _(
                "The action “%(key)s” comes from a plugin that is not installed. It does nothing.", key=row.action
            )
            found.append(Broken(kind=ACTION, id=row.id, text=words, mends=(OFF,)))
        elif row.status_id is None:
            words = _("The action “%(name)s” has no status.", name=actions[row.action].name)
            found.append(Broken(kind=ACTION, id=row.id, text=words, mends=(CHOOSE, OFF)))
    return found


def _mend_rule(row_id: int, how: str, status: Status | None, by: User) -> None:
    row = db.session.get_one(StatusRule, row_id, with_for_update=True)
    if how == OFF:
        row.is_on = False
        return
    if how == RECREATE:
        status = services.recreate(offered().rules[row.rule].wished, by=by)
    services.bind_rule(row.rule, status.id if status else None, is_on=True, by=by)


def _mend_action(row_id: int, how: str, status: Status | None, by: User) -> None:
    row = db.session.get_one(StatusAction, row_id, with_for_update=True)
    if how == OFF or status is None:
        row.is_on = False
    else:
        services.give_action(row, status, by=by)
