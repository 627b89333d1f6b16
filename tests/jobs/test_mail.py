"""The hub's own mail: written, sealed, sent, and what is told where it can't be."""

import json
import re
import smtplib
from dataclasses import replace
from email.message import EmailMessage

import pytest

from leadhub.doctor import examine
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.jobs import mail, mail_server, smtp
from leadhub.jobs.mail_server import IF_OFFERED, NONE, STARTTLS, TLS, MailServer, read_url, url_of
from leadhub.jobs.registry import NotNow
from tests import mail_servers

pytestmark = pytest.mark.one_database

LINK = "https://crm.example.org/password/s3cret-T0ken_of-43-signs?x=1&y=é"
WORDS = {
    "handover": {"giver": "Zoé", "count": "3", "link": LINK},
    "invitation": {
        "name": "Zoé",
        "hub": "https://crm.example.org/",
        "link": LINK,
        "until": "2026-11-29T08:05:00+00:00",
    },
    "password_changed": {"link": LINK},
    "quotation": {"number": "Q-1", "company": "Acme", "message": "Hello,\n\nHere it is.\nZoé", "link": LINK},
    "quotation_answered": {
        "number": "Q-1",
        "name": "Ann",
        "party": "Dupré",
        "answer": "decline",
        "note": "Too dear",
        "link": LINK,
    },
    "reset": {"link": LINK},
    "said": {"name": "Zoé", "lead": "Dupré", "kind": "call", "outcome": "reached", "text": "**Hello**", "link": LINK},
    "status": {"lead": "Dupré", "status": "Quotation", "text": "**Hello**", "link": LINK},
    "test": {"hub": "https://crm.example.org"},
}


@pytest.fixture
def inbox():
    with mail_servers.running(auth_require_tls=False) as inbox:
        yield inbox


@pytest.fixture
def app(make_app, settings, inbox):
    """A hub with the inbox for its mail server."""
    server = {"smtp_url": f"smtp://127.0.0.1:{inbox.port}", "mail_from": "Équipe <hub@example.org>"}
    return make_app(settings=replace(settings, **server))


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return mail_servers.Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def send(app):
    """``send("reset", "zoe@example.org", link=...)``: a mail that is committed."""

    def send(template, to="zoe@example.org", *, language="en", key=None, **words):
        with app.app_context():
            mail.send_mail(template, to, language=language, key=key, **words)
            db.session.commit()

    return send


def server_at(inbox, **changes):
    values = {"host": "localhost", "port": inbox.port, "encryption": IF_OFFERED, "sender": "hub@example.org"}
    return MailServer(**values | {"is_trusted": True} | changes)


def payload_of(rows):
    payload = rows("effects")[0]["payload"]
    return json.loads(payload) if isinstance(payload, str) else payload  # SQLite has JSON as text


def letter():
    message = EmailMessage()
    message["Subject"] = "Hello"
    message.set_content("Hello")
    return message


def test_every_template_is_in_the_table_and_each_renders(app, send, worker, inbox):
    names = {
        name for name in app.jinja_env.list_templates() if name.startswith("mail/") and not name.startswith("mail/_")
    }
    assert names == {f"mail/{name}.txt" for name in mail.TEMPLATES}

    for name, words in WORDS.items():
        send(name, **words)
    worker.work_off()

    assert len(inbox.mails) == len(WORDS)
    for message in inbox.mails:
        text = message.get_body(["plain"]).get_content() + message.get_body(["html"]).get_content()
        assert message["Subject"]
        assert not re.search(r"None|Undefined|%\(|{{|\bsrc=|<img", text)


@pytest.mark.parametrize(
    "name", ["handover", "invitation", "password_changed", "quotation", "quotation_answered", "reset", "said", "status"]
)
def test_the_link_arrives_whole_in_both_parts(send, worker, inbox, name):
    send(name, **WORDS[name])
    worker.work_off()

    (message,) = inbox.mails
    html = message.get_body(["html"]).get_content()
    assert f"\n\n{LINK}\n\n" in message.get_body(["plain"]).get_content().replace("\r\n", "\n")
    assert html.count(f'href="{LINK.replace("&", "&amp;")}"') == 2


def test_the_headers_are_those_of_a_machines_mail(send, worker, inbox):
    send("test", "zoe@bücher.example", **WORDS["test"])
    worker.work_off()

    (message,) = inbox.mails
    assert message["From"] == "Équipe <hub@example.org>"
    assert message["To"] == "zoe@xn--bcher-kva.example"
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.org>", message["Message-ID"])
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime.tzinfo
    assert message["Reply-To"] is None


