"""Restores a backup into an empty database, of either kind: all of it in one transaction, or nothing."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.schema import AddConstraint, DropConstraint

from leadhub.backup import rows, schema
from leadhub.backup.file import BROKEN, Backup, BadBackup, Manifest, file_path, import_path, opened
from leadhub.backup.lock import unused
from leadhub.database import SEARCH_TABLE, utcnow
from leadhub.errors import RuleBroken, SettingError
from leadhub.extensions import db
from leadhub.jobs.models import RUNNING, WAITING, Effect
from leadhub.leads.counters.services import recount
from leadhub.leads.files import files_folder, path_of
from leadhub.upgrade import first_line, revisions

AT_ONCE = 250  # rows of one statement
PATIENCE = "10s"  # for locks of a server database
ALIVE = timedelta(seconds=60)  # a worker says so more often than that


class NotEmpty(RuleBroken):
    """There is something in this hub, or somebody works with it; nothing was changed."""


def restore(path: Path, data_dir: Path) -> Manifest:
    """Fill this empty hub from a backup and bring it to the version of the code.

    Raises ``BadBackup``, ``NotEmpty``, or ``SettingError`` for a hub in use or a database that can't be reached;
    database and files are then as they were.
    """
    db.session.remove()
    revisions()
    with opened(path) as backup, unused(data_dir):
        _check_revision(backup.manifest)
        try:
            with ExitStack() as undo:
                with _transaction() as connection:
                    _check_empty(connection, backup.manifest)
                    _place_files(backup, data_dir, undo)
                    _fill(connection, backup)
                    schema.migrate(connection)
                    _after(connection, backup.manifest)
                    _check_references(connection)
                undo.pop_all()
        except (OperationalError, psycopg.OperationalError) as error:
            raise SettingError(f"The database stopped, and nothing was changed: {first_line(error)}.") from None
        except (*BROKEN, ArithmeticError, SQLAlchemyError) as error:
            raise BadBackup(f"{path} does not fit, and nothing was changed: {_reason(error)}.") from None
    return backup.manifest


def _reason(error: BaseException) -> str:
    """Without values: they are people."""
    if isinstance(error, rows.Misfit):
        return str(error)
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__


def _check_revision(manifest: Manifest) -> None:
    if not schema.is_known(manifest.revision):
        raise BadBackup(f"A newer LeadHub wrote this backup ({manifest.revision}): install that version.")
    if {*manifest.tables, *manifest.left_out} != schema.names_at(manifest.revision):
        raise BadBackup("This backup lacks tables, or holds others than LeadHub’s.")


@contextmanager
def _transaction() -> Iterator[Connection]:
    """One in which tables may come and go; SQLite looks at references again when it is over."""
    with db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if connection.dialect.name != "sqlite":
            with connection.begin():
                connection.execute(
                    sa.text("SELECT set_config('lock_timeout', :patience, true)"), {"patience": PATIENCE}
                )
                yield connection
            return
        driver.execute("PRAGMA foreign_keys=OFF")  # does nothing once a transaction has begun
        try:
            with connection.begin():
                yield connection
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def _check_empty(connection: Connection, manifest: Manifest) -> None:
    """Nothing there, or a hub that nobody has set up, whose tables then go.  Holds off all others until the end."""
    revision = schema.revision_of(connection)
    there = set(sa.inspect(connection).get_table_names())
    if revision is None:
        if there & (schema.names_at(manifest.revision) | schema.names_at("head")):
            raise NotEmpty("There are tables in this database that are not LeadHub’s. Restore into an empty one.")
        return
    if not schema.is_known(revision):
        raise NotEmpty("A newer LeadHub has made this database. Restore into an empty one.")
    metadata = sa.MetaData()
    metadata.reflect(connection, only=[*sorted(schema.names_at(revision) & there), schema.VERSION_TABLE])
    if connection.dialect.name != "sqlite":
        for name in metadata.tables:
            connection.exec_driver_sql(f"LOCK TABLE {connection.dialect.identifier_preparer.quote(name)}")
    _check_unused(connection, metadata.tables)
    metadata.drop_all(connection)
    if SEARCH_TABLE in there:  # on SQLite alone; the tables behind it go with it
        connection.exec_driver_sql(f"DROP TABLE {SEARCH_TABLE}")


def _check_unused(connection: Connection, tables: Any) -> None:
    if connection.scalar(sa.select(sa.func.count()).where(tables["hub"].c.set_up_at.is_not(None))) or any(
        connection.scalar(sa.select(sa.func.count()).select_from(tables[name])) for name in ("users", "leads")
    ):
        raise NotEmpty("There is something in this hub already: restore into an empty database.")
    if "workers" in tables:
        seen = connection.scalar(sa.select(sa.func.max(tables["workers"].c.seen_at)))
        if seen and seen > utcnow().replace(tzinfo=None) - ALIVE:
            raise NotEmpty("A worker was at work here less than a minute ago: stop it, wait a minute, try again.")


def _fill(connection: Connection, backup: Backup) -> None:
    """Make the tables of the backup's revision and load its rows."""
    schema.migrate(connection, backup.manifest.revision)
    tables = schema.reflect(connection, schema.names_at(backup.manifest.revision))
    with _without_references(connection, tables):
        for table in tables:
            connection.execute(sa.delete(table))  # what migrations begin a hub with is in the backup as it is now
            part = backup.manifest.tables.get(table.name)
            if part is None:
                continue
            loaded = _load(connection, table, backup.lines(table.name))
            if loaded != part.rows or connection.scalar(sa.select(sa.func.count()).select_from(table)) != loaded:
                raise rows.Misfit(f"{table.name} has other rows than it should")
    _keep_ids(connection, backup.manifest, tables)


