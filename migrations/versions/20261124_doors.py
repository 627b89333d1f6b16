"""Doors: the ways by which leads come in by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "20261124_doors"
down_revision = "20261124_plugin_parts"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "doors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer", sa.String(200), nullable=False),
        sa.Column("plugin", sa.String(100), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_came_at", sa.DateTime(), nullable=True),
        sa.Column("last_error", sa.String(500), nullable=False),
        sa.Column("failed_at", sa.DateTime(), nullable=True),
        sa.Column("came", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_doors_source_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_doors"),
        sa.UniqueConstraint("token", name="uq_doors_token"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_doors_source_id", "doors", ["source_id"])


def downgrade():
    op.drop_table("doors")
