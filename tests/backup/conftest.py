"""Hubs to back up and to restore into."""

import os
import shutil
from pathlib import Path

import psycopg
import pytest

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.jobs.models import Effect, Worker
from tests import databases
from tests.backups import backed_up
from tests.conftest import NO_SERVER, RUN, SERVER, missing
from tests.lead_files import make_file


@pytest.fixture
def empty_app(make_app, tmp_path, worker_id):
    """``empty_app("sqlite")``: a hub over a database without a table, with a data folder of its own."""
    made = []

    def make(kind):
        folder = tmp_path / f"hub-{len(made)}"
        folder.mkdir()
        made.append(folder)
        url = ""
        if kind == "postgresql":
            if SERVER not in os.environ:
                missing("postgres", os.environ[NO_SERVER])
            name = f"{Path(os.environ[RUN]).name}-{worker_id}-empty-{len(made)}"
            url = empty_database(os.environ[SERVER], name)
        return make_app(settings=databases.settings_for(folder, url))

    return make


def empty_database(server, name):
    """The address of a database without a table: one that a test has left so is as good as a new one."""
    address = databases.address(server, name)
    try:
        with psycopg.connect(address.replace("+psycopg", "")) as connection:
            if connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,):
                return address
    except psycopg.OperationalError:
        pass
    return databases.renew(server, name)


@pytest.fixture
def full(app, make_lead, tmp_path):
    """The test's hub with a row of every kind, and some awkward ones; its folder is ``tmp_path``."""
    other = {
        "Ville": "Besançon",
        "quote": '"\\\n\u2028',
        "odd": "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    }
    lead_id = make_lead(last_name="Élan\nof two lines", other=other, email="a@example.org")
    make_lead(last_name="'; DROP TABLE leads; --", external_scope="x", external_id="7")
    with app.app_context():
        db.session.add(Effect(kind="mail.send", payload={"to": "x", "n": [1, 2.5, None]}, state="waiting"))
        db.session.add(Worker(id="gone", seen_at=utcnow()))
        make_file(lead_id, "Plan été 😀.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
        make_file(lead_id, "empty pages.pdf", b"%PDF-1.7")
        db.session.commit()
    (tmp_path / "imports").mkdir()
    (tmp_path / "imports" / "abc.csv").write_bytes(bytes(range(256)) * 10)
    return app


@pytest.fixture(scope="session")
def kept_backups(tmp_path_factory):
    """The folder of backups that tests of this process share."""
    return tmp_path_factory.mktemp("backups")


@pytest.fixture
def hub_zip(request, kept_backups, database, tmp_path):
    """A backup of ``full`` for this test, which was made once for each database."""
    kept, path = kept_backups / f"{database}.zip", tmp_path / "hub.zip"
    if not kept.exists():
        backed_up(request.getfixturevalue("full"), kept)
    return shutil.copyfile(kept, path)
