"""Settings > Users and teams, as an admin uses it."""

import re

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import AccountLink, Role, User
from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db

pytestmark = pytest.mark.one_database  # what it says of the database is said by the services' own tests

LINK = re.compile(r'id="link" value="(http[^"]+)"')


def path_in(page):
    """The path of the link that is shown where there is no mail server."""
    return LINK.search(page.text)[1].removeprefix("http://localhost")


def id_of(app, name):
    with app.app_context():
        return user_by_email(f"{name}@example.org").id


def invite(client, **changes):
    data = {"email": "zoe@example.org", "name": "Zoé", "role": "agent", "team": ""} | changes
    return client.post("/settings/users/", data=data)


def join(app, path, **changes):
    browser = app.test_client()
    return browser, browser.post(path, data={"name": "Zoé Dupré", "new": "a sentence to remember"} | changes)


def test_somebody_invited_chooses_a_password_and_is_in(app, client, rows):
    page = invite(client)
    assert page.status_code == 201

    browser, answer = join(app, path_in(page))

    assert answer.status_code == 303
    assert browser.get("/leads/").status_code == 200
    zoe = rows("users")[-1]
    assert (zoe["name"], zoe["email"], zoe["joined_at"] is not None) == ("Zoé Dupré", "zoe@example.org", True)


def test_somebody_invited_can_not_sign_in_before(app, client, rows):
    invite(client)

    assert rows("users")[-1]["joined_at"] is None
    assert app.test_client().post("/login", data={"email": "zoe@example.org", "password": ""}).status_code == 200


def test_an_invitation_works_once(app, client):
    path = path_in(invite(client))
    join(app, path)

    assert app.test_client().get(path).status_code == 410
    assert join(app, path)[1].status_code == 410


def test_an_invitation_is_not_spent_by_looking_or_by_a_weak_password(app, client):
    path = path_in(invite(client))

    app.test_client().get(path)
    weak = join(app, path, new="short")[1]

    assert weak.status_code == 422
    assert "Zoé Dupré" in weak.text
    assert join(app, path)[1].status_code == 303


@pytest.mark.parametrize(
    "change",
    [
        sa.update(AccountLink).values(expires_at=sa.func.datetime("2020-01-01")),
        sa.update(User).where(User.email == "zoe@example.org").values(email="other@example.org"),
        sa.update(User).where(User.email == "zoe@example.org").values(active=False),
    ],
    ids=["expired", "another address", "deactivated"],
)
def test_an_invitation_dies(app, client, change):
    path = path_in(invite(client))
    with app.app_context():
        db.session.execute(change)
        db.session.commit()

    assert app.test_client().get(path).status_code == 410


def test_a_new_link_makes_the_old_one_worthless(app, client):
    old = path_in(invite(client))
    new = path_in(client.post(f"/settings/users/{id_of(app, 'zoe')}/link"))

    assert app.test_client().get(old).status_code == 410
    assert app.test_client().get(new).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost:8000@evil.example"])
def test_a_link_never_leads_to_a_host_that_the_request_names(client, host):
    data = {"email": "zoe@example.org", "role": "agent", "team": ""}

    answer = client.post("/settings/users/", data=data, headers={"Host": host})

    assert answer.status_code == 400


def test_a_forwarded_host_is_not_believed(client):
    data = {"email": "zoe@example.org", "role": "agent", "team": ""}

    page = client.post("/settings/users/", data=data, headers={"X-Forwarded-Host": "evil.example"})

    assert "evil" not in page.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"email": "ADA@example.org"}, "already signs in"),
        ({"email": "no address"}, "not an e-mail address"),
        ({"email": ""}, "This field is required."),
        ({"role": "owner"}, "from the list"),
        ({"team": "99"}, "from the list"),
    ],
)
def test_a_wrong_invitation_is_told_at_the_field(client, rows, changes, words):
    before = rows("users")

    answer = invite(client, **changes)

    assert answer.status_code == 422
    assert words in answer.text
    assert "Zoé" in answer.text
    assert rows("users") == before


def test_role_team_and_name_are_changed(app, client):
    client.post("/settings/teams", data={"name": "North"})
    bob = id_of(app, "bob")

    client.post(f"/settings/users/{bob}", data={"name": "Robert", "role": "manager", "team": "1"})

    with app.app_context():
        user = user_by_email("bob@example.org")
        assert (user.name, user.role, user.team.name) == ("Robert", "manager", "North")


def test_the_last_admin_stays_one(app, client, rows):
    ada = id_of(app, "ada")

    answer = client.post(f"/settings/users/{ada}", data={"name": "Ada", "role": "agent", "team": ""})

    assert answer.status_code == 422
    assert "Somebody must remain" in answer.text
    assert client.post(f"/settings/users/{ada}/deactivate", data={"taker": ""}).status_code == 409
    assert client.get("/settings/users/").status_code == 200


def test_an_invited_admin_does_not_count_as_one(app, client):
    invite(client, role="admin")

    answer = client.post(f"/settings/users/{id_of(app, 'ada')}", data={"name": "Ada", "role": "agent", "team": ""})

    assert answer.status_code == 422


