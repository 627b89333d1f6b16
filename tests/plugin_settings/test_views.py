"""Settings > Plugins: what is there and how it fares, on and off."""

import html
import re
from dataclasses import replace

import pytest

from leadhub.extensions import db
from leadhub.plugin_settings.services import flush_tallies
from leadhub.plugins.api import Source, StatusAction, hookimpl
from leadhub.plugins.health import IN_A_ROW, PluginFailed
from leadhub.plugins.host import BUILTIN

pytestmark = pytest.mark.one_database
PLUGINS = "/settings/plugins/"


class Radio:
    """Radio as a source.

    And more words."""

    __version__ = "1.2"
    DOCS = "https://radio.example.org/"

    @hookimpl
    def register_sources(self):
        return [Source(key="radio", names={"en": "Radio"})]

    @hookimpl
    def register_status_actions(self):
        return [StatusAction(key="play", name={"en": "Play"}, run=lambda lead, settings, context: [])]


class Broken:
    @hookimpl
    def register_sources(self):
        raise RuntimeError("<boom>")


@pytest.fixture
def app(make_app):
    return make_app([("radio", Radio()), ("bad", Broken())], PLUGIN_STRICT=False)


@pytest.fixture
def host(app):
    return app.extensions["leadhub_host"]


@pytest.fixture
def row(rows):
    """``row("radio")``: what the hub keeps of it, or None."""
    return lambda name: next((row for row in rows("plugins") if row["name"] == name), None)


@pytest.fixture
def item(client):
    """``item("radio")``: its part of the page."""
    return lambda name: re.search(rf'id="plugin-{name}".*?</li>', client.get(PLUGINS).text, re.DOTALL)[0]


@pytest.fixture
def fail(host, app):
    """``fail(5)``: the plugin radio fails so often."""

    def boom():
        raise ValueError("boom")

    def fail(times):
        for _time in range(times):
            with app.app_context(), pytest.raises(PluginFailed):
                host.call("radio", boom)

    return fail


def words(text):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_each_plugin_is_there_with_what_it_offers(client, item):
    page = client.get(PLUGINS).text

    assert re.findall(r'id="plugin-(\w+)"', page) == [*BUILTIN, "radio"]
    assert "Automatic rules: 6" in item("automatic_statuses")
    assert "Status actions: 4" in item("status_actions")
    assert "Sources: 1" in item("radio")
    assert "1.2" in item("radio")
    assert "Radio as a source." in item("radio")
    assert 'href="https://radio.example.org/"' in item("radio")


def test_one_that_was_left_out_is_there_with_the_reason(client):
    page = client.get(PLUGINS).text

    assert "RuntimeError: &lt;boom&gt;" in re.search(r'id="failed-bad".*?</li>', page, re.DOTALL)[0]


def test_one_is_switched_off_and_on_with_a_line_for_who_asks_later(client, item, host, row, rows):
    for is_on in (False, True):
        answer = client.post(f"{PLUGINS}radio/switch", data={"on": "y"} if is_on else {})

        assert (answer.status_code, answer.location) == (303, PLUGINS)
        assert bool(row("radio")["is_off"]) is not is_on
        assert host.is_on("radio") is is_on
        assert ("Switch off: radio" if is_on else "Switch on: radio") in item("radio")
        line = rows("audit_events")[-1]
        assert (line["kind"], '"radio"' in line["details"]) == ("plugins", True)


def test_one_that_is_never_called_has_no_switch(item):
    assert "<form" not in item("standard_sources")
    assert "<form" in item("status_actions")


def test_numbers_stand_there_as_soon_as_they_are_written_down(app, host, item, row):
    with app.app_context():
        host.call("radio", lambda: None)
    assert row("radio") is None

    with app.app_context():
        flush_tallies(host)

    assert row("radio")["calls"] == 1
    assert "1 call · 0 failures · slowest:" in words(item("radio"))


def test_numbers_are_added_up(app, host, fail, row):
    for _time in range(2):
        fail(1)
        with app.app_context():
            host.call("radio", lambda: None)
            flush_tallies(host)

    kept = row("radio")
    assert (kept["calls"], kept["failures"], kept["last_error"]) == (4, 2, "ValueError: boom")


def test_one_that_rests_says_so_and_is_tried_again(client, host, item, fail, row):
    fail(IN_A_ROW)
    assert "rests after failures" in item("radio")
    assert "ValueError: boom" in item("radio")

    answer = client.post(f"{PLUGINS}radio/retry", follow_redirects=True)

    assert "The plugin is called again." in answer.text
    assert "rests after failures" not in item("radio")
    assert "Try again: radio" not in item("radio")
    assert host.is_on("radio")
    assert host.call("radio", lambda: "fine") == "fine"


def test_one_that_works_again_by_itself_rests_no_more(app, client, host, item, fail, monkeypatch):
    fail(IN_A_ROW)
    client.get(PLUGINS)
    monkeypatch.setattr("leadhub.plugins.health.REST_SECONDS", 0)

    with app.app_context():
        host.call("radio", lambda: None)

    assert "rests after failures" not in item("radio")


def test_errors_of_plugins_are_shown_as_text(app, host, item):
    def boom():
        raise ValueError("<script>\0\ud800")

    with app.app_context(), pytest.raises(PluginFailed):
        host.call("radio", boom)

    assert "&lt;script&gt;" in item("radio")


@pytest.mark.parametrize("what", ["switch", "retry"])
@pytest.mark.parametrize("name", ["unknown", "bad", "radio.sources"])
def test_a_plugin_that_is_not_there_is_not_found(client, rows, name, what):
    assert client.post(f"{PLUGINS}{name}/{what}").status_code == 404
    assert rows("plugins") == []


@pytest.mark.parametrize("who", ["mia", "bob", "vic"])
def test_only_admins_see_and_switch_plugins(client_of, rows, who):
    client = client_of(who)

    assert client.get(PLUGINS).status_code == 403
    assert client.post(f"{PLUGINS}radio/switch").status_code == 403
    assert client.post(f"{PLUGINS}radio/retry").status_code == 403
    assert rows("plugins") == []


def test_safe_mode_is_told(app, client, settings):
    assert "Safe mode" not in client.get(PLUGINS).text

    app.extensions["leadhub"]["settings"] = replace(settings, safe_mode=True)

    assert "Safe mode: bundled plugins only." in client.get(PLUGINS).text


def test_it_is_a_whole_page_in_french(app, client, person):
    with app.app_context():
        person("ada").language = "fr"
        db.session.commit()

    page = client.get(PLUGINS).text

    assert '<html lang="fr"' in page
    assert "<title>Extensions" in page
    assert page.rstrip().endswith("</html>")


def test_it_is_found_among_the_settings(client):
    assert f'href="{PLUGINS}"' in client.get("/settings/statuses/").text


def test_ten_calls_cost_the_page_no_more_queries_than_one(client, count_queries, fail):
    fail(1)
    client.get(PLUGINS)
    with count_queries() as before:
        client.get(PLUGINS)

    fail(3)
    client.get(PLUGINS)
    with count_queries() as after:
        client.get(PLUGINS)

    assert len(before) == len(after)
