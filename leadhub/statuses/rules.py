"""Which status a lead has: one pure function of its facts, the rules, and the last choice by hand.

The truth table in ``tests/statuses/test_truth_table.py`` says what must come of it.  Nothing here reads or writes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from leadhub.plugins.api.statuses import (
    ACCEPTED,
    CUSTOMER,
    ENQUIRY,
    EXPIRED,
    IN_PROGRESS,
    LOST,
    OPEN,
    OPPORTUNITY,
    ORDER,
    QUOTATION_LOST,
    SUBMITTED,
    WON,
    Fact,
    Facts,
)

__all__ = [
    "ACCEPTED", "BEGUN", "CUSTOMER", "Cause", "Choice", "ENDED", "ENQUIRY", "EXPIRED", "FACTS", "Fact", "Facts", "HAND",
    "Holds", "IN_PROGRESS", "KINDS", "LOST", "OPEN", "OPPORTUNITY", "ORDER", "QUOTATION_LOST", "REPLACED", "RESTORED",
    "Rule", "SUBMITTED", "Standing", "UNDONE", "Verdict", "WON",
    "status_of",
]  # fmt: skip
KINDS = (OPEN, IN_PROGRESS, WON, LOST)
FACTS = (ENQUIRY, OPPORTUNITY, EXPIRED, QUOTATION_LOST, SUBMITTED, ACCEPTED, ORDER, CUSTOMER)
"""Of those that changed in the same moment one that begins tells the cause, and of such the later one here: a quotation
that waits no longer is lost."""

HAND, BEGUN, REPLACED, RESTORED, UNDONE, ENDED = "hand", "begun", "replaced", "restored", "undone", ".ended"


@dataclass(frozen=True, slots=True)
class Standing:
    """What has to be known of a status.  ``kind`` is one of ``KINDS``."""

    id: int
    kind: str = OPEN
    is_lock: bool = False


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a status is what it is: a key with arguments, put into words where it is shown.

    ``hand``, ``begun`` (nothing has happened yet), ``replaced`` (the status before was deleted), ``restored`` (that was
    undone), ``undone`` (a change of many leads was), or a fact; a fact that no longer holds has ``.ended`` behind it.
    """

    key: str
    arguments: Mapping[str, str] = field(default_factory=dict)


Holds = Callable[[Facts], Fact | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """Where ``holds`` finds its fact, the lead gets ``status``; of several the one with the highest ``priority``.

    ``is_final``: no choice by hand and no other rule goes before it, but for a status with a lock.
    """

    key: str
    priority: int
    status: Standing
    holds: Holds
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose last, and when."""

    status: Standing
    at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """``held_back``: what would have moved the lead, had not a person chosen a status with a lock before."""

    status: Standing
    cause: Cause
    at: datetime | None = None
    held_back: Cause | None = None


def status_of(facts: Facts, rules: Sequence[Rule], choice: Choice | None, default: Standing) -> Verdict:
    """The status, and why.

    A choice holds until a fact changes after it, one with a lock for good.  Else the rule with the highest priority
    gives the status; where none holds it is the last choice, else the default.  Who writes again while they are lost
    begins anew.
    """
    told = _settled(facts, rules, choice, default)
    enquiry = facts.get(ENQUIRY)
    is_lost = told.status.kind == LOST and not told.status.is_lock
    if enquiry and enquiry.holds and is_lost and (told.at is None or enquiry.at > told.at):
        return Verdict(default, _cause_of(ENQUIRY, enquiry), enquiry.at)
    return told


def _settled(facts: Facts, rules: Sequence[Rule], choice: Choice | None, default: Standing) -> Verdict:
    """Without what enquiries change."""
    latest = _latest(facts)
    found = [(rule, fact) for rule in rules if (fact := rule.holds(facts)) and fact.holds]
    finals = [each for each in found if each[0].is_final]
    rule, fact = max(finals or found, key=lambda each: (each[0].priority, each[0].key), default=(None, None))
    cause = latest[1] if latest else Cause(BEGUN)
    if choice and choice.status.is_lock:
        is_held = rule is not None and rule.status != choice.status and latest is not None and latest[0] > choice.at
        return Verdict(choice.status, Cause(HAND), choice.at, cause if is_held else None)
    if choice and (latest is None or choice.at >= latest[0]) and not (rule and rule.is_final):
        return Verdict(choice.status, Cause(HAND), choice.at)
    if rule and fact:
        return Verdict(rule.status, cause, fact.at)
    if choice:
        return Verdict(choice.status, cause, choice.at)
    return Verdict(default, cause)


def _latest(facts: Facts) -> tuple[datetime, Cause] | None:
    """When a fact last changed, and which that was; enquiries change nothing by themselves."""
    told = [name for name in facts if name != ENQUIRY]
    if not told:
        return None
    places = {name: place for place, name in enumerate(FACTS)}
    name = max(told, key=lambda each: (facts[each].at, facts[each].holds, places.get(each, len(FACTS)), each))
    return facts[name].at, _cause_of(name, facts[name])


def _cause_of(name: str, fact: Fact) -> Cause:
    return Cause(name if fact.holds else name + ENDED, {"about": fact.about} if fact.about else {})
