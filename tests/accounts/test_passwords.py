"""A forgotten password: a link by mail, good once and for an hour; the same answer for everybody."""

import re

import pytest

from leadhub.accounts import links
from leadhub.accounts.queries import user_by_email
from leadhub.accounts.views import password
from leadhub.extensions import db
from tests.databases import PASSWORD

pytestmark = pytest.mark.one_database

NEW = "another good sentence"


@pytest.fixture
def sent(monkeypatch):
    """The mails that were asked for; there is a mail server."""
    mails = []
    monkeypatch.setattr("leadhub.jobs.mail.can_send", lambda: True)
    monkeypatch.setattr(password, "can_send", lambda: True)
    monkeypatch.setattr(
        "leadhub.jobs.mail.send_mail", lambda template, to, **words: mails.append((template, to, words))
    )
    return mails


def ask(app, email="bob@example.org", **options):
    return app.test_client().post("/password/forgotten", data={"email": email}, **options)


def path_of(mail):
    return mail[2]["link"].removeprefix("http://localhost")


def test_a_link_lets_one_choose_a_new_password_once(app, sent, client_of):
    before = client_of("bob")
    ask(app)
    browser = app.test_client()

    answer = browser.post(path_of(sent[0]), data={"new": NEW})

    assert (answer.status_code, answer.location) == (303, "/login")
    assert before.get("/leads/").status_code == 303
    assert browser.get("/leads/").status_code == 303  # a second factor is not gone round
    assert browser.post("/login", data={"email": "bob@example.org", "password": NEW}).status_code == 302
    assert browser.post(path_of(sent[0]), data={"new": NEW}).status_code == 410
    assert [mail[0] for mail in sent] == ["reset", "password_changed"]


def test_known_and_unknown_get_the_same_answer(app, sent):
    known, unknown = ask(app), ask(app, "nobody@example.org")

    without_token = [re.sub(r"X-CSRFToken[^}]+", "", page.text) for page in (known, unknown)]
    assert without_token[0] == without_token[1]
    assert len(sent) == 1


def test_somebody_deactivated_gets_no_link(app, sent):
    with app.app_context():
        user_by_email("bob@example.org").active = False
        db.session.commit()

    ask(app)

    assert sent == []


def test_mails_to_one_person_are_bounded(app, sent):
    answers = [ask(app).status_code for _ in range(12)]

    assert answers == [200] * 10 + [429] * 2
    assert len(sent) == 10


def test_changing_the_password_makes_the_link_worthless(app, sent, client_of):
    ask(app)

    client_of("bob").post("/profile/password", data={"old": PASSWORD, "new": NEW})

    assert app.test_client().get(path_of(sent[0])).status_code == 410


def test_the_link_leads_to_the_hubs_own_address(make_app, settings, sent):
    from dataclasses import replace

    app = make_app(settings=replace(settings, base_url="https://crm.example.org/crm"))

    for host in ("crm.example.org", "127.0.0.1"):
        ask(app, headers={"Host": host, "X-Forwarded-Host": "evil.example"})

    assert [mail[2]["link"].rpartition("/")[0] for mail in sent] == ["https://crm.example.org/crm/password"] * 2


def test_without_a_mail_server_it_says_so(app, rows):
    page = app.test_client().get("/password/forgotten").text

    assert "This hub sends no e-mail." in page
    assert ask(app).status_code == 422
    assert rows("account_links") == []


def test_a_weak_password_keeps_the_link_good(app, sent):
    ask(app)
    browser = app.test_client()

    assert browser.post(path_of(sent[0]), data={"new": "bob"}).status_code == 422
    assert browser.post(path_of(sent[0]), data={"new": "aaaaaaaaaaaaaaaa"}).status_code == 422
    assert browser.post(path_of(sent[0]), data={"new": NEW}).status_code == 303


def test_of_two_who_use_a_link_at_once_one_gets_in(context):
    bob = user_by_email("bob@example.org")
    link, _token = links.new_link(bob, alone=True)
    db.session.commit()

    assert links.use_link(link)
    assert not links.use_link(link)


def test_the_token_is_not_in_the_database(app, sent, rows):
    ask(app)

    token = path_of(sent[0]).rpartition("/")[2]

    assert token not in str(rows("account_links"))
