"""A real browser before a real server: ``leadhub serve``, as its users start it."""

import shutil
from pathlib import Path

import pytest

from tests import hubs
from tests.conftest import client_for, missing

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIOLATIONS = """rules => axe.run(document, {runOnly: rules, resultTypes: ["violations"]}).then(found =>
    found.violations.map(it => [it.id, it.help, ...it.nodes.map(node => node.html.slice(0, 200))]))"""
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")  # the lightest that is there
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """``served(**settings)``: a hub that serves all tests of this process which ask for the same settings."""
    folder, running = tmp_path_factory.mktemp("served"), {}

    def serve(**settings):
        asked = tuple(sorted(settings.items()))
        if asked not in running:
            running[asked] = hubs.start(folder / f"hub-{len(running)}", **settings)
        return running[asked]

    yield serve
    for hub in running.values():
        hub.stop()


@pytest.fixture
def serve(served):
    """``serve()``: a hub with the template's people; ``serve(demo=True)``: with samples too.  Further words are
    settings: ``serve(SMTP_URL=...)``."""

    def serve(*, demo=False, **settings):
        hub = served(**settings)
        hub.put_back(demo=demo)
        return hub

    return serve


@pytest.fixture(scope="session")
def folder_of(tmp_path_factory):
    """``folder_of("acme", text)``: a folder of plugins with that one in it."""

    def write(name, text):
        folder = tmp_path_factory.getbasetemp() / f"plugins-{name}"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.py").write_text(text)
        return str(folder)

    return write


@pytest.fixture
def serve_alone(tmp_path):
    """``serve_alone()``: a hub for this test alone; ``serve_alone(empty=True)``: one that nobody has set up."""
    running = []

    def serve(**options):
        running.append(hubs.start(tmp_path / f"hub-{len(running)}", **options))
        return running[-1]

    yield serve
    for hub in running:
        hub.stop()


@pytest.fixture(scope="session")
def chromium():
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not path:
        missing("browser", "Chromium is not installed")
    if not AXE.is_file():
        missing("browser", "axe-core is not there: npm ci")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """``open_page(**context)``: a page whose console must stay silent."""
    contexts, complaints = [], []

    def open_page(**options):
        context = chromium.new_context(**{"locale": "en-GB", "timezone_id": "Europe/Paris", **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if _is_complaint(message) else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _is_complaint(message) -> bool:
    """Errors and broken policies; an answer of 4xx is told in the page, not here."""
    return message.type == "error" and "Failed to load resource" not in message.text


@pytest.fixture
def page(open_page):
    return open_page()


@pytest.fixture
def sign_in():
    """``sign_in(page, hub)``: ada is signed in and looks at the list, without the form."""

    def sign_in(page, hub, name="ada"):
        cookie = hub.app.config["SESSION_COOKIE_NAME"]
        value = client_for(hub.app, name).get_cookie(cookie).value
        page.context.add_cookies([{"name": cookie, "value": value, "url": hub.url}])
        page.goto(f"{hub.url}/leads/")

    return sign_in


@pytest.fixture
def check_access():
    """``check_access(page)``: axe finds nothing on the page as it is now."""

    def check(page):
        if not page.evaluate("'axe' in window"):
            page.evaluate(f"() => {{ {AXE.read_text()} }}")
        assert page.evaluate(VIOLATIONS, RULES) == []

    return check


def pytest_collection_modifyitems(config, items):
    """A test that is walked through in two looks is walked in the harder one, unless sizes are full."""
    if config.option.full_size:
        return
    easier = [item for item in items if "tests/browser/" in item.nodeid and item.nodeid.endswith(("[wide]", "[light]"))]
    names = {item.nodeid.rpartition("[")[0] for item in items if "phone" in item.nodeid.rpartition("[")[2]}
    spared = [item for item in easier if item.nodeid.rpartition("[")[0] in names]
    if spared:
        config.hook.pytest_deselected(items=spared)
        items[:] = [item for item in items if item not in spared]
