"""Plugins: switched off or not, and how they fare."""

import sqlalchemy as sa
from alembic import op

revision = "20261124_plugins"
down_revision = "20261124_statuses"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "plugins",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("is_off", sa.Boolean(), nullable=False, server_default="0"),
        sa.Column("calls", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("slowest", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("last_error", sa.String(300), nullable=False, server_default=""),
        sa.Column("failed_at", sa.DateTime(), nullable=True),
        sa.Column("resting_since", sa.DateTime(), nullable=True),
        sa.Column("retried_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_plugins"),
    )


def downgrade():
    op.drop_table("plugins")
