"""What plugins want done.  Values: the hub does it, with its own checks and history."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class SetFields:
    """Fields of the lead get values, as a ``LeadDraft`` has them: text, numbers, moments, keys of lists, e-mail
    addresses of people.  A field that is not there, or a value that it can't have, fails the run."""

    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class AssignOwner:
    """The lead gets an owner.  ``person`` is an id, as a ``PersonField`` gives it."""

    person: int
    only_free: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanNextContact:
    """At nine in the morning of the day in so many days, on the hub's clock, by whoever has the lead."""

    days: int
    note: str = ""
    only_free: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AddNote:
    """A note in the lead's history, in Markdown."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MailOwner:
    """An e-mail to whoever has the lead, with the lead's name, its status and this text."""

    text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CallUrl:
    """One HTTP request through the hub's guard (``LEADHUB_OUTGOING_HOSTS`` says which private hosts it may reach), sent
    after the run is committed, at least once, with the header ``Idempotency-Key``.  Any answer below 300 is success."""

    url: str
    json: Mapping[str, Any] | None = None
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)


Effect = SetFields | AssignOwner | PlanNextContact | AddNote | MailOwner | CallUrl


class Skip(Exception):
    """There is nothing to do for this lead; the message says why."""


class Failed(Exception):
    """It can't be done, and trying again is of no use; the message says why, and names nobody."""
