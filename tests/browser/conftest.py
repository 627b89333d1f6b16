"""A real browser before a real server: ``leadhub serve``, as its users start it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests import databases
from tests.conftest import RUN, missing

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]


@dataclass
class Hub:
    """A served hub: its address, its data folder, what it printed at the start."""

    url: str
    folder: Path
    printed: Path
    environment: dict[str, str]

    def link(self) -> str:
        return re.search(r"http\S+/setup/\S+", self.printed.read_text())[0]

    def command(self, *words: str) -> str:
        run = [sys.executable, "-m", "leadhub.app", *words]
        return subprocess.run(run, env=self.environment, check=True, capture_output=True, text=True, timeout=120).stdout


@pytest.fixture
def serve(tmp_path):
    """``serve()``: a hub with the template's people; ``serve(empty=True)``: one that nobody has set up.  Further words
    are settings: ``serve(SMTP_URL=...)``."""
    running = []

    def start(empty=False, **settings):
        folder = tmp_path / f"hub-{len(running)}"
        folder.mkdir(mode=0o700)
        if not empty:
            shutil.copy(Path(os.environ[RUN]) / "template" / "leadhub.sqlite3", folder)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        told = {f"LEADHUB_{name}": value for name, value in settings.items()}
        environment = {**os.environ, **told, "LEADHUB_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
        hub = Hub(f"http://127.0.0.1:{port}", folder, folder / "printed", environment)
        command = [sys.executable, "-m", "leadhub.app", "serve", "--port", str(port)]
        with hub.printed.open("w") as output:
            running.append(subprocess.Popen(command, env=environment, stdout=output, stderr=output))
        _wait_for(hub)
        return hub

    yield start
    for process in running:
        process.terminate()
    for process in running:
        process.wait(timeout=20)


def _wait_for(hub: Hub) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            urlopen(f"{hub.url}/healthz", timeout=2)
        except (URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(hub.printed.read_text())


@pytest.fixture(scope="session")
def chromium():
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
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
    """``sign_in(page, hub)``: as ada, by the form."""

    def sign_in(page, hub, name="ada"):
        page.goto(f"{hub.url}/login")
        page.fill("#email", f"{name}@example.org")
        page.fill("#password", databases.PASSWORD)
        page.click("#sign-in button[type=submit]")
        page.wait_for_url("**/leads/**")

    return sign_in


@pytest.fixture
def check_access():
    """``check_access(page)``: axe finds nothing on the page as it is now."""

    def check(page):
        page.evaluate(AXE.read_text())
        found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        assert [
            (it["id"], it["help"], [node["html"][:200] for node in it["nodes"]]) for it in found["violations"]
        ] == []

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
