"""An import by web whose server and worker are killed with signal 9: it goes on, and the counts are exact."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.jobs.models import Worker
from tests.databases import PASSWORD

PATIENCE = 240  # seconds


def descendants(pid):
    """Every process below this one, the nearest first."""
    children = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found[1:]


def is_worker(pid):
    try:
        return b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


class Served:
    """``leadhub serve`` with its worker, and a manager's browser."""

    def __init__(self, settings):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url, self.browser = f"http://127.0.0.1:{self.port}", requests.Session()
        told = {"DATA_DIR": settings.data_dir, "DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key}
        told |= {"ENCRYPTION_KEYS": settings.encryption_keys[0]}
        self.environment = {**os.environ, **{f"LEADHUB_{name}": str(value) for name, value in told.items()}}
        self.start()

    def start(self):
        command = [sys.executable, "-m", "leadhub.app", "serve", "--port", str(self.port)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, env=self.environment, **quiet)
        wait_until(self.answers)

    def answers(self):
        with suppress(requests.ConnectionError):
            return requests.get(f"{self.url}/healthz", timeout=5).ok

    def kill_worker(self):
        for pid in filter(is_worker, descendants(self.process.pid)):
            os.kill(pid, signal.SIGKILL)

    def kill_all(self):
        for pid in (self.process.pid, *descendants(self.process.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def post(self, path, page, **sent):
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.browser.get(self.url + page, timeout=30).text)[1]
        data = {**sent.pop("data", {}), "csrf_token": token}
        answer = self.browser.post(self.url + path, data=data, timeout=60, **sent)
        assert answer.ok, answer.text


def wait_until(asked):
    deadline = time.monotonic() + PATIENCE
    while not asked():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def served(settings):
    served = Served(settings)
    yield served
    served.process.terminate()
    served.process.wait(40)


def forget_dead_workers(app):
    """A worker that was killed counts as gone after a minute of silence: that minute is over now."""
    with app.app_context():
        db.session.execute(sa.update(Worker).values(seen_at=utcnow() - timedelta(minutes=5)))
        db.session.commit()


def the_effect(rows):
    (effect,) = [effect for effect in rows("effects") if effect["kind"] == "imports.take_in"]
    return effect


@pytest.mark.slow
def test_an_import_whose_processes_are_killed_is_exact(served, app, rows, size):
    total = size(200_000, 8_000)
    refused = range(0, total, 501)
    lines = [",,nothing known\n" if row in refused else f"{row},L{row},\n" for row in range(total)]
    content = "LEADID,Last Name,x\n" + "".join(lines)
    served.post("/login", "/login", data={"email": "mia@example.org", "password": PASSWORD})
    served.post("/imports", "/imports", files={"file": ("many.csv", content)})
    wait_until(lambda: rows("imports")[0]["state"] == "ready")
    fields = {"column_0": "external_id", "column_1": "last_name", "column_2": "other data"}
    served.post("/imports/1/start", "/imports/1", data=fields)

    for kill, share in ((served.kill_worker, 0.2), (served.kill_all, 0.5)):
        wait_until(lambda share=share: rows("imports")[0]["position"] > total * share)
        time.sleep(random.uniform(0, 0.5))
        kill()
        assert rows("imports")[0]["state"] == "running"
        forget_dead_workers(app)
        if kill == served.kill_all:
            served.start()
    wait_until(lambda: rows("imports")[0]["state"] != "running")

    row = rows("imports")[0]
    assert (row["state"], row["position"]) == ("done", total)
    assert (row["created"], row["updated"], row["unchanged"]) == (total - len(refused), 0, 0)
    assert row["refused"] == len(refused) == len(rows("import_refusals"))
    ids = [lead["external_id"] for lead in rows("leads")]
    assert len(ids) == len(set(ids)) == len(rows("lead_events")) == total - len(refused)
    wait_until(lambda: the_effect(rows)["state"] == "done")  # the import ends in a transaction of its own, before
    assert the_effect(rows)["interruptions"] <= 2  # one that dies between two steps was not in the middle of it
