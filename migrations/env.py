"""Runs migrations with the app's own engine: one transaction for all of them, batch mode for SQLite."""

from alembic import context
from flask import current_app

from leadhub.database import Scaled, UtcDateTime, is_search_table

database = current_app.extensions["migrate"].db


def render_item(kind, item, autogen_context):
    plain = {UtcDateTime: "sa.DateTime()", Scaled: "sa.BigInteger()"}
    return plain.get(type(item), False) if kind == "type" else False


def process_revision_directives(context, revision, directives):
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


with database.engine.connect() as connection:
    if connection.dialect.name == "sqlite":
        # batch mode makes a table anew and renames it: with foreign keys on, that would drop what refers to it
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        render_as_batch=True,
        render_item=render_item,
        process_revision_directives=process_revision_directives,
        compare_type=True,
        include_object=lambda part, name, kind, *rest: not is_search_table(name) and name != "ix_leads_search",
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")
