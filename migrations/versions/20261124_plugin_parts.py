"""Plugins: settings, values that the hub keeps for them, news that they are told, statuses that they propose."""

import sqlalchemy as sa
from alembic import op

revision = "20261124_plugin_parts"
down_revision = "20261124_plugins"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("plugins") as table:
        table.add_column(sa.Column("settings", sa.JSON(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("secrets", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "plugin_values",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plugin", sa.String(100), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False, server_default=""),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_plugin_values_lead_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_plugin_values"),
    )
    op.create_index("uq_plugin_values_key", "plugin_values", ["plugin", "scope", "key"], unique=True)
    op.create_index("ix_plugin_values_lead_id", "plugin_values", ["lead_id"])
    op.create_table(
        "news",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("claimed_until", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_news"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "status_proposals",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("answer", sa.String(16), nullable=False),
        sa.Column("status_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["status_id"], ["statuses.id"], name="fk_status_proposals_status_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("key", name="pk_status_proposals"),
    )
    op.create_index("ix_status_proposals_status_id", "status_proposals", ["status_id"])


def downgrade():
    op.drop_table("status_proposals")
    op.drop_table("news")
    op.drop_table("plugin_values")
    with op.batch_alter_table("plugins") as table:
        table.drop_column("secrets")
        table.drop_column("settings")
