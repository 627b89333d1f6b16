"""What thousands of apps of one run would each work out anew is worked out once: addresses, static files, SQL.

Nothing here is an app's own: each app keeps its settings, its rules, its plugins and its engine for itself.
"""

import os
import sys
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from types import FunctionType, ModuleType

from pluggy import _manager as pluggy_manager
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule
from werkzeug.routing.rules import RulePart

from leadhub import assets, dev
from leadhub.plugins import host

_statements = LRUCache(4000)


def share() -> None:
    """From here on, for every app of this process."""
    share_rules()
    share_entry_points()
    share_static_files()
    share_modules_hooks()


def share_rules() -> None:
    """Every app has the same rules; Werkzeug parses each, and writes and compiles two functions for it."""
    compile_rule, known = Rule.compile, {}

    def shared(rule):
        kinds = tuple(rule.map.converters.items())
        key = (rule.rule, rule.host, rule.subdomain, rule.map.host_matching, rule.merge_slashes, repr(rule.defaults))
        key += (kinds, repr(rule.arguments))
        if key not in known:
            compile_rule(rule)
            rule._parts = [_same(part) for part in rule._parts]
            builders = (rule._build.__func__, rule._build_unknown.__func__)
            known[key] = (rule._parts, rule._trace, rule._converters, frozenset(rule.arguments), builders)
        rule._parts, rule._trace, rule._converters, arguments, (build, build_unknown) = known[key]
        rule.arguments = set(arguments)
        rule._build, rule._build_unknown = build.__get__(rule, None), build_unknown.__get__(rule, None)

    Rule.compile = shared


_parts: list[RulePart] = []


def _same(part: RulePart) -> RulePart:
    """An equal one that was seen before: those that are the same object are soon compared."""
    for one in _parts:
        if one == part:
            return one
    _parts.append(part)
    return part


def share_entry_points() -> None:
    """What is installed is looked up again where a folder of the path has changed."""

    @lru_cache(maxsize=100)
    def found(group, folders):
        return metadata.entry_points(group=group)

    def entry_points(group):
        return found(group, tuple((folder, _changed_at(folder)) for folder in sys.path))

    host.entry_points = dev.entry_points = entry_points


def _changed_at(folder: str) -> int:
    try:
        return os.stat(folder or ".").st_mtime_ns
    except OSError:
        return 0


def share_static_files() -> None:
    """The hub's own folder is read and its fingerprints are made once; any other folder is read by each app."""
    for name in ("own_files", "published_name", "icons_in"):
        setattr(assets, name, _once_for_ours(getattr(assets, name)))
    get_static_file = assets.StaticFiles.get_static_file
    files = {}

    def shared(server, path, url, stat_cache=None):
        key = (path, url, server.max_age)
        if server.autorefresh or not Path(path).is_relative_to(assets.STATIC):
            return get_static_file(server, path, url, stat_cache)
        if key not in files:
            files[key] = get_static_file(server, path, url, stat_cache)
        return files[key]

    assets.StaticFiles.get_static_file = shared


def _once_for_ours(function):
    known = lru_cache(maxsize=None)(function)
    return lambda *words: (known if words[-1].is_relative_to(assets.STATIC) else function)(*words)


def share_modules_hooks() -> None:
    """Pluggy looks for hooks in everything that a plugin has; in a module that is soon said."""
    look = pluggy_manager._static_hook_attr

    def look_soon(plugin, name):
        if type(plugin) is not ModuleType or name not in plugin.__dict__:
            return look(plugin, name)
        found = plugin.__dict__[name]
        if type(found) is FunctionType:
            return found, found
        return None if isinstance(found, type | str | ModuleType) else look(plugin, name)

    pluggy_manager._static_hook_attr = look_soon


def share_statements(engine) -> None:
    """SQL that was compiled for another engine of the same kind will do: the dialects are equal."""
    engine._compiled_cache = _statements


def _is_same_kind(one, other) -> bool:
    return type(one) is type(other)


for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
    dialect.__eq__ = _is_same_kind
    dialect.__hash__ = lambda one: hash(type(one))
