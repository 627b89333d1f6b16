"""Loads plugins, keeps what they offer, and calls them so that a failure costs that call alone.  One host per app."""

import difflib
import importlib
import importlib.util
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

import pluggy
from flask import current_app

from leadhub.plugins import probe
from leadhub.plugins.api import hooks
from leadhub.plugins.api.sources import Source
from leadhub.plugins.api.statuses import StatusAction, StatusRule
from leadhub.plugins.checks import are_names, check_action, check_rule, check_source
from leadhub.plugins.health import Containment, Passes, PluginFailed, note, words_of

BUILTIN = ("standard_sources", "automatic_statuses", "status_actions")
ENTRY_POINTS = "leadhub.plugins"
BUNDLED, INSTALLED, FOLDER, GIVEN = "bundled", "installed", "folder", "given"
NAME_MAX = 50  # keys that begin with it have to fit into their columns
SWITCH_SECONDS = 5.0  # until every process knows that a plugin was switched off
HOOK_OF = {"sources": "register_sources", "rules": "register_status_rules", "actions": "register_status_actions"}
CHECKS: dict[str, Callable[[Any], Any]] = {"sources": check_source, "rules": check_rule, "actions": check_action}
Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """One plugin that is there.  ``offers``: kind -> keys, as ``Host`` keeps them."""

    name: str
    origin: str
    version: str = ""
    purpose: Mapping[str, str] = field(default_factory=dict)
    docs: str = ""
    offers: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def is_bundled(self) -> bool:
        return self.origin == BUNDLED

    @property
    def is_called(self) -> bool:
        """Does it offer anything but sources, which are rows once the hub has met them?"""
        return bool(set(self.offers) - {"sources"})


@dataclass(frozen=True)
class Switches:
    """``off``: names of plugins that nobody calls.  ``retried``: name -> when somebody wanted it called again (Unix
    time)."""

    off: frozenset[str] = frozenset()
    retried: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Offer:
    """Something that a plugin offers; ``key`` names it in the whole hub."""

    plugin: str
    key: str
    value: Any


@dataclass
class Host:
    """The plugins of one app.  ``failed`` maps a plugin's name to why it was left out."""

    strict: bool = False
    memory: Path | None = None  # file that keeps which plugins loaded well in a process of their own
    offers: dict[str, dict[str, Offer]] = field(default_factory=lambda: {kind: {} for kind in HOOK_OF})
    plugins: dict[str, Loaded] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    manager: pluggy.PluginManager = field(default_factory=lambda: pluggy.PluginManager(hooks.PROJECT))
    containment: Containment = field(default_factory=Containment)
    read_switches: Callable[["Switches"], "Switches"] = lambda before: before  # the app says where that is kept
    switches: "Switches | None" = None
    last_known: "Switches" = field(default_factory=lambda: Switches())
    read_at: float = -SWITCH_SECONDS
    switch_seconds: float = SWITCH_SECONDS

    def __post_init__(self) -> None:
        self.manager.add_hookspecs(hooks)

    @property
    def names(self) -> list[str]:
        return list(self.plugins)

    @property
    def sources(self) -> list[Source]:
        return [offer.value for offer in self.offers["sources"].values()]

    @property
    def rules(self) -> dict[str, Offer]:
        """Key -> an offer whose value is a ``StatusRule``."""
        return self.offers["rules"]

    @property
    def actions(self) -> dict[str, Offer]:
        """Key -> an offer whose value is a ``StatusAction``."""
        return self.offers["actions"]

    def load(self, plugins_dir: Path | None, safe_mode: bool, extra: Sequence[tuple[str, object]] = ()) -> None:
        """Bundled plugins first, then installed ones, then those of the folder, by name; safe mode stops after the
        bundled ones."""
        for name in BUILTIN:
            self._add(name, BUNDLED, partial(importlib.import_module, f"leadhub.plugins.builtin.{name}"))
        for name, plugin in extra:
            self._add(name, GIVEN, partial(_itself, plugin))
        if safe_mode:
            return
        for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name):
            self._add(entry.name, INSTALLED, entry.load, partial(probe.Suspect.installed, entry), _version_of(entry))
        self.load_paths(folder_plugins(plugins_dir))

    def load_paths(self, paths: Sequence[Path]) -> None:
        """Modules and packages, each named as its file or folder."""
        for path in paths:
            self._add(path.stem, FOLDER, partial(module_of, path), partial(probe.Suspect.in_folder, path))

    def is_on(self, plugin: str) -> bool:
        """Is it there, and has nobody switched it off?  Known anew every five seconds."""
        known = self.switches  # another thread may forget them in this moment
        if known is None or time.monotonic() - self.read_at >= self.switch_seconds:
            known = self.read_switches(self.last_known)
            self.read_at, self.switches, self.last_known = time.monotonic(), known, known
            for name, moment in known.retried.items():
                self.containment.close_before(name, moment)
        return plugin in self.plugins and plugin not in known.off

    def forget_switches(self) -> None:
        """This process has changed one."""
        self.switches = None

    def call(
        self, plugin: str, work: Callable[..., Result], *arguments: Any, seconds: float = 0.0, passes: Passes = ()
    ) -> Result:
        """What a plugin's function returns.  Bundled ones have no deadline.  Raises ``PluginFailed``, or one of
        ``passes``."""
        if not self.is_on(plugin):
            raise PluginFailed(f"{plugin} is switched off")
        limit = 0.0 if self.plugins[plugin].is_bundled else seconds
        return self.containment.call(plugin, work, *arguments, seconds=limit, passes=passes)

    def _add(
        self,
        name: str,
        origin: str,
        find: Callable[[], Any],
        suspect: "Callable[[], probe.Suspect | None]" = lambda: None,
        version: str = "",
    ) -> None:
        """One plugin with what it offers, or a line in ``failed``; under ``strict`` its error goes on up."""
        if self.manager.has_plugin(name) or name in self.failed:
            self.failed[name] = "another plugin has this name"
            return
        try:
            if len(name) > NAME_MAX:
                raise TypeError(f"its name is longer than {NAME_MAX} characters")
            if tried := suspect():
                probe.try_out(tried, self.memory)
            plugin = find()
            _check_version(plugin)
            self.manager.register(plugin, name=name)
            _check_hooks(self.manager)
            offered = {kind: self._offered(kind, name, plugin, origin) for kind in HOOK_OF}
            loaded = _loaded(name, origin, version, plugin, offered)
        except (Exception, SystemExit) as error:  # the core meets a plugin: whatever it raises costs that plugin alone
            if self.strict:
                raise
            if self.manager.has_plugin(name):
                self.manager.unregister(name=name)
            self.failed[name] = words_of(error)
            note("plugin left out", name, self.failed[name])
        else:
            for kind, found in offered.items():
                self.offers[kind] |= found
            self.plugins[name] = loaded

    def _offered(self, kind: str, name: str, plugin: object, origin: str) -> dict[str, Offer]:
        """Whole key -> offer.  The keys of bundled plugins stand alone, as those of all sources do; a key that is taken
        stays with whoever had it first, and stands once in a plugin."""
        others = [other for other in self.manager.get_plugins() if other is not plugin]
        results = self.manager.subset_hook_caller(HOOK_OF[kind], remove_plugins=others)()
        checked = {value.key: value for values in results for value in map(CHECKS[kind], values)}
        is_bare = kind == "sources" or origin == BUNDLED
        whole = {key if is_bare else f"{name}.{key}": value for key, value in checked.items()}
        return {key: Offer(name, key, value) for key, value in whole.items() if key not in self.offers[kind]}


