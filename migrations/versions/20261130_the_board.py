"""The board: how many leads stand in each stage and what they are worth, kept by triggers."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_the_board"
down_revision = "20261130_pipelines"
branch_labels = None
depends_on = None

LIVE = sa.text("deleted_at IS NULL")
TOUCHED = ["stage_id", "touched_at", "owner_id", "deleted_at"]
KEYS = ("stage_id", "owner_id", "currency")
COUNTED = (*KEYS, "expected_value", "deleted_at")
COLUMNS = [f"{side}_{name}" for side in ("old", "new") for name in (*KEYS, "amount", "leads")]
NOTHING = "0, 0, '', 0, 0"
HERE = {
    side: f"coalesce({side}.stage_id, 0), coalesce({side}.owner_id, 0), {side}.currency,"
    f" coalesce({side}.expected_value, 0), CASE WHEN {side}.deleted_at IS NULL THEN 1 ELSE 0 END"
    for side in ("old", "new")
}
NOTE = f"INSERT INTO lead_deltas ({', '.join(COLUMNS)}) VALUES"
TRIGGERS = {
    "leads_count_insert": ("INSERT", "new.deleted_at IS NULL", f"{NOTE} ({NOTHING}, {HERE['new']})"),
    "leads_count_delete": ("DELETE", "old.deleted_at IS NULL", f"{NOTE} ({HERE['old']}, {NOTHING})"),
    "leads_count_update": (
        f"UPDATE OF {', '.join(COUNTED)}",
        " OR ".join(f"old.{name} IS DISTINCT FROM new.{name}" for name in COUNTED),
        f"{NOTE} ({HERE['old']}, {HERE['new']})",
    ),
}
"""Name -> what it waits for, when, and what it does.  Whoever makes the table anew makes these again (ADR 22)."""


def upgrade():
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if not is_sqlite:
        op.execute("LOCK TABLE leads IN SHARE ROW EXCLUSIVE MODE")  # what is written now would be counted by nobody
    op.create_table(
        "lead_counts",
        sa.Column("stage_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("leads", sa.BigInteger(), nullable=False),
        sa.Column("billions", sa.BigInteger(), nullable=False),
        sa.Column("rest", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*KEYS),
    )
    numbers = ("stage_id", "owner_id", "leads")
    op.create_table(
        "lead_deltas",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        *(sa.Column(f"{side}_{name}", sa.Integer(), nullable=False) for side in ("old", "new") for name in numbers),
        *(sa.Column(f"{side}_currency", sa.String(3), nullable=False) for side in ("old", "new")),
        *(sa.Column(f"{side}_amount", sa.BigInteger(), nullable=False) for side in ("old", "new")),
    )
    op.execute(
        "INSERT INTO lead_counts (stage_id, owner_id, currency, leads, billions, rest)"
        " SELECT coalesce(stage_id, 0), coalesce(owner_id, 0), currency, count(*),"
        " coalesce(sum(expected_value / 1000000000), 0), coalesce(sum(expected_value % 1000000000), 0)"
        " FROM leads WHERE deleted_at IS NULL GROUP BY 1, 2, 3"
    )
    op.create_index("ix_leads_touched", "leads", TOUCHED, sqlite_where=LIVE, postgresql_where=LIVE)
    for name, (event, when, act) in TRIGGERS.items():
        if is_sqlite:
            op.execute(f"CREATE TRIGGER {name} AFTER {event} ON leads WHEN {when} BEGIN {act}; END")
        else:
            body = f"BEGIN {act}; RETURN NULL; END"
            op.execute(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
            op.execute(
                f"CREATE TRIGGER {name} AFTER {event} ON leads FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()"
            )


def downgrade():
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER {name}" if is_sqlite else f"DROP FUNCTION {name}() CASCADE")
    op.drop_index("ix_leads_touched", "leads")
    op.drop_table("lead_deltas")
    op.drop_table("lead_counts")
