"""Puts what the other modules count into the values that plugins get.  Nothing here writes."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.accounts.roles import ADMINISTER
from leadhub.accounts.visibility import sees_all
from leadhub.database import unindexed
from leadhub.fields.queries import hidden_fields
from leadhub.leads import reading_costs, reading_paths, reading_slices, reading_visits
from leadhub.leads.aside import Unanswered, not_for_you
from leadhub.leads.listing import periods
from leadhub.leads.listing.columns import listed_fields
from leadhub.leads.models import Lead
from leadhub.leads.reading_paths import Route
from leadhub.leads.reading_slices import Part
from leadhub.leads.statuses.snapshots import snapshot_of
from leadhub.plugins.api.figures import Efficiency, Exits, Reached, Stagnating, Visits
from leadhub.plugins.api.reading import Period
from leadhub.web import label, language

STAGNATING_MAX = 200


class Asked(Protocol):
    """By whom, and of which leads; ``told`` is empty where it is all that they may see."""

    @property
    def user(self) -> User | None: ...

    @property
    def told(self) -> Mapping[str, Sequence[str]]: ...

    @property
    def leads(self) -> sa.Select[Lead]: ...

    @property
    def reader(self) -> User | None: ...


def label_of(user: User | None, name: str) -> str:
    fields = listed_fields(user)
    _check(name, fields)
    return str(fields[name].label)


def reached(asked: Asked, pipeline: str) -> list[Reached]:
    route = _route(asked.user, pipeline)
    return reading_paths.reached_of(asked.leads, route) if route else []


def exits(asked: Asked, pipeline: str) -> list[Exits]:
    route = _route(asked.user, pipeline)
    return reading_paths.exits_of(asked.leads, route) if route else []


def visits(asked: Asked, pipeline: str, period: Period, still: Mapping[str, int]) -> list[Visits]:
    """``still``: key of a stage -> how many are there."""
    route = _route(asked.user, pipeline)
    if not route:
        return []
    ids = [row.id for row in route.stages]
    start = period.start and max(period.start, periods.FIRST)
    days = (start, period.end and min(period.end, periods.LAST - periods.DAY))
    is_of_all = not asked.told and (asked.user is None or sees_all(asked.user))
    counted = reading_visits.counted(ids, *days) if is_of_all else None
    ended = reading_visits.measured(asked.leads, ids, *days) if counted is None else counted
    none = reading_visits.Ended(0, None)
    its = {row.id: ended.get(row.id, none) for row in route.stages}
    return [
        Visits(
            key=row.key, label=row.short(language()), kind=row.kind, ended=its[row.id].visits,
            median=its[row.id].median, is_exact=counted is None, still=still.get(row.key, 0),
        )
        for row in route.stages
        if not row.retired or row.id in ended or still.get(row.key)
    ]  # fmt: skip


def stagnating(asked: Asked, limit: int) -> list[Stagnating]:
    fields, hidden = listed_fields(asked.user), hidden_fields(asked.user) if asked.user else ()
    _check("stage", fields)
    return [
        Stagnating(
            lead=snapshot_of(lead, hidden), days=days, stage=label(lead.stage),
            owner=lead.owner.label if lead.owner and "owner" in fields else "",
        )
        for lead, days in reading_visits.longest_stagnating(asked.leads, max(0, min(int(limit), STAGNATING_MAX)))
    ]  # fmt: skip


def efficiency(asked: Asked, field: str, parts: Sequence[Part]) -> list[Efficiency]:
    """One for each part."""
    fields = listed_fields(asked.user)
    if field not in reading_costs.FIELDS:
        raise Unanswered(f"{field!r} is none of {', '.join(reading_costs.FIELDS)}")
    _check("customer_since", fields)
    may_know = asked.user is None or asked.user.may(ADMINISTER)  # as the list of campaigns has it
    costs = reading_costs.costs_of(asked.leads, field) if may_know else {}
    budgets = reading_costs.budgets() if may_know and field == "campaign" else {}
    its = asked.leads.where(unindexed(Lead.customer_since).is_not(None))
    customers = reading_slices.parts_of(asked.reader, its, fields[field])
    won = {part.word: part.count for part in customers}
    return [
        Efficiency(
            label=part.label, leads=part.count, customers=won.get(part.word, 0), budget=budgets.get(part.word),
            cost=costs.get(part.word),
        )
        for part in parts
    ]  # fmt: skip


def _route(user: User | None, key: str) -> Route | None:
    _check("stage", listed_fields(user))
    pipeline = reading_paths.pipeline_for(user, key)
    if pipeline is None and key:
        raise Unanswered(_("There is no pipeline “%(name)s”.", name=key))
    return reading_paths.route_of(pipeline) if pipeline else None


def _check(name: str, fields: Mapping[str, Any]) -> None:
    if name not in fields:
        raise Unanswered(not_for_you())
