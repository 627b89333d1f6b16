"""Settings > E-mail: what is kept, what is refused, and the test."""

import re
from dataclasses import replace

import pytest

from leadhub.extensions import db
from leadhub.jobs import mail_server, smtp
from leadhub.jobs.mail_server import NONE, STARTTLS, MailServer
from leadhub.jobs.worker import Worker
from tests import mail_servers

pytestmark = pytest.mark.one_database  # what it says of the database is said by the services' own tests

SECRET = "h0rse-battery-staple"
ANSWERS = {
    "host": "Mail.Example.ORG",
    "port": "587",
    "encryption": STARTTLS,
    "user": "hub@example.org",
    "password": SECRET,
    "sender": "LeadHub <hub@example.org>",
}
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture(autouse=True)
def names(monkeypatch):
    """The internet of these tests: every name leads to a public address, but for those that say otherwise."""
    known = {"inside.example.org": "10.0.0.7", "both.example.org": "10.0.0.7"}

    def lookup(host, port, *args, **kwargs):
        if host.endswith(".missing"):
            raise OSError
        found = [known.get(host, "93.184.215.14")] + (["93.184.215.14"] if host.startswith("both") else [])
        return [(2, 1, 6, "", (address, port)) for address in found]

    monkeypatch.setattr("leadhub.outgoing.addresses.socket.getaddrinfo", lookup)


@pytest.fixture
def kept(app):
    """``kept()``: the server as it is stored, or None."""

    def read():
        with app.app_context():
            return mail_server.kept_server()

    return read


def test_a_server_is_kept(client, kept):
    answer = client.post("/settings/email", data=ANSWERS)

    assert answer.location == "/settings/email"
    assert kept() == MailServer(
        host="mail.example.org",
        port=587,
        encryption=STARTTLS,
        user="hub@example.org",
        password=SECRET,
        sender="LeadHub <hub@example.org>",
    )


def test_the_change_is_in_the_audit_log_without_the_password(client, rows):
    client.post("/settings/email", data=ANSWERS)

    (event,) = [row for row in rows("audit_events") if row["kind"] == "settings"]
    assert "mail.example.org" in str(event["details"])
    assert SECRET not in str(rows("audit_events"))


def test_the_page_shows_the_server_and_never_the_password(client):
    client.post("/settings/email", data=ANSWERS)

    page = client.get("/settings/email").text

    assert 'value="mail.example.org"' in page
    assert SECRET not in page
    assert "A password is kept." in page
    assert "LeadHub &lt;leadhub@example.org&gt;" in page


def test_a_refused_form_does_not_repeat_the_password(client):
    answer = client.post("/settings/email", data={**ANSWERS, "port": "x"})

    assert answer.status_code == 422
    assert SECRET not in answer.text


def test_an_empty_password_keeps_the_old_one(client, kept):
    client.post("/settings/email", data=ANSWERS)

    client.post("/settings/email", data={**ANSWERS, "password": "", "port": "2525"})

    assert (kept().password, kept().port) == (SECRET, 2525)


@pytest.mark.parametrize("change", [{"host": "mail.thief.example"}, {"user": "thief"}])
def test_the_kept_password_goes_to_no_other_server_or_name(client, kept, change):
    client.post("/settings/email", data=ANSWERS)

    answer = client.post("/settings/email", data={**ANSWERS, "password": "", **change})

    assert answer.status_code == 422
    assert 'id="password-error1"' in answer.text
    assert kept().host == "mail.example.org"


def test_without_a_user_no_password_is_kept(client, kept):
    client.post("/settings/email", data={**ANSWERS, "user": ""})

    assert (kept().user, kept().password) == ("", "")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", ""),
        ("host", "smtp://mail.example.org"),
        ("host", "mail.example.org:587"),
        ("host", "mail.example.org/x"),
        ("host", "user@mail.example.org"),
        ("host", "nothing.missing"),
        ("host", "inside.example.org"),
        ("host", "both.example.org"),
        ("port", "80"),
        ("port", "6379"),
        ("port", "0"),
        ("encryption", "perhaps"),
        ("password", ""),
        ("password", "é" * 9),
        ("sender", "nobody"),
        ("sender", "LeadHub <hub@example.org"),
        ("sender", "Eve\r\nBcc: all@example.org <hub@example.org>"),
    ],
)
def test_a_wrong_answer_is_told_at_its_field_and_nothing_is_kept(client, kept, field, value):
    answer = client.post("/settings/email", data={**ANSWERS, field: value})

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert kept() is None


