"""Fixtures of the whole suite.  Databases are made once a run and copied for each test."""

import compileall
import gc
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event

from leadhub.accounts.models import UserSession
from leadhub.accounts.queries import user_by_email
from leadhub.accounts.sessions import KEY, LONGEST, hash_of
from leadhub.app import create_app
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads.services import create_lead
from leadhub.plugins import probe
from leadhub.plugins.api import LeadDraft
from tests import compiled, databases
from tests.copies import Copy

RUN = "LEADHUB_TEST_RUN"  # the controller's folder, told to its workers
SERVER = "LEADHUB_TEST_SERVER"
NO_SERVER = "LEADHUB_TEST_NO_SERVER"
ROOT = Path(__file__).parents[1]
REQUIRED = os.environ.get("LEADHUB_TEST_REQUIRE", "").replace(",", " ").split()


compiled.share()
probe.SECONDS = 60.0  # what a plugin may take to load where other tests are at work beside


def pytest_addoption(parser):
    parser.addoption("--full-size", action="store_true", help="slow tests at their full size")


def pytest_configure(config):
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    for code in ("leadhub", "migrations"):  # each program that a test starts would compile it anew where none is kept
        compileall.compile_dir(ROOT / code, quiet=2)
    folder = Path(tempfile.mkdtemp(prefix="leadhub-tests-"))
    os.environ[RUN] = str(folder)
    (folder / "template").mkdir()
    databases.fill_template(databases.settings_for(folder / "template"))
    cluster = databases.start_cluster(folder)
    if isinstance(cluster, str):
        os.environ[NO_SERVER] = cluster
        return
    config.stash["cluster"] = cluster
    os.environ[SERVER] = cluster.url
    template = databases.renew(cluster.url, f"{folder.name}-template")
    databases.fill_template(databases.settings_for(folder / "template", template))


def pytest_unconfigure(config):
    if hasattr(config, "workerinput") or RUN not in os.environ:
        return
    if cluster := config.stash.get("cluster", None):
        databases.drop(cluster.url, Path(os.environ[RUN]).name)
        cluster.stop()
    shutil.rmtree(os.environ[RUN], ignore_errors=True)


def pytest_collection_finish():
    """Garbage is looked for less often, and not in what stays: each app that a test makes had it searched through."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def pytest_generate_tests(metafunc):
    if "database_url" in metafunc.fixturenames:
        once = metafunc.definition.get_closest_marker("one_database")
        metafunc.parametrize("database", ["sqlite"] if once else ["sqlite", "postgresql"], indirect=True)


def missing(what: str, reason: str) -> None:
    """Skip with the reason; fail where the run was told to have it."""
    if what in REQUIRED:
        pytest.fail(f"LEADHUB_TEST_REQUIRE names {what}: {reason}")
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _push_request_context():
    """pytest-flask's own would keep one session over all requests of a test: a view without commit would pass."""


@pytest.fixture
def database(request):
    return request.param


@pytest.fixture
def database_url(request, database, tmp_path):
    """A copy of the template, as good as new: migrated, set up, with people."""
    run = Path(os.environ[RUN])
    if database == "sqlite":
        copy = tmp_path / "leadhub.sqlite3"
        shutil.copy(run / "template" / "leadhub.sqlite3", copy)
        return f"sqlite:///{copy}"
    if SERVER not in os.environ:
        missing("postgres", os.environ[NO_SERVER])
    return request.getfixturevalue("server_copy").fresh()


@pytest.fixture(scope="session")
def server_copy(worker_id):
    """The database on the server that all tests of this process share."""
    run = Path(os.environ[RUN]).name
    copy = Copy(os.environ[SERVER], f"{run}-{worker_id}", f"{run}-template")
    yield copy
    copy.close()


@pytest.fixture
def settings(tmp_path, database_url):
    return databases.settings_for(tmp_path, database_url)


@pytest.fixture
def make_app(settings):
    """``make_app(plugins=..., **config)``: a hub over this test's database."""
    made = []

    def make(plugins=(), settings=settings, **config):
        quiet = {"TESTING": True, "WTF_CSRF_ENABLED": False, "RATELIMIT_ENABLED": False, "PLUGIN_STRICT": True}
        app = create_app(settings, plugins=plugins, **{**quiet, **databases.QUICK_HASHES, **config})
        app.jinja_env.bytecode_cache = FileSystemBytecodeCache(os.environ[RUN])  # each template is compiled once a run
        host = app.extensions["leadhub_host"]
        host.switch_seconds = 3600  # so that no count of queries depends on the clock; a test may forget_switches()
        with app.app_context():
            compiled.share_statements(db.engine)
            host.is_on("")
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app(make_app):
    return make_app()


@pytest.fixture
def context(app):
    """An app context around the test, for services and queries."""
    with app.app_context():
        yield app


@pytest.fixture
def person(app):
    """``person("bob")``: the user, of the app context that the test is in."""
    return lambda name: user_by_email(f"{name}@example.org")


@pytest.fixture
def client_of(app):
    """``client_of("bob")``: a browser in which bob is signed in; ``client_of()``: one of a stranger."""
    return lambda name=None: client_for(app, name)


def client_for(app, name=None):
    """The same for any app."""
    client = app.test_client()
    if name:
        token = secrets.token_urlsafe(32)
        with app.app_context():
            user = user_by_email(f"{name}@example.org")
            identity, expires = user.fs_uniquifier, utcnow() + LONGEST
            db.session.add(UserSession(user_id=user.id, token_hash=hash_of(token), expires_at=expires))
            db.session.commit()
        with client.session_transaction() as session:
            session.update({"_user_id": identity, "_fresh": True, KEY: token})
    return client


@pytest.fixture
def client(client_of):
    """The browser of ada, who may do everything."""
    return client_of("ada")


@pytest.fixture
def make_lead(app):
    """``make_lead(**changes)``: the id of a committed lead; what is left out never clashes."""
    number = count(1)

    def make(**changes):
        values = {"channel": "form", "last_name": f"Lead {next(number)}"} | changes
        with app.app_context():
            lead = create_lead(LeadDraft(**values), by=None)
            db.session.commit()
            return lead.id

    return make


@pytest.fixture
def count_queries(app):
    """``with count_queries() as statements``: the SQL that ran inside."""

    @contextmanager
    def recording(other=None) -> Iterator[list[str]]:
        statements: list[str] = []

        def note(connection, cursor, statement, *rest):
            statements.append(statement)

        with (other or app).app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return recording


@pytest.fixture
def rows(app):
    """``rows("leads")``: what the table holds, read in a transaction of its own."""

    def read(table):
        with app.app_context(), db.engine.connect() as connection:
            return [dict(row) for row in connection.execute(sa.text(f"SELECT * FROM {table} ORDER BY 1")).mappings()]  # noqa: S608

    return read


@pytest.fixture
def size(request):
    """``size(100_000)``: that many with --full-size, a tenth without; ``size(200_000, 6_000)``: 6,000 without."""
    return lambda full, quick=None: full if request.config.option.full_size else quick or full // 10


@pytest.fixture(scope="session")
def data():
    """The folder of sample files, or a skip."""
    folder = Path(os.environ.get("LEADHUB_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no sample files in {folder}")
    return folder
