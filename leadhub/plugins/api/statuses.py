"""What gives a lead its status, and what is done when it gets one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leadhub.plugins.api.context import Context
from leadhub.plugins.api.effects import Effect
from leadhub.plugins.api.leads import LeadSnapshot

OPEN, IN_PROGRESS, WON, LOST = "open", "in_progress", "won", "lost"

OPPORTUNITY = "opportunity"  # one exists, open or won
SUBMITTED, ACCEPTED = "quotation_submitted", "quotation_accepted"  # one waits for its answer; one waits for its order
QUOTATION_LOST, EXPIRED = "quotation_lost", "quotation_expired"  # one is there that was lost, that ran out
ORDER, CUSTOMER = "order_confirmed", "customer"
ENQUIRY = "enquiry"  # somebody who is a lead already has written again


COLOURS = (
    "blue", "azure", "indigo", "purple", "pink", "red", "orange", "yellow", "lime", "green", "teal", "cyan", "brown",
    "slate", "gray", "black",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """Is it so?  ``at`` is when that last changed (aware), ``about`` names what it is about: a quotation's number."""

    holds: bool
    at: datetime
    about: str = ""


Facts = Mapping[str, Fact]
Settings = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """A status that a plugin would like there to be.  ``names`` is by language, English first; ``kind`` is one of
    ``OPEN``, ``IN_PROGRESS``, ``WON``, ``LOST``; ``colour`` one of ``COLOURS``."""

    key: str
    names: Mapping[str, str]
    kind: str = IN_PROGRESS
    colour: str = "blue"


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusRule:
    """Gives a lead a status while something is so.

    ``label`` says when, behind "When": *a quotation is submitted*; by language, English first.  Of several rules that
    hold the one with the highest ``priority`` gives the status (the hub's own have 50 to 100).  ``holds`` gets the
    lead's facts and answers with the one that it goes by, or None; it is called often, and must be quick and pure.
    ``wished`` is bound to the rule where it is there; what the admin chooses goes before it.  ``is_final``: no choice
    by hand goes before it.
    """

    key: str
    label: Mapping[str, str]
    priority: int
    holds: Callable[[Facts], Fact | None]
    wished: Status
    is_final: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusAction:
    """Something that can be done when a lead enters a status.

    ``name`` is by language, English first.  ``form`` is a ``wtforms.Form`` of its settings, which are stored as JSON;
    None: it has none.  ``summary`` puts them into a few words.  ``run`` is called by the worker after the change, at
    least once, and returns what is to be done; it raises ``Skip`` where there is nothing to do, ``Failed`` where
    trying again is of no use.
    """

    key: str
    name: Mapping[str, str]
    run: Callable[[LeadSnapshot, Settings, Context], Iterable[Effect]]
    form: type[Any] | None = None
    summary: Callable[[Settings], str] | None = None
