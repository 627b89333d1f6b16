"""``leadhub plugins new``: what it writes is a plugin that works, with tests that pass, before anybody touches it."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from leadhub import cli
from leadhub.plugin_settings import scaffold
from leadhub.plugin_settings.scaffold import CannotWrite
from leadhub.plugins.host import NAME_MAX

pytestmark = pytest.mark.one_database
ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/leadhub-company"
GUIDE = (ROOT / "docs/plugins/testing.md").read_text()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return scaffold.write("acme_crm", tmp_path_factory.mktemp("new"), {"webhook"})


@pytest.fixture
def acme(folder, monkeypatch):
    """The module, as if it were installed."""
    name = "leadhub_acme_crm"
    spec = importlib.util.spec_from_file_location(name, folder / name / "__init__.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(app):
    """``run("plugins", "new", "acme")``: the command as its users have it."""
    return lambda *words: CliRunner().invoke(cli.Commands(create_app=lambda: app), [*map(str, words)])


def test_a_package_is_written_and_its_next_steps_told(run, tmp_path):
    result = run("plugins", "new", "acme", "--into", tmp_path)

    written = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.glob("acme/**/*") if path.is_file())
    assert result.exit_code == 0, result.output
    assert written == [
        "acme/.gitignore", "acme/README.md", "acme/leadhub_acme/__init__.py", "acme/pyproject.toml",
        "acme/tests/test_acme.py",
    ]  # fmt: skip
    assert f"leadhub plugins check {tmp_path}/acme" in result.output
    assert not re.search(r"\$\{", "".join((tmp_path / path).read_text() for path in written))


@pytest.mark.parametrize(
    "name", ["", "Acme", "1st", "a-b", "a.b", "../a", "a_", "_a", "a__b", "é", "a" * (NAME_MAX + 1), "webhook", "a\n"]
)
def test_a_name_that_can_be_none_is_refused(tmp_path, name):
    with pytest.raises(CannotWrite):
        scaffold.write(name, tmp_path, {"webhook"})

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "words"), [("acme", "is there already"), ("whatsapp", "LeadHub has itself")])
def test_what_is_there_is_left_alone_with_one_line(run, tmp_path, name, words):
    (tmp_path / "acme").mkdir()

    result = run("plugins", "new", name, "--into", tmp_path)

    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert words in result.output
    assert [*tmp_path.glob("*/*")] == []


def test_the_new_package_passes_the_check_without_being_installed(run, folder):
    result = run("plugins", "check", folder)

    offers = "sources acme_crm; actions acme_crm.send; widgets acme_crm.by_status"
    assert (result.exit_code, result.output) == (0, f"ok       acme_crm: {offers}\n")


def test_the_tests_of_packages_outside_pass(folder):
    """Of the new one, with those of the guide, and of the example; in a process of their own, as their authors have
    it."""
    (guide,) = (it for it in re.findall(r"```python\n(.*?)```", GUIDE, re.S) if "leadhub_acme" in it)
    renamed = re.sub(r"\bleadhub_acme\b", "leadhub_acme_crm", guide).replace('"acme.', '"acme_crm.')
    (folder / "tests" / "test_guide.py").write_text(renamed.replace('"acme"', '"acme_crm"'))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "-c", "pyproject.toml"]
    path = os.pathsep.join(map(str, (ROOT, EXAMPLE)))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}

    done = subprocess.run(
        [*command, "tests", str(EXAMPLE)],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) == 22


def test_its_source_action_and_chart_show_in_the_hub(make_app, acme, client_of):
    client = make_app([("acme_crm", acme)]).test_client()
    with client.session_transaction() as session, client_of("ada").session_transaction() as signed_in:
        session.update(signed_in)

    assert "Tell Acme Crm" in client.get("/settings/statuses/6/actions").text
    assert "Leads from Acme Crm by status" in client.get("/dashboard/").text
    assert "Acme Crm" in client.get("/settings/reception").text


def test_a_project_is_checked_as_it_lies_there_and_not_as_installed(run, tmp_path, monkeypatch):
    folder = scaffold.write("acme", tmp_path, ())
    monkeypatch.setitem(sys.modules, "leadhub_acme", object())
    code = folder / "leadhub_acme" / "__init__.py"
    code.write_text(code.read_text().replace("register_widgets", "register_wigets"))

    result = run("plugins", "check", folder)

    assert result.exit_code == 1
    assert "did you mean 'register_widgets'?" in result.output


def test_a_project_whose_file_is_broken_is_told(run, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project")

    result = run("plugins", "check", tmp_path)

    assert result.exit_code == 1
    assert "pyproject.toml can't be read" in result.output
