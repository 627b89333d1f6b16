"""What of a lead names a row of a list: told to the guard of deletion."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa
from flask_babel import format_decimal, ngettext
from sqlalchemy.orm import InstrumentedAttribute

from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.fields.models import FieldChoice
from leadhub.hub.queries import hub
from leadhub.leads.models import CustomValue, Lead, LeadTag
from leadhub.leads.moves import Change, move_leads, move_marks
from leadhub.lists.models import (
    Campaign,
    Industry,
    LeadType,
    ListRow,
    LossReason,
    MarketSegment,
    RequestType,
    Salutation,
    Source,
    Tag,
    Territory,
)
from leadhub.names import Names
from leadhub.referrers.registry import Referrer

LISTS = "lists"  # the channel of the lines in the histories
Column = InstrumentedAttribute[Any]
LINKS: dict[str, tuple[Column, type[ListRow]]] = {
    "salutation": (Lead.salutation_id, Salutation),
    "source": (Lead.source_id, Source),
    "campaign": (Lead.campaign_id, Campaign),
    "type": (Lead.type_id, LeadType),
    "request_type": (Lead.request_type_id, RequestType),
    "industry": (Lead.industry_id, Industry),
    "segment": (Lead.segment_id, MarketSegment),
    "territory": (Lead.territory_id, Territory),
    "lost_reason": (Lead.lost_reason_id, LossReason),
}
"""Field of a lead -> the column that names a row, and the list."""
MARKS: dict[str, tuple[type[LeadTag] | type[CustomValue], Column, type[ListRow]]] = {
    "tags": (LeadTag, LeadTag.tag_id, Tag),
    "custom_values": (CustomValue, CustomValue.choice_id, FieldChoice),
}
"""The same, of what a lead has several of."""


def referrers() -> list[Referrer]:
    links = [
        _referrer(f"leads.{field}", column, model, partial(_move_link, field, column, model))
        for field, (column, model) in LINKS.items()
    ]
    marks = [
        _referrer(f"leads.{field}", column, model, partial(_move_mark, field, mark, column, model))
        for field, (mark, column, model) in MARKS.items()
    ]
    return links + marks


def _referrer(key: str, column: Column, model: Any, move: Any) -> Referrer:
    return Referrer(
        key=key,
        table=model.__tablename__,
        column=f"{column.class_.__tablename__}.{column.key}",
        count=partial(_count, column),
        counts=partial(_counts, column),
        words=_words,
        move=move,
    )


def _count(column: Column, row_id: int) -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(column == row_id)) or 0


def _counts(column: Column, row_ids: Collection[int]) -> Mapping[int, int]:
    counted = sa.select(column, sa.func.count()).where(column.in_(row_ids)).group_by(column)
    return dict(db.session.execute(counted).all())  # type: ignore[arg-type]


def _words(number: int) -> str:
    return ngettext("%(count)s lead", "%(count)s leads", number, count=format_decimal(number))


def _move_link(field: str, column: Column, model: Any, row_id: int, to: int | None, by: User | None) -> int:
    return move_leads(column, row_id, to, _change(model, row_id, to, by, field=field))


def _move_mark(field: str, mark: Any, column: Column, model: Any, row_id: int, to: int | None, by: User | None) -> int:
    named: dict[str, Any] = {"field": field}
    if model is FieldChoice:
        row = db.session.get_one(FieldChoice, row_id).field
        named = {"field": row.name, "label": Names(row.names).label(hub().language)}
    return move_marks(mark, column, row_id, to, _change(model, row_id, to, by, **named))


def _change(model: Any, row_id: int, to: int | None, by: User | None, **named: Any) -> Change:
    old, new = (_label(model, it) for it in (row_id, to))
    return Change(old=old, new=new, by=by, channel=LISTS, **named)


def _label(model: Any, row_id: int | None) -> str:
    return db.session.get_one(model, row_id).label(hub().language) if row_id else ""
