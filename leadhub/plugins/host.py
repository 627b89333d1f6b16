"""Loads plugins, keeps what they offer, and calls them so that a failure costs that call alone.  One host per app."""

import importlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, TypeVar, cast

import pluggy
from flask import current_app

from leadhub.plugins import deprecations, probe
from leadhub.plugins.api import hooks
from leadhub.plugins.api.sources import Source
from leadhub.plugins.finding import check_hooks, check_version, folder_plugins, module_of, version_of
from leadhub.plugins.health import Containment, Passes, PluginFailed, note, words_of
from leadhub.plugins.kinds import KINDS, NEWS, whole_key
from leadhub.plugins.loaded import BUNDLED, FOLDER, GIVEN, INSTALLED, Loaded, Offer, described

BUILTIN = (
    "standard_sources", "automatic_statuses", "status_actions", "standard_widgets", "more_widgets", "sales_widgets",
    "more_statuses", "event_log", "same_company", "days_in_status", "data_quality", "webhook", "feed",
)  # fmt: skip
ENTRY_POINTS = "leadhub.plugins"
NAME_MAX = 50  # keys that begin with it have to fit into their columns
SWITCH_SECONDS = 5.0  # until every process knows that a plugin was switched off
Result = TypeVar("Result")


@dataclass(frozen=True)
class Switches:
    """``off`` and ``on``: names of plugins that somebody has switched.  ``retried``: name -> when somebody wanted it
    called again (Unix time)."""

    off: frozenset[str] = frozenset()
    on: frozenset[str] = frozenset()
    retried: Mapping[str, float] = field(default_factory=dict)


@dataclass
class Host:
    """The plugins of one app.  ``failed`` maps a plugin's name to why it was left out."""

    strict: bool = False
    memory: Path | None = None  # file that keeps which plugins loaded well in a process of their own
    offers: dict[str, dict[str, Offer]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    plugins: dict[str, Loaded] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    manager: pluggy.PluginManager = field(default_factory=lambda: pluggy.PluginManager(hooks.PROJECT))
    containment: Containment = field(default_factory=Containment)
    read_switches: Callable[["Switches"], "Switches"] = lambda before: before  # the app says where that is kept
    switches: "Switches | None" = None
    last_known: "Switches" = field(default_factory=lambda: Switches())
    read_at: float = -SWITCH_SECONDS
    switch_seconds: float = SWITCH_SECONDS
    noticed: Callable[[PluginFailed], None] = lambda failed: None  # what the app does where a call has failed

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
            self._add(entry.name, INSTALLED, entry.load, partial(probe.Suspect.installed, entry), version_of(entry))
        self.load_paths(folder_plugins(plugins_dir))

    def load_paths(self, paths: Sequence[Path]) -> None:
        """Modules and packages, each named as its file or folder."""
        for path in paths:
            self._add(path.stem, FOLDER, partial(module_of, path), partial(probe.Suspect.in_folder, path))

    def load_entries(self, entries: Sequence[EntryPoint], version: str = "") -> None:
        """What these name, of a package that need not be installed: its folder is on the path of imports."""
        for entry in entries:
            self._add(entry.name, FOLDER, entry.load, partial(probe.Suspect.named, entry), version)

    def is_on(self, plugin: str) -> bool:
        """Is it there, and has nobody switched it off?  Known anew every five seconds."""
        known = self.switches  # another thread may forget them in this moment
        if known is None or time.monotonic() - self.read_at >= self.switch_seconds:
            known = self.read_switches(self.last_known)
            self.read_at, self.switches, self.last_known = time.monotonic(), known, known
            for name, moment in known.retried.items():
                self.containment.close_before(name, moment)
        there = self.plugins.get(plugin)
        return there is not None and plugin not in known.off and (plugin in known.on or not there.starts_off)

    def offered(self, kind: str) -> dict[str, Offer]:
        """Key -> offer, of the plugins that are on."""
        return {key: offer for key, offer in self.offers[kind].items() if self.is_on(offer.plugin)}

    def listeners(self, hook: str) -> list[str]:
        """Names of the plugins that are on and want this news, in the order in which they were loaded."""
        return [name for name, plugin in self.plugins.items() if hook in plugin.news and self.is_on(name)]

    def listens(self, *hooks: str) -> bool:
        """Does any plugin that is on want one of these?"""
        return any(hook in plugin.news and self.is_on(name) for name, plugin in self.plugins.items() for hook in hooks)

    def tell(self, plugin: str, hook: str, seconds: float, **news: Any) -> None:
        """Have one plugin hear of something.  Raises ``PluginFailed``."""
        others = [other for name, other in self.manager.list_name_plugin() if name != plugin]
        self.call(
            plugin, partial(self.manager.subset_hook_caller(hook, remove_plugins=others), **news), seconds=seconds
        )

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
        return self.call_off(plugin, work, *arguments, seconds=seconds, passes=passes)

    def call_off(
        self, plugin: str, work: Callable[..., Result], *arguments: Any, seconds: float = 0.0, passes: Passes = ()
    ) -> Result:
        """The same, were it switched off: what it is set up with."""
        limit = 0.0 if self.plugins[plugin].is_bundled else seconds
        try:
            return self.containment.call(plugin, work, *arguments, seconds=limit, passes=passes)
        except PluginFailed as error:
            self.noticed(error)
            raise

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
            loaded, offered = self._registered(name, origin, find, version)
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

    def _registered(
        self, name: str, origin: str, find: Callable[[], Any], version: str
    ) -> tuple[Loaded, dict[str, dict[str, Offer]]]:
        """Loaded, looked at, and known to the manager; whatever it raises goes on up."""
        with deprecations.overheard(is_listening=origin != BUNDLED) as told:
            plugin = find()
            check_version(plugin)
            self.manager.register(plugin, name=name)
            check_hooks(self.manager)
            offered = {kind: self._offered(kind, name, plugin, origin) for kind in KINDS}
        heard = [caller.name for caller in self.manager.get_hookcallers(plugin) or ()]
        loaded = described(name, origin, version, plugin, offered, [hook for hook in NEWS if hook in heard])
        return replace(loaded, warnings=deprecations.of_plugin(plugin, told)), offered

    def _offered(self, kind: str, name: str, plugin: object, origin: str) -> dict[str, Offer]:
        """Whole key -> offer.  The keys of bundled plugins stand alone, as those of all sources do; a key that is taken
        stays with whoever had it first, and stands once in a plugin."""
        others = [other for other in self.manager.get_plugins() if other is not plugin]
        results = self.manager.subset_hook_caller(KINDS[kind].hook, remove_plugins=others)()
        checked = {value.key: value for values in results for value in map(KINDS[kind].check, values)}
        is_bundled = origin == BUNDLED
        whole = {whole_key(kind, name, key, is_bundled=is_bundled): value for key, value in checked.items()}
        return {key: Offer(name, key, value) for key, value in whole.items() if key not in self.offers[kind]}


def current_host() -> Host:
    return cast(Host, current_app.extensions["leadhub_host"])


def plugin_of(key: str) -> str:
    """Whose an offer with this key would be."""
    return key.partition(".")[0] if "." in key else ""


def _itself(plugin: object) -> object:
    return plugin


__all__ = ["Host", "Loaded", "Offer", "Switches", "current_host", "plugin_of"]
