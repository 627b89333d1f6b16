"""The worker: claims what is due, one effect at a time, and does it.  One process beside those that serve pages."""

import os
import select
import signal
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from leadhub.database import TURN, reading, utcnow
from leadhub.extensions import db
from leadhub.jobs import bells, claims, models, queries
from leadhub.jobs.claims import ClaimLost
from leadhub.jobs.heart import Heart
from leadhub.jobs.registry import N_, GiveUp, current_registry, long_kinds
from leadhub.jobs.runs import Run
from leadhub.jobs.services import enqueue

LEASE = timedelta(seconds=120)
OPEN_MAX = 4  # long effects at once; more wait, while all others still get their turn
QUICK, QUICK_FOR = 0.05, 3.0  # seconds: how often SQLite is looked at after work, and for how long
BREATH = 0.005  # seconds between two short effects on SQLite: enough for a page that waits to write
SLOW = 1.0
SLOW_SERVER = 15.0  # PostgreSQL rings
RESCUE = 1.0  # seconds between two looks for effects of workers that are gone
TROUBLE = 5.0  # seconds until a database that failed is asked again
STEP_MAX = 600.0  # seconds; a step that takes longer hangs
TICK = 5.0
HUNG = 70  # the exit code, EX_SOFTWARE of sysexits.h
log = structlog.get_logger()


class Stop:
    """Has this worker been asked to end?  ``ends`` are file descriptors that can be read as soon as it has."""

    def __init__(self, ends: Sequence[int] = ()) -> None:
        self.ends = list(ends)

    @classmethod
    def by_signal(cls, *, until_eof: bool) -> "Stop":
        """SIGTERM and SIGINT; the end of standard input too, if asked for.  Only in a process's main thread."""
        heard, told = os.pipe()
        os.set_blocking(told, False)
        signal.set_wakeup_fd(told)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *args: None)  # the byte in the pipe says it all
        return cls([heard, *([0] if until_eof else [])])

    def is_asked(self) -> bool:
        return bool(self.ends) and bool(select.select(self.ends, [], [], 0)[0])


class Worker:
    """``run`` works until it is told to stop; ``work_off`` until nothing is due, for tests."""

    def __init__(
        self, app: Flask, stop: Stop | None = None, lease: timedelta = LEASE, *, worker_id: str | None = None
    ) -> None:
        self.app = app
        self.stop = stop or Stop()
        self.lease = lease
        self.id = worker_id or uuid4().hex
        self.open: list[Run] = []
        self.turns: set[str] = set()  # keys of periodic effects that are known to be written
        self.is_sqlite = app.extensions["leadhub"]["settings"].is_sqlite
        self.quick_until = self.next_rescue = 0.0
        self.moved_at = time.monotonic()  # the last step's or look's begin; ``Watch`` reads it

    def run(self, after: str | None = None) -> None:
        """``after``: the id of a worker that is known to be dead, so that nobody waits for it to be silent for long."""
        bell = bells.bell_for(self.app.extensions["leadhub"]["settings"])
        with self.app.app_context():
            watch, heart = Watch(self), Heart(db.engine, self.id)
            watch.start()
            heart.start()
            log.info("worker began", worker=self.id)
            if after:
                claims.bury(after)
                db.session.commit()
            while not self.stop.is_asked():
                self.moved_at = time.monotonic()
                pause = self._turn_or_trouble()
                bell.wait(pause, self.stop.ends) if pause > TURN else time.sleep(pause)
            heart.over.set()
            heart.join(TICK)  # a beat after the worker signed off would keep it on the list
            self._leave()
            watch.over.set()
            log.info("worker ended", worker=self.id)
        bell.close()

    def work_off(self) -> None:
        """Do everything that is due, to its end."""
        with self.app.app_context():
            while self.turn() <= TURN:
                pass

    def turn(self) -> float:
        """Begin one effect that is due, and do a step of each that is open.  Returns how many seconds to rest."""
        self._enqueue_periodic()
        self._rescue()
        with reading(db.session):
            due_for = queries.due_for(self._kinds_to_leave())
        wait = SLOW_SERVER if due_for is None else -due_for.total_seconds()
        begun = self._begin() if wait <= 0 else False
        for run in list(self.open):
            if not self.stop.is_asked():  # a step may take a minute
                self._step(run)
        if begun or self.open:
            self.quick_until = time.monotonic() + QUICK_FOR
            return (TURN if self.open else BREATH) if self.is_sqlite else 0
        slow = SLOW if self.is_sqlite else SLOW_SERVER
        is_quick = self.is_sqlite and time.monotonic() < self.quick_until
        return min(max(wait, QUICK), QUICK if is_quick else slow)

    def _turn_or_trouble(self) -> float:
        try:
            return self.turn()
        except SQLAlchemyError as error:
            log.warning("the worker has trouble with the database", error=type(error).__name__)
            db.session.rollback()
            return TROUBLE

    def _begin(self) -> bool:
        effect = claims.claim(self.id, self.lease, self._kinds_to_leave())
        db.session.commit()
        if effect is None:
            return False
        run = Run(self.app, effect, self.lease)
        self.open.append(run)
        return True

    def _step(self, run: Run) -> None:
        self.moved_at = time.monotonic()
        run.step()
        if run.is_over:
            self.open.remove(run)

    def _kinds_to_leave(self) -> list[str]:
        kinds = long_kinds()
        return kinds if sum(run.effect.kind in kinds for run in self.open) >= OPEN_MAX else []

    def _enqueue_periodic(self) -> None:
        """The unique key lets one worker of all write it, and each of them look only once a turn."""
        now = utcnow()
        for periodic in current_registry().periodic:
            key = periodic.key(now)
            if key not in self.turns:
                enqueue(periodic.kind, {}, key=key)
                db.session.commit()
                self.turns = {old for old in self.turns if not old.startswith(f"periodic:{periodic.kind}@")} | {key}

    def _rescue(self) -> None:
        if time.monotonic() < self.next_rescue:
            return
        self.next_rescue = time.monotonic() + RESCUE
        with reading(db.session):
            interrupted = queries.interrupted(self.id)
        ours = {run.effect.id for run in self.open}
        for row in interrupted:
            if row.id not in ours:
                self._take_over(row)

    def _take_over(self, row: Any) -> None:
        try:
            effect = claims.take_over(row, self.id, self.lease)
            times = claims.interruptions_of(row)
            gives_up = row.interruptions < times >= claims.INTERRUPTIONS_MAX
            if not gives_up:
                claims.put_back(effect)
            db.session.commit()
            log.warning("effect was interrupted", kind=row.kind, id=row.id, times=times)
            if gives_up:
                Run(self.app, effect, self.lease).give_up(
                    GiveUp(N_("The worker ended in the middle of it three times."))
                )
        except ClaimLost:
            db.session.rollback()

    def _leave(self) -> None:
        """Give back what is open, so that the next worker need not wait for the leases."""
        for run in self.open:
            run.close()
        try:
            claims.release(self.id)
            db.session.execute(sa.delete(models.Worker).where(models.Worker.id == self.id))
            db.session.commit()
        except SQLAlchemyError as error:  # the leases run out by themselves
            log.warning("the worker could not sign off", error=type(error).__name__)


class Watch(threading.Thread):
    """Ends the process when a step hangs.  Asks nothing of the database, which may be what it hangs for."""

    def __init__(self, worker: Worker) -> None:
        super().__init__(daemon=True)
        self.worker = worker
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(TICK):
            if time.monotonic() - self.worker.moved_at > STEP_MAX:
                log.error("a step took too long: the worker ends", seconds=STEP_MAX)
                os._exit(HUNG)
