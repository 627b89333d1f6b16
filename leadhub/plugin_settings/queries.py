"""Reads what the hub keeps of plugins.  Nothing here writes."""

from typing import Any

import sqlalchemy as sa
from flask import Flask

from leadhub.database import reading_aside
from leadhub.extensions import db
from leadhub.plugin_settings.models import PluginRow
from leadhub.plugin_settings.stored import Stored
from leadhub.plugins.host import Switches


def plugin_rows() -> dict[str, PluginRow]:
    return {row.name: row for row in db.session.scalars(sa.select(PluginRow))}


def switches(app: Flask, before: Switches) -> Switches:
    """Through a connection of its own, since it may be asked for in the middle of anything; what was known ``before``
    where the database does not answer, or has no such table yet."""
    wanted = sa.select(PluginRow.name, PluginRow.is_off, PluginRow.retried_at)
    with app.app_context():
        engine = db.engine
    try:
        with reading_aside(engine) as connection:
            rows = connection.execute(wanted).all()
    except sa.exc.SQLAlchemyError:
        return before
    retried = {row.name: row.retried_at.timestamp() for row in rows if row.retried_at}
    off = frozenset(row.name for row in rows if row.is_off)
    return Switches(off, frozenset(row.name for row in rows) - off, retried)


def settings_of(plugin: str) -> dict[str, Any]:
    """What somebody has set, with its secrets; those that today's keys can't read are left out."""
    return stored_for(plugin).opened()


def stored_for(plugin: str) -> Stored:
    row = db.session.get(PluginRow, plugin)
    return Stored(row.settings, row.secrets) if row else Stored()
