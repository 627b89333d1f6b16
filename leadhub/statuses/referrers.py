"""What of the settings names a status: the default, automatic rules, actions.  Told to the guard of deletion."""

from functools import partial
from typing import Any

import sqlalchemy as sa
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.referrers.registry import Given, Referrer, Undo
from leadhub.statuses.models import Status, StatusAction, StatusProposal, StatusRule

TABLE = Status.__tablename__
Binding = type[StatusRule] | type[StatusAction]


def referrers() -> list[Referrer]:
    default = Referrer(
        key="statuses.default", table=TABLE, count=_count_default, words=lambda number: _("the default for new leads"),
        move=_move_default, may_be_empty=False, page=_drawer, remember=lambda row_id: _count_default(row_id),
        give_back=_give_default_back,
    )  # fmt: skip
    rules = _of(StatusRule, "statuses.rules", _rule_words, page=lambda row: ("status_bindings.show_rules", {}))
    actions = _of(
        StatusAction, "statuses.actions", _action_words, page=lambda row: ("status_bindings.actions", {"id": row.id})
    )
    proposals = Referrer(
        key="statuses.proposals", table=TABLE, column="status_proposals.status_id", count=_count_proposals,
        words=_proposal_words, move=_move_proposals, remember=_remember_proposals, give_back=_give_proposals_back,
    )  # fmt: skip
    return [default, rules, actions, proposals]


def _of(model: Binding, key: str, words: Any, page: Any) -> Referrer:
    return Referrer(
        key=key, table=TABLE, column=f"{model.__tablename__}.status_id", words=words, page=page,
        count=partial(_count, model), move=partial(_move, model), remember=partial(_remember, model),
        give_back=partial(_give_back, model),
    )  # fmt: skip


def _drawer(row: Any) -> tuple[str, dict[str, Any]]:
    return "statuses.edit", {"id": row.id}


def _rule_words(number: int) -> str:
    return str(ngettext("%(count)s automatic rule", "%(count)s automatic rules", number, count=format_decimal(number)))


def _action_words(number: int) -> str:
    return str(ngettext("%(count)s action", "%(count)s actions", number, count=format_decimal(number)))


def _count_default(row_id: int) -> int:
    return int(bool(db.session.scalar(sa.select(Status.is_default).where(Status.id == row_id))))


def _move_default(row_id: int, to: int | None, by: User | None) -> int:
    """``to`` is told: what may not be empty is never left so."""
    if not _count_default(row_id) or to is None:
        return 0
    _set_default(to)
    return 1


def _set_default(status_id: int) -> None:
    db.session.execute(sa.update(Status).where(Status.is_default).values(is_default=False))
    db.session.execute(sa.update(Status).where(Status.id == status_id).values(is_default=True))


def _give_default_back(undo: Undo) -> Given:
    if not undo.memory:
        return 0, []
    if undo.to is None or not _count_default(undo.to):
        return 0, [_("The default was changed since, and stays.")]
    _set_default(undo.row_id)
    return 1, []


def _count(model: Binding, row_id: int) -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(model.status_id == row_id)) or 0


def _move(model: Binding, row_id: int, to: int | None, by: User | None) -> int:
    """Without a successor they are switched off, and wait for one."""
    values: dict[str, Any] = {"status_id": to} if to else {"status_id": None, "is_on": False}
    moved: Any = db.session.execute(sa.update(model).where(model.status_id == row_id).values(values))
    return int(moved.rowcount)


def _remember(model: Binding, row_id: int) -> list[list[Any]]:
    """(id, was it on) of each."""
    wanted = sa.select(model.id, model.is_on).where(model.status_id == row_id).order_by(model.id)
    return [list(row) for row in db.session.execute(wanted)]


def _give_back(model: Binding, undo: Undo) -> Given:
    """Those that nobody has bound to something else, switched or removed since."""
    given = 0
    for row_id, was_on in undo.memory:
        untouched = model.is_on.is_(was_on if undo.to else False)
        same = model.status_id == undo.to if undo.to else model.status_id.is_(None)
        back = sa.update(model).where(model.id == row_id, same, untouched).values(status_id=undo.row_id, is_on=was_on)
        given += int(db.session.execute(back).rowcount)  # type: ignore[attr-defined]
    left = len(undo.memory) - given
    if not left:
        return given, []
    words = _rule_words(left) if model is StatusRule else _action_words(left)
    return given, [_("%(what)s: changed since, and not given back.", what=words)]


def _proposal_words(number: int) -> str:
    text = ngettext("%(count)s proposal of a plugin", "%(count)s proposals of plugins", number, count=number)
    return str(text)


def _count_proposals(row_id: int) -> int:
    return len(_remember_proposals(row_id))


def _remember_proposals(row_id: int) -> list[str]:
    return list(db.session.scalars(sa.select(StatusProposal.key).where(StatusProposal.status_id == row_id)))


def _move_proposals(row_id: int, to: int | None, by: User | None) -> int:
    moved: Any = db.session.execute(
        sa.update(StatusProposal).where(StatusProposal.status_id == row_id).values(status_id=to)
    )
    return int(moved.rowcount)


def _give_proposals_back(undo: Undo) -> Given:
    same = StatusProposal.status_id == undo.to if undo.to else StatusProposal.status_id.is_(None)
    mine = StatusProposal.key.in_(undo.memory)
    back: Any = db.session.execute(sa.update(StatusProposal).where(mine, same).values(status_id=undo.row_id))
    return int(back.rowcount), []
