"""The steps of an import by web: sent, recognised, started, paused, resumed, taken in block by block, ended.

Each step is one conditional update, so that of two people or two workers only one takes it.  Commits nothing.  A step
that ends an import forgets the name of its file: the caller deletes it, after the commit.
"""

import unicodedata
from itertools import islice
from typing import IO, Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.imports import uploads
from leadhub.imports.models import (
    CANCELLED,
    DONE,
    FAILED,
    OPEN,
    PAUSED,
    READING,
    READY,
    REFUSALS_KEPT,
    RUNNING,
    STANDS_IN,
    TELLS_TYPE,
    Import,
    ImportRefusal,
)
from leadhub.imports.plan import OTHER_DATA
from leadhub.imports.queries import open_count
from leadhub.imports.services import FileImport, Report
from leadhub.jobs.services import enqueue

OPEN_MAX = 20  # imports of one person that hold a file
NAME_MAX = 255
_EXAMPLE_ROWS = 50
_EXAMPLE_MAX = 60


class OutOfStep(RuleBroken):
    """The import is not, or no longer, where this step begins."""


class TooManyImports(RuleBroken):
    """The person has many imports that have not ended."""


def send(stream: IO[bytes], name: str, *, by: User) -> Import:
    """Keep a file and have it read.  Raises ``UnreadableFile``, ``NoRoom`` or ``TooManyImports``; nothing is kept then.

    The caller has no transaction open: the disk may be slow.
    """
    kept = uploads.keep(stream)
    with uploads.removed_if_it_fails(kept.name):
        return _send(kept, name, by)


def _send(kept: uploads.KeptFile, name: str, by: User) -> Import:
    person = sa.select(User.id).where(User.id == by.id).with_for_update(key_share=True)
    db.session.execute(person)  # of two files of one person at once, the second is counted after the first
    if open_count(by.id) >= OPEN_MAX:
        message = ngettext(
            "%(num)d of your imports has not ended yet. Start or cancel it first.",
            "%(num)d of your imports have not ended yet. Start or cancel some first.",
            OPEN_MAX,
        )
        raise TooManyImports(message)
    import_ = Import(name=shown_name(name), file=kept.name, bytes=kept.size, by_id=by.id)
    db.session.add(import_)
    db.session.flush()  # the worker is told its id
    enqueue("imports.read", {"import_id": import_.id}, key=f"import:{import_.id}")
    return import_


def recognised(import_id: int, file: FileImport) -> bool:
    """The person may look at the columns now.  False where the import was cancelled meanwhile."""
    return _step(import_id, (READING,), state=READY, format=format_of(file), size=file.size)


def start(import_id: int, forced: dict[str, str]) -> None:
    """``forced``: column -> field, where the person knows better.  Raises ``OutOfStep``."""
    _run(import_id, READY, forced=forced)


def resume(import_id: int) -> None:
    """Go on where it was paused.  Raises ``OutOfStep``."""
    _run(import_id, PAUSED)


def pause(import_id: int) -> None:
    """The block that is being taken in still is, or is taken in again later.  Raises ``OutOfStep``."""
    if not _step(import_id, (RUNNING,), state=PAUSED):
        raise OutOfStep(_("This import is not running. Nothing was changed."))


def cancel(import_id: int, reason: str = "") -> None:
    """What was taken in stays.  Raises ``OutOfStep``."""
    if not _end(import_id, OPEN, state=CANCELLED, error=reason):
        raise OutOfStep(_("This import has ended already. Nothing was changed."))


def fail(import_id: int, run: int, reason: str) -> bool:
    """The worker can't go on; ``reason`` is for the person.  False where the run is not what it does any more."""
    return _end(import_id, (READING, RUNNING), run, state=FAILED, error=reason)


def finish(import_id: int, run: int) -> bool:
    return _end(import_id, (RUNNING,), run, state=DONE)


