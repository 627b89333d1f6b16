"""What the reader answers beside counts of leads: paths through the stages, costs, waiting times."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from leadhub.plugins.api.leads import LeadSnapshot
from leadhub.plugins.api.words import Where


@dataclass(frozen=True, kw_only=True, slots=True)
class Amount:
    """In ``currency`` (ISO 4217), shown as the hub shows its own."""

    value: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """How many leads came as far as a stage.  ``kind`` is ``open``, ``won`` or ``lost``; ``key`` is empty, and so is
    ``label``, of all leads that were ever in the pipeline."""

    key: str = ""
    label: str = ""
    kind: str = ""
    leads: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Exits:
    """``leads`` were ever in the stage, and each of them is one of the others: it went on to a later stage, went back
    to an earlier one, was lost, left the pipeline, or is still there.  Of several visits the last one counts."""

    key: str
    label: str
    leads: int = 0
    onward: int = 0
    back: int = 0
    lost: int = 0
    away: int = 0
    still: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Visits:
    """``median`` of the ``ended`` visits of a stage, in seconds; None where none ended.  ``is_exact``: else it lies
    within 5 %.  ``still`` leads are there now, which ``where`` opens."""

    key: str
    label: str
    kind: str
    ended: int = 0
    median: float | None = None
    is_exact: bool = True
    still: int = 0
    where: Where | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stagnating:
    """A lead that nobody has touched for ``days`` whole days.  ``stage`` and ``owner`` are as the page calls them;
    ``owner`` is empty for nobody."""

    lead: LeadSnapshot
    days: int
    stage: str
    owner: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Efficiency:
    """What came of a source or a campaign.  ``where`` opens the ``leads``; ``customers`` are those of them that have
    become customers.  Amounts are in the reader's ``currency``; None: not known, or not for whoever looks.  ``budget``
    is that of the whole campaign, ``cost`` the part of what was spent that falls to these leads."""

    label: str
    leads: int
    customers: int
    where: Where | None = None
    budget: Decimal | None = None
    cost: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Responses:
    """How long leads waited until a person called, met or noted something.  ``within`` are (seconds, how many waited no
    longer than that and longer than the one before), and ``later`` is beyond the last; ``waiting`` still do.
    ``median`` is in seconds, of those that have an answer; None where there are none."""

    within: Sequence[tuple[int, int]]
    later: int
    waiting: int
    median: float | None = None
