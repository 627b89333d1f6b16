"""Databases for tests: a PostgreSQL cluster of our own, and migrated templates that each test gets a copy of."""

import os
import secrets
import shutil
import socket
import subprocess
from dataclasses import dataclass, replace
from glob import glob
from pathlib import Path

import psycopg
from flask import Flask
from sqlalchemy.engine import make_url

from leadhub.accounts.services import create_user
from leadhub.app import create_app
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.settings import Settings
from leadhub.upgrade import bring_up_to_date

SETTINGS = Settings(
    secret_key="only for tests, only for tests, only for tests",
    encryption_keys=("bGVhZGh1YiB0ZXN0cyBsZWFkaHViIHRlc3RzIGxlYWQ=",),
)
QUICK_HASHES = {
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__time_cost": 1, "argon2__memory_cost": 64, "argon2__parallelism": 1,
    }
}  # fmt: skip
PASSWORD = "correct horse battery"
PEOPLE = {"ada": "admin", "mia": "manager", "bob": "agent", "vic": "viewer"}


def settings_for(folder: Path, database_url: str = "") -> Settings:
    url = database_url or f"sqlite:///{folder / 'leadhub.sqlite3'}"
    return replace(SETTINGS, data_dir=folder, database_url=url)


def fill_template(settings: Settings) -> None:
    """A migrated hub in France that is set up, with the cast of people."""
    app = create_app(settings, **QUICK_HASHES)
    with app.app_context():
        bring_up_to_date(settings)
        row = hub()
        row.set_up_at, row.time_zone, row.country = utcnow(), "Europe/Paris", "FR"
        for name, role in PEOPLE.items():
            create_user(f"{name}@example.org", PASSWORD, role=role, name=name.title())
        db.session.commit()
        db.session.remove()
        db.engine.dispose()


def app_over(folder: Path) -> Flask:
    """An app over the SQLite hub in this folder, which may be served at the same time."""
    return create_app(settings_for(folder), **QUICK_HASHES)


@dataclass
class Cluster:
    """A PostgreSQL server that this run has started; ``folder`` is empty for one that was given by its address."""

    url: str
    folder: str = ""
    program: str = ""

    def stop(self) -> None:
        if self.folder:
            _run([f"{self.program}/pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "-w", "stop"])
            shutil.rmtree(self.folder, ignore_errors=True)


def start_cluster(parent: Path) -> Cluster | str:
    """A cluster on a free loopback port, forgetful and quick; or the reason why there is none."""
    given = os.environ.get("LEADHUB_TEST_POSTGRES_URL", "")
    if given:
        return Cluster(given)
    programs = sorted(glob("/usr/lib/postgresql/*/bin")) or [os.path.dirname(shutil.which("initdb") or "")]
    if not programs[-1]:
        return "PostgreSQL is not installed (no initdb)"
    folder = parent / f"postgres-{secrets.token_hex(4)}"
    folder.mkdir()
    if os.geteuid() == 0:
        for path in (folder, *parent.parents, parent):
            if not path.stat().st_mode & 0o001 and path != Path("/"):
                path.chmod(path.stat().st_mode | 0o011)
        shutil.chown(folder, "postgres", "postgres")
    cluster = Cluster("", str(folder), programs[-1])
    _run(
        [f"{cluster.program}/initdb", "-D", f"{folder}/data", "-U", "leadhub", "-A", "trust", "-E", "UTF8", "--no-sync"]
    )
    port = _free_port()
    options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    options += " -c autovacuum=off"  # no plan and no order of rows depends on when it came by
    log = f"{folder}/log"
    _run([f"{cluster.program}/pg_ctl", "-D", f"{folder}/data", "-l", log, "-o", options, "-w", "start"])
    cluster.url = f"postgresql://leadhub@127.0.0.1:{port}/postgres"
    return cluster


def renew(server: str, name: str, template: str | None = None) -> str:
    """Make the database anew, as a copy of the template where one is named.  Returns its address."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    return address(server, name)


def drop(server: str, prefix: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        names = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (prefix + "%",)).fetchall()
        for (name,) in names:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def address(server: str, name: str) -> str:
    url = make_url(server).set(drivername="postgresql+psycopg", database=name)
    return url.render_as_string(hide_password=False)


def _run(command: list[str]) -> None:
    user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", timeout=60, **user)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
