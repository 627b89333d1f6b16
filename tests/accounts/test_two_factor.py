"""The second factor: switched on with proof, asked for at the door, each code good once."""

import re
from datetime import timedelta

import pytest
from passlib.totp import TOTP

from leadhub.accounts.queries import user_by_email
from leadhub.accounts.sign_in import OnceTotp
from leadhub.accounts.views.profile import NEW_SECRET
from leadhub.database import utcnow
from leadhub.extensions import db
from tests.databases import PASSWORD

pytestmark = pytest.mark.one_database


def code_of(key, steps=0):
    """What the app shows now, or some steps of thirty seconds later."""
    moment = utcnow() + timedelta(seconds=30 * steps)
    return TOTP(key=key, format="base32").generate(time=int(moment.timestamp())).token


def switch_on(client):
    """The key that the app keeps, and the recovery codes."""
    page = client.get("/profile/two-factor").text
    key = re.search(r'<code class="break">([A-Z2-7-]+)</code>', page)[1].replace("-", "")
    page = client.post("/profile/two-factor", data={"code": code_of(key), "old": PASSWORD})
    assert page.status_code == 200, page.text
    return key, re.findall(r"<li><code>([^<]+)</code></li>", page.text)


def first_step(app):
    browser = app.test_client()
    answer = browser.post("/login", data={"email": "bob@example.org", "password": PASSWORD})
    return browser, answer


def is_in(browser):
    return browser.get("/leads/").status_code == 200


def test_a_password_alone_is_not_enough_any_more(app, client_of):
    key, codes = switch_on(client_of("bob"))
    browser, answer = first_step(app)

    assert answer.location.startswith("/login/code")
    assert not is_in(browser)
    browser.post("/login/code", data={"code": code_of(key, 1)})
    assert is_in(browser)
    assert len(codes) == 8


def test_a_code_is_good_once(app, client_of):
    key, _codes = switch_on(client_of("bob"))
    code = code_of(key, 1)
    first_step(app)[0].post("/login/code", data={"code": code})

    browser, _answer = first_step(app)
    browser.post("/login/code", data={"code": code})

    assert not is_in(browser)


def test_the_code_that_switched_it_on_signs_nobody_in(app, client_of):
    key, _codes = switch_on(client_of("bob"))

    browser, _answer = first_step(app)
    browser.post("/login/code", data={"code": code_of(key)})

    assert not is_in(browser)


def test_wrong_codes_shut_the_door(app, client_of):
    key, _codes = switch_on(client_of("bob"))
    browser, _answer = first_step(app)

    answers = [browser.post("/login/code", data={"code": "000000"}).status_code for _ in range(11)]

    assert answers[-1] == 429
    assert browser.post("/login/code", data={"code": code_of(key, 1)}).status_code == 429


def test_a_recovery_code_is_good_once(app, client_of):
    _key, codes = switch_on(client_of("bob"))

    for expected in (True, False):
        browser, _answer = first_step(app)
        browser.post("/login/recovery", data={"code": codes[0]})
        assert is_in(browser) is expected


def test_new_recovery_codes_replace_the_old(app, client_of):
    client = client_of("bob")
    _key, codes = switch_on(client)

    page = client.post("/profile/two-factor/codes", data={"old": PASSWORD}).text

    assert not set(codes) & set(re.findall(r"<li><code>([^<]+)</code></li>", page))
    browser, _answer = first_step(app)
    browser.post("/login/recovery", data={"code": codes[0]})
    assert not is_in(browser)


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"code": "000000"}, "not the code"), ({"old": "wrong wrong"}, "not your password"), ({"code": ""}, "required")],
)
def test_it_is_not_switched_on_without_proof(app, client_of, rows, changes, words):
    client = client_of("bob")
    page = client.get("/profile/two-factor").text
    key = re.search(r'<code class="break">([A-Z2-7-]+)</code>', page)[1].replace("-", "")

    answer = client.post("/profile/two-factor", data={"code": code_of(key), "old": PASSWORD} | changes)

    assert answer.status_code == 422
    assert words in answer.text
    assert all(user["tf_totp_secret"] is None for user in rows("users"))


def test_switching_off_takes_the_password(app, client_of):
    client = client_of("bob")
    switch_on(client)

    assert client.post("/profile/two-factor/off", data={"old": "wrong wrong"}).status_code == 422
    assert first_step(app)[1].location.startswith("/login/code")
    client.post("/profile/two-factor/off", data={"old": PASSWORD})
    assert is_in(first_step(app)[0])


def test_an_admin_switches_it_off_for_somebody_who_lost_the_app(app, client, client_of, rows):
    switch_on(client_of("bob"))
    with app.app_context():
        bob = user_by_email("bob@example.org").id

    client.post(f"/settings/users/{bob}/two-factor/off")

    assert is_in(first_step(app)[0])
    assert rows("audit_events")[-1]["kind"] in ("two_factor", "sign_in")


def test_secrets_are_encrypted_at_rest_and_in_the_cookie(app, client_of, rows):
    client = client_of("bob")
    page = client.get("/profile/two-factor").text
    key = re.search(r'<code class="break">([A-Z2-7-]+)</code>', page)[1].replace("-", "")
    with client.session_transaction() as session:
        assert key not in session[NEW_SECRET]

    page = client.post("/profile/two-factor", data={"code": code_of(key), "old": PASSWORD}).text

    kept = str(rows("users"))
    assert key not in kept
    assert re.search(r"<li><code>([^<]+)</code></li>", page)[1] not in kept


def test_the_code_page_is_nothing_without_a_password_before(app):
    browser = app.test_client()

    assert browser.get("/login/code").status_code == 303
    assert browser.post("/login/code", data={"code": "123456"}).status_code == 303
    assert not is_in(browser)


def test_a_new_encryption_key_reads_old_secrets(app):
    old = OnceTotp({"k1": "one key, long enough"}, "LeadHub")
    both = OnceTotp({"k2": "another key, long enough", "k1": "one key, long enough"}, "LeadHub")
    secret = old.generate_totp_secret()

    assert both.get_totp_b32_key(secret) == old.get_totp_b32_key(secret)
    assert '"k2"' in both.generate_totp_secret()


def test_a_deactivated_person_gets_no_further_than_the_code(app, client_of):
    key, _codes = switch_on(client_of("bob"))
    browser, _answer = first_step(app)
    with app.app_context():
        user_by_email("bob@example.org").active = False
        db.session.commit()

    browser.post("/login/code", data={"code": code_of(key, 1)})

    assert not is_in(browser)