def current_host() -> Host:
    return cast(Host, current_app.extensions["leadhub_host"])


def plugin_of(key: str) -> str:
    """Whose an offer with this key would be."""
    return key.partition(".")[0] if "." in key else ""


def _loaded(name: str, origin: str, version: str, plugin: object, offered: Mapping[str, Mapping[str, Offer]]) -> Loaded:
    """What it says of itself; it may raise anything there too."""
    docs = str(getattr(plugin, "DOCS", ""))
    return Loaded(
        name=name,
        origin=origin,
        version=version or str(getattr(plugin, "__version__", "")),
        purpose=_purpose_of(plugin),
        docs=docs if docs.startswith("https://") else "",
        offers={kind: list(found) for kind, found in offered.items() if found},
    )


def _check_version(plugin: object) -> None:
    """Raises ``TypeError`` for one that was written for a newer contract."""
    wanted = getattr(plugin, "LEADHUB_API", hooks.API_VERSION)
    if tuple(wanted) > hooks.API_VERSION:
        told, ours = (".".join(map(str, version)) for version in (wanted, hooks.API_VERSION))
        raise TypeError(f"it is written for version {told} of the plugin API; this hub has {ours}")


def _check_hooks(manager: pluggy.PluginManager) -> None:
    """A hook that does not exist is an error, with the nearest one that does."""
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        found = re.search(r"unknown hook '(\w+)'", str(error))
        known = [name for name in vars(hooks) if name.startswith(("register_", "lead_", "status_"))]
        near = difflib.get_close_matches(found[1], known, n=1) if found else []
        if not found or not near:
            raise
        words = f"there is no hook {found[1]!r}; did you mean {near[0]!r}?"
        raise pluggy.PluginValidationError(error.plugin, words) from None


def _purpose_of(plugin: object) -> Mapping[str, str]:
    """By language: ``PURPOSE``, else the first line of the docstring."""
    told: Any = getattr(plugin, "PURPOSE", None)
    first = (getattr(plugin, "__doc__", "") or "").strip().partition("\n")[0]
    return dict(told) if are_names(told) else {"en": first} if first else {}


def _itself(plugin: object) -> object:
    return plugin


def _version_of(entry: EntryPoint) -> str:
    dist = getattr(entry, "dist", None)
    return str(dist.version) if dist else ""


def folder_plugins(folder: Path | None) -> list[Path]:
    """Modules (``x.py``) and packages (``x/__init__.py``) of the folder, by name."""
    if folder is None:
        return []
    modules = [path for path in folder.glob("*.py") if not path.name.startswith("_")]
    return sorted(modules + [path.parent for path in folder.glob("*/__init__.py")])


def module_of(path: Path) -> ModuleType:
    file = path / "__init__.py" if path.is_dir() else path
    spec = importlib.util.spec_from_file_location(f"leadhub_plugin_{path.stem}", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


__all__ = ["Host", "Loaded", "Offer", "StatusAction", "StatusRule", "current_host", "plugin_of"]