def test_french_readers_get_moments_in_french(app, inbox):
    words = WORDS["invitation"] | {"until": "2026-12-01T08:05:00+00:00"}
    letter = mail.Mail(template="invitation", to="z@example.org", language="fr", words=words, id="1", is_once=False)

    with app.app_context():
        text = mail.compose(letter, server_at(inbox)).get_body(["plain"]).get_content()

    assert "1er décembre 2026 à 9\u00a0h\u00a005 (Europe/Paris)" in text


def test_a_mail_that_is_tried_again_keeps_its_message_id(send, inbox, app, rows):
    send("test", **WORDS["test"])
    payload = payload_of(rows)

    with app.app_context():
        for _ in range(2):
            list(mail.deliver(payload))

    assert len({message["Message-ID"] for message in inbox.mails}) == 1
    assert len(inbox.mails) == 2


def test_the_effect_holds_no_secret_and_no_address(send, rows):
    send("reset", "zoe@private.example", link=LINK)

    stored = str(rows("effects"))
    assert "s3cret" not in stored
    assert "private.example" not in stored


def test_with_a_key_a_mail_is_sent_once(send, worker, inbox):
    for _ in range(2):
        send("test", key="once", **WORDS["test"])
    worker.work_off()

    assert len(inbox.mails) == 1


def test_nothing_is_open_in_the_database_while_the_server_is_talked_to(app, send, rows, monkeypatch):
    seen = []
    monkeypatch.setattr(smtp, "post", lambda *args: seen.append(db.session().in_transaction()))
    send("test", **WORDS["test"])
    payload = payload_of(rows)

    with app.app_context():
        steps = mail.deliver(payload)
        next(steps)
        db.session.commit()
        assert next(steps, "end") == "end"

    assert seen == [False]


def test_a_word_can_add_no_header_and_no_button(send, worker, inbox):
    name = "Eve\r\nBcc: all@example.org\n\n" + LINK + "\n\n<b>x</b>"
    send("invitation", **WORDS["invitation"] | {"name": name})
    worker.work_off()

    (message,) = inbox.mails
    html = message.get_body(["html"]).get_content()
    assert message["Bcc"] is None
    assert html.count("background-color") == 1
    assert "<b>" not in html


@pytest.mark.parametrize("sign", "\t\v\f\x1c\x1d\x1e\x1f\x7f\x85\u2028\u2029")
def test_a_sign_that_ends_lines_somewhere_keeps_no_mail_back(send, worker, inbox, sign):
    send("handover", **WORDS["handover"] | {"giver": f"Eve{sign}Bcc: all@example.org"})
    worker.work_off()

    (message,) = inbox.mails
    assert message["Bcc"] is None
    assert "Eve Bcc: all@example.org" in message.get_body(["plain"]).get_content()


@pytest.mark.parametrize("to", ["zoe@example.org\nBcc: all@example.org", "nobody", "a@b@c.example", ""])
def test_an_address_that_is_none_gives_up_at_once(send, worker, inbox, effect, to):
    send("test", to, **WORDS["test"])
    worker.work_off()

    assert inbox.mails == []
    assert (effect()["state"], effect()["error"]) == ("gave_up", mail.NO_ADDRESS)


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_a_4xx_is_tried_again_later(send, worker, inbox, effect, command):
    inbox.answers[command] = mail_servers.LATER
    send("test", **WORDS["test"])

    worker.work_off()

    assert (effect()["state"], effect()["attempts"], effect()["error"]) == ("waiting", 1, smtp.BUSY)


@pytest.mark.parametrize(("command", "reason"), [("RCPT", smtp.NO_SUCH_RECIPIENT), ("DATA", smtp.REFUSED)])
def test_a_5xx_gives_up_at_once_and_names_nobody(send, worker, inbox, effect, capfd, command, reason):
    inbox.answers[command] = mail_servers.NEVER
    send("test", "zoe@private.example", **WORDS["test"])

    worker.work_off()

    said = "".join(capfd.readouterr())
    assert (effect()["state"], effect()["error"]) == ("gave_up", reason)
    assert "effect gave up" in said
    assert "private.example" not in said + effect()["error"]
    assert "banner" not in said + effect()["error"]


def test_a_server_that_is_away_is_tried_again(send, worker, effect, app):
    app.extensions["leadhub"]["settings"] = replace(
        app.extensions["leadhub"]["settings"], smtp_url=f"smtp://127.0.0.1:{mail_servers.free_port()}"
    )
    send("test", **WORDS["test"])

    worker.work_off()

    assert (effect()["state"], effect()["error"]) == ("waiting", smtp.UNREACHABLE)


