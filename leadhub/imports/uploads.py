"""Where files that were sent are kept: ``DATA_DIR/imports``, under names that nobody chose, for the hub alone."""

import errno
import os
import secrets
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

from flask import current_app
from flask_babel import gettext as _

from leadhub.errors import RuleBroken
from leadhub.imports.encodings import refuse_what_is_no_text
from leadhub.imports.refusals import UnreadableFile

UPLOAD_MAX = 64 * 1024 * 1024  # bytes of a request with a file
_CHUNK = 1 << 20
_STRAY_AFTER = timedelta(days=1)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class NoRoom(RuleBroken):
    """The disk is full; nothing was kept."""

    status = 507


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that is kept under ``name``; ``size`` in bytes."""

    name: str
    size: int


def keep(stream: IO[bytes]) -> KeptFile:
    """Write the stream to the disk, for good.  Raises ``UnreadableFile`` where its first bytes say that it is no table,
    ``NoRoom`` where the disk is full; whatever is raised, nothing is kept."""
    head = stream.read(_CHUNK)
    if not head:
        raise UnreadableFile(_("This file is empty."))
    refuse_what_is_no_text(head)
    name = secrets.token_hex(16)
    with no_more_than_fits(), removed_if_it_fails(name):
        return KeptFile(name, _write(name, head, stream))


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
def removed_if_it_fails(name: str) -> Iterator[None]:
    """A full disk would stay full."""
    try:
        yield
    except BaseException:
        remove(name)
        raise


def _write(name: str, head: bytes, stream: IO[bytes]) -> int:
    _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path_of(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        size = file.write(head)
        while chunk := stream.read(_CHUNK):
            size += file.write(chunk)
        file.flush()
        os.fsync(file.fileno())  # the import that names it is about to be committed
    return size


def path_of(name: str) -> Path:
    return _folder() / name


def remove(name: str) -> None:
    """Nothing happens where it is gone, or never was."""
    if name:
        path_of(name).unlink(missing_ok=True)


def remove_strays(kept: Collection[str]) -> None:
    """Delete what no import names, left behind where a process died between its commit and its file."""
    if not _folder().is_dir():
        return
    oldest = time.time() - _STRAY_AFTER.total_seconds()
    for path in _folder().iterdir():
        if path.name not in kept and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def _folder() -> Path:
    return Path(current_app.extensions["leadhub"]["settings"].data_dir) / "imports"
