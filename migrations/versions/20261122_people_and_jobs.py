"""Teams, sessions, links, failures, the audit log; effects and workers; imports by web."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_people_and_jobs"
down_revision = "20261122_first"
branch_labels = None
depends_on = None


def upgrade():
    _people()
    _jobs()
    _imports()
    with op.batch_alter_table("hub") as table:
        table.add_column(sa.Column("mail_server", sa.Text(), nullable=True))
        table.add_column(sa.Column("mail_from", sa.String(length=254), server_default="", nullable=False))


def _people():
    op.create_table(
        "teams",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_teams"),
        sa.UniqueConstraint("name", name="uq_teams_name"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("roles") as table:
        table.add_column(sa.Column("reach", sa.String(length=8), server_default="all", nullable=False))
    with op.batch_alter_table("users", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.add_column(sa.Column("time_zone", sa.String(length=64), server_default="", nullable=False))
        table.add_column(sa.Column("team_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("away", sa.Boolean(), server_default=sa.false(), nullable=False))
        table.add_column(sa.Column("joined_at", sa.DateTime(), nullable=True))
        table.add_column(sa.Column("password_set_at", sa.DateTime(), nullable=True))
        table.add_column(sa.Column("oidc_subject", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("tf_last_counter", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("mf_recovery_codes", sa.UnicodeText(), nullable=True))
        table.create_foreign_key("fk_users_team_id", "teams", ["team_id"], ["id"], ondelete="RESTRICT")
        table.create_unique_constraint("uq_users_oidc_subject", ["oidc_subject"])
        table.create_index("ix_users_team_id", ["team_id"])
    op.execute("UPDATE users SET joined_at = create_datetime, password_set_at = create_datetime")
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("stays", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("token_hash", name="uq_sessions_token_hash"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "account_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_account_links_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_account_links"),
        sa.UniqueConstraint("token_hash", name="uq_account_links_token_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_account_links_user_id", "account_links", ["user_id"])
    op.create_table(
        "failures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("door", sa.String(length=16), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_failures"),
    )
    op.create_index("ix_failures_account", "failures", ["account", "at"])
    op.create_index("ix_failures_address", "failures", ["address", "at"])
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_audit_events_user_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_events_at", "audit_events", ["at"])
    op.create_index("ix_audit_events_user_id", "audit_events", ["user_id"])


def _jobs():
    op.create_table(
        "effects",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("interruptions", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_effects"),
        sa.UniqueConstraint("dedupe_key", name="uq_effects_dedupe_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_effects_due", "effects", ["state", "due_at"])
    op.create_table(
        "workers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workers"),
    )


def _imports():
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("format", sa.JSON(), nullable=False),
        sa.Column("forced", sa.JSON(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name="fk_imports_by_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_imports_by_id", "imports", ["by_id"])
    op.create_table(
        "import_refusals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_import_refusals_import_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_import_refusals"),
    )
    op.create_index("ix_import_refusals_import_id", "import_refusals", ["import_id"])


def downgrade():
    for name in ("import_refusals", "imports", "workers", "effects", "audit_events", "failures", "account_links"):
        op.drop_table(name)
    op.drop_table("sessions")
    with op.batch_alter_table("hub") as table:
        table.drop_column("mail_from")
        table.drop_column("mail_server")
    with op.batch_alter_table("users", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_index("ix_users_team_id")
        table.drop_constraint("uq_users_oidc_subject", type_="unique")
        table.drop_constraint("fk_users_team_id", type_="foreignkey")
        for column in (
            "mf_recovery_codes", "tf_last_counter", "oidc_subject", "password_set_at", "joined_at",
            "away", "team_id", "time_zone",
        ):  # fmt: skip
            table.drop_column(column)
    with op.batch_alter_table("roles") as table:
        table.drop_column("reach")
    op.drop_table("teams")
