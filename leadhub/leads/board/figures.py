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

ROTTEN = 2**32  # what a lead that stagnates adds to the number of all
LARGE = 10**12  # hundredths: sums of what is below fit into 64 bits for nine million leads
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
    leads = read_in_order(matching(user, state, all_of_them=True), state)
    currencies = sorted({row.currency for row in sums})
    worth: Any = sa.type_coerce(Lead.expected_value, sa.BigInteger)
    is_usual = worth.between(-LARGE, LARGE)
    places = [(stage, currency) for stage in stages for currency in currencies]
    which = {place: _which(*place, is_one=len(currencies) == 1) for place in places}
    asked = [sa.func.sum(_counting(stage)).filter(unindexed(Lead.stage_id) == stage.id) for stage in stages]
    asked += [sa.func.sum(worth).filter(*which[place], is_usual) for place in places]
    told = _told(leads, [*asked, sa.func.count().filter(sa.not_(is_usual))])
    found = {}
    for stage, number in zip(stages, told, strict=False):
        stagnating, count = divmod(number, ROTTEN)
        found[stage.id] = Figures(leads=count, stagnating=stagnating)
    amounts = told[len(stages) : -1]
    if told[-1]:
        parts = [
            sa.func.sum(part).filter(*which[place], sa.not_(is_usual)) for place in places for part in parts_of(worth)
        ]
        large = _told(leads, parts)
        amounts = [it + large[2 * n] * BILLION + large[2 * n + 1] for n, it in enumerate(amounts)]
    for (stage, currency), amount in zip(places, amounts, strict=True):
        found[stage.id].add(0, currency, Decimal(amount).scaleb(-PLACES))
    return found


def _which(stage: Stage, currency: str, *, is_one: bool) -> list[Any]:
    here = unindexed(Lead.stage_id) == stage.id
    return [here] if is_one else [here, Lead.currency == currency]


def _counting(stage: Stage) -> Any:
    """What one lead of the stage adds to two counts in one number: a third less of them to be worked out."""
    limit = stage.rotten_at(utcnow())
    return sa.case((Lead.touched_at <= limit, 1 + ROTTEN), else_=1) if limit else sa.literal(1)


def _told(leads: sa.Select[Any], asked: Sequence[Any]) -> list[int]:
    """The answers, as few statements as the databases allow."""
    found: list[int] = []
    for start in range(0, len(asked), AT_ONCE):
        statement = leads.with_only_columns(*asked[start : start + AT_ONCE]).select_from(Lead)
        found += [int(value or 0) for value in db.session.execute(statement).one()]
    return found
