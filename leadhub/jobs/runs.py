"""One effect being done: its steps, its end, its failure."""

import random
import traceback
from collections.abc import Iterator
from contextvars import copy_context
from dataclasses import replace
from datetime import timedelta

import structlog
from flask import Flask
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from leadhub.errors import UserError
from leadhub.extensions import db
from leadhub.jobs import claims
from leadhub.jobs.claims import Claimed, ClaimLost
from leadhub.jobs.registry import N_, GiveUp, NotNow, current_registry, last_words_of

SPANS = ({"seconds": 10}, {"minutes": 1}, {"minutes": 5}, {"minutes": 30}, {"hours": 2}, {"hours": 6})
BACK_OFF = [timedelta(**span) for span in SPANS]
JITTER = 0.2  # up to a fifth more, so that what failed together does not come back together
TOGETHER_MAX = timedelta(minutes=5)  # until those that wait for one failure of another have a try of their own
LAST_WORDS_MAX = 5  # tries to say them while the database is busy or away
AWAY = (OperationalError, InterfaceError)  # of the database: locked, restarted, cut off
log = structlog.get_logger()


class Run:
    """An effect that is claimed, in an app context (and with a session) of its own that lives from step to step."""

    def __init__(self, app: Flask, effect: Claimed, lease: timedelta) -> None:
        self.effect = effect
        self.is_over = False
        self.lease = lease
        self.failure: Exception | None = None  # until it is written down
        self.steps_done = self.last_words = 0
        self.log = log.bind(kind=effect.kind, id=effect.id, attempt=effect.attempt)
        self.steps: Iterator[None] | None = None
        self.app_context = app.app_context()
        self.context = copy_context()
        self.context.run(self.app_context.push)

    def step(self) -> None:
        """Do the next step and commit it, with the effect's end if it was the last one.

        Raises what says that the database is busy or away, where nothing could be written: to be called again then.
        """
        try:
            self.is_over = self.context.run(self._step)
        except ClaimLost:
            self.log.warning("effect was taken over by another worker, so its work was rolled back")
            self.is_over = True
        except AWAY:
            self.context.run(db.session.rollback)
            raise
        except SQLAlchemyError as error:  # its lease will run out, and it counts as interrupted
            self.log.warning("the end of an effect could not be written", error=type(error).__name__)
            self.is_over = True
        if self.is_over:
            self.close()

    def give_up(self, error: Exception) -> None:
        """End it as hopeless.  Raises ``ClaimLost``."""
        try:
            self.context.run(self._give_up, told(error))
        finally:
            self.close()

    def close(self) -> None:
        """Roll back what is not committed and let go."""
        self.context.run(self._close)

    def _step(self) -> bool:
        if self.failure is None:
            if self.steps is not None:
                claims.go_on(self.effect, self.lease)
                db.session.commit()
            try:
                return self._advance()
            except ClaimLost:
                raise
            except Exception as error:  # a handler may raise anything
                self.log.warning("effect failed", error=type(error).__name__, at=_place_of(error))
                self.failure = error
                db.session.rollback()
        self._fail(self.failure)
        return True

    def _advance(self) -> bool:
        """True after the last step."""
        handler = current_registry().handlers.get(self.effect.kind)
        if handler is None:
            raise GiveUp(N_("Nothing in this hub does jobs of this kind."))
        if self.steps is None:
            self.steps = handler.run(self.effect.payload)
        is_last = self.steps is None or next(self.steps, self) is self
        is_progress = handler.is_long and self.steps_done > 0
        if is_last:
            claims.finish(self.effect)
        else:
            claims.park(self.effect, self.lease, is_progress=is_progress)
        db.session.commit()
        self.steps_done += 1
        if is_progress:
            self.effect = replace(self.effect, attempt=1)
        return is_last

    def _fail(self, error: Exception) -> None:
        if isinstance(error, GiveUp) or self.effect.attempt > len(BACK_OFF):
            return self._give_up(told(error))
        pause = BACK_OFF[self.effect.attempt - 1] * (1 + random.random() * JITTER)
        claims.put_off(self.effect, told(error), pause)
        if isinstance(error, NotNow) and error.for_all:
            claims.put_off_others(self.effect, min(pause, TOGETHER_MAX))
        return db.session.commit()

    def _give_up(self, text: str) -> None:
        self.log.error("effect gave up", error=text)
        last_words = last_words_of(self.effect.kind)
        if last_words:
            try:
                last_words(self.effect.payload)
                claims.give_up(self.effect, text)
                return db.session.commit()
            except ClaimLost:
                raise
            except Exception as error:  # a handler's last words must not bring the effect back
                self.last_words += 1
                if isinstance(error, AWAY) and self.last_words < LAST_WORDS_MAX:
                    raise
                self.log.error("gave_up failed", error=type(error).__name__, at=_place_of(error))
                db.session.rollback()
        claims.give_up(self.effect, text)
        return db.session.commit()

    def _close(self) -> None:
        db.session.rollback()
        try:
            if self.steps is not None:
                getattr(self.steps, "close", lambda: None)()
        except Exception as error:  # what a generator does in its ``finally``
            self.log.warning("effect did not end well", error=type(error).__name__, at=_place_of(error))
        self.app_context.pop()


def told(error: Exception) -> str:
    """What admins may read of an error: texts of others than ours may hold values of people."""
    return str(error)[:500] if isinstance(error, GiveUp | NotNow | UserError) else type(error).__name__


def _place_of(error: Exception) -> str:
    """Where it was raised, since its text can't be shown: ``send.py:17``."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
