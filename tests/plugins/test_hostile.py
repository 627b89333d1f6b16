"""Plugins that do whatever they shouldn't, each alone: every page answers, and *Settings > Plugins* says who it was."""

import html
import re
import time
from dataclasses import replace

import pytest
from wtforms import Form, StringField

from leadhub.jobs.worker import Worker
from leadhub.plugins import health
from leadhub.plugins.api import (
    Column,
    LeadPanel,
    NumberData,
    Page,
    Source,
    StatusAction,
    StatusRule,
    TemplateData,
    Widget,
    hookimpl,
)
from leadhub.plugins.builtin.automatic_statuses import register_status_rules
from leadhub.plugins.finding import module_of

pytestmark = pytest.mark.one_database
NAMES = {"en": "Bad", "fr": "Mauvais"}
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
PAGES = (
    "/leads/", "/leads/?columns=x.bad.bad", "/leads/1", "/leads/1/edit", "/leads/new", "/dashboard/",
    "/settings/statuses/", "/settings/statuses/1/actions", "/settings/statuses/rules", "/settings/plugins/",
    "/settings/diagnostic", "/settings/reception", "/settings/lists/sources/",
)  # fmt: skip
CARDS = ("/dashboard/widgets/bad.bad", "/leads/1/panels/bad.bad")


class Everywhere:
    """Offers one of each, and does the same in all of them."""

    def __init__(self, deed):
        self.deed = deed

    def do(self, *arguments):
        return self.deed(*arguments)

    @hookimpl
    def register_widgets(self):
        return [Widget(key="bad", title=NAMES, load=self.do)]

    @hookimpl
    def register_lead_panels(self):
        return [LeadPanel(key="bad", title=NAMES, load=self.do)]

    @hookimpl
    def register_columns(self):
        return [Column(key="bad", title=NAMES, load=self.do)]

    @hookimpl
    def register_pages(self):
        return [Page(key="index", title=NAMES, show=self.do)]

    @hookimpl
    def register_status_actions(self):
        return [StatusAction(key="bad", name=NAMES, run=self.do, summary=self.do)]

    @hookimpl
    def register_status_rules(self):
        wished = register_status_rules()[0].wished
        return [StatusRule(key="bad", label=NAMES, priority=1, holds=self.do, wished=wished)]

    @hookimpl
    def lead_created(self, news, context):
        self.do(news, context)


def raises(*arguments):
    raise RuntimeError("<boom>")


def leaves(*arguments):
    raise SystemExit(3)


def interrupts(*arguments):
    raise KeyboardInterrupt


def lies(*arguments):
    return {"not": ["what", "was", "asked", object()]}


def counts_for_ever(*arguments):
    while True:
        yield NumberData(value=1)


def prints(*arguments):
    print("<script>alert(1)</script>")  # noqa: T201
    raise ValueError("<script>alert(1)</script>")


def takes_a_core_template(*arguments):
    return TemplateData(template="../../leads/show.html", values={})


def calls_home(*arguments):
    return arguments[-1].http("GET", "http://169.254.169.254/latest/meta-data")


def fills_the_store(*arguments):
    for number in range(200):
        arguments[-1].store.set(f"key {number}", "x" * 9000, lead_id=1)


def hangs(*arguments):
    time.sleep(3)


DEEDS = [
    raises, leaves, interrupts, lies, counts_for_ever, prints, takes_a_core_template, calls_home, fills_the_store,
]  # fmt: skip


@pytest.fixture
def hub(make_app, client_of, make_lead, monkeypatch):
    """``hub(plugin)``: (app, ada's browser) with a lead, and this plugin as *bad*."""
    monkeypatch.setattr(health, "IN_A_ROW", 1000)  # each page is to meet it, not only the first five

    def hub(plugin):
        app = make_app([("bad", plugin)], PLUGIN_STRICT=False)
        browser = client_of("ada")
        browser.application = app
        make_lead(last_name="Dupré")
        return app, browser

    return hub


def walk(browser):
    told = {path: browser.get(path) for path in PAGES}
    assert {path: answer.status_code for path, answer in told.items() if answer.status_code != 200} == {}
    cards = {path: browser.get(path, headers=PARTIAL) for path in CARDS}
    return told, cards


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_whatever_it_does_when_called_every_page_answers(hub, deed):
    app, browser = hub(Everywhere(deed))

    told, cards = walk(browser)
    own = browser.get("/x/bad/")
    Worker(app).work_off()
    listed = html.unescape(browser.get("/settings/plugins/").text)

    assert {path: answer.status_code for path, answer in cards.items()} == dict.fromkeys(CARDS, 200)
    assert all('data-state="failed"' in answer.text for answer in cards.values())
    assert own.status_code == 502
    assert ">Dupré<" in told["/leads/?columns=x.bad.bad"].text
    assert "<script>alert(1)</script>" not in "".join(answer.text for answer in [*cards.values(), own])
    assert re.search(r'id="plugin-bad".*?[1-9]\d* failures?', listed, re.DOTALL)


