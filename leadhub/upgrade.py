"""Brings the database to the version of the code, after a backup copy; or says in one line why not."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import flask_migrate
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from flask import current_app

from leadhub.errors import SettingError
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.keys import proof
from leadhub.lists.services import adopt_sources
from leadhub.plugins.host import current_host
from leadhub.settings import Settings
from leadhub.statuses.services import adopt_rules

BESIDE = Path(__file__).parent.parent / "migrations"  # in a checkout
PACKED = Path(__file__).parent / "_migrations"  # in a wheel
MIGRATIONS = str(PACKED if PACKED.is_dir() else BESIDE)


def bring_up_to_date(settings: Settings) -> None:
    """Migrate an empty database, or an SQLite file after a backup copy; then give plugins' sources and automatic
    rules their rows, and keep the word that later proves the keys.

    Raises ``SettingError`` for a server database that is behind, for one that a newer LeadHub has written, and for
    one that can't be reached.
    """
    with _one_at_a_time(settings.data_dir):
        current, head = revisions()
        if current != head:
            _check_known(current)
            if current and not settings.is_sqlite:
                raise SettingError("The database is behind this version. Make a backup, then run: leadhub db upgrade")
            if current:
                back_up(settings.data_dir / "backups", current)
            flask_migrate.upgrade(MIGRATIONS)
        adopt_sources(current_host().sources)
        adopt_rules()
        if hub().key_check is None:
            hub().key_check = proof(settings)
        db.session.commit()
        db.session.remove()


def revisions() -> tuple[str | None, str]:
    """The database's revision (None: empty) and the code's."""
    try:
        with db.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except sa.exc.DBAPIError as error:
        raise SettingError(f"LEADHUB_DATABASE_URL: the database can't be reached: {first_line(error)}") from None
    return current, _scripts().get_current_head() or ""


def first_line(error: Exception) -> str:
    """Why a database can't be reached or read, in its driver's words; of any other error its name, for the words may
    hold values."""
    told = getattr(error, "orig", None) or error
    if type(error).__name__ not in ("DatabaseError", "OperationalError"):
        return type(told).__name__
    return (str(told).strip().splitlines() or [type(told).__name__])[0].rstrip(".")


def back_up(folder: Path, revision: str) -> Path:
    """Copy the SQLite file as it is at this moment, writers or not; the newest five copies are kept."""
    folder.mkdir(mode=0o700, exist_ok=True)
    copy = folder / f"before-upgrade-{datetime.now(UTC):%Y%m%dT%H%M%S}-{revision}.sqlite3"
    with db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute("VACUUM INTO ?", (str(copy),))  # past SQLAlchemy, which would begin a transaction first
    for old in sorted(folder.glob("before-upgrade-*.sqlite3"))[:-5]:
        old.unlink()
    return copy


def _check_known(revision: str | None) -> None:
    try:
        _scripts().get_revisions(revision or "base")
    except CommandError:
        raise SettingError(f"The database was written by a newer LeadHub ({revision}). Install that version.") from None


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config(MIGRATIONS))


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Two starts at once: the second waits, and finds the work done."""
    with (folder / "upgrade.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
