"""A whole hub for a test: its own database, people, a worker on call, and no way out of the machine."""

import atexit
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from leadhub import outgoing
from leadhub.accounts.models import User, UserSession
from leadhub.accounts.queries import user_by_email
from leadhub.accounts.services import create_user
from leadhub.accounts.sessions import KEY, LONGEST, hash_of
from leadhub.app import create_app
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.hub import queries as hub_queries
from leadhub.intake import services as intake
from leadhub.intake.queries import door_offers
from leadhub.jobs.worker import Worker
from leadhub.leads.models import Lead
from leadhub.leads.services import create_lead, update_lead
from leadhub.leads.statuses.models import StatusRun
from leadhub.leads.statuses.snapshots import snapshot_of
from leadhub.plugin_settings import services as plugin_services
from leadhub.plugin_settings.forms import form_for
from leadhub.plugin_settings.stored import Stored
from leadhub.plugins.api import LeadDraft, LeadSnapshot
from leadhub.plugins.host import Host, current_host
from leadhub.settings import Settings
from leadhub.statuses.models import Status
from leadhub.statuses.services import add_action
from leadhub.testing.lent import Answers
from leadhub.upgrade import bring_up_to_date

PEOPLE = {"ada": "admin", "mia": "manager", "bob": "agent", "vic": "viewer"}
FILE = "leadhub.sqlite3"
CONFIG: dict[str, Any] = {
    "TESTING": True,
    "WTF_CSRF_ENABLED": False,
    "RATELIMIT_ENABLED": False,
    "PLUGIN_STRICT": True,  # what is wrong with a plugin is raised here, with its trace
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__time_cost": 1, "argon2__memory_cost": 64, "argon2__parallelism": 1,
    },
}  # fmt: skip


class Hub:
    """What a test asks of it.  ``http`` is the way out of all plugins; keys are as the hub has them: ``acme.send``.

    Its clock is the real one.  Settings have the defaults of their form where nothing is said, and go through its
    validators: ``AssertionError`` says what they refuse.
    """

    def __init__(self, app: Flask, http: Answers) -> None:
        self.app = app
        self.http = http
        self._number = count(1)

    @property
    def plugins(self) -> Host:
        """What they offer: ``hub.plugins.offers["widgets"]``."""
        host: Host = self.app.extensions["leadhub_host"]
        return host

    def client(self, person: str = "") -> FlaskClient:
        """A browser in which ada, mia, bob or vic is signed in; a stranger's without a name."""
        client = self.app.test_client()
        if person:
            token = secrets.token_urlsafe(32)
            with self.app.app_context():
                user = _person(person)
                told = {"_user_id": user.fs_uniquifier, "_fresh": True, KEY: token}
                expires = utcnow() + LONGEST
                db.session.add(UserSession(user_id=user.id, token_hash=hash_of(token), expires_at=expires))
                db.session.commit()
            with client.session_transaction() as session:
                session.update(told)
        return client

    def new_lead(self, **draft: Any) -> int:
        """The id of one that is stored, with these values of a ``LeadDraft``; people by their address."""
        with self.app.app_context():
            values = {"channel": "form", "last_name": f"Lead {next(self._number)}"} | draft
            for address in filter(None, map(values.get, ("owner", "next_contact_by"))):
                _with_address(address)
            lead = create_lead(LeadDraft(**values), by=None)
            db.session.commit()
            return lead.id

    def id_of(self, person: str) -> int:
        """What a ``PersonField`` gives for ada, mia, bob or vic."""
        with self.app.app_context():
            return _person(person).id

    def lead(self, lead_id: int) -> LeadSnapshot:
        """As it is now."""
        with self.app.app_context():
            return snapshot_of(db.session.get_one(Lead, lead_id))

    def leads(self) -> list[LeadSnapshot]:
        """All of them, the oldest first."""
        with self.app.app_context():
            return [snapshot_of(lead) for lead in db.session.scalars(db.select(Lead).order_by(Lead.id))]

    def work(self) -> None:
        """Have the worker do whatever is due: news, actions, calls, jobs, polls."""
        Worker(self.app).work_off()

    def move(self, lead_id: int, status: str, *, reason: str = "") -> None:
        """Ada gives the lead this status, by its key."""
        with self.app.app_context():
            lead = db.session.get_one(Lead, lead_id)
            changes = {"status": status} | ({"lost_reason": reason} if reason else {})
            update_lead(lead, changes, by=_person("ada"), version=lead.version)
            db.session.commit()

    def add_action(self, status: str, action: str, **settings: Any) -> None:
        """From now on this is done when a lead enters the status."""
        with self.app.app_context():
            row = db.session.scalars(db.select(Status).where(Status.key == status)).one()
            offer = current_host().actions.get(action)
            stored = _stored(offer.value.form if offer else None, settings)
            add_action(row, action, stored.settings, by=_person("ada"))
            db.session.commit()

    def runs(self, lead_id: int) -> list[tuple[str, str, str]]:
        """What became of each action for this lead: key, ``done``, ``skipped``, ``failed`` or ``waiting``, and why."""
        with self.app.app_context():
            wanted = db.select(StatusRun).where(StatusRun.lead_id == lead_id).order_by(StatusRun.id)
            return [(run.action, run.state, run.told) for run in db.session.scalars(wanted)]

    def set_up(self, plugin: str, **settings: Any) -> None:
        """Fill in the plugin's own settings."""
        with self.app.app_context():
            stored = _stored(current_host().plugins[plugin].settings_form, settings)
            plugin_services.set_up(plugin, stored, by=_person("ada"))
            db.session.commit()

    def open_door(self, source: str, **settings: Any) -> str:
        """The address at which this source takes leads in, as a path."""
        with self.app.app_context():
            offer = door_offers(current_host())[source]
            stored = _stored(offer.value.settings_form, settings)
            door = intake.add_door(offer, source, None, stored, by=_person("ada"))
            db.session.commit()
            return f"/in/{door.token}"


