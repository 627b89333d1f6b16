"""Switches plugins, and writes down how they fare."""

import time
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_babel import gettext as _
from sqlalchemy.dialects import postgresql, sqlite

from leadhub.accounts import audit
from leadhub.accounts.models import User
from leadhub.database import utcnow, write_if_free
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.plugin_settings.models import PluginRow
from leadhub.plugin_settings.stored import Stored
from leadhub.plugins.health import Tally
from leadhub.plugins.host import Host, current_host

FLUSH_SECONDS = 5.0


class NoSuchPlugin(RuleBroken):
    """It is not installed (any more)."""


def switch(name: str, *, is_on: bool, by: User) -> None:
    """In every process within five seconds.  Raises ``NoSuchPlugin``; commits nothing."""
    _known(name)
    _put(name, {"is_off": not is_on})
    audit.record("plugins", user=by, plugin=name, on=is_on)


def retry(name: str, *, by: User) -> None:
    """Have one that rests after failures called again.  Commits nothing."""
    _known(name)
    starts_off = current_host().plugins[name].starts_off
    _put(name, {"retried_at": utcnow(), "resting_since": None}, {"is_off": starts_off})
    audit.record("plugins", user=by, plugin=name)


def set_up(name: str, stored: Stored, *, by: User) -> None:
    """What the plugin's own form gave.  Raises ``NoSuchPlugin``; commits nothing."""
    _known(name)
    starts_off = current_host().plugins[name].starts_off
    values = {"settings": dict(stored.settings), "secrets": stored.secrets}
    _put(name, values, {"is_off": starts_off})
    audit.record("plugins", user=by, plugin=name)


def watch(app: Flask, host: Host) -> None:
    """From now on what this process counts is added to the table, at most every five seconds."""
    last = {"at": time.monotonic()}

    @app.teardown_appcontext
    def flush(error: BaseException | None) -> None:
        if not host.containment.tallies or time.monotonic() - last["at"] < FLUSH_SECONDS:
            return
        last["at"] = time.monotonic()
        flush_tallies(host)


def flush_tallies(host: Host) -> None:
    """What can't be written now is written another time."""
    for name, tally in host.containment.taken().items():
        starts_off = name in host.plugins and host.plugins[name].starts_off
        if not write_if_free(db.engine, _added(name, tally, starts_off)):
            host.containment.give_back(name, tally)


def _added(name: str, tally: Tally, starts_off: bool) -> Any:
    row: dict[str, Any] = {
        "name": name, "is_off": starts_off, "calls": tally.calls, "failures": tally.failures,
        "slowest": int(tally.slowest * 1000), "last_error": tally.last_error,
        "failed_at": utcnow() if tally.failures else None, "resting_since": utcnow() if tally.is_resting else None,
    }  # fmt: skip
    statement = _insert().values(row)
    new, old = statement.excluded.slowest, PluginRow.slowest
    values: dict[str, Any] = {
        "calls": PluginRow.calls + statement.excluded.calls,
        "failures": PluginRow.failures + statement.excluded.failures,
        "slowest": sa.case((new > old, new), else_=old),
    }
    if tally.failures:
        values |= {"last_error": tally.last_error, "failed_at": utcnow()}
    if tally.is_resting:
        values["resting_since"] = utcnow()
    elif tally.calls > tally.failures:  # it works again
        values["resting_since"] = None
    return statement.on_conflict_do_update(index_elements=[PluginRow.name], set_=values)


def _put(name: str, values: dict[str, Any], at_first: Mapping[str, Any] | None = None) -> None:
    """``at_first``: what a row gets only when it is new."""
    statement = _insert().values({"name": name, **(at_first or {}), **values})
    db.session.execute(statement.on_conflict_do_update(index_elements=[PluginRow.name], set_=values))


def _insert() -> Any:
    dialect: Any = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    return dialect.insert(PluginRow)


def _known(name: str) -> None:
    if name not in current_host().plugins:
        raise NoSuchPlugin(_("The plugin “%(name)s” is not installed.", name=name))
