"""What plugins may ask of the hub's leads: the one read protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from leadhub.plugins.api.leads import LeadSnapshot

Where = Mapping[str, str | Sequence[str]]
"""Which leads, in the words of the list's address: ``{"source": "web-form", "owner": "none"}``.  The guide of the
list names them; a word that it does not know raises ``ValueError``."""


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
    the same for the same thing on every chart.  ``before`` is the value in the period before."""

    label: str
    value: int
    where: Where | None = None
    colour: str = ""
    tone: int = 0
    before: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One of those that a field offers.  ``kind``: of a status ``open``, ``in_progress``, ``won`` or ``lost``, of a
    stage ``open``, ``won`` or ``lost``.  ``group`` is the key of a stage's pipeline, ``group_label`` its name."""

    key: str
    label: str
    kind: str = ""
    group: str = ""
    group_label: str = ""


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
        """By the day on which they were received, in order, days without any too, up to today; at most 400
        slices, the last ones."""

    def choices(self, field: str) -> Sequence[Choice]:
        """What a field offers (``status``, ``stage``, ``source``...), in its order; ``ValueError`` for no field."""

    def opens(self, where: Where | None = None, period: Period | None = None) -> Where:
        """What opens exactly these leads: all that is asked for, and what the page is narrowed to."""

    def leads(self, where: Where | None = None, limit: int = 50) -> Sequence[LeadSnapshot]:
        """The newest of these, at most 500."""
