"""Ways in, and ways to stay in, that a stranger or a colleague might try; each was open once."""

import threading

import pytest
import sqlalchemy as sa

from leadhub.accounts import links
from leadhub.accounts import sign_in as forms
from leadhub.accounts.models import Role, User
from leadhub.accounts.queries import user_by_email
from leadhub.accounts.services import change_password, invite_user
from leadhub.accounts.two_factor import is_on
from leadhub.extensions import db
from leadhub.leads.services import create_leads
from leadhub.plugins.api import LeadDraft
from tests.accounts.test_two_factor import code_of, first_step, is_in, switch_on
from tests.databases import PASSWORD

NEW = "another good sentence"


def id_of(app, name):
    with app.app_context():
        return user_by_email(f"{name}@example.org").id


def at_once(*works):
    """Run them at the same moment; what each returned."""
    barrier, answers = threading.Barrier(len(works)), [None] * len(works)

    def run(place, work):
        barrier.wait(timeout=20)
        answers[place] = work()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


@pytest.mark.parametrize("event", ["password", "sessions", "deactivated and back", "ten minutes"])
def test_the_first_step_is_worth_nothing_after(app, client, client_of, monkeypatch, event):
    bob = client_of("bob")
    key, _codes = switch_on(bob)
    half, _answer = first_step(app)

    if event == "password":
        bob.post("/profile/password", data={"old": PASSWORD, "new": NEW})
    elif event == "sessions":
        client.post(f"/settings/users/{id_of(app, 'bob')}/sessions/end")
    elif event == "ten minutes":
        monkeypatch.setattr(forms, "STEP_SECONDS", -1)
    else:
        client.post(f"/settings/users/{id_of(app, 'bob')}/deactivate", data={"taker": ""})
        half.post("/login/code", data={"code": code_of(key, 1)})
        client.post(f"/settings/users/{id_of(app, 'bob')}/activate")
    half.post("/login/code", data={"code": code_of(key, 1)})

    assert not is_in(half)


def test_one_code_lets_one_browser_in_however_many_try_at_once(app, client_of):
    key, codes = switch_on(client_of("bob"))
    for url, code in (("/login/code", code_of(key, 1)), ("/login/recovery", codes[0])):
        browsers = [first_step(app)[0] for _ in range(4)]

        at_once(*[lambda it=it: it.post(url, data={"code": code}) for it in browsers])  # noqa: B023

        assert [is_in(browser) for browser in browsers].count(True) == 1, url


def test_recovery_codes_used_at_once_are_all_gone(app, client_of):
    _key, codes = switch_on(client_of("bob"))
    browsers = [first_step(app)[0] for _ in range(3)]

    at_once(
        *[
            lambda it=it, code=code: it.post("/login/recovery", data={"code": code})
            for it, code in zip(browsers, codes, strict=False)
        ]
    )

    with app.app_context():
        assert len(user_by_email("bob@example.org").mf_recovery_codes) == len(codes) - 3


def test_a_password_changed_while_the_old_one_is_judged_lets_nobody_in(app, monkeypatch):
    judge = forms.LoginForm.validate

    def slowly(self, **kwargs):
        right = judge(self, **kwargs)
        with app.app_context():
            change_password(user_by_email("bob@example.org"), NEW, session_id=None)
            db.session.commit()
        return right

    monkeypatch.setattr(forms.LoginForm, "validate", slowly)
    browser = app.test_client()

    answer = browser.post("/login", data={"email": "bob@example.org", "password": PASSWORD})

    assert answer.status_code == 409
    assert not is_in(browser)


def test_ones_own_password_is_not_guessed_from_within(client_of, rows):
    bob = client_of("bob")

    answers = [bob.post("/profile/two-factor/off", data={"old": "wrong wrong"}) for _ in range(2)]
    switch_on(bob)
    answers = [bob.post("/profile/two-factor/off", data={"old": "wrong wrong"}).status_code for _ in range(11)]

    assert answers == [422] * 10 + [429]
    assert bob.post("/profile/password", data={"old": PASSWORD, "new": NEW}).status_code == 429


def test_switching_two_factor_on_signs_other_browsers_out(app, client_of):
    mine, other = client_of("bob"), client_of("bob")

    switch_on(mine)

    assert is_in(mine)
    assert not is_in(other)


def test_the_next_person_in_a_browser_gets_nothing_of_the_last_one(app, client_of):
    browser = app.test_client()
    browser.post("/login", data={"email": "ada@example.org", "password": PASSWORD})
    before = browser.get("/profile/two-factor").text
    browser.post("/logout")
    browser.post("/login", data={"email": "vic@example.org", "password": PASSWORD})

    after = browser.get("/profile/two-factor").text

    key = before.split('<code class="break">')[1][:20]
    assert key not in after


def test_signing_in_over_somebody_ends_their_session(app):
    browser = app.test_client()
    browser.post("/login", data={"email": "ada@example.org", "password": PASSWORD})
    with browser.session_transaction() as session:
        adas = dict(session)
    with app.app_context():
        _link, token = links.new_link(user_by_email("bob@example.org"), alone=True)
        db.session.merge(user_by_email("bob@example.org")).joined_at = None
        db.session.commit()
        _link, token = links.new_link(user_by_email("bob@example.org"), alone=True)
        db.session.commit()
    browser.post(f"/password/{token}", data={"name": "Bob", "new": NEW})

    thief = app.test_client()
    with thief.session_transaction() as session:
        session.update(adas)

    assert is_in(browser)
    assert not is_in(thief)


