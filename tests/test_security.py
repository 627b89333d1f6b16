"""Headers, hosts, cookies, tokens, redirects."""

import dataclasses
import ipaddress
import re

import pytest
from flask import request
from sqlalchemy.exc import OperationalError

from leadhub.accounts.access import public
from leadhub.accounts.queries import user_by_email
from leadhub.csrf import unmasked
from leadhub.extensions import db, limiter
from tests.databases import PASSWORD

pytestmark = pytest.mark.one_database


@pytest.fixture
def hub_at(make_app, settings):
    """``hub_at("https://crm.example.org/x")``: a client of a hub with that address and further settings."""

    def make(url, config=(), **changes):
        return make_app(settings=dataclasses.replace(settings, base_url=url, **changes), **dict(config)).test_client()

    return make


def token_in(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]


def test_pages_hold_no_inline_script_or_style(client, make_lead):
    lead_id = make_lead()
    for url in ("/leads/", f"/leads/{lead_id}", "/leads/new", "/settings", "/profile/"):
        page = client.get(url).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)


def test_only_the_hubs_own_https_address_promises_https(hub_at):
    assert "Strict-Transport-Security" in hub_at("https://crm.example.org").get("/healthz").headers
    assert "Strict-Transport-Security" not in hub_at("http://crm.example.org").get("/healthz").headers


def test_a_path_prefix_is_in_every_link(hub_at):
    client = hub_at("https://crm.example.org/crm")

    for asked in ("/login", "/crm/login"):  # a proxy may take the prefix off, or leave it
        page = client.get(asked)
        assert page.status_code == 200
        assert not re.search(r'(href|src|action)="/(?!crm/)', page.text)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        ((), "6.6.6.6", "127.0.0.1"),
        (("127.0.0.1/32",), "6.6.6.6, 10.0.0.9", "10.0.0.9"),
        (("127.0.0.1/32", "10.0.0.0/8"), "6.6.6.6, 10.0.0.9", "6.6.6.6"),
        (("127.0.0.1/32",), "", "127.0.0.1"),
        (("127.0.0.1/32",), "nonsense", "nonsense"),
    ],
)
def test_a_caller_is_believed_as_far_as_proxies_are_trusted(make_app, settings, proxies, forwarded, seen):
    networks = tuple(ipaddress.ip_network(network) for network in proxies)
    app = make_app(settings=dataclasses.replace(settings, trusted_proxies=networks))
    heard = []
    app.before_request(lambda: heard.append(request.remote_addr))

    app.test_client().get("/healthz", headers={"X-Forwarded-For": forwarded})

    assert heard == [seen]


def test_a_post_without_token_changes_nothing(make_app, rows):
    client = make_app(WTF_CSRF_ENABLED=True).test_client()

    answer = client.post("/login", data={"email": "ada@example.org", "password": PASSWORD})

    assert answer.status_code == 400
    assert "Load it again" in answer.text


def test_tokens_look_different_each_time_and_all_hold(make_app):
    client = make_app(WTF_CSRF_ENABLED=True).test_client()
    first, second = token_in(client.get("/login")), token_in(client.get("/login"))

    answer = client.post("/login", data={"email": "ada@example.org", "password": PASSWORD, "csrf_token": first})

    assert first != second and answer.status_code == 302 or answer.status_code == 303


def test_htmx_may_send_the_token_in_a_header(make_app):
    client = make_app(WTF_CSRF_ENABLED=True).test_client()
    token = re.search(r'"X-CSRFToken": "([^"]+)"', client.get("/login").text)[1]

    answer = client.post("/logout", headers={"X-CSRFToken": token})

    assert answer.status_code in (302, 303)


@pytest.mark.parametrize("text", ["", "x", "é", "====", "A" * 7, "a" * 5000])
def test_a_token_that_we_did_not_write_unmasks_to_nothing_valid(text):
    assert unmasked(text) == "" or len(unmasked(text)) < len(text)


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\t/evil.example", "https:evil.example", "\\\\evil.example"]
)
def test_signing_in_never_leads_elsewhere(app, target):
    client = app.test_client()
    data = {"email": "ada@example.org", "password": PASSWORD, "next": target}

    page = client.get("/login", query_string={"next": target})
    answer = client.post("/login", query_string={"next": target}, data=data)

    assert 'action="/login"' in page.text
    assert "evil" not in (answer.location or "").removeprefix("%5C%5Cevil")  # a path below our own, and not there


def test_signing_in_leads_back_to_where_one_wanted(app):
    client = app.test_client()
    wanted = client.get("/leads/?q=dupont").location

    answer = client.post(wanted, data={"email": "ada@example.org", "password": PASSWORD})

    assert answer.location.endswith("/leads/?q=dupont")


@pytest.mark.parametrize(("email", "password"), [("ada@example.org", "wrong"), ("nobody@example.org", PASSWORD)])
def test_a_wrong_sign_in_says_the_same_for_known_and_unknown(app, email, password):
    answer = app.test_client().post("/login", data={"email": email, "password": password})

    assert "E-mail or password is wrong." in answer.text


def test_a_flood_of_posts_is_limited_whatever_it_tries(make_app):
    client = make_app(RATELIMIT_ENABLED=True).test_client()
    limiter.reset()

    answers = [client.post("/login", data={"email": f"{n}@b.org", "password": "x"}).status_code for n in range(32)]

    assert answers[-1] == 429
    assert answers[0] != 429


def test_a_deactivated_person_is_out_at_once(app, client_of, rows):
    client = client_of("bob")
    assert client.get("/leads/").status_code == 200
    with app.app_context():
        user_by_email("bob@example.org").active = False
        db.session.commit()

    assert client.get("/leads/").status_code == 303


def test_signing_out_is_a_post(client):
    assert client.get("/logout").status_code == 405
    client.post("/logout")
    assert client.get("/leads/").status_code == 303


def test_an_unexpected_error_shows_no_trace(make_app, capsys):
    app = make_app(PROPAGATE_EXCEPTIONS=False, TESTING=False)

    @app.get("/boom")
    def boom():
        raise RuntimeError("secret detail")

    answer = app.test_client().get("/boom")

    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "secret detail" in capsys.readouterr().err


def test_signing_in_behind_a_prefix_leads_back_into_the_hub(hub_at):
    client = hub_at("https://crm.example.org/crm")

    assert client.get("/crm/leads/7").location == "/crm/login?next=/crm/leads/7"


def test_nothing_is_told_as_json_and_no_token_stands_for_a_session(app):
    data = {"email": "ada@example.org", "password": PASSWORD}

    told = app.test_client().post("/login?include_auth_token", json=data)

    assert not told.is_json
    for attempt in ({"query_string": {"auth_token": "x"}}, {"headers": {"Authentication-Token": "x"}}):
        assert app.test_client().get("/leads/", **attempt).status_code == 303


def test_a_probe_may_call_by_any_address(app):
    assert app.test_client().get("/healthz", headers={"Host": "10.0.0.7:8000"}).status_code == 200


def test_an_ended_session_of_htmx_leads_to_the_sign_in_page(make_app):
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}

    answer = make_app(WTF_CSRF_ENABLED=True).test_client().post("/leads/1/fields/phone", headers=headers)

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")


def test_pages_are_compressed(client):
    assert client.get("/leads/", headers={"Accept-Encoding": "br"}).headers["Content-Encoding"] == "br"


def test_a_busy_database_is_told_as_such(make_app):
    app = make_app()

    @app.get("/locked")
    @public
    def locked():
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    answer = app.test_client().get("/locked")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
