"""What of customers and quotations names a row of a list: told to the guard of its deletion."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.lists.models import (
    Campaign,
    Industry,
    LossReason,
    MarketSegment,
    OpportunityType,
    Source,
    Territory,
)
from leadhub.pipelines.models import Stage, StageDeletion
from leadhub.referrers.registry import Given, Referrer, Undo
from leadhub.sales.documents import Opportunity, Quotation
from leadhub.sales.models import Customer

LINKS: tuple[tuple[Any, Any], ...] = (
    (Customer.source_id, Source),
    (Customer.campaign_id, Campaign),
    (Customer.industry_id, Industry),
    (Customer.segment_id, MarketSegment),
    (Customer.territory_id, Territory),
    (Quotation.loss_reason_id, LossReason),
    (Opportunity.loss_reason_id, LossReason),
    (Opportunity.type_id, OpportunityType),
    (Opportunity.source_id, Source),
    (Opportunity.campaign_id, Campaign),
    (Opportunity.stage_id, Stage),
)


def referrers() -> list[Referrer]:
    return [_referrer(column, model) for column, model in LINKS]


def _referrer(column: Any, model: Any) -> Referrer:
    table = column.class_.__tablename__
    return Referrer(
        key=f"{table}.{column.key.removesuffix('_id')}",
        table=model.__tablename__,
        column=f"{table}.{column.key}",
        count=lambda row_id: _counts(column, [row_id]).get(row_id, 0),
        counts=partial(_counts, column),
        words=WORDS[column.class_],
        move=partial(_move, column),
        **(IN_STAGE if model is Stage else {}),
    )


def _counts(column: Any, row_ids: Collection[int]) -> Mapping[int, int]:
    counted = sa.select(column, sa.func.count()).where(column.in_(row_ids)).group_by(column)
    return dict(db.session.execute(counted).all())  # type: ignore[arg-type]


def _customers(number: int) -> str:
    return ngettext("%(count)s customer", "%(count)s customers", number, count=format_decimal(number))


def _quotations(number: int) -> str:
    return ngettext("%(count)s quotation", "%(count)s quotations", number, count=format_decimal(number))


def _opportunities(number: int) -> str:
    return ngettext("%(count)s opportunity", "%(count)s opportunities", number, count=format_decimal(number))


def _in_stage(row_id: int) -> list[int]:
    return list(db.session.scalars(sa.select(Opportunity.id).where(Opportunity.stage_id == row_id)))


def _back_into_stage(undo: Undo) -> Given:
    """Those that nobody has moved since: a deletion leaves alone since when something stands where it is."""
    deleted_at = sa.select(StageDeletion.at).where(StageDeletion.id == undo.deletion_id).scalar_subquery()
    stayed = (Opportunity.stage_id == undo.to, Opportunity.stage_since <= deleted_at)
    given = 0
    for start in range(0, len(undo.memory), AT_ONCE):
        which = Opportunity.id.in_(undo.memory[start : start + AT_ONCE])
        values = {"stage_id": undo.row_id, "version": Opportunity.version + 1}
        back = sa.update(Opportunity).where(which, *stayed).values(values)
        given += db.session.execute(back, execution_options={"synchronize_session": False}).rowcount  # type: ignore[attr-defined]
    left = len(undo.memory) - given
    return given, [_("%(what)s: changed since, and not given back.", what=_opportunities(left))] if left else []


AT_ONCE = 500
IN_STAGE: Mapping[str, Any] = {
    "may_be_empty": False, "page": lambda row: ("opportunity_board.index", {}), "remember": _in_stage,
    "give_back": _back_into_stage,
}  # fmt: skip
WORDS: Mapping[Any, Any] = {Customer: _customers, Quotation: _quotations, Opportunity: _opportunities}


def _move(column: Any, row_id: int, to: int | None, by: User | None) -> int:
    model = column.class_
    moved = sa.update(model).where(column == row_id).values({column.key: to, "version": model.version + 1})
    return int(db.session.execute(moved, execution_options={"synchronize_session": False}).rowcount)  # type: ignore[attr-defined]
