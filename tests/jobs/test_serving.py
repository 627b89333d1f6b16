"""``leadhub serve`` as its users start it: a worker beside it that nobody has to look after."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
import requests

from leadhub import server
from leadhub.database import sqlite_driver
from leadhub.jobs import smtp
from leadhub.server import WorkerKeeper
from tests.conftest import RUN

pytestmark = pytest.mark.one_database
PATIENCE = 120  # seconds


@pytest.fixture
def serve(settings):
    """A hub that is served: for a test that ends it."""
    yield from served(settings.data_dir)


@pytest.fixture(scope="module")
def lasting(tmp_path_factory):
    """A hub that is served: for tests that it outlives."""
    folder = tmp_path_factory.mktemp("lasting")
    shutil.copy(Path(os.environ[RUN]) / "template" / "leadhub.sqlite3", folder)
    for process in served(folder):
        process.folder = folder
        yield process


@pytest.fixture
def rows_of(lasting):
    """``rows_of("workers")``: what the table of the lasting hub holds."""

    def read(table):
        with closing(sqlite_driver.connect(lasting.folder / "leadhub.sqlite3")) as connection:
            connection.row_factory = sqlite_driver.Row
            return [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1")]  # noqa: S608

    return read


def served(data_dir):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "LEADHUB_DATA_DIR": str(data_dir)}
    command = [sys.executable, "-m", "leadhub.app", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    process.port = port
    yield process
    if process.poll() is None:
        process.terminate()
    process.wait(PATIENCE)


def soon(is_true):
    """What it says, as soon as that is something; None after a while."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := is_true():
            return found
        time.sleep(0.1)
    return None


def processes_of(parent):
    """Process id -> command line of the children."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def worker_of(serve):
    return next((pid for pid, command in processes_of(serve.pid).items() if "until-eof" in command), None)


def is_gone(pid):
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def heard_of(lasting, rows_of):
    """The id of the worker that runs, once it was heard of."""
    dead = getattr(lasting, "dead", set())
    return soon(lambda: {row["id"] for row in rows_of("workers")} - dead).pop()


def kill_worker(lasting, rows_of):
    """The id and the process of the one that was killed."""
    known, process = heard_of(lasting, rows_of), worker_of(lasting)
    os.kill(process, signal.SIGKILL)
    lasting.dead = getattr(lasting, "dead", set()) | {known}
    return known, process


def test_a_worker_that_dies_is_started_again(lasting, rows_of):
    known, first = kill_worker(lasting, rows_of)

    second = soon(lambda: {worker_of(lasting)} - {first, None})
    assert second
    assert heard_of(lasting, rows_of) != known


def test_what_a_dead_worker_was_doing_is_taken_over_within_seconds(lasting, rows_of):
    dead, _process = kill_worker(lasting, rows_of)
    running = "INSERT INTO effects (kind, payload, state, created_at, due_at, attempts, interruptions, claim,"
    running += " lease_until, error) VALUES ('jobs.purge', '{}', 'running', :now, :now, 1, 0, :dead, :later, '')"
    with sqlite_driver.connect(lasting.folder / "leadhub.sqlite3") as connection:
        times = {"now": "2026-11-22 00:00:00.000000", "later": "2100-01-01 00:00:00.000000", "dead": dead}
        connection.execute(running, times)
    begun = time.monotonic()

    assert soon(lambda: [row for row in rows_of("effects") if row["state"] != "running" and row["claim"] != dead])
    assert soon(lambda: all(row["state"] == "done" for row in rows_of("effects")))
    assert time.monotonic() - begun < 60


def test_a_process_that_serves_pages_is_replaced_and_the_worker_left_alone(lasting, rows_of):
    heard_of(lasting, rows_of)
    worker = worker_of(lasting)
    (web,) = set(processes_of(lasting.pid)) - {worker}
    time.sleep(6)  # one that dies as soon as it was started ends the service

    os.kill(web, signal.SIGKILL)

    assert soon(lambda: set(processes_of(lasting.pid)) - {worker, web})
    assert soon(lambda: answers(lasting.port))
    assert lasting.poll() is None
    assert worker_of(lasting) == worker


def answers(port):
    with suppress(requests.ConnectionError):
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).ok


def test_a_worker_that_cannot_be_started_is_tried_again(monkeypatch):
    real, refused = subprocess.Popen, [OSError(12, "Cannot allocate memory")] * 2

    def popen(command, **options):
        if refused:
            raise refused.pop()
        return real(["sleep", "60"], **options)

    monkeypatch.setattr(subprocess, "Popen", popen)
    keeper = WorkerKeeper()
    keeper.start()

    started = soon(lambda: keeper.process)

    keeper.stop()
    assert started
    assert started.returncode == -signal.SIGTERM


def test_a_mail_under_way_is_waited_for():
    assert server.STOP_WAIT > smtp.WHOLE_SECONDS


def test_nobody_outlives_a_server_that_is_killed(serve, rows):
    soon(lambda: rows("workers"))
    children = processes_of(serve.pid)
    assert len(children) == 2

    serve.kill()
    serve.wait(PATIENCE)

    assert soon(lambda: all(is_gone(pid) for pid in children))
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", serve.port))


def test_a_server_that_is_stopped_takes_its_worker_along(serve, rows):
    soon(lambda: rows("workers"))
    worker = worker_of(serve)

    serve.send_signal(signal.SIGTERM)

    assert serve.wait(PATIENCE) == 0
    assert is_gone(worker)
    assert rows("workers") == []
