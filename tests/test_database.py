"""How the hub talks to SQLite: what the protocols say must be so on every connection."""

import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from leadhub.database import has_wal_reset_bug
from leadhub.extensions import db

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 2)])
def test_every_connection_is_tuned(context, pragma, value):
    for _ in range(2):
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
        db.engine.dispose()


def test_a_foreign_key_holds(context, make_lead):
    make_lead()

    with pytest.raises(IntegrityError), db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE leads SET source_id = 999"))


@pytest.mark.parametrize(("method", "begin"), [("GET", "BEGIN"), ("POST", "BEGIN IMMEDIATE")])
def test_readers_begin_plainly_and_writers_at_once(app, count_queries, method, begin):
    with count_queries() as statements, app.test_request_context(method=method):
        db.session.execute(sa.text("SELECT 1"))
        db.session.remove()

    assert statements[0] == begin


def test_writers_that_read_first_do_not_lose_each_others_work(app, make_lead, rows):
    make_lead(phone="0")

    def count_up():
        with app.app_context():
            for _ in range(20):
                seen = int(db.session.scalar(sa.text("SELECT phone FROM leads")))
                db.session.execute(sa.text("UPDATE leads SET phone = :next"), {"next": str(seen + 1)})
                db.session.commit()

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert rows("leads")[0]["phone"] == "80"


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 4), False),
    ],
)
def test_versions_with_the_reset_bug_are_known(version, affected):
    assert has_wal_reset_bug(version) is affected