def test_a_test_mail_is_tried_once(app, worker, inbox, effect):
    inbox.answers["RCPT"] = mail_servers.LATER
    with app.app_context():
        token = mail.send_test("zoe@example.org", language="en")
        db.session.commit()

    worker.work_off()

    assert (effect()["state"], effect()["error"]) == ("gave_up", smtp.BUSY)
    with app.app_context():
        assert mail.test_of(token).attempts == 1


def test_a_missing_word_is_told_where_the_mail_is_asked_for(send):
    with pytest.raises(TypeError, match="link"):
        send("reset")


def test_without_a_server_callers_are_told_and_nothing_is_stored(make_app, rows):
    bare = make_app()

    with bare.app_context():
        assert not mail.can_send()
        with pytest.raises(mail.NoMailServer):
            mail.send_mail("reset", "zoe@example.org", language="en", link=LINK)

    assert rows("effects") == []


def test_without_a_sender_there_is_no_sending(make_app, settings):
    silent = make_app(settings=replace(settings, smtp_url="smtp://mail.example.org"))
    speaking = make_app(settings=replace(settings, smtp_url="smtp://hub%40example.org:x@mail.example.org"))

    with silent.app_context():
        assert not mail.can_send()
    with speaking.app_context():
        assert mail_server.current_server().sender == "hub@example.org"


def test_mail_of_other_keys_gives_up(app, send, worker, effect):
    send("test", **WORDS["test"])
    other = ("b3RoZXIga2V5IG90aGVyIGtleSBvdGhlciBrZXkgISE=",)
    app.extensions["leadhub"]["settings"] = replace(app.extensions["leadhub"]["settings"], encryption_keys=other)

    worker.work_off()

    assert (effect()["state"], effect()["error"]) == ("gave_up", mail.NO_KEY)


@pytest.mark.parametrize(
    ("url", "port", "encryption"),
    [
        ("smtp://mail.example.org", 25, IF_OFFERED),
        ("smtps://mail.example.org", 465, TLS),
        ("smtp://mail.example.org:587?tls=required", 587, STARTTLS),
        ("smtp://[fd00::1]:2525?tls=off", 2525, NONE),
        ("smtp://a%40b:p%3A%2F%3F%23@mail.example.org:25", 25, IF_OFFERED),
    ],
)
def test_an_address_of_a_server_survives_writing_and_reading(url, port, encryption):
    server = read_url(url, sender="hub@example.org")

    assert (server.port, server.encryption) == (port, encryption)
    assert read_url(url_of(server), sender="hub@example.org") == server
    assert "p:/?#" not in repr(server)


@pytest.mark.parametrize(
    ("encryption", "option"), [(STARTTLS, "tls_context"), (IF_OFFERED, "tls_context"), (TLS, "ssl_context")]
)
def test_name_and_password_go_over_a_checked_certificate(context, authority, encryption, option):
    with mail_servers.running(
        **{option: authority.server("localhost")}, auth_require_tls=option == "tls_context"
    ) as inbox:
        server = server_at(inbox, encryption=encryption, user="hub@example.org", password=inbox.password)

        smtp.post(letter(), server, "zoe@example.org", trust=authority.trust)

        assert inbox.logins == [("hub@example.org", inbox.password)]
        assert len(inbox.mails) == 1


@pytest.mark.parametrize(
    ("name", "days", "reason"), [("other.example", 2, smtp.WRONG_NAME), ("localhost", -1, smtp.EXPIRED)]
)
@pytest.mark.parametrize(("encryption", "option"), [(STARTTLS, "tls_context"), (TLS, "ssl_context")])
def test_a_wrong_certificate_is_refused(context, authority, encryption, option, name, days, reason):
    with mail_servers.running(**{option: authority.server(name, days=days)}) as inbox:
        server = server_at(inbox, encryption=encryption, user="hub", password=inbox.password)

        with pytest.raises(NotNow, match=re.escape(reason)):
            smtp.post(letter(), server, "zoe@example.org", trust=authority.trust)

        assert (inbox.logins, inbox.mails) == ([], [])


def test_a_strangers_certificate_is_refused(context, authority):
    with (
        mail_servers.running(tls_context=authority.server("localhost")) as inbox,
        pytest.raises(NotNow, match=re.escape(smtp.UNTRUSTED)),
    ):
        smtp.post(letter(), server_at(inbox), "zoe@example.org")


def test_required_starttls_is_not_done_without(context, inbox):
    with pytest.raises(NotNow, match=re.escape(smtp.NO_TLS)):
        smtp.post(letter(), server_at(inbox, encryption=STARTTLS), "zoe@example.org")

    assert inbox.mails == []


