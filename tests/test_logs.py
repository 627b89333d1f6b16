"""Logs: a line each, with the request's number, and nothing of people in them."""

import json
import logging
import sys

import pytest
import sqlalchemy as sa
import structlog
from flask import request

from leadhub import logs
from leadhub.accounts.access import public
from leadhub.extensions import db

SECRETS = ("zoe.dupre@example.org", "Dupré", "hunter2", "t0ken-of-a-link", "elsewhere.example")


@pytest.fixture
def told(capsys):
    """``told()``: every line on standard error since the last call, which must all be JSON."""
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.fixture
def boom(make_app):
    """``boom(view)``: a client of a hub with this view at /boom/<name>, which shows errors as a served hub does."""

    def make(view):
        app = make_app(PROPAGATE_EXCEPTIONS=False, TESTING=False)
        app.add_url_rule("/boom/<name>", "boom", public(view), methods=["GET", "POST"])
        return app.test_client()

    return make


def send_secrets(client):
    return client.post(
        "/boom/Dupré?token=t0ken-of-a-link",
        data={"password": "hunter2", "email": "zoe.dupre@example.org"},
        headers={"Referer": "http://elsewhere.example/t0ken-of-a-link"},
    )


def test_the_number_of_a_request_is_in_its_line_and_its_answer(client, told):
    answer = client.get("/leads/?q=Dupr%C3%A9")

    (line,) = told()
    assert answer.headers["X-Request-ID"] == line["request"]
    assert len(line["request"]) == 16
    assert {name: line[name] for name in ("event", "level", "method", "endpoint", "status")} == {
        "event": "request",
        "level": "info",
        "method": "GET",
        "endpoint": "leads.index",
        "status": 200,
    }
    assert line["ms"] > 0
    assert "Dupr" not in str(line)


def test_a_line_names_people_by_their_id_alone(client_of, rows, told):
    client_of("bob").get("/leads/")
    client_of().get("/login")

    signed_in, stranger = told()
    assert signed_in["user"] == next(row["id"] for row in rows("users") if row["email"] == "bob@example.org")
    assert stranger["user"] is None


def test_two_requests_have_two_numbers_and_none_is_the_callers(client):
    asked = {"X-Request-ID": "0123456789abcdef"}
    numbers = {client.get("/healthz", headers=asked).headers["X-Request-ID"] for _ in range(2)}

    assert len(numbers - {"0123456789abcdef"}) == 2


@pytest.mark.one_database
def test_probes_and_files_get_no_line(client, told):
    client.get("/healthz")
    client.get("/readyz")
    client.get("/static/leadhub.css").close()

    assert [line for line in told() if line.get("endpoint") in ("healthz", "readyz", "static")] == []


def test_a_line_costs_no_query(client, count_queries, told):
    with count_queries() as with_line:
        client.get("/no/such/page")
    with count_queries() as again:
        client.get("/no/such/page")

    assert told()[-1]["endpoint"] is None
    assert len(again) <= len(with_line)


def test_an_unexpected_error_has_its_type_its_place_and_a_number_to_say(boom, told):
    def view(name):
        raise LookupError("what was looked for")

    answer = boom(view).get("/boom/x")

    error, line = told()
    assert error["request"] == line["request"]
    assert error["request"] in answer.text
    assert "LookupError: what was looked for" in error["exception"]
    assert "in view" in error["exception"]
    assert line["status"] == 500


@pytest.mark.one_database
def test_a_piece_of_a_page_tells_the_number_too(boom):
    answer = boom(lambda name: 1 / 0).get("/boom/x", headers={"HX-Request": "true", "HX-Request-Type": "partial"})

    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in answer.text


def break_a_rule_of_the_database(name):
    values = {"email": request.form["email"], "name": name, "password": request.form["password"]}
    statement = "INSERT INTO users (email, name, password, fs_uniquifier) VALUES (:email, :name, :password, :email)"
    try:
        db.session.execute(sa.text(statement), values)
        db.session.execute(sa.text(statement), values)
    except sa.exc.DBAPIError as error:
        raise RuntimeError(f"could not store {name}, {request.form['email']}") from error


def quote_what_was_sent(name):
    return str(int(request.form["password"]) + len(name))


def quote_it_among_others(name):
    raise ExceptionGroup("all of it", [ValueError(f"{name} {request.args['token']}"), KeyError(request.form["email"])])


def hide_the_cause(name):
    try:
        db.session.execute(sa.text("SELECT CAST(:name AS no_such_type) FROM nowhere"), {"name": name})
    except sa.exc.DBAPIError:
        raise KeyError(request.form["password"]) from None


