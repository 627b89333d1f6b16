"""A backup's file: a zip of ``manifest.json``, ``tables/<name>.jsonl``, ``imports/<name>`` and ``files/<name>``; read
with suspicion.
"""

import dataclasses
import hashlib
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from leadhub.errors import UserError
from leadhub.leads.files import STORED

FORMAT = 2  # 1 knew no files of leads
MANIFEST = "manifest.json"
MANIFEST_MAX = 64 * 1024 * 1024  # bytes: a file of a lead takes 240 of them
CHUNK = 1024 * 1024  # bytes
LINE_MAX = 256 * 1024 * 1024  # bytes of a row: no restore holds more than a block of them in memory
NUMBER_MAX = 2**63 - 1
REVISION = re.compile(r"[0-9a-z_]{1,32}")
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
NAMES = {"tables": NAME, "imports": NAME, "files": STORED}
LEFT_OUT = {
    "sessions": "everybody signs in again",
    "workers": "processes that will be gone",
    "lead_counts": "counted anew",
    "lead_deltas": "counted anew",
    "lead_days": "counted anew",
    "lead_stage_times": "counted anew",
    "lead_owner_changes": "tells only that something has changed",
    "lead_counter_state": "counted anew",
}
BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, KeyError, TypeError, ValueError, OverflowError,
    AttributeError, NotImplementedError, RuntimeError, MemoryError,
)  # fmt: skip  # what zipfile and json raise over a damaged file, as found by damaging one everywhere


class BadBackup(UserError):
    """The file can't be restored by this hub; nothing was changed."""


class NoBackup(UserError):
    """No backup could be made; no file was left or replaced."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One file inside.  ``rows`` and ``highest_id`` (the highest id ever given out) are None where they say nothing."""

    bytes: int
    sha256: str
    rows: int | None = None
    highest_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup says of itself.  ``revision`` is the database's, ``made_at`` ISO 8601 in UTC; ``missing`` are files
    of leads that rows name, and that were not on the disk."""

    format: int = FORMAT
    leadhub: str
    revision: str
    dialect: str
    made_at: str
    tables: dict[str, Part] = field(default_factory=dict)
    imports: dict[str, Part] = field(default_factory=dict)
    files: dict[str, Part] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(part.rows or 0 for part in self.tables.values())

    def parts(self) -> dict[str, Part]:
        """Path inside the file -> what must be there."""
        tables = {table_path(name): part for name, part in self.tables.items()}
        imports = {import_path(name): part for name, part in self.imports.items()}
        return tables | imports | {file_path(name): part for name, part in self.files.items()}

    def as_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), indent=1)


class Backup:
    """An open backup whose every byte is what its manifest says."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._archive = archive
        self.manifest = manifest

    def lines(self, table: str) -> Iterator[bytes]:
        with self._archive.open(table_path(table)) as stream:
            buffered = io.BufferedReader(cast(Any, stream), CHUNK)
            while line := buffered.readline(LINE_MAX + 1):
                if len(line) > LINE_MAX:
                    raise BadBackup(f"{table_path(table)} has a line that is longer than any row. Nothing was changed.")
                yield line

    def chunks(self, path: str) -> Iterator[bytes]:
        """Of a file of an import or of a lead."""
        with self._archive.open(path) as stream:
            while chunk := stream.read(CHUNK):
                yield chunk


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """The backup, after all of it was read once and compared with its manifest.  Raises ``BadBackup``."""
    try:
        archive = zipfile.ZipFile(path)
    except BROKEN as error:
        raise BadBackup(f"{path} can't be read as a backup: {_reason(error)}") from None
    with archive:
        try:
            manifest = _manifest(archive)
            _compare(archive, manifest)
        except BROKEN as error:
            raise BadBackup(f"{path} is damaged, or no backup of LeadHub: {_reason(error)}") from None
        yield Backup(archive, manifest)


def table_path(name: str) -> str:
    return f"tables/{name}.jsonl"


def import_path(name: str) -> str:
    return f"imports/{name}"


def file_path(name: str) -> str:
    return f"files/{name}"


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    with archive.open(MANIFEST) as stream:
        told = {"files": {}, "missing": []} | json.loads(stream.read(MANIFEST_MAX))
    if not _is_number(told["format"]) or not told["format"]:
        raise ValueError("a format that is none")
    if told["format"] > FORMAT:
        raise BadBackup("This backup was made by a newer LeadHub: install that version.")
    for kind, known in NAMES.items():
        if not all(known.fullmatch(name) for name in told[kind]):
            raise ValueError("a name that is none")
        told[kind] = {name: Part(**part) for name, part in told[kind].items()}
    manifest = Manifest(**told)
    _check(manifest)
    return manifest


def _check(manifest: Manifest) -> None:
    """Each value is of its kind, and can be shown: a stranger may have written it.  Raises ``ValueError``."""
    texts = [manifest.leadhub, manifest.dialect, *manifest.left_out, *manifest.left_out.values()]
    if not all(isinstance(text, str) and text.isprintable() and len(text) <= 100 for text in texts):
        raise ValueError("a word that is none")
    if not REVISION.fullmatch(manifest.revision):
        raise ValueError("a revision that is none")
    if not manifest.made_at.isprintable():
        raise ValueError("a moment that is none")
    datetime.fromisoformat(manifest.made_at)
    if type(manifest.missing) is not list or not all(STORED.fullmatch(name) for name in manifest.missing):
        raise ValueError("a missing file that is none")
    numbers: list[object] = [part.bytes for part in manifest.parts().values()]
    numbers += [part.rows for part in manifest.tables.values()]
    numbers += [part.highest_id for part in manifest.tables.values() if part.highest_id is not None]
    if not all(map(_is_number, numbers)):
        raise ValueError("a number that is none")


def _is_number(value: object) -> bool:
    return type(value) is int and 0 <= value <= NUMBER_MAX


def _compare(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    parts = manifest.parts()
    if sorted(archive.namelist()) != sorted([MANIFEST, *parts]):
        raise ValueError("other files than the manifest names")
    for path, part in parts.items():
        digest, size, rows = hashlib.sha256(), 0, 0
        with archive.open(path) as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                rows += chunk.count(b"\n")
        if (
            digest.hexdigest() != part.sha256
            or size != part.bytes
            or rows != (rows if part.rows is None else part.rows)
        ):
            raise ValueError(f"{path} is not what was written")


def _reason(error: BaseException) -> str:
    """One line, without the quotes that ``KeyError`` puts around its text."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file."
    text = " ".join(str(error.args[0] if error.args else type(error).__name__).split())
    return "".join(letter if letter.isprintable() else "?" for letter in text[:200])
