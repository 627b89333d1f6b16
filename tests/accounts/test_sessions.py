"""Sessions live in the database: they end when somebody ends them, and are good for no other browser."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from leadhub.accounts import services, sessions
from leadhub.accounts.models import UserSession
from leadhub.accounts.queries import user_by_email
from leadhub.database import utcnow
from leadhub.extensions import db
from tests.databases import PASSWORD

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def sign_in(app, name="bob", **fields):
    client = app.test_client()
    data = {"email": f"{name}@example.org", "password": PASSWORD} | fields
    client.post("/login", data=data, headers={"User-Agent": FIREFOX})
    return client


def is_in(client):
    return client.get("/leads/").status_code == 200


def change(app, work):
    with app.app_context():
        work(user_by_email("bob@example.org"))
        db.session.commit()


def test_signing_in_makes_a_row_and_signing_out_takes_it(app, rows):
    client = sign_in(app)
    (row,) = rows("sessions")

    assert is_in(client)
    assert (row["device"], row["address"]) == ("Firefox · Linux", "127.0.0.1")
    client.post("/logout")
    assert rows("sessions") == []


def test_a_cookie_from_before_signing_out_is_worth_nothing(app):
    client = sign_in(app)
    with client.session_transaction() as kept:
        copy = dict(kept)
    client.post("/logout")

    thief = app.test_client()
    with thief.session_transaction() as stolen:
        stolen.update(copy)

    assert not is_in(thief)


def test_the_token_is_not_in_the_database(app, rows):
    client = sign_in(app)

    with client.session_transaction() as kept:
        assert kept[sessions.KEY] not in str(rows("sessions"))


@pytest.mark.parametrize("column", ["expires_at", "seen_at"])
def test_a_session_ends_by_itself(app, column):
    client = sign_in(app)
    past = utcnow() - timedelta(hours=13)

    change(app, lambda bob: db.session.execute(sa.update(UserSession).values({column: past})))

    assert not is_in(client)


def test_one_that_stays_outlives_a_night(app, rows):
    client = sign_in(app, remember="y")
    past = utcnow() - timedelta(days=20)

    change(app, lambda bob: db.session.execute(sa.update(UserSession).values(seen_at=past)))

    assert is_in(client)
    assert "remember_token" not in str(client._cookies)


def test_use_is_noted_now_and_then(app, rows):
    client = sign_in(app)
    past = utcnow() - timedelta(minutes=10)
    change(app, lambda bob: db.session.execute(sa.update(UserSession).values(seen_at=past)))

    client.get("/leads/")

    with app.app_context():
        assert db.session.scalar(sa.select(UserSession.seen_at)) > past + timedelta(minutes=5)


def test_deactivating_ends_every_session_at_the_next_request(app, rows):
    one, two = sign_in(app), sign_in(app)

    change(app, lambda bob: services.deactivate(bob, by=bob))

    assert not is_in(one)
    assert not is_in(two)
    assert rows("sessions") == []


def test_a_new_password_ends_every_other_session(app):
    mine, other = sign_in(app), sign_in(app)

    answer = mine.post("/profile/password", data={"old": PASSWORD, "new": "another good sentence"})

    assert answer.status_code == 303
    assert is_in(mine)
    assert not is_in(other)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"old": "wrong wrong wrong", "new": "another good sentence"}, "This is not your password."),
        ({"old": PASSWORD, "new": "short"}, "at least 12 characters"),
        ({"old": PASSWORD, "new": "aaaaaaaaaaaaaaaa"}, "too easy to guess"),
        ({}, "This field is required."),
    ],
)
def test_a_password_that_can_not_be_changed_is_told_at_the_field(app, data, words):
    client, other = sign_in(app), sign_in(app)

    answer = client.post("/profile/password", data=data)

    assert answer.status_code == 422
    assert words in answer.text
    assert is_in(other)


def test_one_ends_ones_own_sessions_and_nobody_elses(app, rows):
    mine, other, ada = sign_in(app), sign_in(app), sign_in(app, "ada")
    my_id, other_id, adas_id = (row["id"] for row in rows("sessions"))

    assert mine.post(f"/profile/sessions/{adas_id}/end").status_code == 404
    assert mine.post(f"/profile/sessions/{other_id}/end").status_code == 303

    assert [is_in(client) for client in (mine, other, ada)] == [True, False, True]


def test_one_ends_all_others_at_once(app):
    mine, other, ada = sign_in(app), sign_in(app), sign_in(app, "ada")

    mine.post("/profile/sessions/end")

    assert [is_in(client) for client in (mine, other, ada)] == [True, False, True]


def test_the_profile_lists_them(app):
    client = sign_in(app)
    sign_in(app)

    page = client.get("/profile/").text

    assert page.count("Firefox · Linux") == 2
    assert "this browser" in page


def test_a_session_costs_one_query_a_request(client_of, count_queries):
    client = client_of("bob")
    client.get("/profile/two-factor")

    with count_queries() as statements:
        client.get("/leads/new")

    assert sum("FROM sessions" in statement for statement in statements) == 1


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (FIREFOX, "Firefox · Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/156.0 Safari/537.36 Edg/156.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari · iPhone"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_a_device_is_told_in_two_words(agent, device):
    assert sessions.device_of(agent) == device
