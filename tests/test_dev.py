"""``leadhub serve --dev``: starts anew when a plugin changes, shows where it fails, and stays on this machine."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest
import requests
from click.testing import CliRunner

from leadhub import cli, dev
from leadhub.plugins.api import Page, Widget, hookimpl
from tests.databases import _free_port

pytestmark = pytest.mark.one_database
TITLE = {"en": "Odd", "fr": "Bizarre"}
PLUGIN = """
from leadhub.plugins.api import Source, hookimpl

@hookimpl
def register_sources():
    return [Source(key="odd", names={"en": "Odd"}, receive=lambda request, settings, context: None)]
"""


def fails(*arguments):
    secret_of_the_plugin = 1
    return secret_of_the_plugin / 0


class Odd:
    @hookimpl
    def register_widgets(self):
        return [Widget(key="card", title=TITLE, load=fails)]

    @hookimpl
    def register_pages(self):
        return [Page(key="index", title=TITLE, show=fails)]


ADDRESSES = ("/dashboard/widgets/odd.card", "/x/odd/")


def signed_in(app, client_of, name):
    client = app.test_client()
    with client.session_transaction() as session, client_of(name).session_transaction() as theirs:
        session.update(theirs)
    return client


@pytest.mark.parametrize(
    ("shows", "name", "is_shown"), [(True, "ada", True), (True, "mia", False), (False, "ada", False)]
)
def test_where_it_failed_is_shown_to_admins_of_a_hub_that_shows_it(make_app, client_of, shows, name, is_shown):
    client = signed_in(make_app([("odd", Odd())], PLUGIN_TRACES=shows), client_of, name)

    for address in ADDRESSES:
        page = client.get(address).text
        assert 'data-state="failed"' in page
        assert ("return secret_of_the_plugin / 0" in page) == is_shown


def test_a_page_on_which_nothing_failed_shows_nothing(make_app, client_of):
    client = signed_in(make_app([("odd", Odd())], PLUGIN_TRACES=True), client_of, "ada")

    client.get(ADDRESSES[0])

    assert "plugin-trace" not in client.get("/dashboard/").text


def test_it_stays_on_this_machine_unless_asked(app, monkeypatch):
    asked = []
    monkeypatch.setattr(dev, "run", lambda words, paths: asked.append(words))
    run = CliRunner().invoke

    refused = run(cli.Commands(create_app=lambda: app), ["serve", "--dev", "--host", "0.0.0.0"])
    wanted = run(cli.Commands(create_app=lambda: app), ["serve", "--dev", "--host", "0.0.0.0", "--dev-anywhere"])

    assert (refused.exit_code, wanted.exit_code) == (1, 0)
    assert refused.output.startswith("leadhub: --dev shows the code of plugins to admins")
    assert "not for a team" in wanted.output
    assert [words[:3] for words in asked] == [["serve", "--host", "0.0.0.0"]]


def test_new_gone_and_changed_files_are_seen_but_not_those_that_python_writes(tmp_path):
    (tmp_path / "pack" / "__pycache__").mkdir(parents=True)
    for name in ("one.py", "gone.py"):
        (tmp_path / name).write_text("1")
    before = dev._seen([tmp_path])

    (tmp_path / "gone.py").unlink()
    (tmp_path / "one.py").write_text("22")
    (tmp_path / "pack" / "card.html").write_text("<p>")
    (tmp_path / "pack" / "__pycache__" / "x.pyc").write_text("x")
    (tmp_path / ".one.py.swp").write_text("x")
    after = dev._seen([tmp_path])

    assert {path.name for path in {**before, **after} if before.get(path) != after.get(path)} == {
        "one.py", "gone.py", "card.html",
    }  # fmt: skip


def test_a_hub_that_ended_by_itself_waits_for_the_next_change(tmp_path, capsys):
    child = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    over = threading.Event()
    seen = dev._seen([tmp_path])
    threading.Timer(1.5, lambda: (tmp_path / "new.py").write_text("1")).start()

    changed = dev._wait(child, seen, lambda: [tmp_path], over)

    assert [path.name for path in changed] == ["new.py"]
    assert capsys.readouterr().out.count("The hub ended with 3") == 1


def test_a_served_hub_starts_anew_with_a_changed_plugin_and_leaves_nobody_behind(settings, tmp_path):
    folder, port = tmp_path / "plugins", _free_port()
    folder.mkdir()
    told = {"LEADHUB_DATA_DIR": str(settings.data_dir), "LEADHUB_PLUGINS_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "leadhub.app", "serve", "--dev", "--no-worker", "--port", str(port)]
    with (tmp_path / "printed").open("w") as output:
        process = subprocess.Popen(command, env={**os.environ, **told}, stdout=output, stderr=output)
    try:
        assert soon(lambda: "not for a team" in (tmp_path / "printed").read_text())
        time.sleep(1)  # it looks at the files before it starts the first child
        (folder / "odd.py").write_text(PLUGIN)
        assert soon(lambda: "odd.py changed: starting anew." in (tmp_path / "printed").read_text())
        assert soon(lambda: is_up(port))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
    assert process.returncode == 0
    assert not is_up(port)


def is_up(port):
    with suppress(requests.RequestException):
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=2).ok


def soon(is_true):
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if is_true():
            return True
        time.sleep(0.1)
    return False
