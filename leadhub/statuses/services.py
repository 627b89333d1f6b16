"""Shapes statuses, automatic rules and actions; ``deletion`` takes statuses away.  Commits nothing."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from leadhub.accounts.models import User
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.lists import services as lists
from leadhub.lists.drafts import RowDraft
from leadhub.lists.kinds import Kind
from leadhub.lists.queries import rows_in
from leadhub.lists.services import ListFieldRefused, one_at_a_time
from leadhub.plugins.api.statuses import Status as Wished
from leadhub.statuses.models import COLOURS, Status, StatusAction, StatusRule
from leadhub.statuses.offers import offered
from leadhub.statuses.queries import actions_of, statuses
from leadhub.statuses.rules import KINDS, OPEN

ACTIONS_MAX = 20
LIST = Kind(
    slug="statuses", model=Status, plural=_l("Statuses"), single=_l("Status"),
    purpose=_l("Where the documents of a lead stand."),
)  # fmt: skip
"""Statuses as the list that they are too."""


class BindingGone(RuleBroken):
    """The rule, the action or the status is not there any more."""


def adopt_rules() -> int:
    """Give each rule that is offered its row, where it has none yet: with the status that it would like, if that is
    there.  Returns how many are new."""
    present = set(db.session.scalars(sa.select(StatusRule.rule)))
    by_key = {row.key: row.id for row in statuses()}
    fresh = [offer for key, offer in offered().rules.items() if key not in present]
    for offer in fresh:
        db.session.add(StatusRule(rule=offer.key, status_id=by_key.get(offer.wished.key), is_on=True))
    return len(fresh)


def add_status(draft: RowDraft, *, by: User) -> Status:
    """One more, at the end.  Raises ``ListFieldRefused``; nothing is stored then."""
    _check(draft.extras)
    row: Status = lists.add_row(LIST, draft, by=by)
    if row.is_default:
        _take_default_over(row)
    return row


def change_status(row: Status, draft: RowDraft, *, by: User) -> None:
    """New names, another meaning, colour or flag.  Raises ``ListFieldRefused``; nothing is changed then.

    The default is never given up, but taken over by another one.
    """
    _check(draft.extras)
    wants_default = bool(draft.extras.get("is_default"))
    if row.is_default and not wants_default:
        raise ListFieldRefused("is_default", _("Choose another status as the default instead: there is always one."))
    if wants_default and row.retired:
        raise ListFieldRefused("is_default", _("A retired status can’t be the default."))
    if row.kind == OPEN != draft.extras["kind"] and not _others(row, kind=OPEN):
        raise ListFieldRefused("kind", _("This is the last status that means “To do”: there is always one."))
    lists.change_row(LIST, row, draft, by=by)
    if wants_default:
        _take_default_over(row)


def retire(row: Status, *, by: User) -> None:
    """Offered no longer; leads keep it, and rules give it.  Raises ``RuleBroken`` for the default, and for the last one
    that means *to do*."""
    if row.is_default:
        raise RuleBroken(_("The default status can’t be retired. Choose another default first."))
    if row.kind == OPEN and not _others(row, kind=OPEN):
        raise RuleBroken(_("This is the last status that means “To do”: there is always one."))
    lists.retire(LIST, row, by=by)


def unretire(row: Status, *, by: User) -> None:
    """Raises ``ListFieldRefused`` where another one has its name by now."""
    lists.unretire(LIST, row, by=by)


def bind_rule(key: str, status_id: int | None, *, is_on: bool, by: User) -> None:
    """Have a rule give this status.  Without one it is switched off.  Raises ``BindingGone``."""
    one_at_a_time()  # a deletion holds the status first, and then its rules
    row = db.session.scalar(sa.select(StatusRule).where(StatusRule.rule == key).with_for_update())
    offer = offered().rules.get(key)
    if row is None or offer is None:
        raise BindingGone(_("This rule is no longer there."))
    if status_id is not None and not lists.kept(Status, [status_id]) & {it.id for it in statuses()}:
        raise BindingGone(_("This status is no longer there."))
    old, new = row.status_id if row.is_on else None, status_id if is_on else None
    row.status_id, row.is_on = status_id, is_on and status_id is not None
    if old != new:
        lists.note(LIST, by, rule=str(offer.label), old=_name(old), new=_name(new))


def recreate(wished: Wished, *, by: User | None) -> Status:
    """The status that a rule would like, made where none has its key; with a name of its own, if that is taken."""
    one_at_a_time()
    rows = rows_in(LIST)
    found = next((row for row in rows if row.key == wished.key), None)
    if found:
        return found  # type: ignore[no-any-return]
    names = lists.free_names(wished.names, rows)
    place = max((row.position for row in rows), default=-1) + 1
    row = Status(key=wished.key, names=names, position=place, kind=wished.kind, colour=wished.colour)
    db.session.add(row)
    db.session.flush()  # its id is asked for
    lists.note(LIST, by, new=row.label(hub().language))
    return row


def wished_name(wished: Wished) -> str:
    """What the status that a rule would like is called, in the words of the page."""
    locale = get_locale()
    return str(wished.names.get(locale.language if locale else "en") or next(iter(wished.names.values())))


def add_action(status: Status, action: str, settings: Mapping[str, Any], *, by: User) -> StatusAction:
    """One more thing that is done when a lead enters the status.  Raises ``RuleBroken``."""
    if action not in offered().actions:
        raise BindingGone(_("This action is no longer there."))
    mine = actions_of(status)
    if len(mine) >= ACTIONS_MAX:
        raise RuleBroken(_("At most %(max)d actions.", max=ACTIONS_MAX))
    _hold(status)
    place = max((row.position for row in mine), default=-1) + 1
    row = StatusAction(status_id=status.id, action=action, settings=dict(settings), position=place, is_on=True)
    db.session.add(row)
    _note_action(status, action, by, on=True)
    return row


def change_action(row: StatusAction, settings: Mapping[str, Any], *, by: User) -> None:
    row.settings = dict(settings)
    _note_action(row.status, row.action, by)


def switch_action(row: StatusAction, *, is_on: bool, by: User) -> None:
    """Raises ``BindingGone`` where it has no status that it could be done for."""
    if is_on and row.status_id is None:
        raise BindingGone(_("This status is no longer there."))
    if row.is_on != is_on:
        row.is_on = is_on
        _note_action(row.status, row.action, by, on=is_on)


def move_action(row: StatusAction, *, up: bool) -> None:
    """Before the one above or behind the one below; the first and the last stay."""
    if row.status is None:
        return
    rows = actions_of(row.status)
    place = rows.index(row)
    other = place - 1 if up else place + 1
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
    for number, each in enumerate(rows):
        each.position = number


def give_action(row: StatusAction, status: Status, *, by: User) -> None:
    """An action that has lost its status is done for this one.  Raises ``BindingGone``."""
    _hold(status)
    row.status_id, row.is_on, row.position = status.id, True, len(actions_of(status))
    _note_action(status, row.action, by, on=True)


def remove_action(row: StatusAction, *, by: User) -> None:
    _note_action(row.status, row.action, by, on=False)
    db.session.delete(row)


def _hold(status: Status) -> None:
    """Nobody deletes it before this transaction ends."""
    if not lists.kept(Status, [status.id]):
        raise BindingGone(_("This status is no longer there."))


def _take_default_over(row: Status) -> None:
    others = sa.update(Status).where(Status.id != row.id, Status.is_default).values(is_default=False)
    db.session.execute(others)


def _others(row: Status, **wanted: Any) -> list[Status]:
    return [it for it in statuses() if it is not row and not it.retired and it.kind == wanted["kind"]]


def _check(extras: Mapping[str, Any]) -> None:
    if extras.get("kind") not in KINDS:
        raise ListFieldRefused("kind", _("Choose one from the list."))
    if extras.get("colour") not in COLOURS:
        raise ListFieldRefused("colour", _("Choose one from the list."))


def _name(status_id: int | None) -> str:
    return db.session.get_one(Status, status_id).label(hub().language) if status_id else ""


def _note_action(status: Status | None, action: str, by: User, *, on: bool | None = None) -> None:
    offer = offered().actions.get(action)
    name = status.label(hub().language) if status else ""
    lists.note(LIST, by, status=name, action=str(offer.name) if offer else action, on=on)
