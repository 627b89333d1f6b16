"""How the hub talks to its database: SQLite's habits, kinds of transaction, types that read alike on both."""

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from types import ModuleType
from typing import Any, cast

import sqlalchemy as sa
from flask import g, has_request_context, request
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.sql.visitors import InternalTraversal

try:
    from pysqlite3 import dbapi2 as sqlite_driver
except ImportError:  # no wheel for this machine: the interpreter's own, which ``doctor`` judges
    from sqlite3 import dbapi2 as sqlite_driver

BUSY_SECONDS = 10
ALIVE = {  # libpq's: a PostgreSQL server that falls silent is noticed in half a minute or a whole one
    "connect_timeout": 5,
    "tcp_user_timeout": 30_000,  # milliseconds
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
ID_MAX = 2**31 - 1
SEARCH_TABLE = "leads_search"
SLOW_READERS = {  # most hash a password between their reads: a queue of writers must not wait for that
    "security.login",
    "profile.change_password",
    "profile.two_factor_on",
    "profile.two_factor_off",
    "profile.two_factor_codes",
    "plugin_pages.send",  # a plugin takes its time
}
STATEMENT_SECONDS = 3
PROGRESS_STEPS = 20_000  # of SQLite's virtual machine, between two looks at the clock: a few milliseconds
QUERY_CANCELED = "57014"  # PostgreSQL's
TURN = 0.02  # seconds: SQLite's waiting writers poll, and one that begins again at once would never let them in
_reading: ContextVar[bool] = ContextVar("reading", default=False)
NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Parent of every model; constraints get names, so that migrations can speak of them."""

    metadata = sa.MetaData(naming_convention=NAMES)


class TookTooLong(Exception):
    """A statement was stopped, since it ran for longer than a page may take."""


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware moment; stored as UTC without zone, since SQLite knows none."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Scaled(sa.types.TypeDecorator[Decimal]):
    """An exact decimal with a fixed number of places, stored as a whole number (SQLite has no decimals of its own)."""

    impl = sa.BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value.scaleb(self.places).to_integral_value(ROUND_HALF_UP))

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-self.places)


class Unindexed(ColumnElement[Any]):
    """``unindexed(column)``: on SQLite, an index on this column alone is left aside, since another one suits the whole
    statement better (sqlite.org, query planner: a unary plus).  Elsewhere the column as it is."""

    inherit_cache = True
    _traverse_internals = [("column", InternalTraversal.dp_clauseelement)]

    def __init__(self, column: Any) -> None:
        self.column = sa.sql.coercions.expect(sa.sql.roles.ExpressionElementRole, column)
        self.type = self.column.type

    def self_group(self, against: Any = None) -> Any:
        return self


@compiles(Unindexed)
def _as_it_is(element: Unindexed, compiler: Any, **options: Any) -> str:
    sign = "+" if compiler.dialect.name == "sqlite" else ""
    return sign + str(compiler.process(element.column, **options))


unindexed = Unindexed


@contextmanager
def bounded(session: Session | scoped_session[Any], seconds: float = STATEMENT_SECONDS) -> Iterator[None]:
    """Statements inside are stopped after this time: ``TookTooLong``, and the transaction is over."""
    connection = session.connection()
    dialect = connection.dialect.name
    driver: Any = connection.connection.driver_connection
    if dialect == "sqlite":
        deadline = time.monotonic() + seconds
        driver.set_progress_handler(lambda: int(time.monotonic() > deadline), PROGRESS_STEPS)
    else:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
    try:
        yield
    except sa.exc.OperationalError as error:
        if dialect == "sqlite" and "interrupted" not in str(error.orig):
            raise
        if dialect != "sqlite" and getattr(error.orig, "sqlstate", "") != QUERY_CANCELED:
            raise
        if dialect == "sqlite":
            driver.set_progress_handler(None, 0)  # before another thread gets the connection
        session.rollback()
        raise TookTooLong from None
    finally:
        if dialect == "sqlite":
            driver.set_progress_handler(None, 0)
    if dialect != "sqlite" and not connection.closed:  # a transaction that is over has taken it along
        connection.exec_driver_sql("SET LOCAL statement_timeout TO DEFAULT")


def is_search_table(name: str | None) -> bool:
    """Is this one of the tables of SQLite's full-text search?  They follow the leads by triggers: the migration
    ``the_list`` makes them, no model describes them, and no backup holds them."""
    return str(name).startswith(SEARCH_TABLE)


def utcnow() -> datetime:
    return datetime.now(UTC)


def id_from(text: str) -> int:
    """Raises ``ValueError`` for what no row can have as its id."""
    if not text.isdecimal() or len(text) > 10 or int(text) > ID_MAX:
        raise ValueError(text)
    return int(text)


def engine_options(url: str) -> dict[str, Any]:
    """What ``create_engine`` needs for this address."""
    discreet: dict[str, Any] = {"hide_parameters": True}  # an error's text names no values: they are people
    if url.startswith("sqlite"):
        return discreet | {"module": sqlite_driver, "connect_args": {"timeout": BUSY_SECONDS}}
    # nothing prepared: a plan kept from when a table was empty reads the whole table for each block of an import
    arguments = {**ALIVE, "prepare_threshold": None}
    return discreet | {"pool_pre_ping": True, "pool_size": 10, "connect_args": arguments}


def tune(engine: Engine) -> None:
    """Teach an SQLite engine write-ahead logging, foreign keys, full syncs and honest transactions."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)


def _on_connect(connection: sqlite3.Connection, record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: _on_begin does, for DDL too
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "trusted_schema=OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    """A writer queues at once: one that reads first and writes later would fail as soon as another has written."""
    connection.exec_driver_sql("BEGIN" if _only_reads() else "BEGIN IMMEDIATE")


def _only_reads() -> bool:
    if _reading.get():
        return True
    if not has_request_context():
        return False
    if g.get("writes"):
        return False
    return request.method in ("GET", "HEAD", "OPTIONS") or request.endpoint in SLOW_READERS


@contextmanager
def reading(session: Session | scoped_session[Any]) -> Iterator[None]:
    """A short transaction outside requests that only reads: on SQLite it waits for no writer and keeps none waiting."""
    token = _reading.set(True)
    try:
        yield
    finally:
        session.rollback()
        _reading.reset(token)


@contextmanager
def only_reading() -> Iterator[None]:
    """Transactions that begin inside wait for no writer of SQLite's, whatever the request is."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


@contextmanager
def reading_aside(engine: Engine) -> Iterator[Connection]:
    """A connection of its own that only reads what is committed, in the middle of whatever the session does."""
    token = _reading.set(True)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        _reading.reset(token)


def begin_writing(session: Session) -> None:
    """End a request's reading transaction, with whatever is not committed; its next ones queue as writers."""
    session.rollback()
    g.writes = True


@contextmanager
def unhurried(session: Session) -> Iterator[None]:
    """Where the endpoint is one of ``SLOW_READERS``: a block that only reads, behind which the request writes again.

    What the block changed in objects is forgotten: it was read without a lock.
    """
    if request.endpoint not in SLOW_READERS:
        yield
        return
    session.rollback()
    g.writes = False
    yield
    begin_writing(session)


def write_if_free(engine: Engine, statement: sa.Executable) -> bool:
    """Run one statement in a transaction of its own, now or not at all: False where SQLite's writer is busy."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA busy_timeout=0")  # type: ignore[union-attr]
        try:
            connection.execute(statement)
            connection.commit()
        except sa.exc.OperationalError:
            return False
        finally:
            connection.rollback()
            if engine.dialect.name == "sqlite":
                connection.connection.driver_connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")  # type: ignore[union-attr]
    return True


def insert_many(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows with the same keys in one go.  Returns their ids in the rows' order.

    PostgreSQL returns them; for SQLite SQLAlchemy would insert row by row to do the same (twenty times slower).  But
    there is one writer at a time there, and AUTOINCREMENT only counts up: what is above the old maximum is ours.
    """
    table = cast(sa.Table, model.__table__)
    if session.get_bind().dialect.name != "sqlite":
        return list(session.scalars(sa.insert(table).returning(table.c.id, sort_by_parameter_order=True), rows))
    highest = session.scalar(sa.select(sa.func.max(table.c.id))) or 0
    session.execute(sa.insert(table), rows)
    return list(session.scalars(sa.select(table.c.id).where(table.c.id > highest).order_by(table.c.id)))


def has_wal_reset_bug(version: tuple[int, ...]) -> bool:
    """Can this SQLite damage a file when two connections reset the write-ahead log at once?

    All before 3.51.3, but for the repaired 3.50.7 and 3.44.6 and their successors (sqlite.org, release log 2026-03).
    """
    repaired = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    return not repaired


def driver_version(driver: ModuleType = sqlite_driver) -> tuple[int, ...]:
    return tuple(driver.sqlite_version_info)
