"""Writes a backup while the hub goes on working: one snapshot, row by row, never the whole in memory."""

import hashlib
import os
import secrets
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from leadhub import __version__
from leadhub.backup import rows, schema
from leadhub.backup.file import (
    CHUNK,
    LEFT_OUT,
    MANIFEST,
    MANIFEST_MAX,
    NAME,
    Manifest,
    NoBackup,
    Part,
    file_path,
    import_path,
    opened,
    table_path,
)
from leadhub.database import reading
from leadhub.extensions import db
from leadhub.leads.files import STORED, files_folder, path_of

AT_ONCE = 250  # rows that the database hands over in one go
QUICK = 4  # zlib's level: nearly as small as its usual 6, in half the time


def back_up(path: Path, data_dir: Path, *, force: bool = False) -> Manifest:
    """Write everything as it is at this moment to ``path``, then read the file back.  The keys are not in it.

    A link is followed, and what is no file (a device, a pipe) never replaced.

    It is written beside its place and moved there when it is found good.  Raises ``NoBackup``, or ``BadBackup`` where
    the disk gave back something else.
    """
    try:
        path = _place(path, force)
        with _draft(path) as (draft, stream):
            manifest = _write(stream, data_dir)
            with opened(draft):
                pass
            os.fsync(stream.fileno())
            draft.replace(path)
    except OSError as error:
        raise NoBackup(f"{path} can't be written: {error.strerror or error}.") from None
    return manifest


def _place(path: Path, force: bool) -> Path:
    try:
        path = path.resolve()
    except RuntimeError:
        raise NoBackup(f"{path} is a link that leads to itself.") from None
    if path.exists() and not path.is_file():
        raise NoBackup(f"{path} is no file, and is not replaced: another name.")
    if path.exists() and not force:
        raise NoBackup(f"{path} is there already: another name, or --force.")
    return path


@contextmanager
def _draft(path: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """A new file that its owner alone can read, gone again if anything fails."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    number = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with open(number, "r+b") as stream:
        try:
            yield draft, stream
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


def _write(stream: IO[bytes], data_dir: Path) -> Manifest:
    made_at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=QUICK) as archive:
        with _snapshot() as connection:
            manifest, names = _write_rows(connection, archive, data_dir, made_at)
        files = dict(_write_files(archive, files_folder(data_dir), names))
        manifest = replace(manifest, files=files, missing=[name for name in names if name not in files])
        told = manifest.as_json()
        if len(told) > MANIFEST_MAX:
            raise NoBackup(f"This hub has more files of leads than a backup can hold: {len(files):,}.")
        archive.writestr(MANIFEST, told)
    stream.flush()
    return manifest


def _write_rows(
    connection: Connection, archive: zipfile.ZipFile, data_dir: Path, made_at: str
) -> tuple[Manifest, Sequence[str]]:
    """What there is without the files of leads, and the names of these."""
    revision = schema.revision_of(connection)
    if revision is None:
        raise NoBackup("The database is empty: there is nothing to back up.")
    if not schema.is_known(revision):
        raise NoBackup(f"The database was written by a newer LeadHub ({revision}): back it up with that version.")
    tables = schema.reflect(connection, schema.names_at(revision))
    manifest = Manifest(
        leadhub=__version__,
        revision=revision,
        dialect=connection.dialect.name,
        made_at=made_at,
        tables={t.name: _write_table(connection, archive, t) for t in tables if t.name not in LEFT_OUT},
        imports=dict(_write_imports(archive, data_dir / "imports")),
        left_out={t.name: LEFT_OUT[t.name] for t in tables if t.name in LEFT_OUT},
    )
    named = [sa.select(t.c.stored).order_by(t.c.id) for t in tables if t.name == "lead_files"]
    return manifest, [name for names in named for name in connection.scalars(names) if STORED.fullmatch(name)]


@contextmanager
def _snapshot() -> Iterator[Connection]:
    """A transaction that sees one moment, however long it takes, and stands in nobody's way."""
    with reading(db.session), db.engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection


def _write_table(connection: Connection, archive: zipfile.ZipFile, table: sa.Table) -> Part:
    order = list(table.primary_key.columns) or list(table.columns)
    found = connection.execution_options(yield_per=AT_ONCE).execute(sa.select(table).order_by(*order))
    lines = rows.to_lines(table, (dict(row) for row in found.mappings()))
    return _write_part(archive, table_path(table.name), lines, highest_id=schema.highest_id(connection, table))


def _write_imports(archive: zipfile.ZipFile, folder: Path) -> Iterator[tuple[str, Part]]:
    """Files of imports by web that are there now; one that goes meanwhile belonged to an import that is done."""
    for path in sorted(folder.glob("*")):
        if path.is_file() and not path.is_symlink() and NAME.fullmatch(path.name):
            try:
                stream = path.open("rb")
            except FileNotFoundError:
                continue
            with stream:
                chunks = iter(lambda stream=stream: stream.read(CHUNK), b"")  # type: ignore[misc]
                part = _write_part(archive, import_path(path.name), chunks)
            yield path.name, Part(bytes=part.bytes, sha256=part.sha256)


def _write_files(archive: zipfile.ZipFile, folder: Path, names: Iterable[str]) -> Iterator[tuple[str, Part]]:
    """Files of leads, packed as they are: most are packed already.  One that is not on the disk stops nothing."""
    for name in names:
        try:
            stream = path_of(folder, name).open("rb")
        except FileNotFoundError:
            continue
        with stream:
            chunks = iter(lambda stream=stream: stream.read(CHUNK), b"")  # type: ignore[misc]
            part = _write_part(archive, zipfile.ZipInfo(file_path(name)), chunks)
        yield name, Part(bytes=part.bytes, sha256=part.sha256)


def _write_part(
    archive: zipfile.ZipFile, name: str | zipfile.ZipInfo, pieces: Iterable[bytes], highest_id: int | None = None
) -> Part:
    digest, size, count = hashlib.sha256(), 0, 0
    with archive.open(name, "w", force_zip64=True) as stream:
        for piece in pieces:
            stream.write(piece)
            digest.update(piece)
            size += len(piece)
            count += 1
    return Part(bytes=size, sha256=digest.hexdigest(), rows=count, highest_id=highest_id)
