"""Loads a plugin in a process of its own first: one that hangs or ends its process there is not loaded here.

What loaded well is remembered, by a print of its code, so that the next start need not try again.
"""

import contextlib
import hashlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path

from leadhub.plugins.finding import editable_code, print_of

SECONDS = 10.0
REMEMBERED_MAX = 200
TOLD_MAX = 64 * 1024  # bytes of what it says that are read, from the end
CODE = """
import sys
kind, what, word = sys.argv[1:4]
sys.stdout = sys.stderr
from leadhub.plugins.finding import module_of
from leadhub.plugins.host import Host
if kind == "folder":
    from pathlib import Path
    plugin = module_of(Path(what))
else:
    from importlib.metadata import EntryPoint
    plugin = EntryPoint("plugin", what, "leadhub.plugins").load()
Host().load(None, True, [("tried out", plugin)])
print("\\n" + word, flush=True)
"""


class LoadsBadly(Exception):
    """It did not load in a process of its own; the message says how that went."""


@dataclass(frozen=True)
class Suspect:
    """A plugin to be tried.  ``kind``: ``folder`` (a path) or ``installed`` (what an entry point names)."""

    kind: str
    what: str
    mark: str

    @classmethod
    def in_folder(cls, path: Path) -> "Suspect":
        return cls("folder", str(path), print_of(path))

    @classmethod
    def installed(cls, entry: EntryPoint) -> "Suspect | None":
        """None where nothing is known of the package: a test's."""
        value, dist = getattr(entry, "value", ""), getattr(entry, "dist", None)
        if not value or dist is None:
            return None
        record = dist.read_text("RECORD") or ""
        code = editable_code(entry)  # changes under the same record
        told = f"{dist.name}\0{dist.version}\0{value}\0{record}\0{print_of(code) if code else ''}"
        return cls("installed", value, hashlib.sha256(told.encode()).hexdigest())

    @classmethod
    def named(cls, entry: EntryPoint) -> "Suspect":
        """Of a package that need not be installed: nothing is known of its state, so that it is tried each time."""
        return cls("installed", entry.value, secrets.token_hex(8))


def try_out(suspect: Suspect, memory: Path | None) -> None:
    """Raises ``LoadsBadly``; returns at once where the same code has loaded well before."""
    mark = hashlib.sha256(f"{sys.version}\0{suspect.mark}".encode()).hexdigest()
    known = _remembered(memory)
    if mark in known:
        return
    word = secrets.token_hex(8)  # said at the end: whoever ends the process before does not come so far
    command = [sys.executable, "-c", CODE, suspect.kind, suspect.what, word]
    with tempfile.TemporaryFile() as told:
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=told,
                timeout=SECONDS,
                check=False,
                env=_environment(),
            )
        except subprocess.TimeoutExpired:
            raise LoadsBadly(f"it did not load within {SECONDS:g} seconds") from None
        told.seek(max(told.seek(0, os.SEEK_END) - TOLD_MAX, 0))
        lines = told.read().decode(errors="replace").strip().splitlines()
    if word not in lines:  # what says something at its exit has come so far too
        last = lines[-1] if lines else ""
        raise LoadsBadly(last[:200] or f"it ended its process with {done.returncode}")
    _remember(memory, [*known, mark])


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def _remembered(memory: Path | None) -> list[str]:
    try:
        kept = json.loads(memory.read_text()) if memory else []
    except (OSError, ValueError):
        return []
    return [mark for mark in kept if isinstance(mark, str)] if isinstance(kept, list) else []


def _remember(memory: Path | None, marks: list[str]) -> None:
    """Written beside and moved into place: two starts at once leave one whole file.  Where it can't be, the next start
    tries again."""
    if memory is None:
        return
    draft = memory.with_name(f"{memory.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        draft.write_text(json.dumps(marks[-REMEMBERED_MAX:]))
        draft.replace(memory)


__all__ = ["LoadsBadly", "Suspect", "try_out"]
