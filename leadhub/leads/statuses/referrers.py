"""Leads that have a status: told to the guard of its deletion, moved and given back in a few statements."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import format_decimal, ngettext

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.leads.models import Lead
from leadhub.leads.moves import AS_IT_IS, Change, held_leads, remember_leads
from leadhub.leads.statuses.models import StatusMove
from leadhub.referrers.registry import Given, Referrer, Undo
from leadhub.statuses.deletion import LEADS, kept_words
from leadhub.statuses.models import Status, StatusDeletion
from leadhub.statuses.rules import REPLACED, RESTORED

STATUSES = "statuses"  # the channel of the lines in the histories
Which = sa.ColumnElement[bool]


def referrers() -> list[Referrer]:
    leads = Referrer(
        key=LEADS, table=Status.__tablename__, column="leads.status_id", count=_count, counts=_counts, words=_words,
        move=_move, may_be_empty=False, page=lambda row: ("leads.index", {"status": row.key}),
        remember=lambda row_id: None, give_back=_give_back,
    )  # fmt: skip
    return [leads]


def _count(row_id: int) -> int:
    """Those in the bin too."""
    return db.session.scalar(sa.select(sa.func.count()).where(Lead.status_id == row_id)) or 0


def _counts(row_ids: Collection[int]) -> Mapping[int, int]:
    counted = sa.select(Lead.status_id, sa.func.count()).where(Lead.status_id.in_(row_ids)).group_by(Lead.status_id)
    return dict(db.session.execute(counted).all())  # type: ignore[arg-type]


def _words(number: int) -> str:
    return str(ngettext("%(count)s lead", "%(count)s leads", number, count=format_decimal(number)))


def _move(row_id: int, to: int | None, by: User | None) -> int:
    """``to`` is told: every lead has a status.  The act is the youngest deletion of the row."""
    newest = sa.select(sa.func.max(StatusDeletion.id)).where(StatusDeletion.row_id == row_id)
    deletion_id = db.session.execute(newest).scalar_one()
    moved = held_leads(Lead.status_id == row_id)
    if moved and to is not None:
        _write(Lead.status_id == row_id, Step(row_id, to, deletion_id, REPLACED), by)
    return moved


def _give_back(undo: Undo) -> Given:
    """Those that nobody and no rule has moved since, and that are where the deletion left them: other deletions may
    have come and gone."""
    step, later = sa.orm.aliased(StatusMove), sa.orm.aliased(StatusMove)
    moved = sa.select(step.lead_id).where(step.deletion_id == undo.deletion_id, step.cause == REPLACED)
    went_on = sa.exists().where(
        later.lead_id == step.lead_id, later.id > step.id, later.cause.not_in((REPLACED, RESTORED))
    )
    which = Lead.id.in_(moved.where(~went_on)) & (Lead.status_id == undo.to)
    given = held_leads(which)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(moved.subquery())) or 0
    if given and undo.to is not None:
        _write(which, Step(undo.to, undo.row_id, undo.deletion_id, RESTORED), undo.by)
    return given, [kept_words(total - given)] if total > given else []


@dataclass(frozen=True, slots=True)
class Step:
    """From one status to another, as a part of a deletion or of its undo."""

    old_id: int
    new_id: int
    deletion_id: int
    cause: str


def _write(which: Which, step: Step, by: User | None) -> None:
    """History, path, leads: the last statement finds them by their path, since that may be what chose them."""
    old, new = db.session.get_one(Status, step.old_id), db.session.get_one(Status, step.new_id)
    now, spoken = utcnow(), hub().language
    arguments = {"about": (old if step.cause == REPLACED else new).label(spoken)}
    why = {"cause": step.cause, "arguments": arguments}
    change = Change(
        field="status", old=old.label(spoken), new=new.label(spoken), by=by, channel=STATUSES, details=why,
        is_one_act=True,
    )  # fmt: skip
    remember_leads(which, change, change.new)
    values: dict[str, Any] = {
        "lead_id": Lead.id, "at": now, "by_id": by.id if by else None, "from_id": old.id, "to_id": new.id,
        "from_names": dict(old.names), "to_names": dict(new.names), "since": Lead.status_since, "cause": step.cause,
        "arguments": arguments, "is_choice": False, "deletion_id": step.deletion_id,
    }  # fmt: skip
    columns = [_as_column(name, value) for name, value in values.items()]
    db.session.execute(sa.insert(StatusMove).from_select(list(values), sa.select(*columns).where(which)))
    moved = sa.select(StatusMove.lead_id).where(
        StatusMove.deletion_id == step.deletion_id, StatusMove.cause == step.cause
    )
    written = {"status_id": new.id, "status_since": now, "version": Lead.version + 1}
    db.session.execute(sa.update(Lead).where(Lead.id.in_(moved)).values(written), execution_options=AS_IT_IS)
    db.session.expire_all()


def _as_column(name: str, value: Any) -> Any:
    is_column = isinstance(value, sa.orm.InstrumentedAttribute)
    return value if is_column else sa.literal(value, getattr(StatusMove, name).type)
