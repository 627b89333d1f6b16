"""What a plugin uses that will go is told to its author, and costs nobody anything until it has gone."""

import warnings

import pytest
from click.testing import CliRunner

from leadhub import cli
from leadhub.plugins.api import hooks
from leadhub.plugins.host import Host

pytestmark = pytest.mark.one_database
OLD = """
import warnings
from leadhub.plugins.api import hookimpl

@hookimpl
def register_tea():
    return []

warnings.warn("something else", UserWarning)
"""
GOES = "register_tea goes with 0.9: use register_sources"


@pytest.fixture
def old(tmp_path, monkeypatch):
    """A plugin with a hook that will go."""

    @hooks.hookspec(warn_on_impl=DeprecationWarning(GOES))
    def register_tea():
        """Offer tea."""

    monkeypatch.setattr(hooks, "register_tea", register_tea, raising=False)
    (tmp_path / "plugins").mkdir()
    path = tmp_path / "plugins" / "old.py"
    path.write_text(OLD)
    return path


def test_the_check_warns_and_passes(app, old):
    with warnings.catch_warnings(record=True):
        result = CliRunner().invoke(cli.Commands(create_app=lambda: app), ["plugins", "check", str(old)])

    assert result.exit_code == 0, result.output
    assert f"warning  old: {GOES} (old.py:5)" in result.output


def test_it_is_loaded_and_shown_to_admins_with_nothing_else_that_was_said(app, client, old):
    host = Host()  # the app's own is older than the hook
    with warnings.catch_warnings(record=True) as others:
        warnings.simplefilter("always")
        host.load_paths([old])
    app.extensions["leadhub_host"].plugins["old"] = host.plugins["old"]

    page = client.get("/settings/plugins/").text

    assert host.plugins["old"].warnings == (f"{GOES} (old.py:5)",)
    assert f"For its author: {GOES} (old.py:5)" in page
    assert [str(warning.message) for warning in others] == ["something else"]
