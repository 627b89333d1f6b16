"""Plugins: what they offer arrives, what they break costs them alone."""

import types
from dataclasses import replace

import pytest
import sqlalchemy as sa
from pluggy import PluginValidationError

from leadhub.extensions import db
from leadhub.lists.models import Source as SourceRow
from leadhub.plugins.api import Source, hookimpl
from leadhub.plugins.builtin.standard_sources import STANDARD
from leadhub.plugins.host import BUILTIN, Host, current_host
from leadhub.upgrade import bring_up_to_date

pytestmark = pytest.mark.one_database
WORKING = """
from leadhub.plugins.api import Source, hookimpl

@hookimpl
def register_sources():
    return [Source(key="radio", names={"en": "Radio", "fr": "Radio"})]
"""


class Radio:
    @hookimpl
    def register_sources(self):
        return [Source(key="radio", names={"en": "Radio", "fr": "Radio"})]


class Broken:
    @hookimpl
    def register_sources(self):
        raise RuntimeError("boom")


class Misspelt:
    @hookimpl
    def register_souces(self):
        return []


def loaded(*plugins, strict=False, folder=None, safe_mode=False):
    host = Host(strict=strict)
    host.load(folder, safe_mode, plugins)
    return host


def test_register_sources_of_a_plugin_becomes_a_row_once(make_app, settings):
    app = make_app([("radio", Radio())])

    with app.app_context():
        bring_up_to_date(settings)
        bring_up_to_date(settings)
        rows = db.session.scalars(sa.select(SourceRow).where(SourceRow.key == "radio")).all()

    assert [row.label("fr") for row in rows] == ["Radio"]


def test_the_standard_sources_come_through_the_same_hook(app):
    with app.app_context():
        offered = [source.key for source in current_host().sources]
        rows = [row.key for row in db.session.scalars(sa.select(SourceRow).order_by(SourceRow.position))]

    assert rows == [key for key, *_ in STANDARD]
    assert offered == [*rows, "webhook", "feed"]  # ways in, for leads of any source


class Wrong:
    def __init__(self, *sources):
        self.sources = list(sources)

    @hookimpl
    def register_sources(self):
        return self.sources


class Leaver:
    @hookimpl
    def register_sources(self):
        raise SystemExit(0)


WRONG = [
    Wrong(Source(key="x", names=None)),
    Wrong(Source(key="x", names={})),
    Wrong(Source(key=5, names={"en": "Five"})),
    Wrong(Source(key="", names={"en": "None"})),
    Wrong(Source(key="x", names={"en": "y" * 201})),
    Wrong("radio"),
]


@pytest.mark.parametrize("plugin", [Broken(), Misspelt(), Leaver(), *WRONG])
def test_a_broken_plugin_is_left_out_and_the_others_stay(plugin):
    host = loaded(("bad", plugin), ("radio", Radio()))

    assert list(host.failed) == ["bad"]
    assert host.names == [*BUILTIN, "radio"]
    assert "radio" in [source.key for source in host.sources]


@pytest.mark.parametrize(("plugin", "error"), [(Broken(), RuntimeError), (Misspelt(), PluginValidationError)])
def test_under_strict_a_broken_plugin_stops_the_start(plugin, error):
    with pytest.raises(error):
        loaded(("bad", plugin), strict=True)


def test_a_key_that_is_taken_stays_with_the_first(make_app):
    class Thief:
        @hookimpl
        def register_sources(self):
            return [Source(key="whatsapp", names={"en": "Mine"})]

    host = loaded(("thief", Thief()))

    assert [source.names["en"] for source in host.sources if source.key == "whatsapp"] == ["WhatsApp"]


def test_of_two_offers_with_one_key_one_stays():
    twice = Wrong(Source(key="x", names={"en": "One"}), Source(key="x", names={"en": "Two"}))

    assert [source.key for source in loaded(("twice", twice)).sources].count("x") == 1


def test_a_plugin_can_not_take_the_name_of_another(tmp_path):
    (tmp_path / "standard_sources.py").write_text(WORKING)

    host = loaded(folder=tmp_path)

    assert host.names == [*BUILTIN]
    assert host.failed == {"standard_sources": "another plugin has this name"}


def test_a_folder_holds_modules_and_packages(tmp_path):
    (tmp_path / "one.py").write_text(WORKING)
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "__init__.py").write_text(WORKING.replace("radio", "tv"))
    (tmp_path / "three.py").write_text("import nothing_of_that_name")

    host = loaded(folder=tmp_path)

    assert host.names == [*BUILTIN, "one", "two"]
    assert "ModuleNotFoundError" in host.failed["three"]


def test_safe_mode_loads_bundled_plugins_only(tmp_path):
    (tmp_path / "one.py").write_text(WORKING)

    assert loaded(folder=tmp_path, safe_mode=True).names == [*BUILTIN]


def test_an_installed_plugin_is_found_by_its_entry_point(monkeypatch):
    entry = types.SimpleNamespace(name="radio", load=Radio)
    monkeypatch.setattr(
        "leadhub.plugins.host.entry_points", lambda group: [entry] if group == "leadhub.plugins" else []
    )

    assert loaded().names == [*BUILTIN, "radio"]


def test_doctor_tells_of_a_plugin_that_was_left_out(make_app):
    app = make_app([("bad", Broken())], PLUGIN_STRICT=False)

    result = app.test_cli_runner().invoke(args=["doctor"])

    assert result.exit_code == 1
    assert "“bad” was left out: RuntimeError: boom" in result.output


def test_two_hubs_have_a_host_each(make_app, settings, tmp_path):
    first, second = make_app([("radio", Radio())]), make_app(settings=replace(settings, data_dir=tmp_path))

    assert "radio" in first.extensions["leadhub_host"].names
    assert "radio" not in second.extensions["leadhub_host"].names