def test_name_and_password_never_go_out_in_the_clear(context, inbox, monkeypatch):
    server = server_at(inbox, user="hub", password=inbox.password)
    smtp.post(letter(), server, "zoe@example.org")  # on this machine itself nobody is on the way
    monkeypatch.setattr(smtp, "_is_loopback", lambda sock: False)
    inbox.logins.clear()

    with pytest.raises(NotNow, match=re.escape(smtp.IN_CLEAR)):
        smtp.post(letter(), server, "zoe@example.org")

    assert inbox.logins == []


def test_a_wrong_password_is_told_and_tried_again(context, inbox):
    with pytest.raises(NotNow, match=re.escape(smtp.WRONG_PASSWORD)):
        smtp.post(letter(), server_at(inbox, user="hub", password="wrong"), "zoe@example.org")


def test_a_server_that_is_away_is_asked_for_one_mail_at_a_time(send, worker, rows, app):
    away = replace(app.extensions["leadhub"]["settings"], smtp_url=f"smtp://127.0.0.1:{mail_servers.free_port()}")
    app.extensions["leadhub"]["settings"] = away
    for _ in range(5):
        send("test", **WORDS["test"])

    worker.work_off()

    assert sum(row["attempts"] for row in rows("effects") if row["kind"] == "mail.send") <= 2  # two may be open


def test_silence_ends_after_the_time_limit(context, monkeypatch):
    monkeypatch.setattr(smtp, "SECONDS", 0.2)
    with mail_servers.silent() as port, pytest.raises(NotNow, match=re.escape(smtp.NO_ANSWER)) as raised:
        smtp.post(letter(), replace(server_at(mail_servers.Inbox(port)), host="127.0.0.1"), "zoe@example.org")

    assert raised.value.for_all


def test_a_drip_of_bytes_is_cut_off(context, inbox, monkeypatch):
    monkeypatch.setattr(smtp, "WHOLE_SECONDS", 0.2)
    with mail_servers.silent() as port, pytest.raises(NotNow, match=re.escape(smtp.HUNG_UP)):
        smtp.post(letter(), replace(server_at(mail_servers.Inbox(port)), host="127.0.0.1"), "zoe@example.org")


def test_tls_to_a_plain_port_is_told(context, inbox):
    with pytest.raises(NotNow, match=re.escape(smtp.TLS_FAILED)):
        smtp.post(letter(), server_at(inbox, encryption=TLS), "zoe@example.org")


def test_an_answer_that_gets_lost_behind_the_mail_sends_it_no_second_time(context, inbox, monkeypatch):
    monkeypatch.setattr(smtplib.SMTP, "quit", lambda self: (_ for _ in ()).throw(smtplib.SMTPServerDisconnected()))

    smtp.post(letter(), server_at(inbox), "zoe@example.org")

    assert len(inbox.mails) == 1


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0177.0.0.1", "2130706433", "::1", "::ffff:127.0.0.1", "0.0.0.0"]
)
def test_a_private_server_of_the_browser_is_never_called(context, inbox, host):
    server = server_at(inbox, host=host, is_trusted=False, port=25)

    with pytest.raises(NotNow, match=re.escape(smtp.PRIVATE)):
        smtp.post(letter(), server, "zoe@example.org")


def test_a_private_server_is_called_where_the_settings_allow_its_name(make_app, settings, inbox):
    app = make_app(settings=replace(settings, outgoing_hosts=("localhost",)))

    with app.app_context():
        smtp.post(letter(), server_at(inbox, is_trusted=False), "zoe@example.org")

    assert len(inbox.mails) == 1


def test_the_kept_server_is_encrypted_and_comes_back(make_app, rows):
    app = make_app()
    server = MailServer(
        host="mail.example.org",
        port=587,
        encryption=STARTTLS,
        user="hub",
        password="pässword",
        sender="hub@example.org",
    )

    with app.app_context():
        mail_server.keep_server(server)
        db.session.commit()
        assert hub().mail_from == "hub@example.org"
        assert mail_server.current_server() == server
    assert "mail.example.org" not in str(rows("hub"))


def test_the_doctor_says_whether_mail_can_be_sent(make_app, settings):
    def told(**changes):
        changed = replace(settings, **changes)
        with make_app(settings=changed).app_context():
            return [finding.text for finding in examine(changed) if "ail" in finding.text]

    assert "No mail server" in told()[0]
    assert "LEADHUB_MAIL_FROM is not set" in told(smtp_url="smtp://mail.example.org")[0]
    assert told(smtp_url="smtp://mail.example.org", mail_from="a@example.org") == [
        "Mail goes through mail.example.org."
    ]
