"""Statuses: rules, actions, deletions; the facts, the path and the lost reason of a lead."""

from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "20261124_statuses"
down_revision = "20261122_the_list"
branch_labels = None
depends_on = None

LIVE = sa.text("deleted_at IS NULL")
BATCHED = sa.text("deletion_id IS NOT NULL")
LIST = [
    "received_at", "id", "owner_id", "status_id", "source_id", "type_id", "campaign_id", "request_type_id",
    "industry_id", "segment_id", "territory_id", "salutation_id", "next_contact_by_id", "created_by_id",
    "is_organisation", "unsubscribed", "next_contact_at", "created_at", "employees", "annual_revenue",
    "expected_value", "gender", "language", "currency",
]  # fmt: skip
LAST_CHANGE = """
    SELECT max(at) FROM lead_events
    WHERE lead_events.lead_id = leads.id AND CAST(changes AS TEXT) LIKE '%"field": "status"%'
"""


GONE = "INSERT INTO leads_search(leads_search, rowid, search_key) SELECT 'delete', old.id, old.search_key"
HERE = "INSERT INTO leads_search(rowid, search_key) SELECT new.id, new.search_key"
TRIGGERS = {
    "leads_search_insert": f"AFTER INSERT ON leads BEGIN {HERE} WHERE new.deleted_at IS NULL; END",
    "leads_search_delete": f"AFTER DELETE ON leads BEGIN {GONE} WHERE old.deleted_at IS NULL; END",
    "leads_search_update": f"""
        AFTER UPDATE OF search_key, deleted_at ON leads
        WHEN old.search_key IS NOT new.search_key OR (old.deleted_at IS NULL) <> (new.deleted_at IS NULL)
        BEGIN {GONE} WHERE old.deleted_at IS NULL; {HERE} WHERE new.deleted_at IS NULL; END
    """,
}
"""Of the search on SQLite: batch mode makes the table of leads anew, and loses them (ADR 17)."""


def upgrade():
    with op.batch_alter_table("statuses", recreate="auto", table_kwargs={"sqlite_autoincrement": True}) as statuses:
        statuses.add_column(sa.Column("needs_reason", sa.Boolean(), nullable=False, server_default="0"))
        statuses.alter_column("kind", existing_type=sa.String(16), nullable=False)  # makes the table anew on SQLite
    op.execute("UPDATE statuses SET needs_reason = TRUE WHERE key = 'closed'")
    _make_tables()
    op.add_column("leads", sa.Column("status_since", sa.DateTime(), nullable=True))
    op.execute(f"UPDATE leads SET status_since = coalesce(({LAST_CHANGE}), created_at)")  # noqa: S608
    op.drop_index("ix_leads_list", "leads")
    with _ids_kept(), op.batch_alter_table("leads", table_kwargs={"sqlite_autoincrement": True}) as leads:
        leads.alter_column("status_since", existing_type=sa.DateTime(), nullable=False)
        leads.add_column(sa.Column("lost_reason_id", sa.Integer(), nullable=True))
        leads.create_foreign_key(
            "fk_leads_lost_reason_id", "loss_reasons", ["lost_reason_id"], ["id"], ondelete="RESTRICT"
        )
    _search_again()
    op.create_index("ix_leads_lost_reason_id", "leads", ["lost_reason_id"])
    _make_list([*LIST, "lost_reason_id", "deleted_at"])
    _begin_paths()


@contextmanager
def _ids_kept():
    """SQLite makes a changed table anew, and would forget which ids its AUTOINCREMENT has given out."""
    bind = op.get_bind()
    wanted = sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'leads'")
    highest = bind.scalar(wanted) if bind.dialect.name == "sqlite" else None
    yield
    if highest is not None:
        bind.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = 'leads'"))
        row = {"highest": highest}
        bind.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES ('leads', :highest)"), row)


def _search_again():
    if op.get_bind().dialect.name == "sqlite":
        for name, body in TRIGGERS.items():
            op.execute(f"CREATE TRIGGER {name} {body}")


def _make_list(columns):
    op.create_index("ix_leads_list", "leads", columns, sqlite_where=LIVE, postgresql_where=LIVE)


def _make_tables():
    op.create_table(
        "status_rules",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("rule", sa.String(100), nullable=False),
        sa.Column("status_id", sa.Integer(), nullable=True),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["status_id"], ["statuses.id"], "fk_status_rules_status_id", ondelete="RESTRICT"),
        sa.UniqueConstraint("rule", name="uq_status_rules_rule"),
    )
    op.create_index("ix_status_rules_status_id", "status_rules", ["status_id"])
    op.create_table(
        "status_actions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("status_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(100), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["status_id"], ["statuses.id"], "fk_status_actions_status_id", ondelete="RESTRICT"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_status_actions_status_id", "status_actions", ["status_id"])
    op.create_table(
        "status_deletions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("status_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=True),
        sa.Column("row", sa.JSON(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("memory", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], "fk_status_deletions_by_id", ondelete="RESTRICT"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_status_deletions_status_id", "status_deletions", ["status_id"])
    op.create_table(
        "lead_facts",
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("about", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], "fk_lead_facts_lead_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("lead_id", "name", name="pk_lead_facts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "status_moves",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("from_id", sa.Integer(), nullable=True),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("from_names", sa.JSON(), nullable=False),
        sa.Column("to_names", sa.JSON(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=True),
        sa.Column("cause", sa.String(64), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("is_choice", sa.Boolean(), nullable=False),
        sa.Column("deletion_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], "fk_status_moves_lead_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], "fk_status_moves_by_id", ondelete="RESTRICT"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_status_moves_path", "status_moves", ["lead_id", "id"])
    batched = ["deletion_id", "lead_id"]
    op.create_index(
        "ix_status_moves_deletion_id", "status_moves", batched, sqlite_where=BATCHED, postgresql_where=BATCHED
    )
    op.create_table(
        "status_runs",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("move_id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(100), nullable=False),
        sa.Column("status_names", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("told", sa.String(500), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], "fk_status_runs_lead_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_status_runs_lead_id", "status_runs", ["lead_id"])
    op.create_index("ix_status_runs_state", "status_runs", ["state", "id"])
    op.create_index("ix_status_runs_action_id", "status_runs", ["action_id", "id"])


def _begin_paths():
    """Whatever status a lead has that is not the default was somebody's choice: there were no rules before."""
    op.execute(
        "INSERT INTO status_moves"
        " (lead_id, at, from_names, to_id, to_names, cause, arguments, is_choice)"
        " SELECT leads.id, leads.status_since, '{}', statuses.id, statuses.names, 'hand', '{}', TRUE"
        " FROM leads JOIN statuses ON statuses.id = leads.status_id WHERE NOT statuses.is_default"
    )


def downgrade():
    for name in ("ix_leads_list", "ix_leads_lost_reason_id"):
        op.drop_index(name, "leads")
    with _ids_kept(), op.batch_alter_table("leads", table_kwargs={"sqlite_autoincrement": True}) as leads:
        leads.drop_constraint("fk_leads_lost_reason_id", type_="foreignkey")
        leads.drop_column("lost_reason_id")
        leads.drop_column("status_since")
    _search_again()
    _make_list([*LIST, "deleted_at"])
    for name in ("status_runs", "status_moves", "lead_facts", "status_deletions", "status_actions", "status_rules"):
        op.drop_table(name)
    with op.batch_alter_table("statuses", table_kwargs={"sqlite_autoincrement": False}) as statuses:
        statuses.drop_column("needs_reason")
