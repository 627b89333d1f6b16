"""The list: keys that are searched and sorted by, indexes for a million leads, saved views, changes of many leads."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_the_list"
down_revision = "20261122_whole_lead"
branch_labels = None
depends_on = None

LIVE = sa.text("deleted_at IS NULL")
KEYS = {
    "sort_key": (200, "C"),
    "person_key": (None, None),
    "organisation_key": (200, "C"),
    "job_title_key": (None, None),
    "next_contact_note_key": (None, None),
}
"""Column -> length and PostgreSQL's collation: SQLite compares by code point anyway."""
LIST = (
    "received_at", "id", "owner_id", "status_id", "source_id", "type_id", "campaign_id", "request_type_id",
    "industry_id", "segment_id", "territory_id", "salutation_id", "next_contact_by_id", "created_by_id",
    "is_organisation", "unsubscribed", "next_contact_at", "created_at", "employees", "annual_revenue",
    "expected_value", "gender", "language", "currency", "deleted_at",
)  # fmt: skip
HELD = ("owner_id", "received_at", "id", "status_id", "source_id", "type_id", "next_contact_at", "deleted_at")
LIVE_INDEXES = {
    "ix_leads_list": LIST,
    "ix_leads_held": HELD,
    "ix_leads_sort_key": ("sort_key", "id"),
    "ix_leads_organisation_key": ("organisation_key", "id"),
}
SEARCH = """
    CREATE VIRTUAL TABLE leads_search
    USING fts5(search_key, content='leads', content_rowid='id', tokenize='trigram case_sensitive 1', columnsize=0)
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


def upgrade():
    _add_keys()
    op.drop_index("ix_leads_newest", "leads")
    for name, columns in LIVE_INDEXES.items():
        op.create_index(name, "leads", list(columns), sqlite_where=LIVE, postgresql_where=LIVE)
    op.create_index("ix_lead_addresses_country", "lead_addresses", ["country", "lead_id"])
    _add_search()
    _add_tables()


def _add_keys():
    for name, (length, collation) in KEYS.items():
        postgres = sa.String(length, collation=collation) if length else sa.Text()
        kind = (sa.String(length) if length else sa.Text()).with_variant(postgres, "postgresql")
        op.add_column("leads", sa.Column(name, kind, nullable=False, server_default=""))
    op.add_column("lead_addresses", sa.Column("city_key", sa.Text(), nullable=False, server_default=""))
    op.add_column("fields", sa.Column("searchable", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE leads SET search_key = ' ' || search_key")
    op.execute(  # what is not plain is folded by the worker, at once
        "INSERT INTO effects (kind, payload, state, attempts, interruptions, error, created_at, due_at)"
        " SELECT 'leads.keys', '{}', 'waiting', 0, 0, '', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP"
        " WHERE EXISTS (SELECT 1 FROM leads)"
    )


def _add_search():
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SEARCH)
        op.execute(
            "INSERT INTO leads_search(rowid, search_key) SELECT id, search_key FROM leads WHERE deleted_at IS NULL"
        )
        for name, body in TRIGGERS.items():
            op.execute(f"CREATE TRIGGER {name} {body}")
        return
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE INDEX ix_leads_search ON leads USING gin (search_key gin_trgm_ops) WHERE deleted_at IS NULL")


def _add_tables():
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(8), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("default_for", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], "fk_saved_views_owner_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], "fk_saved_views_team_id", ondelete="RESTRICT"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_saved_views_owner_id", "saved_views", ["owner_id"])
    op.create_index("ix_saved_views_team_id", "saved_views", ["team_id"])
    op.create_table(
        "bulk_runs",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("undone", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], "fk_bulk_runs_by_id", ondelete="RESTRICT"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bulk_runs_by_id", "bulk_runs", ["by_id"])
    op.create_table(
        "bulk_items",
        sa.Column("run_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("lead_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("old", sa.JSON(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["bulk_runs.id"], "fk_bulk_items_run_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], "fk_bulk_items_lead_id", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_bulk_items_lead_id", "bulk_items", ["lead_id"])
    told = sa.text("state IN ('refused', 'kept')")
    reason = ["run_id", "state", "lead_id"]
    op.create_index("ix_bulk_items_reason", "bulk_items", reason, sqlite_where=told, postgresql_where=told)


def downgrade():
    for name in ("bulk_items", "bulk_runs", "saved_views"):
        op.drop_table(name)
    if op.get_bind().dialect.name == "sqlite":
        for name in TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
        op.execute("DROP TABLE leads_search")
    else:
        op.execute("DROP INDEX ix_leads_search")
    op.drop_index("ix_lead_addresses_country", "lead_addresses")
    for name in LIVE_INDEXES:
        op.drop_index(name, "leads")
    op.create_index("ix_leads_newest", "leads", ["received_at", "id"])
    op.drop_column("fields", "searchable")
    op.drop_column("lead_addresses", "city_key")
    for name in KEYS:
        op.drop_column("leads", name)
