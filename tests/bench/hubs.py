"""Hubs of a size to be measured, kept between runs: a million leads take minutes to make."""

import os
import secrets
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from leadhub.accounts.models import UserSession
from leadhub.accounts.queries import user_by_email
from leadhub.accounts.services import create_user
from leadhub.accounts.sessions import KEY, LONGEST, hash_of
from leadhub.app import create_app
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads.counters import jobs
from leadhub.leads.services import create_leads
from tests import databases
from tests.bench import made_up

FOLDER = Path(os.environ.get("BENCH_DIR", "build/bench"))
BLOCK = 500
AGENTS = [f"agent{number}@example.org" for number in range(20)]


def app_with(size: int, database_url: str = "") -> Flask:
    """An app over a hub with that many leads; made where it is not there."""
    folder = (FOLDER / f"{'server' if database_url else 'sqlite'}-{size}").resolve()
    settings = databases.settings_for(folder, database_url)
    mark = folder / "complete"
    if not mark.exists():
        folder.mkdir(parents=True, exist_ok=True)
        databases.fill_template(settings)
        begun = time.perf_counter()
        _fill(create_app(settings, **databases.QUICK_HASHES), size)
        rate = size / (time.perf_counter() - begun)
        mark.write_text(f"{rate:.0f} leads/s\n")
    for file in folder.glob("*.sqlite3"):
        with file.open("rb") as content:  # a hub at work is measured, not a cold disk
            while content.read(1 << 24):
                pass
    app = create_app(settings, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False, **databases.QUICK_HASHES)
    app.testing = False
    return app


def fold(app: Flask) -> None:
    """As a worker does every minute."""
    with app.app_context():
        for _step in jobs.fold({}):
            db.session.commit()
        db.session.commit()


def client_of(app: Flask, email: str) -> FlaskClient:
    """A browser in which this person is signed in."""
    client, token = app.test_client(), secrets.token_urlsafe(32)
    with app.app_context():
        user = user_by_email(email)
        assert user, email
        identity = user.fs_uniquifier
        db.session.add(UserSession(user_id=user.id, token_hash=hash_of(token), expires_at=utcnow() + LONGEST))
        db.session.commit()
    with client.session_transaction() as session:
        session.update({"_user_id": identity, "_fresh": True, KEY: token})
    return client


def _fill(app: Flask, size: int) -> None:
    with app.app_context():
        for email in AGENTS:
            create_user(email, databases.PASSWORD, role="agent", name=email.partition("@")[0].title())
        db.session.commit()
        drafts = made_up.leads(size, AGENTS)
        for block in _blocks(drafts):
            create_leads(block, by=None)
            db.session.commit()


def _blocks(drafts: Iterator[made_up.LeadDraft]) -> Iterator[list[made_up.LeadDraft]]:
    while block := list(islice(drafts, BLOCK)):
        yield block
