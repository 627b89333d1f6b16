"""What holds for every route, whoever wrote it: headers, hosts, limits, redirects, cookies."""

import dataclasses
from io import BytesIO

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from leadhub.web import OWN_PATH
from tests.databases import PASSWORD

pytestmark = pytest.mark.one_database
VALUES = {"id": 1, "name": "phone", "token": "x" * 16, "filename": "leadhub.css", "slug": "sources", "kind": "note"}
VALUES |= {"row_id": 1, "act": "accept"}
VALUES |= {"plugin": "data_quality", "path": "", "key": "same_company"}


def every_call(app):
    """(method, path) of every route, those of libraries too."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if not rule.build_only:
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield method, adapter.build(rule.endpoint, {name: VALUES[name] for name in rule.arguments}, method)


def test_every_answer_carries_the_headers(app, client_of):
    for client in (client_of("ada"), client_of()):
        for method, path in every_call(app):
            headers = client.open(path, method=method).headers
            policy = headers["Content-Security-Policy"]

            assert policy.startswith("default-src 'none'"), path
            assert "unsafe" not in policy, path
            assert "frame-ancestors 'none'" in policy, path
            assert headers["X-Content-Type-Options"] == "nosniff", path
            assert headers["Referrer-Policy"] == "same-origin", path
            assert "Server" not in headers, path
            assert len(headers["X-Request-ID"]) == 16, path
            if "fs-static" not in path:
                assert headers["Cache-Control"] == "no-store", path
                assert {"Cookie", "HX-Request", "HX-Request-Type"} <= set(headers["Vary"].split(", ")), path


def test_no_route_answers_to_a_foreign_host(app, client):
    for method, path in every_call(app):
        for host in ("evil.example", "localhost.evil.example", "127.0.0.1.nip.example", "evil.example:80@localhost"):
            expected = 200 if path in ("/healthz",) else 503 if path == "/readyz" else 400
            assert client.open(path, method=method, headers={"Host": host}).status_code == expected, (path, host)


def test_no_route_takes_a_body_without_bound(app, client_of):
    client = client_of("bob")  # who may not send files
    large = {"data": b"last_name=" + b"x" * 3_000_000, "content_type": "application/x-www-form-urlencoded"}
    for method, path in every_call(app):
        if method == "POST":
            assert client.post(path, **large).status_code == 413, path


@pytest.mark.slow
def test_no_route_takes_fields_without_bound(app, client, size):
    """Every tenth, without --full-size: to be refused, a thousand parts must be read."""
    files = {f"field{number}": FileStorage(BytesIO(b"x"), "a") for number in range(1001)}
    boundary, body = encode_multipart(files)
    content_type = f"multipart/form-data; boundary={boundary}"
    paths = [path for method, path in every_call(app) if method == "POST"]
    for path in paths[:: 10 // size(10)]:
        assert client.post(path, data=body, content_type=content_type).status_code == 413, path


@pytest.mark.parametrize(
    "body",
    [
        lambda names: {"json": dict.fromkeys(names, 5)},
        lambda names: {"json": [1, 2]},
        lambda names: {"json": dict.fromkeys(names, "a\0b")},
        lambda names: {"data": {name: (BytesIO(b"x"), "a") for name in names}, "content_type": "multipart/form-data"},
    ],
    ids=["numbers", "a list", "nul", "files"],
)
def test_no_route_breaks_on_what_is_no_text(app, client_of, make_lead, body):
    make_lead()
    app.config["PROPAGATE_EXCEPTIONS"] = False
    names = ("name", "name_en", "name_fr", "email", "password", "code", "kind", "body", "once", "clock", "version")
    names += ("last_name", "organisation", "shown", "type", "choices", "language", "time_zone", "budget", "successor")
    for signed_in in ("ada", None):
        for method, path in every_call(app):
            if method == "POST" and path != "/logout":
                assert client_of(signed_in).post(path, **body(names)).status_code < 500, path


def test_no_route_takes_a_method_that_it_does_not_name(app, client):
    for path in {path for _method, path in every_call(app)}:
        for method in ("TRACE", "PUT", "DELETE", "PATCH"):
            assert client.open(path, method=method).status_code == 405, path


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\t/evil.example", "https:evil.example"])
def test_no_redirect_leads_elsewhere(app, client_of, target):
    told = {"next": target, "url": target, "return_to": target}
    for client in (client_of("ada"), client_of()):
        for method, path in every_call(app):
            answer = client.open(path, method=method, query_string=told, data=told if method == "POST" else None)
            if answer.location:
                assert OWN_PATH.fullmatch(answer.location), (path, answer.location)


@pytest.mark.parametrize(
    ("base_url", "name", "flags"),
    [
        ("https://crm.example.org", "__Host-leadhub", {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}),
        ("https://example.org/crm", "__Secure-leadhub", {"Secure", "HttpOnly", "Path=/crm/", "SameSite=Lax"}),
        ("http://crm.example.org", "leadhub", {"HttpOnly", "Path=/", "SameSite=Lax"}),
    ],
)
def test_cookies_are_as_strict_as_the_address_allows(make_app, settings, base_url, name, flags):
    client = make_app(settings=dataclasses.replace(settings, base_url=base_url)).test_client()
    data = {"email": "ada@example.org", "password": PASSWORD}

    answer = client.post("/login", base_url=base_url.removesuffix("/crm"), data=data)

    (cookie,) = answer.headers.getlist("Set-Cookie")
    sign, *parts = cookie.split("; ")
    assert sign.startswith(f"{name}=")
    assert set(parts) == flags  # no Domain: for this host alone; no Expires: until the browser is closed


def test_one_that_stays_says_until_when(app):
    data = {"email": "ada@example.org", "password": PASSWORD, "remember": "y"}

    assert "Expires=" in app.test_client().post("/login", data=data).headers["Set-Cookie"]


def test_signing_out_clears_what_the_browser_kept(client):
    assert client.post("/logout").headers["Clear-Site-Data"] == '"cache", "storage"'
