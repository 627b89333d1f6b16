"""Who may do what: every route says so, and each role gets what the table says."""

import pytest

from leadhub.accounts.roles import ADMINISTER, READ_LEADS, ROLES, WRITE_LEADS

LIBRARY = {"security.login", "security.logout", "security.verify", "security.static"}
ROUTES = [
    ("GET", "/leads/", READ_LEADS),
    ("GET", "/leads/{id}", READ_LEADS),
    ("GET", "/leads/{id}/fields/phone", READ_LEADS),
    ("GET", "/leads/new", WRITE_LEADS),
    ("POST", "/leads/", WRITE_LEADS),
    ("GET", "/leads/{id}/fields/phone/edit", WRITE_LEADS),
    ("POST", "/leads/{id}/fields/phone", WRITE_LEADS),
    ("GET", "/profile/", READ_LEADS),
    ("POST", "/profile/", READ_LEADS),
    ("GET", "/settings", ADMINISTER),
    ("POST", "/settings", ADMINISTER),
    ("POST", "/settings/samples/delete", ADMINISTER),
]
TABLES = ("leads", "lead_events", "hub", "users")
PEOPLE = {"admin": "ada", "manager": "mia", "agent": "bob", "viewer": "vic"}


def test_every_view_says_who_may(app):
    silent = {
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint not in LIBRARY and not hasattr(view, "access")
    }

    assert silent == set()


def test_every_route_that_needs_a_permission_has_a_row_here(app):
    guarded = {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if not rule.build_only and getattr(app.view_functions[rule.endpoint], "access", "public") != "public"
    }
    adapter = app.url_map.bind("localhost")
    rows = {(method, adapter.match(url.format(id=1), method=method)[0]) for method, url, _ in ROUTES}

    assert guarded == rows


def attempt(client, method, url, lead_id):
    return client.open(url.format(id=lead_id), method=method, data={"phone": "new", "last_name": "New", "version": "1"})


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "url", "permission"), ROUTES)
def test_a_role_gets_just_what_it_may(client_of, make_lead, rows, role, method, url, permission):
    lead_id = make_lead(phone="old")
    before = {table: rows(table) for table in TABLES}

    answer = attempt(client_of(PEOPLE[role]), method, url, lead_id)

    if permission in ROLES[role]:
        assert answer.status_code < 400 or answer.status_code == 422
    else:
        assert answer.status_code == 403
        assert {table: rows(table) for table in TABLES} == before


@pytest.mark.parametrize(("method", "url", "permission"), ROUTES)
def test_a_stranger_is_sent_to_the_sign_in_page(client_of, make_lead, rows, method, url, permission):
    lead_id = make_lead(phone="old")
    before = {table: rows(table) for table in TABLES}

    answer = attempt(client_of(), method, url, lead_id)

    assert answer.status_code == 303
    assert answer.location.startswith("/login")
    assert {table: rows(table) for table in TABLES} == before


def test_htmx_of_a_stranger_loads_the_sign_in_page_whole(client_of):
    answer = client_of().get("/leads/", headers={"HX-Request": "true", "HX-Request-Type": "partial"})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")
