"""``leadhub serve --dev``: a hub for whoever writes a plugin, which starts anew when files of plugins change.

Whoever started it stays, and has the hub as its child, which ends when its standard input does.  Files are looked at
twice a second: those of a few plugins cost less than a millisecond, while Granian's own reload wants a library more
(watchfiles) in every hub, and would leave the worker with the old code.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import entry_points
from pathlib import Path

import click

from leadhub.errors import SettingError
from leadhub.plugins.finding import editable_code
from leadhub.plugins.host import ENTRY_POINTS
from leadhub.server import LOOPBACK

LOOK_SECONDS = 0.5
STOP_SECONDS = 15.0
FILES_MAX = 20_000
NOT_LOOKED_AT = (".pyc", ".pyo", ".swp", "~")
Seen = dict[Path, tuple[int, int]]


def check_host(host: str, *, anywhere: bool) -> None:
    """Raises ``SettingError`` where others than this machine would be shown traces, unless that is wanted."""
    if host not in LOOPBACK and not anywhere:
        raise SettingError(
            f"--dev shows the code of plugins to admins, and {host} is open to other machines."
            " If that is what you want, add --dev-anywhere."
        )


def watched(plugins_dir: Path | None) -> list[Path]:
    """The folder of plugins, and the code of what is installed from where somebody works on it (``pip install -e``)."""
    found = [editable_code(entry) for entry in entry_points(group=ENTRY_POINTS)]
    return [path for path in (plugins_dir, *found) if path]


def run(words: Sequence[str], paths: Callable[[], list[Path]]) -> None:
    """``leadhub`` with these words, anew whenever something changes; until a signal ends it."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *told: over.set())
    while not over.is_set():
        seen = _seen(paths())
        child = _start(words)
        changed = _wait(child, seen, paths, over)
        _end(child)
        if changed:
            click.echo(f"\n  {_names(changed)} changed: starting anew.\n")


def end_with_parent() -> None:
    """In the child: nobody else would miss whoever started it."""

    def wait() -> None:
        while os.read(0, 1024):  # not through sys.stdin, whose lock a forked process would wait for
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def _start(words: Sequence[str]) -> "subprocess.Popen[bytes]":
    """In a session of its own: a Ctrl-C is ours alone."""
    command = [sys.executable, "-m", "leadhub.app", *words]
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)


def _wait(
    child: "subprocess.Popen[bytes]", seen: Seen, paths: Callable[[], list[Path]], over: threading.Event
) -> list[Path]:
    """What has changed, once nothing changes any more; nothing where it is over.  A child that ended by itself is left
    as it is until then."""
    told = False
    while not over.wait(LOOK_SECONDS):
        if child.poll() is not None and not told:
            told = True
            click.echo(f"\n  The hub ended with {child.returncode}. It starts anew with the next change.\n")
        now = _seen(paths())
        if now != seen:
            while not over.wait(LOOK_SECONDS / 2) and now != (now := _seen(paths())):
                pass
            return [path for path in {**seen, **now} if seen.get(path) != now.get(path)]
    return []


def _end(child: "subprocess.Popen[bytes]") -> None:
    if child.poll() is None:
        child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _seen(paths: Sequence[Path]) -> Seen:
    """File -> when it was changed, and how long it is."""
    found: Seen = {}
    for file in (file for path in paths for file in _files(path)):
        try:
            state = file.stat()
        except OSError:  # gone in this moment
            continue
        found[file] = (state.st_mtime_ns, state.st_size)
        if len(found) >= FILES_MAX:
            break
    return found


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
        yield from (
            Path(folder, name) for name in names if not name.startswith(".") and not name.endswith(NOT_LOOKED_AT)
        )


def _names(changed: Sequence[Path]) -> str:
    names = sorted({path.name for path in changed})
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
