"""``leadhub plugins``: what is there, and whether a plugin keeps to the contract."""

import pytest

from leadhub.plugins.api import Source, hookimpl

pytestmark = pytest.mark.one_database
WORKING = """
from leadhub.plugins.api import Source, hookimpl

@hookimpl
def register_sources():
    return [Source(key="KEY", names={"en": "Radio", "fr": "Radio"})]
"""


class Radio:
    __version__ = "1.2"

    @hookimpl
    def register_sources(self):
        return [Source(key="radio", names={"en": "Radio"})]


class Broken:
    @hookimpl
    def register_sources(self):
        raise RuntimeError("boom")


@pytest.fixture
def plugins(app):
    """``plugins("check", path)``: what the command answers."""
    return lambda *args: app.test_cli_runner().invoke(args=["plugins", *map(str, args)])


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    return folder


def write(path, key="radio"):
    path.parent.mkdir(exist_ok=True)
    path.write_text(WORKING.replace("KEY", key))
    return path


def test_list_says_what_is_there_and_what_was_left_out(make_app):
    app = make_app([("radio", Radio()), ("bad", Broken())], PLUGIN_STRICT=False)

    result = app.test_cli_runner().invoke(args=["plugins", "list"])

    lines = [line.split() for line in result.output.splitlines() if line[:1].isalpha()]
    assert result.exit_code == 0
    assert ["automatic_statuses", "-", "bundled", "6", "rules"] in lines
    assert ["radio", "1.2", "given", "1", "sources"] in lines
    assert "bad                      left out: RuntimeError: boom" in result.output


def test_a_good_module_is_fine(plugins, folder):
    result = plugins("check", write(folder / "good.py"))

    assert (result.exit_code, result.output.splitlines()) == (0, ["ok       good: sources radio"])


def test_a_good_package_is_fine(plugins, folder):
    write(folder / "good" / "__init__.py")

    result = plugins("check", folder / "good")

    assert (result.exit_code, result.output.splitlines()) == (0, ["ok       good: sources radio"])


def test_a_plugin_is_called_as_its_folder_though_named_by_a_dot(plugins, folder, monkeypatch):
    write(folder / "good" / "__init__.py")
    monkeypatch.chdir(folder / "good")

    assert "good: sources radio" in plugins("check", ".").output


def test_a_folder_with_a_bad_one_names_it_and_ends_with_1(plugins, folder):
    write(folder / "good.py")
    write(folder / "other" / "__init__.py", key="tv")
    (folder / "bad.py").write_text("1 / 0")

    result = plugins("check", folder)

    assert result.exit_code == 1
    assert "ok       good: sources radio" in result.output
    assert "ok       other: sources tv" in result.output
    assert "problem  bad: LoadsBadly: ZeroDivisionError: division by zero" in result.output


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import os; os._exit(0)", "ended its process with 0"),
        ("LEADHUB_API = (99, 0)", "99.0"),
        (WORKING.replace("register_sources", "register_souces"), "did you mean 'register_sources'?"),
        (WORKING.replace('"KEY"', "5"), "is no Source with a key and names"),
    ],
)
def test_what_is_wrong_is_said(plugins, folder, code, words):
    (folder / "bad.py").write_text(code)

    result = plugins("check", folder / "bad.py")

    assert result.exit_code == 1
    assert words in result.output
    assert "problem  bad: " in result.output


def test_an_empty_folder_holds_no_plugin(plugins, folder):
    result = plugins("check", folder)

    assert (result.exit_code, result.output.strip()) == (1, "There is no plugin here.")


def test_what_is_no_python_is_no_plugin(plugins, folder):
    (folder / "notes.txt").write_text("Hello")

    result = plugins("check", folder / "notes.txt")

    assert result.exit_code == 1
    assert "problem  notes: " in result.output


@pytest.mark.parametrize("args", [(), ("--installed", "PATH")])
def test_it_wants_a_path_or_all_that_are_installed(plugins, folder, args):
    result = plugins("check", *[folder if arg == "PATH" else arg for arg in args])

    assert result.exit_code == 2
    assert "Name a path, or say --installed." in result.output


def test_a_path_that_is_not_there_is_refused(plugins, folder):
    assert plugins("check", folder / "nothing.py").exit_code == 2


def test_what_is_installed_is_looked_at(make_app):
    app = make_app([("radio", Radio()), ("bad", Broken())], PLUGIN_STRICT=False)

    result = app.test_cli_runner().invoke(args=["plugins", "check", "--installed"])

    assert result.exit_code == 1
    assert "ok       radio: sources radio" in result.output
    assert "problem  bad: RuntimeError: boom" in result.output


def test_a_hub_without_any_has_nothing_to_check(plugins):
    assert plugins("check", "--installed").exit_code == 0
