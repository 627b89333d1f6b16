"""Worker processes for the fault test: ``python -m tests.jobs.crew FOLDER DATABASE_URL LEASE``.

Forks one for each line that it reads and writes its process id, so that a worker takes no time to begin.
"""

import os
import random
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from leadhub.app import create_app
from leadhub.extensions import db
from leadhub.jobs import heart, queries, registry
from leadhub.jobs.registry import GiveUp, Handler
from leadhub.jobs.worker import Stop, Worker
from tests import databases


def note(connection, place, number):
    """One line of what the test reads afterwards."""
    statement = sa.text("INSERT INTO runs (place, number) VALUES (:place, :number)")
    connection.execute(statement, {"place": place, "number": number})


def outside_and_inside(payload):
    with db.engine.begin() as outside:
        note(outside, "outside", payload["number"])
    time.sleep(random.uniform(0.01, 0.04))
    note(db.session, "inside", payload["number"])


def inside_alone(payload):
    note(db.session, "inside", payload["number"])
    time.sleep(random.uniform(0.001, 0.01))


def in_steps(payload):
    """Knows again what it has done, as the registry asks for."""
    for step in ("first", "inside"):
        known = sa.text("SELECT count(*) FROM runs WHERE place = :place AND number = :number")
        if not db.session.scalar(known, {"place": step, "number": payload["number"]}):
            note(db.session, step, payload["number"])
        yield
        time.sleep(random.uniform(0.01, 0.04))


def poison(payload):
    os.kill(os.getpid(), signal.SIGKILL)


def hopeless(payload):
    raise GiveUp("No use.")


KINDS = {"both": outside_and_inside, "inside": inside_alone, "steps": in_steps, "poison": poison, "hopeless": hopeless}


def main(folder, url, lease):
    queries.SILENT = timedelta(seconds=float(lease))  # nobody waits a minute for each that was killed
    heart.BEAT = float(lease) / 4
    app = create_app(databases.settings_for(Path(folder), url))
    registry.bind(app, {kind: Handler(run=run, label=kind) for kind, run in KINDS.items()})
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            Worker(app, Stop.by_signal(until_eof=False), timedelta(seconds=float(lease))).run()
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
