"""Statuses by their keys, drafts of them, and somebody else who is at it in the same moment."""

import threading

import pytest

from leadhub.accounts.queries import user_by_email
from leadhub.database import insert_many, utcnow
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.lists.drafts import RowDraft
from leadhub.statuses.models import Status

LEAD = {
    "last_name": "Roye", "search_key": "roye", "version": 1, "channel": "import", "other_data": {}, "is_sample": False,
    "is_organisation": False, "first_name": "", "organisation": "", "email": "", "phone": "",
}  # fmt: skip
EXTRAS = ("kind", "colour", "is_default", "is_lock", "needs_reason")


@pytest.fixture
def ada(context, person):
    return person("ada")


@pytest.fixture
def status(context):
    """``status("open")``: the row with that key, or None."""
    return lambda key: db.session.query(Status).filter_by(key=key).one_or_none()


@pytest.fixture
def draft():
    """``draft(row, kind="won")``: what a form says of the row, with these changes; ``draft("Hot")``: of a new one."""

    def draft(of, *, names=None, **changes):
        new = {"kind": "in_progress", "colour": "teal", "is_default": False, "is_lock": False, "needs_reason": False}
        if isinstance(of, str):
            return RowDraft(names={"en": of}, extras=new | changes)
        return RowDraft(names=names or of.names, extras={name: getattr(of, name) for name in EXTRAS} | changes)

    return draft


@pytest.fixture
def fill(status):
    """``fill("open", 10)``: ids of that many leads in the status, without a history."""

    def fill(key, count):
        now = utcnow()
        row = LEAD | {"status_id": status(key).id, "status_since": now, "received_at": now, "created_at": now}
        return insert_many(db.session(), Lead, [row] * count)

    return fill


@pytest.fixture
def in_another_thread(app):
    """``answer = in_another_thread(act)``: mia does it, and commits; ``answer()`` is what came of it, or the error."""

    def begin(act):
        heard = []

        def run():
            with app.app_context():
                try:
                    heard.append(act(user_by_email("mia@example.org")))
                    db.session.commit()
                except Exception as error:
                    heard.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(0.2)

        def answer():
            thread.join(30)
            return heard[-1]

        return answer

    return begin
