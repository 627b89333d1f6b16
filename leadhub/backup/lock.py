"""Who is at work in a data folder: those who serve and work share a lock, a restore wants it for itself."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leadhub.errors import SettingError

LOCK = "in-use.lock"


@contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """For the life of a process that serves or works: no backup is restored meanwhile.

    The system gives the lock back however the process ends.  Raises ``SettingError`` while a restore goes on.
    """
    with _locked(folder, fcntl.LOCK_SH, "A backup is being restored into this hub. Wait until that is done."):
        yield


@contextmanager
def unused(folder: Path) -> Iterator[None]:
    """For a restore.  Raises ``SettingError`` where somebody serves or works, or restores already."""
    with _locked(
        folder, fcntl.LOCK_EX, f"This hub is in use ({folder / LOCK} is held): stop leadhub serve and worker."
    ):
        yield


@contextmanager
def _locked(folder: Path, kind: int, refusal: str) -> Iterator[None]:
    with (folder / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingError(refusal) from None
        yield
