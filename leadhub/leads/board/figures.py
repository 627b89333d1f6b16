"""What stands at the head of a column: how many leads, what they are worth, how many stagnate.  Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.accounts.visibility import visible
from leadhub.database import unindexed, utcnow
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.leads.counters.queries import BILLION, PLACES, Sum, parts_of
from leadhub.leads.listing.pages import matching
from leadhub.leads.listing.state import ListState
from leadhub.leads.listing.totals import read_in_order
from leadhub.leads.models import Lead
from leadhub.pipelines.models import Stage

AT_ONCE = 500  # columns of one statement: PostgreSQL allows 1,664
STAGNATING_MAX = 99  # more are not counted where no filter asks for it


@dataclass(slots=True)
class Figures:
    """``amounts``: currency (ISO 4217) -> sum of the expected values, the hub's own first; none that is 0.
    ``is_more``: more leads stagnate than ``stagnating`` says."""

    leads: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)
    stagnating: int = 0
    is_more: bool = False

    def add(self, leads: int, currency: str, amount: Decimal) -> None:
        self.leads += leads
        if amount:
            own, currency = hub().currency, currency or hub().currency
            summed = self.amounts | {currency: self.amounts.get(currency, Decimal(0)) + amount}
            self.amounts = dict(sorted(summed.items(), key=lambda pair: (pair[0] != own, pair[0])))


def counted(user: User, stages: Sequence[Stage], sums: Sequence[Sum]) -> dict[int, Figures]:
    """Id of a stage -> figures of all leads that the user may see, out of the counters' sums."""
    found = {stage.id: Figures() for stage in stages}
    for row in sums:
        if row.stage_id in found:
            found[row.stage_id].add(row.leads, row.currency, row.amount)
    for stage_id, number in _stagnating(user, stages).items():
        found[stage_id].stagnating = min(number, STAGNATING_MAX)
        found[stage_id].is_more = number > STAGNATING_MAX
    return found


def _stagnating(user: User, stages: Sequence[Stage]) -> dict[int, int]:
    """Out of an index, and no more than it takes to know that they are many."""
    pieces = []
    for stage in stages:
        if limit := stage.rotten_at(utcnow()):
            rotten = visible(user, Lead).where(Lead.stage_id == stage.id, Lead.touched_at <= limit)
            some = rotten.with_only_columns(sa.literal(stage.id).label("stage_id")).limit(STAGNATING_MAX + 1)
            pieces.append(sa.select(some.subquery()))
    if not pieces:
        return {}
    every = sa.union_all(*pieces).subquery()
    rows = db.session.execute(sa.select(every.c.stage_id, sa.func.count()).group_by(every.c.stage_id))
    return {row[0]: row[1] for row in rows}


def filtered(user: User, state: ListState, stages: Sequence[Stage], sums: Sequence[Sum]) -> dict[int, Figures]:
    """The same of the leads that the state asks for, counted one by one.  ``sums`` name the currencies that occur."""
    currencies = sorted({row.currency for row in sums if row.amount})
    asked: list[Any] = []
    for stage in stages:
        here = unindexed(Lead.stage_id) == stage.id
        limit = stage.rotten_at(utcnow())
        asked.append(sa.func.count().filter(here))
        asked.append(sa.func.count().filter(here, Lead.touched_at <= limit) if limit else sa.literal(0))
        for currency in currencies:
            parts = parts_of(sa.type_coerce(Lead.expected_value, sa.BigInteger))
            asked += [sa.func.sum(part).filter(here, Lead.currency == currency) for part in parts]
    told = iter(_told(read_in_order(matching(user, state, all_of_them=True), state), asked))
    found = {}
    for stage in stages:
        found[stage.id] = Figures(leads=next(told), stagnating=next(told))
        for currency in currencies:
            billions, rest = next(told), next(told)
            found[stage.id].add(0, currency, Decimal(billions * BILLION + rest).scaleb(-PLACES))
    return found


def _told(leads: sa.Select[Any], asked: Sequence[Any]) -> list[int]:
    """The answers, as few statements as the databases allow."""
    found: list[int] = []
    for start in range(0, len(asked), AT_ONCE):
        statement = leads.with_only_columns(*asked[start : start + AT_ONCE]).select_from(Lead)
        found += [int(value or 0) for value in db.session.execute(statement).one()]
    return found
