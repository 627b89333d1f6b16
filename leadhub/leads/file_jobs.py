"""What the worker does for files: takes them off the disk when no row names them any more.  Commits nothing."""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from pathlib import Path

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l

from leadhub.extensions import db
from leadhub.jobs.registry import Handler, Payload, Periodic
from leadhub.jobs.services import enqueue
from leadhub.leads import files
from leadhub.leads.models import LeadFile

REMOVE, TIDY = "leads.remove_files", "leads.tidy_files"
AT_ONCE = 500
LEFT_FOR = timedelta(days=1)  # until bytes without a row are no upload that is being saved


def forget_files(lead_ids: Iterable[int]) -> None:
    """Have the bytes of these leads' files removed once this transaction is committed.  Goes before the rows go."""
    ids = iter(lead_ids)
    while block := list(islice(ids, AT_ONCE)):
        names = db.session.scalars(sa.select(LeadFile.stored).where(LeadFile.lead_id.in_(block))).all()
        for first in range(0, len(names), AT_ONCE):
            enqueue(REMOVE, {"names": list(names[first : first + AT_ONCE])})


def remove(payload: Payload) -> Iterator[None]:
    """Remove these bytes, but for those that a row names after all."""
    names = _without_row(payload["names"])
    yield
    files.remove(_folder(), names)


def tidy(payload: Payload) -> Iterator[None]:
    """Remove bytes that no row names: of forms that were not saved, and of processes that died."""
    old = _old_names(_folder(), time.time() - LEFT_FOR.total_seconds())
    while block := list(islice(old, AT_ONCE)):
        names = _without_row(block)
        yield
        files.remove(_folder(), names)


def _without_row(names: list[str]) -> set[str]:
    return set(names) - set(db.session.scalars(sa.select(LeadFile.stored).where(LeadFile.stored.in_(names))))


def _old_names(folder: Path, before: float) -> Iterator[str]:
    """Those that were written before this moment (seconds since 1970), a few at a time."""
    for shelf in sorted(folder.glob("[0-9a-f][0-9a-f]")):
        for path in shelf.iterdir():
            with suppress(FileNotFoundError):  # another one of us was faster
                if files.STORED.fullmatch(path.name) and path.stat().st_mtime < before:
                    yield path.name


def _folder() -> Path:
    return files.files_folder(Path(current_app.extensions["leadhub"]["settings"].data_dir))


HANDLERS = {
    REMOVE: Handler(run=remove, label=_l("Delete the files of leads that were deleted")),
    TIDY: Handler(run=tidy, label=_l("Delete files that no lead needs")),
}
PERIODIC = (Periodic(kind=TIDY, every=timedelta(days=1), offset=timedelta(hours=4)),)