def test_one_that_never_comes_back_is_left_alone_at_once(hub):
    _app, browser = hub(Everywhere(hangs))
    began = time.monotonic()

    first = browser.get("/dashboard/widgets/bad.bad", headers=PARTIAL)
    took = time.monotonic() - began
    walk(browser)

    assert 'data-state="failed"' in first.text
    assert took < 6
    assert time.monotonic() - began - took < 20  # the others did not wait for it
    assert "rests after failures" in browser.get("/settings/plugins/").text


class Misspelt:
    @hookimpl
    def register_widget(self):
        return []


class Taken:
    @hookimpl
    def register_sources(self):
        return [Source(key="web-form", names={"en": "Mine now"})]

    @hookimpl
    def register_status_actions(self):
        return [StatusAction(key="Not A Key", name=NAMES, run=raises)]


class Newer:
    LEADHUB_API = (99, 0)


class WrongType:
    @hookimpl
    def register_pages(self):
        return [{"key": "page"}]


class Gone:
    @hookimpl
    def register_jobs(self):
        raise SystemExit(1)


class BadSettings:
    class SETTINGS(Form):  # noqa: N801
        where = StringField("Where")

        def validate_where(self, field):
            raise SystemExit(7)

    @hookimpl
    def register_status_actions(self):
        return [StatusAction(key="fine", name=NAMES, run=lambda lead, settings, context: [])]


@pytest.mark.parametrize(
    ("plugin", "words"),
    [
        (Misspelt, "did you mean 'register_widgets'"),
        (Taken, "is no key"),
        (Newer, "written for version 99.0"),
        (WrongType, "is no Page"),
        (Gone, "SystemExit"),
    ],
)
def test_what_can_not_be_registered_is_left_out_and_named(hub, plugin, words):
    _app, browser = hub(plugin())

    walk_but_its_own = {path: browser.get(path).status_code for path in PAGES if "bad" not in path}
    listed = html.unescape(browser.get("/settings/plugins/").text)

    assert set(walk_but_its_own.values()) == {200}
    assert re.search(r'id="failed-bad".*' + re.escape(words), listed, re.DOTALL)
    assert "Mine now" not in html.unescape(browser.get("/settings/lists/sources/").text)


def test_a_validator_that_ends_the_process_costs_its_own_form(hub):
    _app, browser = hub(BadSettings())

    answer = browser.post("/settings/plugins/bad/settings", data={"where": "there"})

    assert answer.status_code == 502
    assert "failed" in answer.text
    assert browser.get("/settings/plugins/").status_code == 200


@pytest.mark.parametrize(
    ("code", "words"),
    [("raise RuntimeError('boom')", "boom"), ("import os; os._exit(9)", "ended its process with 9")],
)
def test_what_fails_at_import_is_left_out_and_named(make_app, settings, tmp_path, client_of, make_lead, code, words):
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "bad.py").write_text(code)
    app = make_app(settings=replace(settings, plugins_dir=folder), PLUGIN_STRICT=False)
    browser = client_of("ada")
    browser.application = app
    make_lead()

    assert {browser.get(path).status_code for path in PAGES if "bad" not in path} == {200}
    assert re.search(r'id="failed-bad".*' + words, html.unescape(browser.get("/settings/plugins/").text), re.DOTALL)


def test_a_template_named_like_one_of_the_hubs_is_never_taken_for_it(make_app, client_of, make_lead, tmp_path):
    package = tmp_path / "bad"
    (package / "templates" / "leads").mkdir(parents=True)
    (package / "__init__.py").write_text('"""Bad."""\n')
    for name in ("base.html", "error.html", "leads/show.html", "leads/index.html"):
        (package / "templates" / name).write_text("HIJACKED")
    browser = client_of("ada")
    browser.application = make_app([("bad", module_of(package))])
    make_lead()

    told = "".join(browser.get(path).text for path in ("/leads/", "/leads/1", "/nothing", "/settings/plugins/"))

    assert "HIJACKED" not in told
