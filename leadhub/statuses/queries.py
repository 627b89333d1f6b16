"""Reads statuses, rules and actions.  Nothing here writes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from leadhub.extensions import db
from leadhub.lists.queries import rows_of
from leadhub.statuses.models import Status, StatusAction, StatusDeletion, StatusRule
from leadhub.statuses.offers import RuleOffer, offered
from leadhub.statuses.rules import Rule

TRIES = 3


@dataclass(frozen=True)
class Bound:
    """A rule that is offered, with its row: which status it gives, and whether anybody wants it."""

    offer: RuleOffer
    row: StatusRule


def statuses() -> list[Status]:
    """In their order, retired ones too."""
    return rows_of(Status)


def default_status() -> Status:
    """The status of a new lead; nobody deletes it before this transaction ends.

    Whoever finds it being deleted waits, and gets the one that took its place.
    """
    held = sa.select(Status).where(Status.is_default).order_by(Status.id).limit(1)
    held = held.with_for_update(read=True, key_share=True).execution_options(populate_existing=True)
    for _try in range(TRIES):
        if row := db.session.scalar(held):
            return row
    return default_of([*held_statuses().values()])


def default_of(found: Sequence[Status]) -> Status:
    return next((row for row in found if row.is_default), found[0])


def held_statuses() -> dict[int, Status]:
    """Id -> status, in their order; nobody deletes one of them before this transaction ends."""
    wanted = sa.select(Status).order_by(Status.id).with_for_update(read=True, key_share=True)
    rows = db.session.scalars(wanted.execution_options(populate_existing=True)).all()
    return {row.id: row for row in sorted(rows, key=lambda row: (row.position, row.id))}


def bound_rules() -> list[Bound]:
    """Every rule that is offered and has its row, the strongest first."""
    rows = {row.rule: row for row in db.session.scalars(sa.select(StatusRule))}
    found = [Bound(offer, rows[key]) for key, offer in offered().rules.items() if key in rows]
    return sorted(found, key=lambda bound: (-bound.offer.priority, bound.offer.key))


def rules_in_force(known: Mapping[int, Status]) -> list[Rule]:
    """Those that are on and have one of these statuses.  What is missing is no error here: ``health`` tells."""
    return [
        Rule(offer.key, offer.priority, known[row.status_id].standing, offer.holds, offer.is_final)
        for offer, row in ((bound.offer, bound.row) for bound in bound_rules())
        if row.is_on and row.status_id is not None and row.status_id in known and offer.is_there()
    ]


def automatic_ids() -> set[int]:
    """Statuses that a rule gives."""
    return {bound.row.status_id for bound in bound_rules() if bound.row.is_on and bound.row.status_id}


def actions_of(status: Status) -> list[StatusAction]:
    """In their order, those that are off too."""
    wanted = sa.select(StatusAction).where(StatusAction.status_id == status.id)
    return list(db.session.scalars(wanted.order_by(StatusAction.position, StatusAction.id)))


def actions_on(status_ids: Collection[int]) -> list[StatusAction]:
    """Those that are done when a lead enters one of these, in their order."""
    wanted = sa.select(StatusAction).where(StatusAction.status_id.in_(status_ids), StatusAction.is_on)
    return list(db.session.scalars(wanted.order_by(StatusAction.position, StatusAction.id)))


def action_counts() -> dict[int | None, int]:
    """Status -> how many actions it has; None: those that have lost theirs."""
    counted = sa.select(StatusAction.status_id, sa.func.count()).group_by(StatusAction.status_id)
    return dict(db.session.execute(counted).all())  # type: ignore[arg-type]


def successor_of(status_id: int, known: Mapping[int, Status]) -> Status | None:
    """The status, or what stands in its place if it was deleted; None where that is nothing."""
    if status_id in known:
        return known[status_id]
    deleted = sa.select(StatusDeletion.row_id, StatusDeletion.successor_id).where(StatusDeletion.undone_at.is_(None))
    after = dict(db.session.execute(deleted.order_by(StatusDeletion.id)).all())  # type: ignore[arg-type]
    met: set[int | None] = set()
    wanted: int | None = status_id
    while wanted is not None and wanted not in known and wanted not in met:
        met.add(wanted)
        wanted = after.get(wanted)
    return known.get(wanted) if wanted is not None else None


def deletion_of(deletion_id: int, *, locked: bool = False) -> StatusDeletion | None:
    wanted = sa.select(StatusDeletion).where(StatusDeletion.id == deletion_id).options(joinedload(StatusDeletion.by))
    return db.session.scalar(wanted.with_for_update(of=StatusDeletion) if locked else wanted)
