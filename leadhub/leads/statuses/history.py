"""The path of a lead through its statuses: written with each change, read for its page.  Commits nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from leadhub.accounts.models import User
from leadhub.database import insert_many, utcnow
from leadhub.extensions import db
from leadhub.jobs.services import enqueue_many
from leadhub.leads.models import Lead
from leadhub.leads.statuses.models import WAITING, StatusMove, StatusRun
from leadhub.statuses.models import Status
from leadhub.statuses.queries import actions_on, statuses
from leadhub.statuses.rules import HAND, UNDONE, Cause

RUN = "statuses.run"
SHOWN = 12  # moves on the page of a lead
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One lead's way from a status to another; ``since`` is when the one before began."""

    lead_id: int
    old_id: int
    new_id: int
    since: datetime
    cause: Cause | None = None  # where it is not that of all


@dataclass(frozen=True, kw_only=True, slots=True)
class Stay:
    """A status on the path of a lead: when it was entered and left (None: it is still the one), and why.

    ``is_earlier``: there are more before it, which the page has no room for.
    """

    names: dict[str, Any]
    status: Status | None
    entered: datetime
    left: datetime | None
    move: StatusMove | None
    is_earlier: bool = False


def record(steps: Sequence[Step], *, at: datetime, by: User | None, cause: Cause | None = None) -> None:
    """Append to the paths of these leads, and have the actions of the statuses they enter done.

    Without a ``cause`` it is a person's choice.  As many statements for five hundred steps as for one.
    """
    if not steps:
        return
    known = {row.id: row for row in statuses()}
    common = {"at": at, "by_id": by.id if by else None, "deletion_id": None}
    rows = [common | _row(step, step.cause or cause, known) for step in steps]
    ids = insert_many(db.session(), StatusMove, rows)
    if cause is None or cause.key != UNDONE:  # back where it was is no entering
        _start_actions(list(zip(ids, steps, strict=True)), known)


def _row(step: Step, cause: Cause | None, known: dict[int, Status]) -> Row:
    why = cause or Cause(HAND)
    return {
        "cause": why.key,
        "arguments": dict(why.arguments),
        "is_choice": cause is None,
        "lead_id": step.lead_id,
        "from_id": step.old_id,
        "to_id": step.new_id,
        "from_names": dict(known[step.old_id].names),
        "to_names": dict(known[step.new_id].names),
        "since": step.since,
    }


def _start_actions(moves: Sequence[tuple[int, Step]], known: dict[int, Status]) -> None:
    """A run for each action of each entered status, and an effect that does it once this is committed."""
    actions = actions_on({step.new_id for _id, step in moves})
    if not actions:
        return
    common = {"state": WAITING, "told": "", "at": utcnow(), "finished_at": None}
    rows = [
        common
        | {"lead_id": step.lead_id, "move_id": move_id, "action_id": action.id, "action": action.action}
        | {"status_names": dict(known[step.new_id].names)}
        for move_id, step in moves
        for action in actions
        if action.status_id == step.new_id
    ]
    ids = insert_many(db.session(), StatusRun, rows)
    enqueue_many(RUN, [(f"{RUN}:{run_id}", {"run": run_id}) for run_id in ids])


def path_of(lead: Lead) -> list[Stay]:
    """The last statuses of a lead, oldest first, the one it has now last."""
    wanted = sa.select(StatusMove).where(StatusMove.lead_id == lead.id).options(joinedload(StatusMove.by))
    found = db.session.scalars(wanted.order_by(StatusMove.id.desc()).limit(SHOWN + 1)).all()
    moves, is_cut = list(reversed(found[:SHOWN])), len(found) > SHOWN
    if not moves:
        return [Stay(names=lead.status.names, status=lead.status, entered=lead.created_at, left=None, move=None)]
    known = {row.id: row for row in statuses()}
    first = moves[0]
    stays = []
    if first.from_id is not None:
        began = first.since or lead.created_at
        old = Stay(
            names=first.from_names, status=known.get(first.from_id), entered=began, left=first.at, move=None,
            is_earlier=is_cut,
        )  # fmt: skip
        stays.append(old)
    for move, after in zip(moves, [*moves[1:], None], strict=True):
        left = after.at if after else None
        stays.append(Stay(names=move.to_names, status=known.get(move.to_id), entered=move.at, left=left, move=move))
    return stays
