"""Answers what plugins ask of the leads: ``plugins.api.reading.Reader``.  Nothing here writes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from leadhub.accounts.models import User
from leadhub.accounts.visibility import visible
from leadhub.extensions import db
from leadhub.fields.catalogue import BUILT_IN, DAY, MOMENT
from leadhub.fields.queries import hidden_fields
from leadhub.hub.queries import hub, time_zone
from leadhub.leads import reading_choices, reading_days, reading_figures, reading_responses, reading_slices
from leadhub.leads.aside import Aside, Unanswered, not_for_you
from leadhub.leads.listing import filters
from leadhub.leads.listing.columns import filtered_fields, listed_fields
from leadhub.leads.listing.filters import NONE, Filter, FilterRefused
from leadhub.leads.listing.found import found, way_to
from leadhub.leads.listing.state import CLOCK, HUB, TEXT, TEXT_LENGTH, VIEW
from leadhub.leads.models import Lead
from leadhub.leads.queries import exact_count
from leadhub.leads.reading_counted import Plan, plan_of
from leadhub.leads.reading_kept import rows_of
from leadhub.leads.reading_words import Told, both, edges_of, within_days, words_of
from leadhub.leads.statuses.snapshots import LINKS, snapshot_of
from leadhub.plugins.api.figures import Efficiency, Exits, Reached, Responses, Stagnating, Visits
from leadhub.plugins.api.leads import LeadSnapshot
from leadhub.plugins.api.reading import Choice, Period, Slice, Where

LEADS_MAX = 500
NOBODY = 0  # the id of no person
PAGE_SECONDS, WORK_SECONDS = 3.0, 30.0  # for one statement: while somebody looks; while nobody does
DAY_FIELDS = {field.name for field in BUILT_IN if field.type in (DAY, MOMENT)}


@dataclass(frozen=True)
class Asked:
    """``told``: what is asked for, in the words of an address; ``leads``: those that it means."""

    user: User | None
    told: Told
    text: str
    chosen: Sequence[Filter]
    sees_all: bool

    @property
    def leads(self) -> sa.Select[Lead]:
        leads = sa.select(Lead).where(Lead.deleted_at.is_(None)) if self.sees_all else visible(self.user, Lead)
        if self.text:
            leads = leads.where(found(self.text, way_to(self.text, all_of_them=True)))
        return leads.where(*(each.condition for each in self.chosen))

    @property
    def reader(self) -> User | None:
        return None if self.sees_all else self.user

    def plan(self, field: str = "") -> Plan | None:
        """How the counters answer, if they can."""
        if self.text or (self.user is None and not self.sees_all):
            return None
        return plan_of(self.reader, self.chosen, field)


@dataclass(frozen=True)
class HubReader:
    """``who``: the id of the person who looks; None: nobody does, and every lead is there.  ``within``: what the page
    is narrowed to, in the words of an address; nothing else is there.  ``on_hub_clock``: days begin when the hub's do,
    on the lists that are opened too."""

    who: int | None
    aside: Aside
    within: Mapping[str, Sequence[str]] = field(default_factory=dict)
    on_hub_clock: bool = False

    @classmethod
    def of(
        cls,
        user: User | None,
        *,
        is_stranger: bool = False,
        within: Mapping[str, Sequence[str]] | None = None,
        on_hub_clock: bool = False,
    ) -> Self:
        """For whoever looks; None: nobody does, and it sees every lead that is not in the bin.  A stranger sees none.
        ``within``: of the leads that an address with these words would show.

        To be made before a plugin is called: what it answers may then be asked for in another thread.
        """
        if user is not None and user.id is None:
            raise ValueError("somebody who is not stored sees nothing")
        who = user.id if user is not None else NOBODY if is_stranger else None
        aside = replace(Aside.here(), zone=time_zone()) if on_hub_clock else Aside.here()
        return cls(who, aside, within or {}, on_hub_clock)

    @property
    def language(self) -> str:
        return self.aside.locale.language if self.aside.locale else "en"

    def count(self, where: Where | None = None, period: Period | None = None) -> int:
        with self._asking(where, period) as asked:
            plan = asked.plan()
            return plan.total() if plan else rows_of(asked.reader, exact_count(asked.leads))[0][0]

    def leads_by(self, field: str, where: Where | None = None, period: Period | None = None) -> Sequence[Slice]:
        told, parts, tones = self._parts_by(field, where, period)
        if period and period.before:
            parts = reading_slices.beside(parts, self._parts_by(field, where, period.before)[1])
        return [
            Slice(
                label=part.label, value=part.count, colour=part.colour, tone=tones.get(part.word, 0),
                where=self._where(told | {field: [part.word]}), before=part.before, is_without=part.word == NONE,
            )
            for part in parts
        ]  # fmt: skip

    def leads_over_time(self, step: str, where: Where | None = None, period: Period | None = None) -> Sequence[Slice]:
        if step not in reading_days.STEPS:
            raise Unanswered(f"{step!r} is none of {', '.join(reading_days.STEPS)}")
        with self._asking(where, period) as asked:
            first, last = edges_of(asked.told)
            told, parts = asked.told, reading_days.parts_of(asked.reader, asked.leads, step, first, last, asked.plan())
        before = self._before(where, period, parts)
        return [
            Slice(
                label=part.label, value=part.count, where=self._where(within_days(told, part.start, part.end)),
                before=before[place] if before else None,
            )
            for place, part in enumerate(parts)
        ]  # fmt: skip

    def choices(self, field: str) -> Sequence[Choice]:
        with self._asking(None, None) as asked:
            there = listed_fields(asked.user).get(field)
            if there is None:
                raise Unanswered(not_for_you())
            found = reading_choices.choices_of(there, asked.user)
            return [choice for choice in found if choice.key in self.within.get(field, (choice.key,))]

    def opens(self, where: Where | None = None, period: Period | None = None) -> Where:
        return self._where(both(words_of(where, period), self.within))

    def leads(self, where: Where | None = None, limit: int = 50) -> Sequence[LeadSnapshot]:
        with self._asking(where, None) as asked:
            newest = asked.leads.order_by(Lead.received_at.desc(), Lead.id.desc())
            links = (joinedload(getattr(Lead, link)) for link in LINKS)
            shown = newest.options(*links).limit(max(0, min(int(limit), LEADS_MAX)))
            hidden = hidden_fields(asked.user) if asked.user else ()
            return [snapshot_of(lead, hidden) for lead in db.session.scalars(shown)]

    @property
    def currency(self) -> str:
        with self._asking(None, None):
            return hub().currency

    def label(self, field: str) -> str:
        with self._asking(None, None) as asked:
            return reading_figures.label_of(asked.user, field)

    def reached(
        self, pipeline: str = "", where: Where | None = None, period: Period | None = None
    ) -> Sequence[Reached]:
        with self._asking(where, period) as asked:
            return reading_figures.reached(asked, pipeline)

    def exits(self, pipeline: str = "", where: Where | None = None, period: Period | None = None) -> Sequence[Exits]:
        with self._asking(where, period) as asked:
            return reading_figures.exits(asked, pipeline)

    def visits(self, pipeline: str = "", where: Where | None = None, period: Period | None = None) -> Sequence[Visits]:
        still = {part.word: part.count for part in self._parts_by("stage", where, None)[1]}
        with self._asking(where, None) as asked:
            found = reading_figures.visits(asked, pipeline, period or Period(), still)
            return [replace(each, where=self._where(both(asked.told, {"stage": [each.key]}))) for each in found]

    def stagnating(self, where: Where | None = None, limit: int = 20) -> Sequence[Stagnating]:
        with self._asking(where, None) as asked:
            return reading_figures.stagnating(asked, limit)

    def efficiency(self, field: str, where: Where | None = None, period: Period | None = None) -> Sequence[Efficiency]:
        told, parts, _tones = self._parts_by(field, where, period)
        with self._asking(where, period) as asked:
            found = reading_figures.efficiency(asked, field, parts)
            return [
                replace(each, where=self._where(told | {field: [part.word]}))
                for each, part in zip(found, parts, strict=True)
            ]

    def responses(self, where: Where | None = None, period: Period | None = None) -> Responses:
        with self._asking(where, period) as asked:
            return reading_responses.responses_of(asked.leads)

    def _parts_by(
        self, field: str, where: Where | None, period: Period | None
    ) -> tuple[Told, Sequence[reading_slices.Part], Mapping[str, int]]:
        with self._asking(where, period) as asked:
            there = listed_fields(asked.user).get(field)
            if there is None or not reading_slices.has_slices(there):
                raise Unanswered(not_for_you())
            parts = reading_slices.parts_of(asked.reader, asked.leads, there, asked.plan(field))
            return asked.told, parts, reading_slices.tones_of(there, asked.reader)

    def _before(self, where: Where | None, period: Period | None, parts: Sequence[reading_days.Part]) -> list[int]:
        """Of the period before, cut as this one is; what is over at its end falls to the last stretch."""
        if not (period and period.before and period.start and period.before.start and period.before.end):
            return []
        back, end = period.start - period.before.start, period.before.end
        edges = [(part.start - back, min(part.end - back, end)) for part in parts if part.start - back <= end]
        if edges:
            edges[-1] = (edges[-1][0], end)
        with self._asking(where, period.before) as asked:
            counts = reading_days.at(asked.reader, asked.leads, edges, asked.plan())
        return counts + [0] * (len(parts) - len(counts))

    def _where(self, told: Told) -> Mapping[str, str | Sequence[str]]:
        """What opens these leads."""
        has_days = self.on_hub_clock and any(name.partition(".")[0] in DAY_FIELDS for name in told)
        clock = {CLOCK: HUB} if has_days else {}
        return {name: values[0] if len(values) == 1 else tuple(values) for name, values in told.items()} | clock

    @contextmanager
    def _asking(self, where: Where | None, period: Period | None) -> Iterator[Asked]:
        told = both(words_of(where, period), self.within)
        with self.aside.opened(WORK_SECONDS if self.who is None else PAGE_SECONDS):
            user = None
            if self.who is not None:
                user = db.session.get(User, self.who, options=[joinedload(User.roles)])
            yield _asked(user, told, sees_all=self.who is None)


reader_for = HubReader.of


def address_of(where: Where, user: User) -> dict[str, Any] | None:
    """Arguments of ``url_for("leads.index")`` that open these leads; None where the list has no such words, or not for
    this reader.  Values are not looked at."""
    fields = filtered_fields(user)
    try:
        told = words_of(where)
    except (ValueError, TypeError):
        return None
    clock = {CLOCK: HUB} if where.get(CLOCK) == HUB else {}
    for name in told:
        field, _dot, operator = name.partition(".")
        if name != TEXT and (field not in fields or operator not in filters.operators_of(fields[field])):
            return None
    return (
        {**told, **clock} if any(map(any, told.values())) else {VIEW: 0}
    )  # a bare address opens the reader's usual view


def _asked(user: User | None, told: Told, *, sees_all: bool) -> Asked:
    text = " ".join(" ".join(told.get(TEXT, ())).split())[:TEXT_LENGTH]
    try:
        chosen = filters.filters_from({name: values for name, values in told.items() if name != TEXT}, user)
    except FilterRefused as error:
        raise Unanswered(str(error)) from None
    return Asked(user, told, text, chosen, sees_all)
