"""Tries that fail are counted in the database: over processes, and over restarts."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from leadhub.accounts.failures import PER_ACCOUNT, PER_CALLER, PER_PAIR, purge_failures
from leadhub.accounts.models import Failure
from leadhub.database import utcnow
from leadhub.extensions import db
from tests.databases import PASSWORD


def sign_in(app, email="bob@example.org", password="wrong", address="127.0.0.1"):
    data = {"email": email, "password": password}
    return app.test_client().post("/login", data=data, environ_overrides={"REMOTE_ADDR": address}).status_code


def plant(app, count, **changes):
    """Failures of the last minute, as another process would have written them."""
    with app.app_context():
        for _ in range(count):
            db.session.add(Failure(**{"door": "sign_in", "address": "10.0.0.1", "at": utcnow()} | changes))
        db.session.commit()


def test_an_account_is_shut_to_a_caller_after_ten_wrong_tries_even_to_the_right_password(app):
    assert [sign_in(app) for _ in range(PER_PAIR)] == [200] * PER_PAIR

    assert sign_in(app, password=PASSWORD) == 429
    assert sign_in(app, password=PASSWORD, address="10.9.9.9") == 302  # nobody is shut out from afar
    assert sign_in(app, "ada@example.org", PASSWORD) == 302


def test_an_account_is_shut_to_all_after_a_hundred_from_everywhere(app):
    sign_in(app)
    with app.app_context():
        account = db.session.scalar(sa.select(Failure.account))
    plant(app, PER_ACCOUNT, account=account)

    assert sign_in(app, password=PASSWORD, address="10.9.9.9") == 429


def test_all_addresses_of_one_ipv6_network_are_one_caller(app):
    for number in range(PER_PAIR):
        sign_in(app, address=f"2001:db8::{number:x}")

    assert sign_in(app, password=PASSWORD, address="2001:db8::ffff") == 429
    assert sign_in(app, password=PASSWORD, address="2001:db8:0:1::1") == 302


def test_capitals_and_spaces_are_the_same_account(app):
    for email in ("Bob@example.org", " bob@example.org", "BOB@EXAMPLE.ORG", "bob@ｅxample.org") * 3:
        sign_in(app, email)

    assert sign_in(app, password=PASSWORD) == 429


def test_an_address_is_shut_whatever_accounts_it_tries(app):
    plant(app, PER_CALLER, address="127.0.0.1")

    assert sign_in(app, "ada@example.org", PASSWORD) == 429
    assert sign_in(app, "ada@example.org", PASSWORD, address="10.0.0.2") == 302


def test_two_processes_and_a_restart_count_together(make_app):
    first, second = make_app(), make_app()
    for app in (first, second) * (PER_PAIR // 2):
        sign_in(app)

    restarted = make_app()

    assert sign_in(restarted, password=PASSWORD) == 429


def test_a_quarter_of_an_hour_later_it_opens(app):
    for _ in range(PER_PAIR):
        sign_in(app)
    with app.app_context():
        db.session.execute(sa.update(Failure).values(at=utcnow() - timedelta(minutes=16)))
        db.session.commit()

    assert sign_in(app, password=PASSWORD) == 302


def test_getting_in_counts_as_no_failure(app, rows):
    for _ in range(PER_PAIR + 2):
        assert sign_in(app, password=PASSWORD) == 302

    assert rows("failures") == []


def test_the_refusal_says_when_to_come_back(app):
    plant(app, PER_CALLER, address="127.0.0.1")

    answer = app.test_client().post("/login", data={"email": "a@b.org", "password": "x"})

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"
    assert "Too many tries" in answer.text


def test_no_address_of_a_person_is_kept(app, rows):
    sign_in(app, "somebody.private@example.org")

    assert "private" not in str(rows("failures"))
    assert "private" not in str(rows("audit_events"))


def test_tries_of_links_are_counted(app):
    plant(app, PER_CALLER, address="127.0.0.1", door="link")

    assert app.test_client().post("/password/guess", data={}).status_code == 429


def test_old_tries_are_forgotten(app, rows):
    plant(app, 3, at=utcnow() - timedelta(hours=1))
    plant(app, 1)

    with app.app_context():
        purge_failures()
        db.session.commit()

    assert len(rows("failures")) == 1


@pytest.mark.one_database
def test_a_wrong_password_is_hashed_without_keeping_writers_waiting(app, rows, monkeypatch):
    """While the password is judged, somebody else can write."""
    from leadhub.accounts import sign_in as forms

    seen = []

    def judge(self, **kwargs):
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(sa.text("UPDATE hub SET currency = 'CHF'"))
        seen.append(rows("hub")[0]["currency"])
        return False

    monkeypatch.setattr(forms.LoginForm, "validate", judge)

    assert sign_in(app) == 200
    assert seen == ["CHF"]
