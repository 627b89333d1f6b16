"""How the plugins of one process fare, and what keeps one that fails from doing harm.

Five failures in a row open a plugin's breaker: it is not called for a while.  A call with a deadline runs in a thread
of its own; one that does not come back opens the breaker at once, until somebody closes it, since its thread is lost.
"""

import queue
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog

from leadhub.plugins.api.context import NoAnswer

IN_A_ROW = 5  # failures that open the breaker
REST_SECONDS = 300.0  # until one call may try again
AT_ONCE = 8  # calls with a deadline
Result = TypeVar("Result")
Passes = tuple[type[BaseException], ...]
log = structlog.get_logger()


class PluginFailed(Exception):
    """A plugin raised, took too long, or rests.  The message is in English, for logs and admins."""


class _TooLate(Exception):
    """It did not come back in time."""


class _Crowded(Exception):
    """Too many calls with a deadline at once."""


@dataclass
class Tally:
    """What was counted and not written down yet.  ``slowest`` is in seconds."""

    calls: int = 0
    failures: int = 0
    slowest: float = 0.0
    last_error: str = ""
    is_resting: bool = False

    def add(self, other: "Tally") -> None:
        self.calls += other.calls
        self.failures += other.failures
        self.slowest = max(self.slowest, other.slowest)
        self.last_error = self.last_error or other.last_error
        self.is_resting = self.is_resting or other.is_resting


@dataclass
class Breaker:
    """One plugin's, in this process.  ``opened`` is Unix time; 0: it is closed."""

    in_a_row: int = 0
    opened: float = 0.0
    has_lost_thread: bool = False
    last_error: str = ""

    @property
    def is_open(self) -> bool:
        return bool(self.opened) and (self.has_lost_thread or time.time() - self.opened < REST_SECONDS)

    def failed(self, error: str) -> None:
        self.in_a_row += 1
        self.last_error = error
        if self.has_lost_thread or self.in_a_row >= IN_A_ROW:
            self.opened = time.time()

    def close(self) -> None:
        self.in_a_row, self.opened, self.has_lost_thread = 0, 0.0, False


@dataclass
class Containment:
    """Calls plugins.  One per host."""

    breakers: dict[str, Breaker] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    around: Callable[[], AbstractContextManager[Any]] = nullcontext  # what each thread needs of the app
    places: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))

    def breaker_of(self, plugin: str) -> Breaker:
        with self.lock:
            return self.breakers.setdefault(plugin, Breaker())

    def close_before(self, plugin: str, moment: float) -> None:
        """Somebody wanted it called again: one that opened before that is closed."""
        breaker = self.breaker_of(plugin)
        if breaker.opened and breaker.opened < moment:
            breaker.close()

    def taken(self) -> dict[str, Tally]:
        """What was counted since the last time."""
        with self.lock:
            told, self.tallies = self.tallies, {}
        return told

    def give_back(self, plugin: str, tally: Tally) -> None:
        with self.lock:
            self.tallies.setdefault(plugin, Tally()).add(tally)

    def call(
        self, plugin: str, work: Callable[..., Result], *arguments: Any, seconds: float = 0.0, passes: Passes = ()
    ) -> Result:
        """What the plugin returns.  ``seconds`` is a deadline; 0: none, and it runs right here.

        Raises ``PluginFailed``, after a line in the log; those of ``passes`` are no failure and go on up.
        """
        breaker = self.breaker_of(plugin)
        if breaker.is_open:
            raise PluginFailed(f"{plugin} rests after failures: {breaker.last_error}")
        began, begun = time.time(), time.perf_counter()
        try:
            result = self._in_time(breaker, work, arguments, seconds) if seconds else work(*arguments)
        except _Crowded as error:
            raise PluginFailed(f"{plugin}: {error}") from None
        except _TooLate:
            raise self._failed(plugin, breaker, f"did not come back within {seconds:g} s", seconds) from None
        except (Exception, SystemExit) as error:  # the core meets a plugin: whatever it raises costs that call alone
            spent = time.perf_counter() - begun
            if isinstance(error, passes):
                self._went_well(plugin, breaker, began, spent)
                raise
            if isinstance(error, NoAnswer):  # of somebody else, which says nothing against the plugin
                self._went_well(plugin, breaker, began, spent)
                log.warning("plugin got no answer", plugin=plugin, error=words_of(error))
                raise PluginFailed(f"{plugin} got no answer: {error}") from error
            raise self._failed(plugin, breaker, words_of(error), spent) from error
        self._went_well(plugin, breaker, began, time.perf_counter() - begun)
        return result

    def _went_well(self, plugin: str, breaker: Breaker, began: float, seconds: float) -> None:
        """A call that was under way when another one opened the breaker does not close it."""
        if breaker.opened < began:
            breaker.close()
        self.give_back(plugin, Tally(calls=1, slowest=seconds))

    def _failed(self, plugin: str, breaker: Breaker, words: str, seconds: float) -> PluginFailed:
        breaker.failed(words)
        tally = Tally(calls=1, failures=1, slowest=seconds, last_error=words, is_resting=breaker.is_open)
        self.give_back(plugin, tally)
        note("plugin failed", plugin, words)
        return PluginFailed(f"{plugin} failed: {words}")

    def _in_time(self, breaker: Breaker, work: Callable[..., Result], arguments: Any, seconds: float) -> Result:
        """In a copy of the context, so that the plugin's words come in the language of the page.  The thread is a
        daemon: one that never ends keeps no process from ending."""
        answers: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
        too_late = threading.Event()

        def run() -> None:
            try:
                with self.around():
                    answers.put((work(*arguments), None))
            except BaseException as error:
                answers.put((None, error))
            with self.lock:
                if too_late.is_set():
                    breaker.has_lost_thread = False  # it has come back, however late

        if not self.places.acquire(timeout=seconds):
            raise _Crowded("too many calls at once")  # it was not called, so no thread is lost
        threading.Thread(target=copy_context().run, args=(run,), daemon=True, name="plugin").start()
        try:
            result, error = answers.get(timeout=seconds)
        except queue.Empty:
            with self.lock:
                if not answers.empty():  # in this very moment
                    result, error = answers.get()
                else:
                    too_late.set()
                    breaker.has_lost_thread = True
            if too_late.is_set():
                raise _TooLate from None
        finally:
            self.places.release()
        if isinstance(error, Exception | SystemExit):
            raise error
        if error is not None:  # a KeyboardInterrupt of the plugin's own: nobody wanted this thread to end
            raise RuntimeError(type(error).__name__) from error
        return result  # type: ignore[no-any-return]


def note(event: str, plugin: str, words: str) -> None:
    """A line in the log, with the trace of the error at hand where that can be told: its text is the plugin's code."""
    try:
        log.error(event, plugin=plugin, error=words, exc_info=True)
    except Exception:
        log.error(event, plugin=plugin, error=words)


def words_of(error: BaseException) -> str:
    """As a database can keep it."""
    try:
        told = str(error)
    except Exception:  # its own text is the plugin's code too
        told = ""
    return cleaned(f"{type(error).__name__}: {told}")[:300]


def cleaned(words: str) -> str:
    """As a database can keep it."""
    return words.replace("\0", "").encode(errors="replace").decode()
