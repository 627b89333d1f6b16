"""Do the migrations make just the tables that the models describe, and do they go down to nothing and up again?

Run by ``make check`` on SQLite; ``tests/test_migrations.py`` does the same on both databases.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import flask_migrate
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from leadhub.app import create_app
from leadhub.database import is_search_table
from leadhub.extensions import db
from leadhub.settings import Settings
from leadhub.upgrade import MIGRATIONS


def differences() -> list[object]:
    """What a new migration would have to do; to be called in an app context."""

    def is_described(part, name, kind, *rest):
        return not (kind == "table" and is_search_table(name)) and name != "ix_leads_search"

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_described})
        return list(compare_metadata(context, db.metadata))


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings(), data_dir=Path(folder), database_url=f"sqlite:///{folder}/check.sqlite3")
        with create_app(settings).app_context():
            flask_migrate.upgrade(MIGRATIONS)
            flask_migrate.downgrade(MIGRATIONS, "base")
            flask_migrate.upgrade(MIGRATIONS)
            found = differences()
            db.engine.dispose()
    for difference in found:
        print(f"The migrations lack: {difference}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
