"""Reads the counters.  Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.accounts.visibility import holders_within
from leadhub.extensions import db
from leadhub.leads.counters.models import LeadCount, LeadDelta

PLACES = 2  # decimals of an amount
BILLION = 10**9
KEYS = ("stage_id", "owner_id", "currency")
SUMS = ("leads", "billions", "rest")


@dataclass(frozen=True, slots=True)
class Sum:
    """Leads of one stage (None: of none) in one currency (empty: the hub's)."""

    stage_id: int | None
    currency: str
    leads: int
    amount: Decimal


def sums_for(user: User) -> list[Sum]:
    """Of the leads that the user may see and that are not in the bin; exact at this moment."""
    rows = db.session.execute(summed()).all()
    seen = holders_within(user, {row.owner_id or None for row in rows})
    found: dict[tuple[int, str], list[int]] = {}
    for row in rows:
        if (row.owner_id or None) in seen:
            sums = found.setdefault((row.stage_id, row.currency), [0, 0])
            sums[0] += int(row.leads)
            sums[1] += int(row.billions) * BILLION + int(row.rest)
    return [
        Sum(stage_id or None, currency, leads, Decimal(amount).scaleb(-PLACES))
        for (stage_id, currency), (leads, amount) in sorted(found.items())
        if leads
    ]


def parts_of(amount: Any) -> tuple[Any, Any]:
    """An amount as whole billions and what is over: SQL that rounds towards 0, as both databases do."""
    whole = sa.cast(amount, sa.BigInteger)
    return whole.op("/")(sa.literal_column(str(BILLION))), whole.op("%")(sa.literal_column(str(BILLION)))


def summed() -> sa.Select[Any]:
    """Counters and what they don't hold yet, in one statement: else a fold between two would be counted twice."""
    parts = sa.union_all(sa.select(*_columns(LeadCount)), _half("old", -1), _half("new", 1)).subquery()
    sums = [sa.func.sum(parts.c[name]).label(name) for name in SUMS]
    keys = [parts.c[name] for name in KEYS]
    return sa.select(*keys, *sums).group_by(*keys)


def _half(side: str, sign: int) -> sa.Select[Any]:
    keys: Sequence[Any] = [getattr(LeadDelta, f"{side}_{name}").label(name) for name in KEYS]
    leads, amount = (getattr(LeadDelta, f"{side}_{name}") for name in ("leads", "amount"))
    numbers = [(sign * each).label(name) for name, each in zip(SUMS, (leads, *parts_of(amount)), strict=True)]
    return sa.select(*keys, *numbers).where(leads == 1)


def _columns(model: Any) -> list[Any]:
    return [getattr(model, name) for name in (*KEYS, *SUMS)]
