"""Where the files of leads are kept: under names that nobody chose, outside of what is served, each looked at first.

The folder comes in from outside.  What a file is called and what it says it is are its sender's words: neither ever
becomes a path or a header by itself.
"""

import errno
import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext

from leadhub.accounts.models import User
from leadhub.accounts.visibility import visible
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.leads.file_kinds import clean_name, kind_of, says_otherwise
from leadhub.leads.models import Lead, LeadEvent, LeadFile

MB = 1024 * 1024
FILE_MAX = 10 * MB  # bytes of one
FILES_MAX = 10  # in one go
STORED = re.compile(r"[0-9a-f]{64}")
_CHUNK = 256 * 1024  # bytes; of the first one we see what a file is
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FileRefused(RuleBroken):
    """A file that is not taken, and with it none of those that came along.  ``field`` names where they were chosen."""

    status = 422
    field = "files"


class NoRoom(FileRefused):
    """The disk is full; nothing was kept."""

    status = 507


class FileGone(RuleBroken):
    """A row names the file, and the disk has none."""

    status = 404


@dataclass(frozen=True)
class Stored:
    """A file on the disk that no row names yet.  ``size`` in bytes, ``sha256`` in hexadecimal."""

    name: str
    stored: str
    size: int
    type: str
    sha256: str


def files_folder(data_dir: Path) -> Path:
    return data_dir / "files"


def path_of(folder: Path, stored: str) -> Path:
    """Raises ``FileNotFoundError`` for what is no name of ours: a row may come from a stranger's backup."""
    if not STORED.fullmatch(stored):
        raise FileNotFoundError(stored)
    return folder / stored[:2] / stored


def store_files(uploads: Iterable[tuple[str, BinaryIO]], folder: Path) -> list[Stored]:
    """Write each to the disk, for good, and tell what it is.

    What has neither name nor content is left out: a browser sends that where no file was chosen.  Raises
    ``FileRefused``; whatever is raised, nothing is kept.  The bytes are there before the rows that name them: those
    that never get one are removed by the worker after a day.
    """
    written: list[Stored] = []
    with no_more_than_fits(), _removed_if_it_fails(folder, written):
        for name, stream in uploads:
            head = stream.read(_CHUNK)
            if not name and not head:
                continue
            if len(written) == FILES_MAX:
                raise FileRefused(
                    ngettext("At most %(num)d file at once.", "At most %(num)d files at once.", FILES_MAX)
                )
            written.append(_store(clean_name(name), head, stream, folder))
    return written


def attach(event: LeadEvent, stored: Sequence[Stored]) -> None:
    """Have rows for these files, which hang on the event."""
    if not stored:
        return
    db.session.flush()  # the event's id is asked for
    for file in stored:
        row = LeadFile(lead_id=event.lead_id, event_id=event.id, name=file.name, stored=file.stored)
        row.size, row.type, row.sha256 = file.size, file.type, file.sha256
        db.session.add(row)


def file_seen_by(user: User | None, file_id: int) -> LeadFile | None:
    """The file, if it is there and the user may see its lead."""
    seen = visible(user, Lead).where(Lead.id == LeadFile.lead_id).exists()
    return db.session.scalar(sa.select(LeadFile).where(LeadFile.id == file_id, seen))


def lost_among_newest(folder: Path, count: int) -> int:
    """How many of the files that came last are not on the disk."""
    newest = sa.select(LeadFile.stored).order_by(LeadFile.id.desc()).limit(count)
    return sum(not _is_there(folder, stored) for stored in db.session.scalars(newest))


def remove(folder: Path, names: Iterable[str]) -> None:
    """Nothing happens where one is gone, or never was."""
    for name in names:
        if STORED.fullmatch(name):
            path_of(folder, name).unlink(missing_ok=True)


def _is_there(folder: Path, stored: str) -> bool:
    try:
        return path_of(folder, stored).is_file()
    except FileNotFoundError:
        return False


@contextmanager
def no_more_than_fits() -> Iterator[None]:
    """Say in words that the disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise NoRoom(_("There is no room left on the server for this file.")) from None


@contextmanager
def _removed_if_it_fails(folder: Path, written: Sequence[Stored]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        remove(folder, [file.stored for file in written])
        raise


def _store(name: str, head: bytes, stream: BinaryIO, folder: Path) -> Stored:
    if not head:
        raise FileRefused(_("“%(name)s” is empty.", name=name))
    if says_otherwise(name, head):
        raise FileRefused(
            _("“%(name)s” is not what its name says. Save it anew, or put the ending of its name right.", name=name)
        )
    stored = secrets.token_hex(32)
    try:
        size, digest = _write(path_of(folder, stored), head, stream)
        if size > FILE_MAX:
            raise FileRefused(_("“%(name)s” is larger than %(count)d MB.", name=name, count=FILE_MAX // MB))
    except BaseException:
        remove(folder, [stored])
        raise
    return Stored(name=name, stored=stored, size=size, type=kind_of(name, head), sha256=digest)


def _write(path: Path, head: bytes, stream: BinaryIO) -> tuple[int, str]:
    """How many bytes there are, and their SHA-256.  Stops where there are more than may be."""
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    digest, size, chunk = hashlib.sha256(), 0, head
    with os.fdopen(descriptor, "wb") as file:
        while chunk and size <= FILE_MAX:
            size += file.write(chunk)
            digest.update(chunk)
            chunk = stream.read(_CHUNK)
        file.flush()
        os.fsync(file.fileno())  # the row that names it is about to be committed
    for folder in (path.parent, path.parent.parent):
        _sync(folder)
    return size, digest.hexdigest()


def _sync(folder: Path) -> None:
    """Have the names in it outlive a power cut too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
