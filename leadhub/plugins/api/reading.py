"""What plugins may ask of the hub's leads: the one read protocol."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol

from leadhub.plugins.api.figures import Efficiency, Exits, Reached, Responses, Stagnating, Visits
from leadhub.plugins.api.leads import LeadSnapshot
from leadhub.plugins.api.sales import Documents, Event, Expected, Loss, Outcome, Stretch
from leadhub.plugins.api.words import Where

__all__ = ["Choice", "Period", "Reader", "Slice", "Where"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """Days by which leads were received, both in it, on the clock of whoever looks, else on the hub's; None: no end on
    that side.  On the statistics page it is the hub's clock for everybody.

    ``before`` is the equal period before it, where the page compares with that."""

    start: date | None = None
    end: date | None = None
    before: "Period | None" = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """A part of what was counted.  ``label`` is in the language of the page; ``where`` opens exactly these leads;
    ``colour`` is one of ``COLOURS``, or empty: the hub chooses.  ``tone`` is the hub's own choice, from ``leads_by``:
    the same for the same thing on every chart.  ``before`` is the value in the period before.  ``is_without``: of leads
    that have nothing in the field, which is always grey; None: the hub sees by ``where``.  In a chart of amounts
    ``amount`` is drawn, and ``value`` says of how many.  ``beside`` are words for a column beside."""

    label: str
    value: int
    where: Where | None = None
    colour: str = ""
    tone: int = 0
    before: int | None = None
    is_without: bool | None = None
    amount: Decimal | None = None
    amount_before: Decimal | None = None
    beside: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One of those that a field offers.  ``kind``: of a status ``open``, ``in_progress``, ``won`` or ``lost``, of a
    stage ``open``, ``won`` or ``lost``.  ``group`` is the key of a stage's pipeline, ``group_label`` its name.
    ``retired``: nothing new gets it, but leads may have it."""

    key: str
    label: str
    kind: str = ""
    group: str = ""
    group_label: str = ""
    retired: bool = False


class Reader(Protocol):
    """Answers for the person who looks: what they may not see is not there.  In jobs, commands and news, which nobody
    looks at, it sees every lead; never those in the bin."""

    @property
    def language(self) -> str:
        """Of the page, such as ``fr``; English where nobody looks."""

    def count(self, where: Where | None = None, period: Period | None = None) -> int:
        """How many leads these are."""

    def leads_by(self, field: str, where: Where | None = None, period: Period | None = None) -> Sequence[Slice]:
        """One slice for each value that a choice has (source, status, type, owner, industry...), the largest first,
        and one for leads without; those that nobody has are left out, but for what somebody had in the period before.
        Raises ``ValueError`` for another field."""

    def leads_over_time(
        self, step: Literal["day", "week", "month"], where: Where | None = None, period: Period | None = None
    ) -> Sequence[Slice]:
        """By the day on which they were received, in order, days without any too, up to the last one or today; where
        that would be more than 400 slices, by a larger step."""

    def choices(self, field: str) -> Sequence[Choice]:
        """What a field offers (``status``, ``stage``, ``source``...), in its order, of that what the page is narrowed
        to; ``ValueError`` for no field."""

    def opens(self, where: Where | None = None, period: Period | None = None) -> Where:
        """What opens exactly these leads: all that is asked for, and what the page is narrowed to."""

    def leads(self, where: Where | None = None, limit: int = 50) -> Sequence[LeadSnapshot]:
        """The newest of these, at most 500."""

    @property
    def currency(self) -> str:
        """Of the hub's amounts, such as ``EUR`` (ISO 4217)."""

    def label(self, field: str) -> str:
        """What a field is called on the page; ``ValueError`` for no field."""

    def reached(
        self, pipeline: str = "", where: Where | None = None, period: Period | None = None
    ) -> Sequence[Reached]:
        """How far these leads ever came in a pipeline (its key; empty: the default one), each lead once: all that were
        ever in it first, then its open stages in their order, then what is won, with those that came further; at last
        those that were ever lost.  ``ValueError`` for no pipeline, or one that is not for whoever looks."""

    def exits(self, pipeline: str = "", where: Where | None = None, period: Period | None = None) -> Sequence[Exits]:
        """What became of these leads in each open stage of a pipeline, in their order."""

    def visits(self, pipeline: str = "", where: Where | None = None, period: Period | None = None) -> Sequence[Visits]:
        """How long leads stay in each stage of a pipeline.  ``period`` are the days on which visits ended."""

    def stagnating(self, where: Where | None = None, limit: int = 20) -> Sequence[Stagnating]:
        """Those that nobody has touched for the longest, of those that stagnate; at most 200."""

    def efficiency(
        self, field: Literal["source", "campaign"], where: Where | None = None, period: Period | None = None
    ) -> Sequence[Efficiency]:
        """What came of each source or campaign that has any of these leads, the largest first.  What a campaign has
        cost falls to its leads in equal parts, whenever they were received."""

    def responses(self, where: Where | None = None, period: Period | None = None) -> Responses:
        """How long these leads waited for a person, from when they were received or created, whatever was later."""

    def documents(self, event: Event, where: Where | None = None, period: Period | None = None) -> Documents:
        """Quotations to which this happened on these days, or orders confirmed for them.  Of the versions of a
        quotation the last submitted one counts.  ``where`` are their leads; what customers got that were never a lead
        is there where only owner, source and campaign are asked for, which they have themselves."""

    def documents_over_time(
        self,
        event: Event,
        step: Literal["day", "week", "month"],
        where: Where | None = None,
        period: Period | None = None,
    ) -> Sequence[Stretch]:
        """The same by the day on which it happened, as ``leads_over_time``."""

    def losses(self, where: Where | None = None, period: Period | None = None) -> Sequence[Loss]:
        """Quotations and opportunities lost on these days, by reason, the most frequent first, those without one
        last.  An opportunity that was lost on the same day as a quotation of it is not counted beside that."""

    def outcomes(
        self,
        field: Literal["", "source", "campaign"] = "",
        where: Where | None = None,
        period: Period | None = None,
    ) -> Sequence[Outcome]:
        """What became of the leads received on these days, by source or campaign, the largest first; without a field
        one for all of them."""

    def expected(self, where: Where | None = None) -> Sequence[Expected]:
        """Open opportunities by the month in which they should close: overdue ones first, those without a day last."""
