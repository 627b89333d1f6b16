"""Where the PDF files of quotations are kept for a while: each is called by what it says, so that none is out of date.

They can be made again at any time, so no backup holds them.
"""

import hashlib
import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

from flask import current_app

from leadhub import __version__
from leadhub.sales.quotations.pdf import STYLE

KEPT = 7 * 24 * 60 * 60  # seconds
ALL_MAX = 200_000_000  # bytes of all together: the oldest go
UNFINISHED = ".part"


def folder() -> Path:
    return Path(current_app.extensions["leadhub"]["settings"].data_dir) / "papers"


def path_of(html: str) -> Path:
    """Of the file that is made of this page, whether it is there or not."""
    told = "\0".join((__version__, STYLE.read_text(), html))
    return folder() / f"{hashlib.sha256(told.encode()).hexdigest()}.pdf"


def keep(path: Path, content: bytes) -> None:
    """The whole file is there, or none."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    unfinished = path.with_suffix(f".{secrets.token_hex(8)}{UNFINISHED}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def tidy() -> None:
    """Those that are old go, and of the others the oldest, until there is room."""
    left, gone_before = ALL_MAX, time.time() - KEPT
    for seconds, size, path in sorted(_found(folder()), reverse=True):
        left -= size
        if seconds < gone_before or left < 0:
            path.unlink(missing_ok=True)


def _found(place: Path) -> list[tuple[float, int, Path]]:
    found = []
    for path in place.iterdir() if place.is_dir() else ():
        with suppress(FileNotFoundError):  # another one of us was faster
            stat = path.stat()
            found.append((stat.st_mtime, stat.st_size, path))
    return found
