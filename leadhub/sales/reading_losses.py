"""What was lost, and why; what is still open, and when it should close.  Nothing here writes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import aliased

from leadhub.database import unindexed
from leadhub.extensions import db
from leadhub.leads.listing import periods
from leadhub.leads.reading import Asked
from leadhub.leads.reading_days import MONTH, STEPS
from leadhub.leads.reading_kept import rows_of
from leadhub.lists.models import LossReason
from leadhub.plugins.api.reading import Period
from leadhub.plugins.api.sales import Documents, Expected, Loss
from leadhub.sales.documents import LOST, OPEN, Opportunity, Quotation
from leadhub.sales.reading_documents import amounts_of, summed, within
from leadhub.sales.reading_leads import replaced, seen
from leadhub.web import label, zone

Key = tuple[bool, int | None, int | None]
"""Is it overdue, year and month."""


def losses_of(asked: Asked, period: Period) -> list[Loss]:
    """The most frequent first, those without a reason last.  Few statements, however many there are."""
    found = _by_reason(asked, period)
    before = {reason: it.number for reason, it in _by_reason(asked, period.before).items()} if period.before else None
    ids = {*found, *(before or ())} - {None}
    names = {row.id: label(row) for row in db.session.scalars(sa.select(LossReason).where(LossReason.id.in_(ids)))}
    losses = [
        Loss(
            label=names.get(reason, ""), lost=found.get(reason, Documents()),
            before=None if before is None else before.get(reason, 0),
        )
        for reason in (*ids, *([None] if None in found or None in (before or ()) else []))
    ]  # fmt: skip
    return sorted(losses, key=lambda it: (not it.label, -it.lost.number, it.label))


def expected_of(asked: Asked) -> list[Expected]:
    """One statement.  Overdue on the clock of the page."""
    day, today = Opportunity.expected_close, periods.today_in(zone())
    keys: list[Any] = [day < today, sa.extract("year", day), sa.extract("month", day)]
    keys[0] = sa.func.coalesce(keys[0], sa.false())
    keys = [each.label(name) for each, name in zip(keys, ("late", "year", "month"), strict=True)]
    columns: list[Any] = [*keys, Opportunity.probability, Opportunity.currency]
    statement = (
        sa.select(*columns, sa.func.count(), sa.func.sum(Opportunity.amount_minor))
        .where(Opportunity.state == OPEN, seen(asked, Opportunity))
        .group_by(*(sa.literal_column(str(place)) for place in range(1, 6)))
    )
    found: dict[Key, list[Any]] = defaultdict(list)
    for late, year, month, *row in rows_of(asked.reader, statement):
        key = (True, None, None) if late else (False, year and int(year), month and int(month))
        found[key].append(tuple(row))
    return [_expected(key, found[key]) for key in sorted(found, key=_place)]


def _place(key: Key) -> tuple[bool, bool, int, int]:
    is_late, year, month = key
    return (not is_late, year is None, year or 0, month or 0)


def _by_reason(asked: Asked, period: Period) -> dict[int | None, Documents]:
    quotations: Any = (
        sa.select(
            Quotation.loss_reason_id, Quotation.currency, sa.func.count(), sa.func.sum(Quotation.net_minor)
        )
        .where(*within(Quotation.settled_on, period), Quotation.state == LOST, seen(asked, Quotation))
        .where(Quotation.id.not_in(replaced()))
        .group_by(Quotation.loss_reason_id, Quotation.currency)
    )  # fmt: skip
    its = aliased(Quotation)
    with_one = sa.select(its.id).where(
        its.opportunity_id == Opportunity.id, unindexed(its.state) == LOST,
        unindexed(its.settled_on) == Opportunity.closed_on, its.deleted_at.is_(None),
    )  # fmt: skip
    opportunities: Any = (
        sa.select(
            Opportunity.loss_reason_id, Opportunity.currency, sa.func.count(), sa.func.sum(Opportunity.amount_minor)
        )
        .where(*within(Opportunity.closed_on, period), Opportunity.state == LOST, seen(asked, Opportunity))
        .where(~with_one.exists())
        .group_by(Opportunity.loss_reason_id, Opportunity.currency)
    )  # fmt: skip
    found: dict[int | None, list[Any]] = defaultdict(list)
    for reason, *row in rows_of(asked.reader, sa.union_all(quotations, opportunities)):
        found[reason].append(tuple(row))
    return {reason: summed(rows) for reason, rows in found.items()}


def _expected(key: Key, rows: Sequence[tuple[Any, ...]]) -> Expected:
    """``rows``: probability, currency, number, minor units."""
    is_late, year, month = key
    start = date(year, month, 1) if year and month else None
    words = _("Overdue") if is_late else STEPS[MONTH].label(start) if start else _("Without a day")
    return Expected(
        kind="overdue" if is_late else "month" if start else "undated", label=words, start=start,
        open=summed(row[1:] for row in rows), weighted=amounts_of(_weighted(rows)),
        unweighted=sum(int(row[2]) for row in rows if row[0] is None),
    )  # fmt: skip


def _weighted(rows: Iterable[tuple[Any, ...]]) -> dict[str, int]:
    """Minor units by currency, rounded once."""
    hundredths: dict[str, int] = defaultdict(int)
    for probability, currency, _number, minor in rows:
        if minor is not None:
            hundredths[currency] += int(minor) * (probability or 0)
    return {
        currency: int((Decimal(value) / 100).to_integral_value(ROUND_HALF_UP)) for currency, value in hundredths.items()
    }
