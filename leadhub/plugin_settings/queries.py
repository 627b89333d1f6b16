"""Reads what the hub keeps of plugins.  Nothing here writes."""

import sqlalchemy as sa
from flask import Flask

from leadhub.database import reading_aside
from leadhub.extensions import db
from leadhub.plugin_settings.models import PluginRow
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
    return Switches(frozenset(row.name for row in rows if row.is_off), retried)
