"""What has happened.  News can't be vetoed: it is told by the worker, after the fact, at least once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from leadhub.plugins.api.leads import LeadSnapshot


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldChange:
    """``field`` is its name, ``old`` and ``new`` are words in the hub's language."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadNews:
    """``lead`` is as it is now, and may have changed since; ``version`` is the lead's after the fact, so that the same
    news comes with the same id and version.  ``by`` is the e-mail address of who did it; empty: the hub itself."""

    lead: LeadSnapshot
    version: int
    at: datetime
    by: str = ""
    channel: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadCreated(LeadNews):
    """A lead came in, by whatever door."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadChanged(LeadNews):
    """Fields of a lead have changed; none: it came out of the bin."""

    changes: Sequence[FieldChange] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadStatusChanged(LeadNews):
    """``old`` and ``new`` are labels as they were then; ``cause`` is ``hand``, or the fact that it follows."""

    old: str
    new: str
    cause: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadDeleted:
    """A lead went into the bin; ``for_good``: it is gone, and whatever is kept of it elsewhere has to go too."""

    lead_id: int
    at: datetime
    for_good: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusReplaced:
    """A status was deleted, and ``leads`` leads that had it have ``new`` by now: one piece of news for all of them.
    ``is_undo``: it is there again, and they have it back.  ``old`` and ``new`` are keys; ``new`` is empty where
    nothing named it."""

    old: str
    at: datetime
    old_names: Mapping[str, str] = field(default_factory=dict)
    new: str = ""
    leads: int = 0
    is_undo: bool = False
