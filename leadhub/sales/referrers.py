"""What of customers and quotations names a row of a list: told to the guard of its deletion."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa
from flask_babel import format_decimal, ngettext

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
from leadhub.pipelines.models import Stage
from leadhub.referrers.registry import Referrer
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


WORDS: Mapping[Any, Any] = {Customer: _customers, Quotation: _quotations, Opportunity: _opportunities}


def _move(column: Any, row_id: int, to: int | None, by: User | None) -> int:
    model = column.class_
    moved = sa.update(model).where(column == row_id).values({column.key: to, "version": model.version + 1})
    return int(db.session.execute(moved, execution_options={"synchronize_session": False}).rowcount)  # type: ignore[attr-defined]
