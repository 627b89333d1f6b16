"""Hubs as their users start them, ``leadhub serve``: one serves many tests, its database put back before each."""

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from flask import Flask

from tests.conftest import RUN
from tests.databases import SETTINGS, app_over

FILE = "leadhub.sqlite3"


@dataclass
class Hub:
    """A served hub: its address, its data folder, what it printed at the start."""

    url: str
    folder: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    kept: dict[str, Path] = field(default_factory=dict)  # the database as it was at the start, and with samples

    @property
    def printed(self) -> Path:
        return self.folder / "printed"

    @cached_property
    def app(self) -> Flask:
        """An app of this process over the same database."""
        return app_over(self.folder)

    def link(self) -> str:
        return re.search(r"http\S+/setup/\S+", self.printed.read_text())[0]

    def command(self, *words: str) -> str:
        run = [sys.executable, "-m", "leadhub.app", *words]
        return subprocess.run(run, env=self.environment, check=True, capture_output=True, text=True, timeout=120).stdout

    def put_back(self, *, demo: bool) -> None:
        """The database as it was when the hub had started, or had been given its samples."""
        if not self.kept:
            self._keep("start")
        if demo and "demo" not in self.kept:
            self._write("start")
            self.command("demo")
            self._keep("demo")
        self._write("demo" if demo else "start")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)

    def _keep(self, name: str) -> None:
        """Once the worker has done all that was due."""
        path = self.folder / f"{name}.kept"
        with closing(sqlite3.connect(self.folder / FILE)) as live, closing(sqlite3.connect(path)) as kept:
            _wait_until(lambda: not live.execute(OPEN).fetchone()[0], self.printed)
            live.backup(kept)
        self.kept[name] = path

    def _write(self, name: str) -> None:
        with closing(sqlite3.connect(self.folder / FILE)) as live, closing(sqlite3.connect(self.kept[name])) as kept:
            kept.execute(SEEN)
            kept.commit()
            kept.backup(live)


OPEN = """SELECT count(*) > 0 OR NOT EXISTS (SELECT 1 FROM effects) OR NOT EXISTS (SELECT 1 FROM workers)
    FROM effects WHERE state = 'running' OR (state = 'waiting' AND due_at <= datetime('now'))"""
SEEN = "UPDATE workers SET seen_at = strftime('%Y-%m-%d %H:%M:%f000', 'now')"


def start(folder: Path, *, empty: bool = False, **settings: str) -> Hub:
    """A hub in that folder, once it answers; ``empty``: nobody has set it up."""
    folder.mkdir(mode=0o700)
    if not empty:
        shutil.copy(Path(os.environ[RUN]) / "template" / FILE, folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    keys = {"SECRET_KEY": SETTINGS.secret_key, "ENCRYPTION_KEYS": ",".join(SETTINGS.encryption_keys)}
    told = {f"LEADHUB_{name}": value for name, value in (keys | settings | {"DATA_DIR": str(folder)}).items()}
    hub = Hub(f"http://127.0.0.1:{port}", folder, {**os.environ, **told, "PYTHONUNBUFFERED": "1"})
    command = [sys.executable, "-m", "leadhub.app", "serve", "--port", str(port)]
    with hub.printed.open("w") as output:
        hub.process = subprocess.Popen(command, env=hub.environment, stdout=output, stderr=output)
    _wait_until(lambda: _answers(hub), hub.printed)
    return hub


def _answers(hub: Hub) -> bool:
    try:
        urlopen(f"{hub.url}/healthz", timeout=2)
    except (URLError, ConnectionError):
        return False
    return True


def _wait_until(is_so, complaint: str | Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError(complaint.read_text() if isinstance(complaint, Path) else complaint)