@contextmanager
def open_hub(folder: Path, plugins: Mapping[str, object], http: Answers | None = None) -> Iterator[Hub]:
    """A hub in an empty folder.  Installed plugins are left out; an error in one of ``plugins`` is raised."""
    shutil.copy(_template() / FILE, folder)
    settings, answers = _settings(folder), http or Answers()
    app = create_app(settings, plugins=list(plugins.items()), **CONFIG)
    with mock.patch.object(outgoing, "call", answers):
        with app.app_context():
            bring_up_to_date(settings)
        yield Hub(app, answers)
    _close(app)


@cache
def _template() -> Path:
    """A folder with a database that is migrated and set up: made once, and copied for each test."""
    folder = Path(tempfile.mkdtemp(prefix="leadhub-testing-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = _settings(folder)
    app = create_app(settings, **CONFIG)
    with app.app_context():
        bring_up_to_date(settings)
        row = hub_queries.hub()
        row.set_up_at, row.time_zone, row.country = utcnow(), "Europe/Paris", "FR"
        for name, role in PEOPLE.items():
            create_user(f"{name}@example.org", secrets.token_urlsafe(16), role=role, name=name.title())
        db.session.commit()
    _close(app)
    return folder


def _settings(folder: Path) -> Settings:
    return Settings(
        data_dir=folder,
        database_url=f"sqlite:///{folder / FILE}",
        secret_key="only for tests, only for tests, only for tests",  # noqa: S106
        encryption_keys=("bGVhZGh1YiB0ZXN0cyBsZWFkaHViIHRlc3RzIGxlYWQ=",),
        safe_mode=True,
    )


def _close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _person(name: str) -> User:
    if name not in PEOPLE:
        raise LookupError(f"{name!r} is none of {', '.join(PEOPLE)}")
    return _with_address(f"{name}@example.org")


def _with_address(address: str) -> User:
    user = user_by_email(address)
    if user is None:
        there = ", ".join(f"{name}@example.org" for name in PEOPLE)
        raise LookupError(f"nobody has the address {address!r}: there are {there}")
    return user


def _stored(form: type[Any] | None, values: Mapping[str, Any]) -> Stored:
    """As the hub keeps what somebody typed.  Raises ``AssertionError`` with what the form refuses."""
    make = form_for(form)
    untouched = {field.short_name: field.data for field in make().own_fields}
    if unknown := sorted(set(values) - set(untouched)):
        raise LookupError(f"the form has no {', '.join(unknown)}")
    filled = make(formdata=MultiDict(_typed({**untouched, **values})))
    if not filled.validate():
        told = "; ".join(f"{name}: {' '.join(map(str, errors))}" for name, errors in filled.errors.items())
        raise AssertionError(f"the form refuses this: {told}")
    return filled.to_stored()


def _typed(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """As a browser sends them."""
    for name, value in values.items():
        for each in value if isinstance(value, list | tuple | set) else [value]:
            if each is not None and each is not False:
                yield name, "y" if each is True else str(each)