def test_a_password_is_never_set_up_to_go_in_the_clear(client, kept):
    answer = client.post("/settings/email", data={**ANSWERS, "encryption": NONE})

    assert answer.status_code == 422
    assert kept() is None


@pytest.mark.parametrize("answers", [{"host": "inside.example.org"}, {"host": "inside.example.org", "port": "1025"}])
def test_the_servers_settings_can_allow_a_private_host_at_any_port(settings, client, app, answers, kept):
    app.extensions["leadhub"]["settings"] = replace(settings, outgoing_hosts=("inside.example.org",))

    answer = client.post("/settings/email", data={**ANSWERS, **answers})

    assert answer.status_code == 303
    assert kept().host == "inside.example.org"


def test_no_transaction_is_open_while_a_name_is_looked_up(client, app, monkeypatch):
    seen = []
    monkeypatch.setattr(smtp, "check", lambda server: seen.append(db.session().in_transaction()))

    client.post("/settings/email", data=ANSWERS)

    assert seen == [False]


@pytest.mark.parametrize("name", ["mia", "bob", "vic"])
@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", "/settings/email"),
        ("POST", "/settings/email"),
        ("POST", "/settings/email/delete"),
        ("POST", "/settings/email/test"),
        ("GET", "/settings/email/test/0123456789abcdef"),
    ],
)
def test_only_admins_get_there(client_of, kept, name, method, url):
    assert client_of(name).open(url, method=method, data=ANSWERS).status_code == 403
    assert kept() is None


def test_a_stranger_is_sent_to_the_sign_in_page(client_of):
    assert client_of().get("/settings/email").location.startswith("/login")


def test_the_server_can_be_taken_away(client, kept):
    client.post("/settings/email", data=ANSWERS)

    client.post("/settings/email/delete")

    assert kept() is None
    assert "Send me a test" not in client.get("/settings/email").text


def test_what_is_set_on_the_server_goes_first_and_shows_its_host_only(settings, client, app):
    url = f"smtp://someone:{SECRET}@relay.example.org"
    app.extensions["leadhub"]["settings"] = replace(settings, smtp_url=url, mail_from="hub@example.org")

    page = client.get("/settings/email").text

    assert "relay.example.org" in page
    assert "someone" not in page
    assert SECRET not in page
    assert 'name="host"' not in page
    assert client.post("/settings/email", data=ANSWERS).status_code == 409
    assert client.post("/settings/email/delete").status_code == 409


def test_without_a_server_there_is_no_test(client, rows):
    assert client.post("/settings/email/test").status_code == 409
    assert rows("effects") == []


@pytest.fixture
def inbox(app):
    """The hub's mail server, set on the server itself."""
    with mail_servers.running() as inbox:
        settings = app.extensions["leadhub"]["settings"]
        url = f"smtp://127.0.0.1:{inbox.port}"
        app.extensions["leadhub"]["settings"] = replace(settings, smtp_url=url, mail_from="hub@example.org")
        yield inbox


@pytest.fixture
def real_names(names, monkeypatch):
    monkeypatch.undo()


def test_a_test_is_waited_for_and_its_success_shown(real_names, app, client, inbox):
    place = client.post("/settings/email/test").location
    waiting = client.get(place, headers=PARTIAL)
    assert 'hx-trigger="every 1s"' in waiting.text
    assert "<html" not in waiting.text

    Worker(app).work_off()
    done = client.get(place, headers=PARTIAL).text

    assert "The server took the test mail" in done
    assert "hx-trigger" not in done
    assert inbox.mails[0]["To"] == "ada@example.org"


def test_a_test_that_failed_says_why(real_names, app, client, inbox):
    inbox.answers["RCPT"] = mail_servers.NEVER
    place = client.post("/settings/email/test").location

    Worker(app).work_off()
    page = client.get(place).text

    assert smtp.NO_SUCH_RECIPIENT in page
    assert "banner" not in page
    assert re.search("<html", page)


def test_an_unknown_test_is_not_there(client):
    assert client.get("/settings/email/test/0123456789abcdef").status_code == 404
