"""Tables as a database has them at some revision, whatever the models of today say."""

from functools import cache

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy.engine import Connection

from leadhub.database import engine_options, is_search_table
from leadhub.upgrade import MIGRATIONS

VERSION_TABLE = "alembic_version"


def revision_of(connection: Connection) -> str | None:
    """None: nothing was ever migrated there."""
    return MigrationContext.configure(connection).get_current_revision()


def is_known(revision: str) -> bool:
    """Does this code have the migrations up to there?  No word such as ``head`` is a revision."""
    return any(script.revision == revision for script in _scripts().walk_revisions())


def migrate(connection: Connection, revision: str = "head") -> None:
    """Like ``leadhub db upgrade``, but inside the transaction that the connection is in: it can be taken back."""
    scripts = _scripts()
    config = current_app.extensions["migrate"].migrate.get_config(MIGRATIONS)
    steps = lambda current, context: scripts._upgrade_revs(revision, current)  # noqa: E731
    with EnvironmentContext(config, scripts, fn=steps, destination_rev=revision) as environment:
        environment.configure(connection=connection)
        environment.run_migrations()


@cache
def names_at(revision: str) -> frozenset[str]:
    """The hub's tables at this revision.  Found out by making them in memory: a server database may hold others too."""
    engine = sa.create_engine("sqlite://", **engine_options("sqlite://"))
    with engine.connect() as connection, connection.begin():
        migrate(connection, revision)
        names = frozenset(name for name in sa.inspect(connection).get_table_names() if not is_search_table(name))
        names -= {VERSION_TABLE}
    engine.dispose()
    return names


def reflect(connection: Connection, names: frozenset[str]) -> list[sa.Table]:
    """These tables as they are in the database, each after those that it refers to."""
    metadata = sa.MetaData()
    metadata.reflect(connection, only=sorted(names))
    tables = metadata.sorted_tables
    for table in tables:
        for column in table.columns:
            if isinstance(column.type, sa.JSON):  # where NULL may stand, nothing is NULL; elsewhere it is JSON's null
                column.type = sa.JSON(none_as_null=bool(column.nullable))
    return tables


def highest_id(connection: Connection, table: sa.Table) -> int | None:
    """The highest id that was ever given out here, also to a row that is gone; None for a table without numbers."""
    key = _number(table)
    if key is None:
        return None
    there = connection.scalar(sa.select(sa.func.max(key))) or 0
    if connection.dialect.name == "sqlite":
        counted = connection.scalar(_SQLITE_COUNTER, {"name": table.name}) if _counts(connection, table) else 0
    else:
        counted = connection.scalar(_POSTGRESQL_COUNTER, {"name": table.name, "key": key.name})
    return max(int(there), int(counted or 0))


def never_again(connection: Connection, table: sa.Table, highest: int) -> None:
    """Have the next row get an id above ``highest`` and above those that are there."""
    key = _number(table)
    highest = max(highest, highest_id(connection, table) or 0)
    if key is None or not highest:
        return
    values = {"name": table.name, "key": key.name, "highest": highest}
    if connection.dialect.name != "sqlite":
        connection.execute(sa.text("SELECT setval(pg_get_serial_sequence(:name, :key), :highest)"), values)
    elif _counts(connection, table):
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
        connection.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :highest)"), values)


_SQLITE_COUNTER = sa.text("SELECT max(seq) FROM sqlite_sequence WHERE name = :name")
_POSTGRESQL_COUNTER = sa.text("SELECT pg_sequence_last_value(pg_get_serial_sequence(:name, :key)::regclass)")


def _number(table: sa.Table) -> sa.Column[int] | None:
    keys = list(table.primary_key.columns)
    return keys[0] if len(keys) == 1 and isinstance(keys[0].type, sa.Integer) else None


def _counts(connection: Connection, table: sa.Table) -> bool:
    """Has this table of SQLite an AUTOINCREMENT?  Without one it gives the id of a last row that is gone once more."""
    made = connection.scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table.name})
    return "AUTOINCREMENT" in str(made).upper()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config(MIGRATIONS))
