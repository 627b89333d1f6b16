"""Statistics: leads counted by the day on which they were received, by what they have in the fields asked for most."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_statistics"
down_revision = "20261130_the_board"
branch_labels = None
depends_on = None

KEYS = ("stage_id", "owner_id", "currency")
LINKS = ("source_id", "type_id", "status_id", "campaign_id")
TIMES = ("received_at", "stage_since")
COUNTED = (*KEYS, *LINKS, *TIMES, "expected_value", "deleted_at", "version")
COLUMNS = (*KEYS, "amount", "leads", *LINKS, *TIMES)
NOTHING = "0, 0, '', 0, 0, 0, 0, 0, 0, NULL, NULL"
HERE = {
    side: f"coalesce({side}.stage_id, 0), coalesce({side}.owner_id, 0), {side}.currency,"
    f" coalesce({side}.expected_value, 0), CASE WHEN {side}.deleted_at IS NULL THEN 1 ELSE 0 END,"
    f" coalesce({side}.source_id, 0), coalesce({side}.type_id, 0), {side}.status_id, coalesce({side}.campaign_id, 0),"
    f" {side}.received_at, {side}.stage_since"
    for side in ("old", "new")
}
NOTE = f"INSERT INTO lead_deltas ({', '.join(f'{side}_{name}' for side in ('old', 'new') for name in COLUMNS)}) VALUES"
LIVE = "(old.deleted_at IS NULL OR new.deleted_at IS NULL)"
TRIGGERS = {
    "leads_count_insert": ("INSERT", "new.deleted_at IS NULL", f"{NOTE} ({NOTHING}, {HERE['new']})"),
    "leads_count_delete": ("DELETE", "old.deleted_at IS NULL", f"{NOTE} ({HERE['old']}, {NOTHING})"),
    "leads_count_update": (
        f"UPDATE OF {', '.join(COUNTED)}",
        f"{LIVE} AND ({' OR '.join(f'old.{name} IS DISTINCT FROM new.{name}' for name in COUNTED)})",
        f"{NOTE} ({HERE['old']}, {HERE['new']})",
    ),
}
"""Name -> what it waits for, when, and what it does.  Whoever makes the table anew makes these again (ADR 22)."""
RECOUNT = (
    "INSERT INTO lead_counts (stage_id, owner_id, currency, leads, billions, rest)"
    " SELECT coalesce(stage_id, 0), coalesce(owner_id, 0), currency, count(*),"
    " coalesce(sum(expected_value / 1000000000), 0), coalesce(sum(expected_value % 1000000000), 0)"
    " FROM leads WHERE deleted_at IS NULL GROUP BY 1, 2, 3"
)


def upgrade():
    _drop_triggers()
    op.drop_table("lead_deltas")
    _make_deltas(LINKS, TIMES)
    op.create_table(
        "lead_days",
        *(sa.Column(name, sa.SmallInteger(), nullable=False, autoincrement=False) for name in ("dimension", "span")),
        *(
            sa.Column(name, sa.Integer(), nullable=False, autoincrement=False)
            for name in ("day", "value_id", "owner_id")
        ),
        sa.Column("leads", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("dimension", "span", "day", "value_id", "owner_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lead_stage_times",
        sa.Column("stage_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("span", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("day", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("power", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("visits", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stage_id", "span", "day", "power"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lead_owner_changes",
        sa.Column("owner_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("changes", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "lead_counter_state",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("folds", sa.BigInteger(), nullable=False),
    )
    op.execute("INSERT INTO lead_counter_state (id, time_zone, folds) VALUES (1, '', 0)")
    _count_anew()
    _make_triggers(TRIGGERS)


def downgrade():
    _drop_triggers()
    for table in ("lead_counter_state", "lead_owner_changes", "lead_stage_times", "lead_days", "lead_deltas"):
        op.drop_table(table)
    _make_deltas((), ())
    _count_anew()
    _make_triggers(_triggers_before())


def _is_sqlite():
    return op.get_bind().dialect.name == "sqlite"


def _make_deltas(links, times):
    columns = [sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)]
    for side in ("old", "new"):
        numbers = ("stage_id", "owner_id", "leads", *links)
        columns += [sa.Column(f"{side}_{name}", sa.Integer(), nullable=False) for name in numbers]
        columns += [sa.Column(f"{side}_currency", sa.String(3), nullable=False)]
        columns += [sa.Column(f"{side}_amount", sa.BigInteger(), nullable=False)]
        columns += [sa.Column(f"{side}_{name}", sa.DateTime(), nullable=True) for name in times]
    op.create_table("lead_deltas", *columns)


def _count_anew():
    """What is written between the triggers would be counted by nobody."""
    if not _is_sqlite():
        op.execute("LOCK TABLE leads IN SHARE ROW EXCLUSIVE MODE")
    op.execute("DELETE FROM lead_counts")
    op.execute(RECOUNT)


def _drop_triggers():
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER {name}" if _is_sqlite() else f"DROP FUNCTION {name}() CASCADE")


def _make_triggers(triggers):
    for name, (event, when, act) in triggers.items():
        if _is_sqlite():
            op.execute(f"CREATE TRIGGER {name} AFTER {event} ON leads WHEN {when} BEGIN {act}; END")
        else:
            body = f"BEGIN {act}; RETURN NULL; END"
            op.execute(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
            op.execute(
                f"CREATE TRIGGER {name} AFTER {event} ON leads FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()"
            )


def _triggers_before():
    """Those of the board alone."""
    here = {
        side: f"coalesce({side}.stage_id, 0), coalesce({side}.owner_id, 0), {side}.currency,"
        f" coalesce({side}.expected_value, 0), CASE WHEN {side}.deleted_at IS NULL THEN 1 ELSE 0 END"
        for side in ("old", "new")
    }
    names = ", ".join(f"{side}_{name}" for side in ("old", "new") for name in (*KEYS, "amount", "leads"))
    note, nothing, counted = (
        f"INSERT INTO lead_deltas ({names}) VALUES", "0, 0, '', 0, 0", (*KEYS, "expected_value", "deleted_at"),
    )  # fmt: skip
    return {
        "leads_count_insert": ("INSERT", "new.deleted_at IS NULL", f"{note} ({nothing}, {here['new']})"),
        "leads_count_delete": ("DELETE", "old.deleted_at IS NULL", f"{note} ({here['old']}, {nothing})"),
        "leads_count_update": (
            f"UPDATE OF {', '.join(counted)}",
            " OR ".join(f"old.{name} IS DISTINCT FROM new.{name}" for name in counted),
            f"{note} ({here['old']}, {here['new']})",
        ),
    }
