"""Plugins of the folder are loaded in a process of their own first: what hangs or leaves there costs itself alone."""

import json
import subprocess

import pytest

from leadhub.plugins import probe
from leadhub.plugins.api import API_VERSION
from leadhub.plugins.host import BUILTIN, Host

pytestmark = pytest.mark.one_database
WORKING = """
from leadhub.plugins.api import Source, hookimpl

@hookimpl
def register_sources():
    return [Source(key="radio", names={"en": "Radio", "fr": "Radio"})]
"""
LEAVING = {
    "exits hard": ("import os\nos._exit(0)", "ended its process with 0"),
    "exits with 0": ("import sys\nsys.exit(0)", "ended its process with 0"),
    "exits with 3": ("import sys\nsys.exit(3)", "ended its process with 3"),
    "is killed": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "ended its process with -9"),
    "exits with words": ("raise SystemExit('not today')", "not today"),
    "raises": ("raise ValueError('boom')", "ValueError: boom"),
    "is no Python": ("def", "SyntaxError"),
    "prints and exits": ("import os\nprint('bye', flush=True)\nos._exit(0)", "bye"),
}
FINE = {
    "prints a lot": WORKING + "print(('x' * 80 + chr(10)) * 50_000)",
    "prints at its exit": WORKING + "import atexit\natexit.register(print, 'bye')",
}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "plugins"
    folder.mkdir()
    return folder


@pytest.fixture
def memory(tmp_path):
    return tmp_path / "plugins.json"


@pytest.fixture
def start(folder, memory):
    """``start()``: the host of a hub that starts over this folder."""

    def start(memory=memory):
        host = Host(memory=memory)
        host.load(folder, safe_mode=False)
        return host

    return start


@pytest.fixture
def no_process(monkeypatch):
    """From ``no_process()`` on a plugin that is tried out fails."""

    def refuse(*args, **options):
        raise AssertionError("a process was started")

    return lambda: monkeypatch.setattr(subprocess, "run", refuse)


def test_one_that_hangs_is_left_out_with_the_reason(folder, start, monkeypatch):
    (folder / "good.py").write_text(WORKING)
    start()  # the good one is known from here on, so that a busy machine may take its time for it
    monkeypatch.setattr(probe, "SECONDS", 1.0)
    (folder / "bad.py").write_text("import time\nwhile True:\n    time.sleep(1)")

    host = start()

    assert list(host.failed) == ["bad"]
    assert "did not load within" in host.failed["bad"]
    assert host.names == [*BUILTIN, "good"]


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """The host of a hub that has started over a good one and all that leave."""
    folder = tmp_path_factory.mktemp("plugins")
    for how, (code, _reason) in LEAVING.items():
        (folder / f"{how.replace(' ', '_')}.py").write_text(code)
    (folder / "good.py").write_text(WORKING)
    host = Host(memory=folder / "plugins.json")
    host.load(folder, safe_mode=False)
    return host


@pytest.mark.parametrize("how", LEAVING)
def test_one_that_leaves_is_left_out_with_the_reason(left, how):
    assert LEAVING[how][1] in left.failed[how.replace(" ", "_")]


def test_those_that_leave_cost_themselves_alone(left):
    assert len(left.failed) == len(LEAVING)
    assert left.names == [*BUILTIN, "good"]


@pytest.mark.parametrize("how", FINE)
def test_what_one_says_does_not_matter(folder, start, how):
    (folder / "loud.py").write_text(FINE[how])

    host = start()

    assert host.failed == {}
    assert host.names == [*BUILTIN, "loud"]


def test_the_same_code_is_tried_once(folder, start, no_process):
    (folder / "good.py").write_text(WORKING)
    start()
    no_process()

    assert start().names == [*BUILTIN, "good"]


def test_other_code_is_tried_again(folder, start, no_process):
    (folder / "good.py").write_text(WORKING)
    start()
    (folder / "good.py").write_text(WORKING + "\n")
    no_process()

    assert start().failed == {"good": "AssertionError: a process was started"}


def test_a_module_of_a_package_that_changed_is_other_code(folder, start, no_process):
    (folder / "good").mkdir()
    (folder / "good" / "__init__.py").write_text(WORKING)
    start()
    (folder / "good" / "helper.py").write_text("WORDS = 1")
    no_process()

    assert "good" in start().failed


def test_what_loaded_badly_is_not_remembered(folder, start, memory):
    (folder / "bad.py").write_text("1 / 0")

    for _start in range(2):
        assert "ZeroDivisionError" in start().failed["bad"]

    assert not memory.exists()


@pytest.mark.parametrize("text", [b"", b"{", b"5", b'{"a": 1}', b"[5, null]", b"\xff\xfe"])
def test_a_broken_memory_is_ignored_and_written_anew(folder, start, memory, text):
    (folder / "good.py").write_text(WORKING)
    memory.write_bytes(text)

    assert start().names == [*BUILTIN, "good"]
    assert len(json.loads(memory.read_text())) == 1


def test_a_memory_that_can_not_be_written_costs_nothing(folder, start, tmp_path):
    (folder / "good.py").write_text(WORKING)

    host = start(memory=tmp_path / "nowhere" / "plugins.json")

    assert (host.names, host.failed) == ([*BUILTIN, "good"], {})


def test_what_can_not_be_read_costs_itself_alone(folder, start):
    (folder / "gone.py").symlink_to(folder / "nothing")
    (folder / "good.py").write_text(WORKING)

    host = start()

    assert host.names == [*BUILTIN, "good"]
    assert "FileNotFoundError" in host.failed["gone"]


def test_one_for_a_newer_contract_is_left_out_with_both_versions(folder, start):
    (folder / "new.py").write_text(WORKING + "LEADHUB_API = (99, 0)")

    told = start().failed["new"]

    assert "99.0" in told
    assert ".".join(map(str, API_VERSION)) in told


@pytest.mark.parametrize("version", ["'soon'", "5", "None", "('a',)"])
def test_a_version_that_is_none_costs_the_plugin_alone(folder, start, version):
    (folder / "odd.py").write_text(WORKING + f"LEADHUB_API = {version}")

    host = start()

    assert list(host.failed) == ["odd"]
    assert host.names == [*BUILTIN]


def test_a_misspelt_hook_is_told_with_the_nearest_one(folder, start):
    (folder / "odd.py").write_text(WORKING.replace("register_sources", "register_souces"))

    assert "'register_souces'; did you mean 'register_sources'?" in start().failed["odd"]


def test_a_hook_with_an_argument_too_many_is_left_out(folder, start):
    (folder / "odd.py").write_text(WORKING.replace("register_sources()", "register_sources(lead)"))

    host = start()

    assert "lead" in host.failed["odd"]
    assert host.names == [*BUILTIN]


@pytest.mark.parametrize("line", ["__doc__ = 5", "PURPOSE = 5", "DOCS = 5", "__version__ = 5"])
def test_odd_words_about_itself_never_stop_the_start(folder, start, line):
    (folder / "odd.py").write_text(WORKING + line)

    assert "odd" in {*start().names, *start().failed}


def test_a_name_that_is_too_long_for_its_keys_is_left_out(folder, start):
    (folder / f"{'x' * 51}.py").write_text(WORKING)

    assert "longer than 50" in start().failed["x" * 51]
