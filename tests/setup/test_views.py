"""The first visit, settings, sample data."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.setup.services import new_setup_token

pytestmark = pytest.mark.one_database  # what it says of the database is said by the services' own tests

ANSWERS = {
    "name": "Ada",
    "email": "ada@new.example.org",
    "password": "a long enough sentence",
    "language": "fr",
    "time_zone": "Europe/Paris",
    "country": "FR",
    "currency": "EUR",
    "quotations": "elsewhere",
}


@pytest.fixture
def link(app):
    """The one-time link of a hub that nobody has set up."""
    with app.app_context():
        db.session.execute(sa.text("DELETE FROM roles_users"))
        db.session.execute(sa.delete(User))
        hub().set_up_at = None
        token = new_setup_token()
        db.session.commit()
    return f"/setup/{token}"


@pytest.mark.parametrize("url", ["/", "/leads/", "/login", "/settings"])
def test_the_first_visit_leads_to_the_set_up_page(app, link, url):
    assert app.test_client().get(url).location == "/setup"


def test_the_set_up_page_asks_for_the_link(app, link):
    page = app.test_client().get("/setup")

    assert page.status_code == 200
    assert "setup/…" in page.text
    assert "password" not in page.text


def test_health_is_told_before_set_up(app, link):
    assert app.test_client().get("/healthz").json["status"] == "ok"


def test_an_unknown_host_is_refused_before_set_up_too(app, link):
    assert app.test_client().get("/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_wrong_token_opens_nothing(app, link, method, rows):
    answer = getattr(app.test_client(), method)("/setup/" + "x" * 43, data=ANSWERS)

    assert answer.location == "/setup"
    assert rows("users") == []


def test_set_up_makes_the_admin_signs_in_and_closes_the_link(app, link, rows):
    client = app.test_client()

    answer = client.post(link, data=ANSWERS)

    assert answer.location == "/leads/"
    assert client.get("/leads/").status_code == 200
    (row,) = rows("hub")
    assert (row["language"], row["country"], bool(row["makes_quotations"])) == ("fr", "FR", False)
    assert rows("leads") == []
    assert app.test_client().post(link, data={**ANSWERS, "email": "eve@example.org"}).location == "/setup"
    assert len(rows("users")) == 1


def test_a_second_start_makes_the_first_link_worthless(app, link):
    with app.app_context():
        new_setup_token()
        db.session.commit()

    assert app.test_client().get(link).location == "/setup"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nonsense"),
        ("password", "short"),
        ("password", "aaaaaaaaaaaaaa"),
        ("name", ""),
        ("time_zone", "Mars/Olympus"),
        ("country", "XX"),
        ("currency", "???"),
        ("language", "de"),
        ("quotations", "perhaps"),
    ],
)
def test_a_wrong_answer_is_told_at_its_field_and_nothing_is_lost(app, link, rows, field, value):
    answer = app.test_client().post(link, data={**ANSWERS, field: value})

    assert answer.status_code == 422
    assert rows("users") == []
    assert f'id="{field}-error1"' in answer.text or "invalid-feedback" in answer.text
    assert ANSWERS["name"] in answer.text or field == "name"


def test_sample_data_comes_flagged_and_goes_in_one_go(app, link, rows, make_lead):
    client = app.test_client()
    client.post(link, data={**ANSWERS, "sample_data": "y"})
    own = make_lead(last_name="Mine")
    assert sum(bool(lead["is_sample"]) for lead in rows("leads")) == 60

    client.post("/settings/samples/delete")

    assert [lead["id"] for lead in rows("leads")] == [own]
    assert {event["lead_id"] for event in rows("lead_events")} == {own}


def test_the_set_up_page_speaks_the_browsers_language(app, link):
    page = app.test_client().get(link, headers={"Accept-Language": "fr-CA,fr;q=0.9"})

    assert '<html lang="fr"' in page.text
    assert re.search(r'<option selected value="FR">', page.text)


def test_an_admin_changes_the_hub(client, rows):
    client.post("/settings", data={**ANSWERS, "currency": "CHF", "quotations": "leadhub"})

    assert (rows("hub")[0]["currency"], bool(rows("hub")[0]["makes_quotations"])) == ("CHF", True)


def test_a_hub_that_is_set_up_shows_no_set_up_page(client_of):
    assert client_of().get("/setup").location == "/leads/"


def test_of_two_posts_at_once_one_makes_the_admin(app, link, rows):
    def post(number):
        return app.test_client().post(link, data={**ANSWERS, "email": f"admin{number}@example.org"}).status_code

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(post, range(4)))

    assert len(rows("users")) == 1