@contextmanager
def _without_references(connection: Connection, tables: Sequence[sa.Table]) -> Iterator[None]:
    """Rows may come in any order.  PostgreSQL checks each reference when it is put back, and quicker so."""
    found = [key for table in tables for key in table.foreign_key_constraints]
    references = found if connection.dialect.name != "sqlite" else []
    for reference in references:
        connection.execute(DropConstraint(reference))
    yield
    for reference in references:
        connection.execute(AddConstraint(reference))


def _load(connection: Connection, table: sa.Table, lines: Iterable[bytes]) -> int:
    found, count = rows.from_lines(table, lines, nul=connection.dialect.name == "sqlite"), 0
    while block := list(islice(found, AT_ONCE)):
        (_insert if connection.dialect.name == "sqlite" else _copy)(connection, table, block)
        count += len(block)
    return count


def _insert(connection: Connection, table: sa.Table, block: Sequence[rows.Row]) -> None:
    connection.execute(sa.insert(table), block)


def _copy(connection: Connection, table: sa.Table, block: Sequence[rows.Row]) -> None:
    """PostgreSQL's own way in: ten times quicker than inserts.  Raises ``Misfit`` for what it does not take."""
    quote, names = connection.dialect.identifier_preparer.quote, table.columns.keys()
    writers = {column.name: rows.json_writer(column) for column in table.columns if isinstance(column.type, sa.JSON)}
    driver: Any = connection.connection.cursor()
    try:
        with driver.copy(f"COPY {quote(table.name)} ({', '.join(map(quote, names))}) FROM STDIN") as copy:
            for row in block:
                copy.write_row([writers[name](row[name]) if name in writers else row[name] for name in names])
    except psycopg.OperationalError:
        raise
    except (psycopg.Error, UnicodeError) as error:
        raise rows.Misfit(f"{table.name}: {type(error).__name__}") from None  # its text holds values


def _after(connection: Connection, manifest: Manifest) -> None:
    """Ids go on where they were; effects that a worker had begun wait for another, and say so."""
    _keep_ids(connection, manifest, schema.reflect(connection, schema.names_at("head")))
    connection.execute(sa.text("DELETE FROM lead_deltas"))  # one for each lead that came in just now
    recount(connection)
    effects: Any = Effect.__table__
    begun = sa.case((effects.c.claim.is_not(None), 1), else_=0)
    connection.execute(
        sa.update(effects)
        .where(effects.c.state == RUNNING)
        .values(state=WAITING, interruptions=effects.c.interruptions + begun, claim=None, lease_until=None)
    )


def _keep_ids(connection: Connection, manifest: Manifest, tables: Iterable[sa.Table]) -> None:
    for table in tables:
        part = manifest.tables.get(table.name)
        schema.never_again(connection, table, (part and part.highest_id) or 0)


def _check_references(connection: Connection) -> None:
    """What SQLite was told not to look at meanwhile."""
    if connection.dialect.name != "sqlite":
        return
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise rows.Misfit("a row refers to one that is not there")
    if connection.exec_driver_sql("PRAGMA integrity_check").scalar() != "ok":
        raise rows.Misfit("SQLite’s integrity check failed")


def _place_files(backup: Backup, data_dir: Path, undo: ExitStack) -> None:
    """Files of imports and of leads, before the rows that name them.  What is there already is not ours."""
    for name in backup.manifest.imports:
        _place(backup, import_path(name), data_dir / "imports" / name, undo)
    for name in backup.manifest.files:
        _place(backup, file_path(name), path_of(files_folder(data_dir), name), undo)


def _place(backup: Backup, inside: str, path: Path, undo: ExitStack) -> None:
    for folder in (path.parent.parent, path.parent):
        if not folder.exists():
            folder.mkdir(mode=0o700)
            undo.callback(folder.rmdir)
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise NotEmpty(f"{path} is there already: move it away, and nothing was changed.") from None
    undo.callback(path.unlink, missing_ok=True)
    with open(number, "wb") as stream:
        for chunk in backup.chunks(inside):
            stream.write(chunk)
