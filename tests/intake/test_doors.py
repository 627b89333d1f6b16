"""Settings > Reception: an admin opens, shapes and closes doors."""

import pytest

from leadhub.plugins.api import Received
from tests.doors import RadioSettings

pytestmark = pytest.mark.one_database
RECEPTION = "/settings/reception"
FILLED = {"name": "At night", "source": "1", "settings-station": "FIP", "settings-key": "s3cr3t-s3cr3t"}


@pytest.fixture
def host(app):
    return app.extensions["leadhub_host"]


def test_the_page_says_what_this_is_for_and_what_there_is(client):
    page = client.get(RECEPTION)

    assert "No lead comes in by itself yet." in page.text
    for kind in ("web-form", "webhook", "feed", "radio"):
        assert f"{RECEPTION}/new/{kind}" in page.text
    assert f"{RECEPTION}/new/whatsapp" not in page.text


def test_a_door_is_opened(client, rows):
    form = client.get(f"{RECEPTION}/new/radio")
    answer = client.post(f"{RECEPTION}/new/radio", data=FILLED)
    page = client.get(answer.location)

    (door,) = rows("doors")
    assert 'name="settings-station"' in form.text
    assert (answer.status_code, answer.location) == (303, f"{RECEPTION}/1")
    assert (door["name"], door["offer"], door["plugin"], door["source_id"]) == ("At night", "radio", "radio", 1)
    assert f"http://localhost/in/{door['token']}" in page.text
    assert "At night" in client.get(RECEPTION).text


def test_secrets_are_encrypted_and_never_shown(client, rows):
    client.post(f"{RECEPTION}/new/radio", data=FILLED)
    refused = client.post(f"{RECEPTION}/new/radio", data=FILLED | {"name": ""})
    told = [client.get(RECEPTION), client.get(f"{RECEPTION}/1"), refused]

    assert refused.status_code == 422
    assert not any("s3cr3t" in page.text for page in told)
    assert "s3cr3t" not in str(rows("doors")) + str(rows("audit_events"))


def test_a_secret_left_empty_stays_and_another_one_replaces_it(client, client_of, radio):
    client.post(f"{RECEPTION}/new/radio", data=FILLED)
    for secret in ("", "other"):
        answer = client.post(f"{RECEPTION}/1", data=FILLED | {"settings-key": secret, "settings-station": "Nova"})
        assert answer.status_code == 303
        client_of().post(address_in(client.get(f"{RECEPTION}/1").text))

    assert [asked[1] for asked in radio.asked] == [
        {"station": "Nova", "key": "s3cr3t-s3cr3t"}, {"station": "Nova", "key": "other"},
    ]  # fmt: skip


def address_in(page):
    return "/in/" + page.partition("http://localhost/in/")[2][:22]


@pytest.mark.parametrize("missing", ["name", "settings-station", "settings-key"])
def test_what_is_missing_is_told_and_the_rest_kept(client, rows, missing):
    answer = client.post(f"{RECEPTION}/new/radio", data=FILLED | {missing: ""})

    assert answer.status_code == 422
    assert f'id="{missing}-error1"' in answer.text
    assert ("At night" if missing != "name" else "FIP") in answer.text
    assert rows("doors") == []


def test_it_is_switched_off_gets_another_address_and_is_deleted(client, open_door, rows):
    _id, address = open_door()
    client.post(f"{RECEPTION}/1/switch")
    assert not rows("doors")[0]["is_on"]
    client.post(f"{RECEPTION}/1/switch", data={"on": "y"})
    assert rows("doors")[0]["is_on"]

    assert "leads nowhere" in client.get(f"{RECEPTION}/1/address").text
    client.post(f"{RECEPTION}/1/address")
    assert f"/in/{rows('doors')[0]['token']}" != address

    client.post(f"/in/{rows('doors')[0]['token']}")
    assert "1 lead came in this way, and stays." in client.get(f"{RECEPTION}/1/delete").text
    assert client.post(f"{RECEPTION}/1/delete").location == RECEPTION
    assert (rows("doors"), len(rows("leads"))) == ([], 1)


def test_one_whose_plugin_is_gone_says_so_and_can_be_deleted(open_door, make_app, client_of, client):
    open_door()
    app = make_app()  # without the plugin
    browser = app.test_client()
    with client.session_transaction() as session, browser.session_transaction() as copy:
        copy.update(session)

    for page in (browser.get(RECEPTION), browser.get(f"{RECEPTION}/1")):
        assert page.status_code == 200
        assert "The plugin “radio” is not installed." in page.text
    assert browser.post(f"{RECEPTION}/1", data=FILLED).status_code == 502
    assert browser.post(f"{RECEPTION}/1/delete").status_code == 303


def test_one_whose_plugin_is_off_says_so(open_door, client, host):
    open_door()
    client.post("/settings/plugins/radio/switch")
    host.forget_switches()

    assert "Out of order" in client.get(RECEPTION).text
    assert "The plugin “radio” is switched off." in client.get(f"{RECEPTION}/1").text
    assert f"{RECEPTION}/new/radio" not in client.get(RECEPTION).text


def test_a_form_that_fails_costs_that_page_alone(client, monkeypatch):
    monkeypatch.setattr(RadioSettings, "validate", lambda self: 1 / 0)

    answer = client.post(f"{RECEPTION}/new/radio", data=FILLED)

    assert answer.status_code == 502
    assert "The plugin failed." in answer.text
    assert client.get(RECEPTION).status_code == 200


def test_only_what_is_a_door_can_be_opened(client):
    assert client.get(f"{RECEPTION}/new/whatsapp").status_code == 404
    assert client.post(f"{RECEPTION}/new/nothing", data=FILLED).status_code == 404


def test_ten_doors_cost_as_many_queries_as_one(client, open_door, count_queries):
    open_door(source="website")
    client.get(RECEPTION)
    with count_queries() as one:
        client.get(RECEPTION)
    for _door in range(9):
        open_door(source="linkedin")
    with count_queries() as ten:
        client.get(RECEPTION)

    assert len(ten) == len(one)


def test_errors_are_shown_to_the_admin(client, open_door, client_of, radio):
    radio.does["receive"] = lambda *asked: Received(drafts=["<b>no lead</b>"])
    client_of().post(open_door()[1])

    assert "This is no lead." in client.get(RECEPTION).text
    assert "1 refused" in client.get(f"{RECEPTION}/1").text
