"""Serves the hub with Granian, beside one worker that is a process of its own.

None of them outlives the one that started them, whatever way that ends: the worker's standard input is a pipe that then
closes, and each process that serves pages has a thread that does nothing but wait for its parent's end.
"""

import importlib
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from functools import partial
from typing import Any
from uuid import uuid4

import structlog
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from leadhub import logs
from leadhub.errors import SettingError
from leadhub.hub.queries import hub
from leadhub.jobs.smtp import WHOLE_SECONDS
from leadhub.settings import Settings
from leadhub.setup.services import new_setup_token

BLOCKING_THREADS = min(8, 2 * (os.cpu_count() or 1))  # per process; they mostly wait for the database
STOP_WAIT = WHOLE_SECONDS + 5  # until a worker that was asked to end is killed; cut off, a mail would be sent twice
KILL_WAIT = 10
RESTART_MAX = 60  # seconds before a restart: 1 at first, then twice as many each time, until one has lived that long
LOOPBACK = ("127.0.0.1", "localhost", "::1")
DEV: dict[str, Any] = {"PLUGIN_TRACES": True, "TEMPLATES_AUTO_RELOAD": True}
log = structlog.get_logger()


def check_address(settings: Settings, host: str, port: int) -> None:
    """Raises ``SettingError`` where others would be let in at a name that the hub does not know, and where nothing
    can listen: before anything is migrated, and before the link of a hub that runs there is made void."""
    if host not in LOOPBACK and not settings.base_url:
        raise SettingError(f"LEADHUB_BASE_URL: to serve on {host}, say at which address people open the hub.")
    try:
        kind, _type, _protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingError(f"Nothing can listen on {host}, port {port}: {reason}. Another one: --port.") from None


def setup_link(settings: Settings, host: str, port: int) -> str | None:
    """The one-time link of a hub that is not set up yet; each start makes the one before worthless."""
    if hub().set_up_at is not None:
        return None
    name = f"[{host}]" if ":" in host else host
    base = settings.base_url or f"http://{name}:{port}"
    return f"{base}/setup/{new_setup_token()}"


def run(host: str, port: int, processes: int, *, with_worker: bool = True, is_dev: bool = False) -> None:
    """Serve until a signal ends it."""
    granian = Granian(
        "leadhub.app:create_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=BLOCKING_THREADS,
        log_level=LogLevels.warning,
        log_dictconfig=logs.GRANIAN,
        websockets=False,
        workers_kill_timeout=KILL_WAIT,
        respawn_failed_workers=True,  # one that dies twice within seconds ends it all, which the service starts again
    )
    keeper = WorkerKeeper()
    if with_worker:
        granian.on_startup(keeper.start)  # signals are Granian's by then, and no process is forked yet
    try:
        granian.serve(target_loader=partial(load_app, **DEV) if is_dev else load_app)
    finally:
        keeper.stop()


def load_app(target: str, **config: Any) -> Any:
    """In each process that serves pages: the app, and an eye on the parent, which nobody else would miss."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    module, _colon, factory = target.partition(":")
    return getattr(importlib.import_module(module), factory)(**config)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)  # with the requests at hand answered
    time.sleep(KILL_WAIT)
    os._exit(1)


class WorkerKeeper:
    """Keeps one ``leadhub worker`` running, from the process that serves no pages itself."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.worker_id = ""
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._keep, daemon=True)
        self.calm = threading.Lock()

    def start(self) -> None:
        """Granian forks now and whenever it replaces a process: never while the thread logs or opens pipes."""
        os.register_at_fork(
            before=self.calm.acquire, after_in_parent=self.calm.release, after_in_child=self.calm.release
        )
        self._spawn()
        self.thread.start()

    def stop(self) -> None:
        """Ask it to end, wait for it, end it."""
        self.over.set()
        if not self.thread.is_alive():
            return
        self.thread.join()
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_WAIT)
        except subprocess.TimeoutExpired:
            log.warning("the worker did not end, so it was killed")
            self.process.kill()
            self.process.wait()

    def _spawn(self) -> None:
        dead, self.worker_id = self.worker_id, uuid4().hex
        command = [sys.executable, "-m", "leadhub.app", "worker", "--until-eof", "--id", self.worker_id]
        if dead:
            command += ["--after", dead]
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        except OSError as error:  # no memory or no process left, for now
            log.error("the worker could not be started", error=error.strerror)
            self.process = None

    def _keep(self) -> None:
        pause, began = 0.5, time.monotonic()
        while not self.over.wait(1):
            if self.process and self.process.poll() is None:
                continue
            pause = 1 if time.monotonic() - began > RESTART_MAX else min(pause * 2, RESTART_MAX)
            with self.calm:
                code = self.process and self.process.returncode
                log.warning("no worker is running, so one is started", code=code, seconds=pause)
            if self.over.wait(pause):
                return
            began = time.monotonic()
            with self.calm:
                self._spawn()
