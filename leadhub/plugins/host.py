"""Loads plugins, keeps what they offer, and contains their failures.  One host per app, never a module global."""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pluggy
import structlog
from flask import current_app

from leadhub.plugins.api import hooks
from leadhub.plugins.api.sources import Source

BUILTIN = ("standard_sources",)
ENTRY_POINTS = "leadhub.plugins"
WORD_MAX = 200
log = structlog.get_logger()


@dataclass
class Host:
    """The plugins of one app.  ``failed`` maps a plugin's name to why it was left out."""

    strict: bool = False
    sources: list[Source] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    manager: pluggy.PluginManager = field(default_factory=lambda: pluggy.PluginManager(hooks.PROJECT))

    def __post_init__(self) -> None:
        self.manager.add_hookspecs(hooks)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.manager.list_name_plugin()]

    def load(self, plugins_dir: Path | None, safe_mode: bool, extra: Sequence[tuple[str, object]] = ()) -> None:
        """Bundled plugins first, then installed ones, then those of the folder, by name; safe mode stops after the
        bundled ones."""
        for name in BUILTIN:
            self._add(name, partial(importlib.import_module, f"leadhub.plugins.builtin.{name}"))
        for name, plugin in extra:
            self._add(name, partial(_itself, plugin))
        if safe_mode:
            return
        for entry_point in sorted(entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name):
            self._add(entry_point.name, entry_point.load)
        for path in _folder_plugins(plugins_dir):
            self._add(path.stem, partial(_module_of, path))

    def _add(self, name: str, find: Callable[[], Any]) -> None:
        """One plugin with what it offers, or a line in ``failed``; under ``strict`` its error goes on up."""
        if self.manager.has_plugin(name):
            self.failed[name] = "another plugin has this name"
            return
        try:
            plugin = find()
            self.manager.register(plugin, name=name)
            self.manager.check_pending()
            offered = self._offers_of(plugin)
        except (Exception, SystemExit) as error:  # the core meets a plugin: whatever it raises costs that plugin alone
            if self.strict:
                raise
            if self.manager.has_plugin(name):
                self.manager.unregister(name=name)
            self.failed[name] = f"{type(error).__name__}: {error}"
            log.error("plugin left out", plugin=name, exc_info=True)
        else:
            self.sources.extend(offered)

    def _offers_of(self, plugin: object) -> list[Source]:
        others = [other for other in self.manager.get_plugins() if other is not plugin]
        offered = self.manager.subset_hook_caller("register_sources", remove_plugins=others)()
        fresh = {source.key: source for sources in offered for source in map(_checked, sources)}
        taken = {source.key for source in self.sources}
        return [source for key, source in fresh.items() if key not in taken]


def current_host() -> Host:
    return cast(Host, current_app.extensions["leadhub_host"])


def _checked(source: Source) -> Source:
    """Raises ``TypeError`` for what the contract does not allow."""
    names = source.names if isinstance(source, Source) and isinstance(source.names, Mapping) else {}
    words = [getattr(source, "key", None), *names.values()]
    if not names or not all(isinstance(word, str) and 0 < len(word) <= WORD_MAX for word in words):
        raise TypeError(f"{source!r} is no Source with a key and names")
    return source


def _itself(plugin: object) -> object:
    return plugin


def _folder_plugins(folder: Path | None) -> list[Path]:
    """Modules (``x.py``) and packages (``x/__init__.py``) of the folder, by name."""
    if folder is None:
        return []
    modules = [path for path in folder.glob("*.py") if not path.name.startswith("_")]
    return sorted(modules + [path.parent for path in folder.glob("*/__init__.py")])


def _module_of(path: Path) -> ModuleType:
    file = path / "__init__.py" if path.is_dir() else path
    spec = importlib.util.spec_from_file_location(f"leadhub_plugin_{path.stem}", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