def reread(import_id: int, run: int, file: FileImport) -> bool:
    """Keep what the columns were taken for in the end.  False where the run was stopped."""
    return _step(import_id, (RUNNING,), run, format=format_of(file), size=file.size)


def advance(import_id: int, run: int, position: int, report: Report, refused: int) -> bool:
    """Count one block, which began at ``position`` and before which ``refused`` rows were.

    False where the run was stopped or somebody has taken in the same block: the caller rolls the block back.
    """
    counted = {name: getattr(Import, name) + getattr(report, name) for name in _COUNTS}
    here = Import.position == position
    if not _step(import_id, (RUNNING,), run, here, position=position + report.read, **counted):
        return False
    lines = [{"import_id": import_id, **error} for error in report.errors[: max(0, REFUSALS_KEPT - refused)]]
    if lines:
        db.session.execute(sa.insert(ImportRefusal), lines)
    return True


_COUNTS = ("created", "updated", "unchanged", "refused")


def format_of(file: FileImport) -> dict[str, Any]:
    """What the page tells of the file: encoding, separator, and each column with the field that it feeds.

    ``field`` is a field's key, ``OTHER_DATA``, ``TELLS_TYPE``, or ``STANDS_IN`` with the field ``of`` which it does so.
    """
    table, plan = file.table, file.mapping.plan
    stand_ins = {index: name for name, indexes in plan.fallbacks.items() for index in indexes}
    examples = _examples(file)
    columns = []
    for index, (column, field) in enumerate(file.mapping.describe()):
        told = {"name": column, "field": field, "example": examples[index]}
        if index in stand_ins:
            told |= {"field": STANDS_IN, "of": stand_ins[index]}
        elif field == OTHER_DATA and index in plan.labels.values():
            told["field"] = TELLS_TYPE
        columns.append(told)
    return {
        "encoding": table.encoding,
        "separator": table.separator,
        "columns": columns,
        "ambiguous": file.mapping.ambiguous_dates,
        "order": file.order_word,
    }


def shown_name(name: str) -> str:
    """A file's name as people see it: without folders, and without signs that can't be seen or turn a text around."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip()
    return seen[:NAME_MAX] or _("File without a name")


def _examples(file: FileImport) -> list[str]:
    """The first value of each column, shortened; empty where the first rows have none."""
    found = [""] * len(file.table.columns)
    for row in islice(file.table.rows(), _EXAMPLE_ROWS):
        for index, cell in enumerate(row.cells[: len(found)]):
            if not row.error and not found[index]:
                found[index] = cell if len(cell) <= _EXAMPLE_MAX else cell[: _EXAMPLE_MAX - 1] + "…"
    return found


def _run(import_id: int, state: str, **values: Any) -> None:
    if not _step(import_id, (state,), state=RUNNING, run=Import.run + 1, **values):
        raise OutOfStep(_("This import has moved on meanwhile. Nothing was changed."))
    run = db.session.scalar(sa.select(Import.run).where(Import.id == import_id))
    enqueue("imports.take_in", {"import_id": import_id, "run": run}, key=f"import:{import_id}:{run}")


def _end(import_id: int, states: tuple[str, ...], run: int | None = None, **values: Any) -> bool:
    """With the file go the examples of what was in it."""
    format_ = dict(db.session.scalar(sa.select(Import.format).where(Import.id == import_id)) or {})
    format_["columns"] = [{**column, "example": ""} for column in format_.get("columns", ())]
    return _step(import_id, states, run, file="", finished_at=utcnow(), format=format_, **values)


def _step(
    import_id: int,
    states: tuple[str, ...],
    of_run: int | None = None,
    *further: sa.ColumnElement[bool],
    **values: Any,
) -> bool:
    statement = sa.update(Import).where(Import.id == import_id, Import.state.in_(states), *further).values(values)
    if of_run is not None:
        statement = statement.where(Import.run == of_run)
    done = db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()  # a row that was loaded before says what it said then
    return bool(done.rowcount)  # type: ignore[attr-defined]