def test_deactivating_hands_everything_over_in_one_act(app, client, make_lead, rows):
    kept, given = make_lead(), [make_lead(owner="bob@example.org") for _ in range(3)]

    answer = client.post(f"/settings/users/{id_of(app, 'bob')}/deactivate", data={"taker": str(id_of(app, "mia"))})

    assert answer.status_code == 303
    mia = id_of(app, "mia")
    assert {lead["id"]: lead["owner_id"] for lead in rows("leads")} == {kept: None} | dict.fromkeys(given, mia)
    lines = [event for event in rows("lead_events") if event["channel"] == "handover"]
    assert len(lines) == 3
    assert "Bob" in str(lines[0]["changes"])
    assert "Mia" in str(lines[0]["changes"])
    assert {line["by_id"] for line in lines} == {id_of(app, "ada")}


def test_what_is_handed_over_to_nobody_is_free(app, client, make_lead, rows):
    make_lead(owner="bob@example.org")

    client.post(f"/settings/users/{id_of(app, 'bob')}/deactivate", data={"taker": ""})

    assert rows("leads")[0]["owner_id"] is None


def test_leads_are_not_handed_to_somebody_who_is_gone_or_to_oneself(app, client, make_lead, rows):
    bob, vic = id_of(app, "bob"), id_of(app, "vic")
    client.post(f"/settings/users/{vic}/deactivate", data={"taker": ""})

    for taker in (vic, bob, 999, "x"):
        assert client.post(f"/settings/users/{bob}/deactivate", data={"taker": str(taker)}).status_code == 422

    with app.app_context():
        assert user_by_email("bob@example.org").active


def test_somebody_away_keeps_or_hands_over(app, client, make_lead, rows):
    make_lead(owner="bob@example.org")
    bob, mia = id_of(app, "bob"), id_of(app, "mia")

    client.post(f"/settings/users/{bob}/away", data={"away": "y", "taker": "keep"})
    assert rows("leads")[0]["owner_id"] == bob
    client.post(f"/settings/users/{bob}/away", data={"away": "y", "taker": str(mia)})
    assert rows("leads")[0]["owner_id"] == mia

    with app.app_context():
        assert user_by_email("bob@example.org").away


def test_somebody_activated_again_signs_in_again(app, client, client_of):
    bob = id_of(app, "bob")
    client.post(f"/settings/users/{bob}/deactivate", data={"taker": ""})

    client.post(f"/settings/users/{bob}/activate")

    assert client_of("bob").get("/leads/").status_code == 200


def test_an_admin_signs_somebody_out_everywhere(app, client, client_of):
    bob = client_of("bob")

    client.post(f"/settings/users/{id_of(app, 'bob')}/sessions/end")

    assert bob.get("/leads/").status_code == 303


def test_a_team_needs_a_name_of_its_own_and_no_people_to_go(app, client, rows):
    client.post("/settings/teams", data={"name": " North "})

    assert client.post("/settings/teams", data={"name": "NORTH"}).status_code == 422
    assert client.post("/settings/teams", data={"name": "  "}).status_code == 422
    client.post(f"/settings/users/{id_of(app, 'bob')}", data={"name": "", "role": "agent", "team": "1"})
    assert client.post("/settings/teams/1/delete").status_code == 422
    client.post("/settings/teams/1", data={"name": "South"})
    assert [team["name"] for team in rows("teams")] == ["South"]


def test_how_far_roles_see_is_kept_but_never_an_admins(app, client):
    client.post("/settings/users/reach", data={"manager": "team", "agent": "own", "viewer": "all", "admin": "own"})

    with app.app_context():
        reaches = {role.name: role.reach for role in db.session.scalars(sa.select(Role))}
    assert reaches == {"admin": "all", "manager": "team", "agent": "own", "viewer": "all"}


def test_what_admins_do_is_in_the_audit_log(app, client, rows):
    bob = id_of(app, "bob")
    client.post(f"/settings/users/{bob}", data={"name": "Bob", "role": "manager", "team": ""})
    client.post(f"/settings/users/{bob}/deactivate", data={"taker": ""})

    assert [event["kind"] for event in rows("audit_events")] == ["role", "deactivated", "handover"]
    page = client.get("/settings/audit").text
    assert "Role changed" in page
    assert "old: Agent" in page


def test_the_audit_log_has_pages(app, client):
    with app.app_context():
        from leadhub.accounts import audit

        for number in range(120):
            audit.record("settings", user=None, page=f"number-{number}-")
        db.session.commit()

    first = client.get("/settings/audit").text
    older = re.search(r"before=(\d+)", first)[1]

    assert "number-119-" in first
    assert "number-60-" not in first
    assert "number-60-" in client.get(f"/settings/audit?before={older}").text


def test_the_list_costs_as_many_queries_for_ten_as_for_four(app, client, count_queries):
    with count_queries() as few:
        client.get("/settings/users/")
    for number in range(6):
        invite(client, email=f"p{number}@example.org")
    with count_queries() as many:
        client.get("/settings/users/")

    assert len(many) == len(few)
