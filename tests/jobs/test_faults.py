"""Four workers, thousands of effects, ``kill -9`` at random moments: nothing is lost, and what ran twice is known."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.jobs.services import enqueue

ROOT = Path(__file__).parents[2]
LEASE = 4  # seconds
CREW = 4
PATIENCE = 300  # seconds
POISONED = 3  # workers that the poison kills before it gives up


class Crew:
    """Four worker processes, each replaced as soon as it is gone."""

    def __init__(self, folder, url):
        command = [sys.executable, "-m", "tests.jobs.crew", str(folder), url, str(LEASE)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self.forker = subprocess.Popen(command, cwd=ROOT, text=True, bufsize=1, **pipes)
        self.pids = set()
        self.kills = 0

    def fill_up(self):
        self.pids = {pid for pid in self.pids if is_alive(pid)}
        while len(self.pids) < CREW:
            self.forker.stdin.write("one more\n")
            self.pids.add(int(self.forker.stdout.readline()))

    def kill_one(self):
        pid = random.choice(sorted(self.pids))
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)
            self.kills += 1

    def end(self):
        for pid in filter(is_alive, self.pids):
            os.kill(pid, signal.SIGTERM)
        self.forker.stdin.close()
        self.forker.wait(20)
        self.forker.stdout.close()


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def crew(app, settings):
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE runs (place VARCHAR(10), number INTEGER)"))
    crew = Crew(settings.data_dir, settings.database_url)
    yield crew
    crew.end()


def fill(app, count):
    """Every kind in turn, with a poison early and a hopeless one in the middle."""
    with app.app_context():
        for number in range(count):
            kind = {3: "poison", count // 2: "hopeless"}.get(number, ("both", "inside", "steps")[number % 3])
            enqueue(kind, {"number": number}, key=str(number))
        db.session.commit()


def work(crew, rows, count):
    """Until every effect has ended; workers are killed while a tenth of them is left."""
    deadline = time.monotonic() + PATIENCE
    ended = 0
    while ended < count and time.monotonic() < deadline:
        crew.fill_up()
        time.sleep(random.uniform(0.1, 0.8))
        ended = sum(effect["state"] in ("done", "gave_up") for effect in rows("effects"))
        if ended < count * 0.9:
            crew.kill_one()


@pytest.mark.slow
def test_no_effect_is_lost_and_what_ran_twice_is_known(app, rows, size, crew):
    count = size(2000)
    fill(app, count)

    work(crew, rows, count)

    effects = {int(row["dedupe_key"]): row for row in rows("effects")}
    runs = Counter((row["place"], row["number"]) for row in rows("runs"))
    good = {number: row for number, row in effects.items() if row["kind"] not in ("poison", "hopeless")}

    assert crew.kills
    assert {row["state"] for row in good.values()} == {"done"}
    assert [number for number in good if runs["inside", number] != 1] == []
    assert [number for number, row in good.items() if runs["outside", number] > 1 + row["interruptions"]] == []
    doubled = sum(runs["outside", number] - 1 for number, row in good.items() if row["kind"] == "both")
    assert doubled <= crew.kills + POISONED
    assert (effects[3]["state"], effects[3]["interruptions"]) == ("gave_up", POISONED)
