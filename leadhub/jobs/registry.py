"""Which function does which kind of effect, and what is to be done again and again.  Filled by ``app.py``."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from flask import Flask, current_app

Payload = Mapping[str, Any]
N_ = str  # marks a text that is stored in English and translated where it is shown
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class GiveUp(Exception):
    """Raised by a handler when trying again is of no use.  Its message is shown, so it names nobody: one line in
    English that is marked for translation (``N_``)."""


class NotNow(Exception):
    """Raised by a handler when a later try may do better, with a reason that is shown as that of ``GiveUp`` is.

    ``for_all``: nothing of the same kind would go better now, so that all of it waits, and one try at a time finds out.
    """

    def __init__(self, reason: str, *, for_all: bool = False) -> None:
        super().__init__(reason)
        self.for_all = for_all


@dataclass(frozen=True, kw_only=True)
class Handler:
    """How one kind of effect is done.

    ``run`` never commits.  When it returns, what it did is committed together with the effect's end, so that both
    happen or neither.  It may be a generator: at each ``yield`` what it did so far is committed, its lease is renewed
    and other effects get a turn; between a ``yield`` and its next query no transaction is open, which is the place
    for talking to other machines.  The next try begins it anew: what is committed is its own to know again.  Of other
    errors than ``GiveUp``, ``NotNow`` and ``UserError`` the class alone is shown.  ``gave_up`` is called, and
    committed, after the last failed try, and when an admin drops it before: that is the end of what it was for, so it
    can't be tried again.  ``label`` is what people read (a lazy translation).

    ``is_long``: a generator that takes minutes, of which few run at once.  Its first step gets ready; each other one
    is progress that the next try builds upon, so that failures before it count no more.
    """

    run: Callable[[Payload], Iterator[None] | None]
    label: Any
    gave_up: Callable[[Payload], None] | None = None
    is_long: bool = False


@dataclass(frozen=True, kw_only=True)
class Periodic:
    """An effect without payload that is due every so often, counted from midnight UTC of 1970-01-01 plus ``offset``.
    Turns that nobody was there for are not made up for: the last one alone is done."""

    kind: str
    every: timedelta
    offset: timedelta = timedelta()

    def key(self, now: datetime) -> str:
        """The dedupe key of the turn that this moment is in."""
        first = EPOCH + self.offset
        turn = first + (now - first) // self.every * self.every
        return f"periodic:{self.kind}@{turn:%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True)
class Registry:
    """Everything that the worker of one app can do."""

    handlers: Mapping[str, Handler] = field(default_factory=dict)
    periodic: Sequence[Periodic] = ()


def bind(app: Flask, handlers: Mapping[str, Handler], periodic: Sequence[Periodic] = ()) -> None:
    app.extensions["leadhub_jobs"] = Registry(dict(handlers), tuple(periodic))


def current_registry() -> Registry:
    return cast(Registry, current_app.extensions["leadhub_jobs"])


def long_kinds() -> list[str]:
    return [kind for kind, handler in current_registry().handlers.items() if handler.is_long]


def last_words_of(kind: str) -> Callable[[Payload], None] | None:
    """The ``gave_up`` of this kind, if it is known and has one."""
    handler = current_registry().handlers.get(kind)
    return handler.gave_up if handler else None