@pytest.mark.parametrize(
    "view", [break_a_rule_of_the_database, quote_what_was_sent, quote_it_among_others, hide_the_cause]
)
def test_what_was_sent_is_in_no_line(boom, capsys, view):
    client = boom(view)

    answer = send_secrets(client)

    written = capsys.readouterr().err
    lines = [json.loads(line) for line in written.splitlines()]
    assert answer.status_code == 500
    assert view.__name__ in lines[0]["exception"]
    assert [secret for secret in SECRETS if secret in written + str(lines)] == []


def test_of_a_database_error_the_class_is_told_and_no_text(context, make_lead, told):
    make_lead(email="zoe.dupre@example.org", external_scope="x", external_id="1")
    log = structlog.get_logger()

    try:
        db.session.execute(sa.text("INSERT INTO leads SELECT * FROM leads"))
    except sa.exc.IntegrityError as error:
        db.session.rollback()
        log.error("failed", exc_info=error)

    (line,) = told()
    assert "sqlalchemy.exc.IntegrityError" in line["exception"]
    assert "test_logs.py" in line["exception"]
    assert "DETAIL" not in line["exception"]
    assert "leads.id" not in line["exception"]
    assert "example.org" not in line["exception"]


def test_an_error_of_the_database_holds_no_parameters(context):
    with pytest.raises(sa.exc.DBAPIError) as caught:
        db.session.execute(sa.text("SELECT :name FROM nowhere"), {"name": "Dupré"})

    assert "Dupré" not in str(caught.value)
    db.session.rollback()


@pytest.mark.one_database
def test_libraries_speak_once_and_from_warnings_on(app, told):
    logs.configure()
    logging.getLogger("alembic.runtime").info("Running upgrade")
    logging.getLogger("_granian").warning("worker of %s\nlost", "zoe.dupre@example.org")

    (line,) = told()
    assert (line["level"], line["logger"], line["event"]) == ("warning", "_granian", "worker of […]\nlost")


@pytest.mark.one_database
def test_an_error_that_a_library_logs_is_told_as_ours_are(app, told):
    try:
        raise sa.exc.DataError("INSERT", {}, Exception(SECRETS[2]))
    except sa.exc.DataError:
        logging.getLogger("sqlalchemy.pool").exception("reset failed")

    (line,) = told()
    assert "sqlalchemy.exc.DataError" in line["exception"]
    assert "hunter2" not in str(line)


@pytest.mark.one_database
def test_no_request_can_feign_a_line(app, capsys):
    app.test_client().open("/x%0A%7B%22event%22:1%7D", method="GET\n{}")

    assert [json.loads(line)["method"] for line in capsys.readouterr().err.splitlines()] == ["other"]


@pytest.mark.one_database
def test_no_text_can_feign_a_line_on_a_terminal(app, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    logs.configure()
    structlog.get_logger().info("one\nlevel=error", name="two\r\n\x1b[31mthree\u2028four")

    written = capsys.readouterr().err
    monkeypatch.undo()
    logs.configure()
    assert len(written.splitlines()) == 1
    assert "\x1b[31mthree" not in written


@pytest.mark.one_database
def test_what_ends_a_command_is_told_without_texts(app, told):
    try:
        raise sa.exc.DataError("INSERT", {}, Exception(SECRETS[2]))
    except sa.exc.DataError as error:
        logs.excepthook(type(error), error, error.__traceback__)

    (line,) = told()
    assert line["level"] == "critical"
    assert "hunter2" not in str(line)


@pytest.mark.one_database
@pytest.mark.parametrize("word", ['it\'s\n"quoted"', "Dupré\u2028", "x", "a b"])
def test_what_was_sent_is_in_no_line_as_python_quotes_it_either(app, word):
    with app.test_request_context("/", method="POST", data={"name": word}):
        request.form["name"]
        written = [logs.told(KeyError(word)), logs.told(ValueError(ascii(word))), logs.told(ValueError(f"no {word}!"))]

    assert [line.partition(": ")[2].strip("'\"") for line in written] == ["[…]", "[…]", "no […]!"]


@pytest.mark.one_database
def test_nobody_reading_the_log_stops_no_request(client, monkeypatch):
    class Gone:
        def isatty(self):
            return False

        def write(self, text):
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Gone())

    assert client.get("/leads/").status_code == 200


@pytest.mark.one_database
def test_errors_in_a_ring_come_to_an_end():
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first

    assert logs.told(first).splitlines() == ["ValueError: second", "ValueError: first"]
