"""The package in examples/ as its users have it: installed with pip, set up and used in a browser."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from leadhub.extensions import db
from leadhub.statuses.models import Status

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
EXAMPLE = Path(__file__).parents[2] / "examples/leadhub-company"
PIP = ["install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
ACME = {"name": "Acme SA", "city": "Lyon", "employees": 42}


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """For the processes that the test starts, not for its own."""
    copy, target = (
        shutil.copytree(EXAMPLE, tmp_path / "example"),
        tmp_path / "site",
    )  # building writes beside the source
    command = [sys.executable, "-m", "pip", *PIP, "--target", str(target), str(copy)]
    subprocess.run(command, check=True, timeout=120, env={**os.environ, "TMPDIR": str(tmp_path)})
    monkeypatch.setenv("PYTHONPATH", str(target))


@pytest.fixture
def house():
    """The address of a machine with a company service and an accounting, and what came in: (path, headers, JSON)."""
    heard = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802
            self._answer(200, ACME, None)

        def do_POST(self):  # noqa: N802
            self._answer(201, {}, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, status, told, body):
            heard.append((self.path, dict(self.headers), body))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    server.server_close()


def id_of(hub, key):
    with hub.app.app_context():
        found = db.session.scalars(db.select(Status.id).where(Status.key == key)).one()
        db.session.remove()
        db.engine.dispose()
    return found


def test_a_package_of_a_third_party_is_set_up_and_used(installed, house, serve_alone, page, sign_in, check_access):
    address, heard = house
    hub = serve_alone(OUTGOING_HOSTS="127.0.0.1")
    sign_in(page, hub)

    page.goto(f"{hub.url}/settings/plugins/company/settings")
    page.fill("[name=service]", address)
    page.fill("[name=key]", "s3cr3t")
    page.click("main form button[type=submit]")
    page.wait_for_selector("#plugin-company:has-text('1.0')")
    page.goto(f"{hub.url}/settings/statuses/{id_of(hub, 'converted')}/actions/new/company.push")
    page.fill("[name$=url]", f"{address}/entries")
    page.click("main form button[type=submit]")
    page.wait_for_selector(f"text={address}/entries")

    page.goto(f"{hub.url}/leads/new")
    page.fill("#last_name", "Dupont")
    page.fill("#email", "jeanne@acme.example")
    page.click("#lead-form button[type=submit]")
    page.wait_for_selector("section.lead-panel:has-text('Acme SA')")
    check_access(page)
    assert heard[0][0] == "/companies?domain=acme.example"
    assert heard[0][1]["Authorization"] == "Bearer s3cr3t"

    for field, fill in (("expected_value", page.fill), ("status", page.select_option)):
        page.goto(f"{hub.url}/leads/1/fields/{field}/edit")
        fill(f"[name={field}]", {"expected_value": "500", "status": "converted"}[field])
        page.click(f"#fact-{field} .btn-primary")
        page.wait_for_selector(f"#fact-{field}.is-open", state="detached")
    deadline = time.monotonic() + 60
    while len(heard) < 2 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert heard[1][2] == {"lead": 1, "name": "Dupont", "amount": "500.00", "currency": "EUR"}

    page.goto(f"{hub.url}/x/company/")
    page.wait_for_selector("#plugin-page canvas")
    assert "500" in page.inner_text("#plugin-page")
    check_access(page)
    page.goto(f"{hub.url}/dashboard/widgets/company.won")
    page.wait_for_selector("[data-state=ready]")