def test_a_stranger_does_not_make_other_peoples_links_worthless(app, monkeypatch):
    monkeypatch.setattr("leadhub.jobs.mail.can_send", lambda: True)
    monkeypatch.setattr("leadhub.jobs.mail.send_mail", lambda *args, **words: None)
    monkeypatch.setattr("leadhub.accounts.views.password.can_send", lambda: True)
    with app.app_context():
        _link, token = links.new_link(invite_user("zoe@example.org", role="agent"), alone=True)
        db.session.commit()

    app.test_client().post("/password/forgotten", data={"email": "zoe@example.org"})

    assert app.test_client().get(f"/password/{token}").status_code == 200


@pytest.mark.parametrize("path", ["link", "two-factor/off", "deactivate"])
def test_a_stolen_admin_session_does_not_take_the_account_over(app, client, rows, path):
    before = rows("users")

    assert client.post(f"/settings/users/{id_of(app, 'ada')}/{path}", data={"taker": ""}).status_code == 409

    assert rows("users") == before
    assert rows("account_links") == []


def test_looking_at_the_second_step_signs_nobody_out(client):
    assert client.get("/login/code").location == "/"
    assert client.get("/leads/").status_code == 200


@pytest.mark.parametrize("body", [{"email": 5, "password": "x"}, [1, 2], "x"])
def test_the_door_takes_forms_alone(app, body):
    assert app.test_client().post("/login", json=body).status_code == 415


def test_a_profile_without_a_name_is_no_error(client, rows):
    answer = client.post("/profile/", data={"language": "", "time_zone": "", "theme": "dark"})

    assert answer.status_code == 303


@pytest.mark.parametrize("target", ["http://localhost/leads/", "evil", "https://x.test/"])
def test_only_paths_of_this_hub_are_led_back_to(app, target):
    data = {"email": "ada@example.org", "password": PASSWORD, "next": target}

    answer = app.test_client().post("/login", query_string={"next": target}, data=data)

    assert (answer.status_code, answer.location) == (302, "/")


def test_a_clash_in_the_database_is_told_as_such(app, client):
    from leadhub.accounts.access import public

    @app.post("/clash")
    @public
    def clash():
        bob = user_by_email("bob@example.org")
        db.session.add(User(email=bob.email, password="x", fs_uniquifier="y", active=True))  # noqa: S106
        db.session.flush()

    answer = client.post("/clash")

    assert answer.status_code == 409
    assert "Somebody else was faster" in answer.text


def test_four_invitations_of_one_address_at_once_make_one_person(app, client_of, rows):
    data = {"email": "zoe@example.org", "role": "agent"}
    admins = [client_of("ada") for _ in range(4)]

    answers = at_once(*[lambda it=it: it.post("/settings/users/", data=data).status_code for it in admins])

    assert sorted(answers)[0] == 201
    assert set(answers) <= {201, 409, 422}
    assert [user["email"] for user in rows("users")].count("zoe@example.org") == 1


def test_an_import_does_not_reach_leads_that_its_person_does_not_see(app, rows):
    secret = {"channel": "import", "external_scope": "s", "external_id": "1", "last_name": "Secretlady"}
    with app.app_context():
        create_leads([LeadDraft(**secret, email="s@example.org", owner="ada@example.org")], by=None)
        db.session.execute(sa.update(Role).values(reach="own"))
        db.session.commit()
    before = rows("leads")

    with app.app_context():
        changed = LeadDraft(**secret | {"last_name": ""}, email="hacked@evil.example")
        (outcome,) = create_leads([changed], by=user_by_email("mia@example.org"))
        db.session.commit()

    assert outcome.result == "refused"
    assert "Secret" not in str(outcome.refusal)
    assert rows("leads") == before


def test_refusals_of_one_person_do_not_fill_the_audit_log(client_of, rows):
    vic = client_of("vic")

    for _ in range(40):
        vic.get("/settings")

    assert len(rows("audit_events")) == 30


def test_nobody_gives_a_lead_to_somebody_who_is_gone(app, client, make_lead):
    client.post(f"/settings/users/{id_of(app, 'bob')}/deactivate", data={"taker": ""})

    answer = client.post(f"/leads/{make_lead()}/fields/owner", data={"owner": "bob@example.org", "version": "1"})

    assert answer.status_code == 422


def test_a_refused_act_leaves_the_form_with_what_is_true(app, client):
    client.post("/settings/teams", data={"name": "North"})
    bob = id_of(app, "bob")
    client.post(f"/settings/users/{bob}", data={"name": "Bob", "role": "agent", "team": "1"})

    page = client.post(f"/settings/users/{bob}/deactivate", data={"taker": "999"})

    assert page.status_code == 422
    assert '<option selected value="1">North</option>' in page.text
    assert '<option selected value="agent">' in page.text
    assert "from the list" in page.text


def test_somebody_known_by_a_sign_in_service_keeps_a_password_that_they_chose(app, client_of):
    with app.app_context():
        user_by_email("bob@example.org").oidc_subject = "x"
        db.session.commit()

    page = client_of("bob").get("/profile/").text

    assert 'id="password-form"' in page
    with app.app_context():
        assert not is_on(user_by_email("bob@example.org"))
