"""One PostgreSQL database for all tests of a process: put back between them, which costs a tenth of making it anew."""

import psycopg

from tests import databases

LARGEST = 4_000_000  # bytes in all tables: more is sooner copied than deleted
SHAPE = " UNION ALL ".join(
    f"SELECT '{catalogue}', count(*), sum(xmin::text::bigint) FROM {catalogue}{where}"  # noqa: S608
    for catalogue, where in {
        "pg_attribute": " WHERE attrelid >= 16384",  # columns of tables, indices, sequences and views
        "pg_constraint": "",
        "pg_index": " WHERE indexrelid >= 16384",
        "pg_namespace": r" WHERE nspname NOT LIKE 'pg\_%temp\_%'",
        "pg_proc": " WHERE oid >= 16384",
        "pg_statistic": " WHERE starelid >= 16384",  # what somebody has had counted makes other plans
        "pg_trigger": "",
        "pg_type": " WHERE oid >= 16384",
        "pg_db_role_setting": "",
    }.items()
)
"""Every change of a table's shape writes into one of these."""
OURS = "relnamespace = 'public'::regnamespace"


class Copy:
    """A copy of the template.  Whatever can't be put back, it makes anew."""

    def __init__(self, server: str, name: str, template: str) -> None:
        self.server, self.name, self.template = server, name, template
        self.connection: psycopg.Connection | None = None

    def fresh(self) -> str:
        """The address of the database, which is as the template is."""
        try:
            is_fresh = self.connection is not None and self._put_back(self.connection)
        except psycopg.Error:
            is_fresh = False
        if not is_fresh:
            self._make()
        return databases.address(self.server, self.name)

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()

    def _make(self) -> None:
        self.close()
        databases.renew(self.server, self.name, self.template)
        address = databases.address(self.server, self.name).replace("+psycopg", "")
        self.connection = connection = psycopg.connect(address, autocommit=True)
        try:
            connection.execute("SET session_replication_role = replica")  # rows go and come in any order
        except psycopg.errors.InsufficientPrivilege:  # on a server that was given: a new database for each test
            self.connection = connection.close()
            return
        connection.execute("SET lock_timeout = '5s'")
        tables = [name for (name,) in connection.execute(TABLES)]
        found = {table: self._copied(connection, table) for table in tables}
        self.filled = {table: content for table, (count, content) in found.items() if count}
        self.empty = [table for table, (count, _content) in found.items() if not count]
        self.guesses = [list(column) for column in zip(*connection.execute(GUESSES), strict=True)]
        self.numbers = dict(connection.execute(NUMBERS).fetchall())
        self.marks, self.shape = self._marks(connection), self._shape(connection)

    def _copied(self, connection: psycopg.Connection, table: str) -> tuple[int, bytes]:
        with connection.cursor() as cursor:
            with cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as rows:
                content = b"".join(rows)
            return cursor.rowcount, content

    def _put_back(self, connection: psycopg.Connection) -> bool:
        """False for what it can't."""
        connection.execute(OTHERS)
        sizes = dict(connection.execute(SIZES).fetchall())
        if sum(sizes.values()) > LARGEST or self._shape(connection) != self.shape:
            return False
        marks = self._marks(connection)
        changed = [table for table, mark in marks.items() if mark != self.marks[table]]
        if touched := changed + [table for table in self.empty if sizes[table]]:
            with connection.transaction():
                for table in touched:
                    connection.execute(f'DELETE FROM "{table}"')  # noqa: S608
            names = ", ".join(f'"{table}"' for table in touched)
            connection.execute(f"VACUUM {names}")  # no place of a row that has gone is taken by one of the next test
            connection.execute(GUESS, self.guesses)
        for table in changed:
            with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" FROM STDIN (FORMAT binary)') as rows:
                rows.write(self.filled[table])
        if changed:
            self.marks = self._marks(connection)
        for sequence, number in connection.execute(NUMBERS).fetchall():
            if number != self.numbers[sequence]:
                connection.execute(NUMBER, {"sequence": sequence, "number": self.numbers[sequence]})
        return True

    def _shape(self, connection: psycopg.Connection) -> list[tuple]:
        return connection.execute(SHAPE).fetchall()

    def _marks(self, connection: psycopg.Connection) -> dict[str, str]:
        """By table: where each row stands and who wrote it, which is other after any change."""
        asked = " UNION ALL ".join(
            f"SELECT '{table}', pg_relation_size('\"{table}\"') || string_agg(ctid::text || xmin, '' ORDER BY ctid)"  # noqa: S608
            f' FROM "{table}"'
            for table in self.filled
        )
        return dict(connection.execute(asked).fetchall())


OTHERS = """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
TABLES = f"SELECT relname FROM pg_class WHERE relkind = 'r' AND {OURS}"  # noqa: S608
SIZES = f"SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND {OURS}"  # noqa: S608
NUMBERS = f"SELECT oid, pg_sequence_last_value(oid) FROM pg_class WHERE relkind = 'S' AND {OURS}"  # noqa: S608
NUMBER = """SELECT setval(seqrelid, coalesce(%(number)s, seqstart), %(number)s::bigint IS NOT NULL)
    FROM pg_sequence WHERE seqrelid = %(sequence)s"""
GUESSES = f"SELECT oid, relpages, reltuples FROM pg_class WHERE relkind IN ('r', 'i') AND {OURS}"  # noqa: S608
GUESS = """UPDATE pg_class SET relpages = kept.pages, reltuples = kept.tuples
    FROM unnest(%s::oid[], %s::integer[], %s::real[]) AS kept (oid, pages, tuples)
    WHERE pg_class.oid = kept.oid AND (relpages, reltuples) <> (kept.pages, kept.tuples)"""
"""What the planner makes its plans of: as in a database that nobody has vacuumed."""
