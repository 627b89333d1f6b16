"""Which cards somebody's statistics page has, in which order and how large."""

import sqlalchemy as sa
from alembic import op

revision = "20261202_layouts"
down_revision = "20261201_statistics"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "dashboard_layouts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("cards", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], "fk_dashboard_layouts_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_dashboard_layouts"),
        sa.UniqueConstraint("user_id", name="uq_dashboard_layouts_user_id"),
    )


def downgrade():
    op.drop_table("dashboard_layouts")
