"""Reads opportunities as cards in the columns of their stages.  Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.pipelines.models import OPEN, Stage
from leadhub.sales.documents import Opportunity
from leadhub.sales.money import from_minor
from leadhub.sales.opportunities.queries import ALL, CLOSES, Wanted, matching, shown

CARDS = 50  # of a column; the others are in the list
ORDER: tuple[Any, ...] = (
    sa.case((Opportunity.state == OPEN, CLOSES)), Opportunity.closed_on.desc(), Opportunity.id
)  # fmt: skip
"""Open ones by their expected close, the others by when they were closed, the last first."""


@dataclass(slots=True)
class Column:
    """``count`` and ``sums`` (currency -> amount) are of all that stand there."""

    stage: Stage
    cards: list[Opportunity] = field(default_factory=list)
    count: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)


def columns_of(user: User | None, wanted: Wanted, stages: Sequence[Stage]) -> list[Column]:
    """Two statements for the figures and the cards, whatever the number of columns."""
    columns = {stage.id: Column(stage) for stage in stages}
    fits = [sa.and_(Opportunity.stage_id == stage.id, Opportunity.state == stage.kind) for stage in stages]
    there = matching(user, replace(wanted, state=ALL)).where(sa.or_(sa.false(), *fits))
    for stage_id, currency, count, minor in _figures(there):
        columns[stage_id].count += count
        if minor:
            columns[stage_id].sums[currency] = from_minor(int(minor), currency)
    for row in _cards(there):
        columns[row.stage_id or 0].cards.append(row)
    return list(columns.values())


def _figures(there: sa.Select[Opportunity]) -> Any:
    found = there.with_only_columns(Opportunity.stage_id, Opportunity.currency, Opportunity.amount_minor).subquery()
    grouped = sa.select(found.c.stage_id, found.c.currency, sa.func.count(), sa.func.sum(found.c.amount_minor))
    return db.session.execute(grouped.group_by(found.c.stage_id, found.c.currency).order_by(found.c.currency))


def _cards(there: sa.Select[Opportunity]) -> Sequence[Opportunity]:
    place = sa.func.row_number().over(partition_by=Opportunity.stage_id, order_by=ORDER).label("place")
    placed = there.with_only_columns(Opportunity.id, place).subquery()
    first = sa.select(placed.c.id).where(placed.c.place <= CARDS)
    ordered = sa.select(Opportunity).where(Opportunity.id.in_(first)).order_by(*ORDER).options(*shown())
    return db.session.scalars(ordered).all()
