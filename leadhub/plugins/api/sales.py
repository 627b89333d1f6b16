"""What the reader answers about quotations, orders and opportunities.

Amounts are before tax, one for each currency, the hub's own first: those of two currencies are never added up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from leadhub.plugins.api.figures import Amount
from leadhub.plugins.api.words import Where

Event = Literal["submitted", "accepted", "lost", "expired", "answered", "ordered"]
"""What happens to quotations (``answered`` are accepted, lost or expired), and orders that are confirmed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Documents:
    """How many, and what they come to.  One without an amount is among the ``number`` alone."""

    number: int = 0
    amounts: Sequence[Amount] = field(default=())


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """A day, a week or a month, both of its days in it.  ``before``: of the period before, where the page compares."""

    label: str
    start: date
    end: date
    documents: Documents
    before: Documents | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of ``leads`` of a source or a campaign, until today: how many have a quotation that was submitted, an
    order that is confirmed, and what their orders come to.  ``where``, ``quoted_where`` and ``ordered_where`` open
    just these leads.  ``cost``: as that of ``Efficiency``."""

    label: str = ""
    leads: int = 0
    quoted: int = 0
    ordered: int = 0
    won: Documents = Documents()
    where: Where | None = None
    quoted_where: Where | None = None
    ordered_where: Where | None = None
    cost: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Loss:
    """What was lost for a reason; ``label`` is empty where none was given.  ``lost`` are quotations, and opportunities
    that were not lost with one.  ``before``: how many in the period before, where the page compares."""

    label: str
    lost: Documents
    before: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """Open opportunities that should close in a month, which ``start`` is the first day of.  ``kind``: ``overdue`` and
    ``undated`` ones have none.  ``weighted`` are their amounts by their probability; one without counts as nothing
    there, and is one of ``unweighted``."""

    kind: Literal["overdue", "month", "undated"]
    label: str
    open: Documents
    start: date | None = None
    weighted: Sequence[Amount] = field(default=())
    unweighted: int = 0
