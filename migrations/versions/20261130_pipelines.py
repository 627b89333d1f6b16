"""Pipelines and stages; where a lead stands, since when, and the path that it took."""

from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "20261130_pipelines"
down_revision = "20261124_doors"
branch_labels = None
depends_on = None

LIVE = sa.text("deleted_at IS NULL")
BATCHED = sa.text("deletion_id IS NOT NULL")
LIST = [
    "received_at", "id", "owner_id", "status_id", "source_id", "type_id", "campaign_id", "request_type_id",
    "industry_id", "segment_id", "territory_id", "salutation_id", "next_contact_by_id", "created_by_id",
    "is_organisation", "unsubscribed", "next_contact_at", "created_at", "employees", "annual_revenue",
    "expected_value", "gender", "language", "currency", "lost_reason_id",
]  # fmt: skip
BOARD = ["stage_id", "stage_rank", "id", "owner_id", "deleted_at"]
SALES = (
    ("sales.first-contact", "First contact", "Premier contact", "blue", "open", 10, 14),
    ("sales.in-evaluation", "In evaluation", "En évaluation", "indigo", "open", 30, 21),
    ("sales.in-negotiation", "In negotiation", "En négociation", "purple", "open", 60, 21),
    ("sales.converted", "Converted", "Converti", "green", "won", 100, None),
    ("sales.lost", "Lost", "Perdu", "gray", "lost", 0, None),
)
LAST_TOUCH = "SELECT max(at) FROM lead_events WHERE lead_events.lead_id = leads.id AND by_id IS NOT NULL"
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
    _make_tables()
    _begin()
    op.drop_index("ix_leads_list", "leads")
    op.add_column("leads", sa.Column("touched_at", sa.DateTime(), nullable=True))
    op.execute(f"UPDATE leads SET touched_at = coalesce(({LAST_TOUCH}), created_at)")  # noqa: S608
    with _ids_kept(), op.batch_alter_table("leads", table_kwargs={"sqlite_autoincrement": True}) as leads:
        leads.alter_column("touched_at", existing_type=sa.DateTime(), nullable=False)
        leads.add_column(sa.Column("stage_id", sa.Integer(), nullable=True))
        leads.add_column(sa.Column("stage_since", sa.DateTime(), nullable=True))
        leads.add_column(sa.Column("stage_rank", _rank(), nullable=False, server_default=""))
        leads.add_column(sa.Column("customer_since", sa.Date(), nullable=True))
        leads.create_foreign_key("fk_leads_stage_id", "stages", ["stage_id"], ["id"], ondelete="RESTRICT")
    _search_again()
    _give_stages()
    _make_list([*LIST, "stage_id", "touched_at", "customer_since", "deleted_at"])
    op.create_index("ix_leads_board", "leads", BOARD)


def _rank():
    return sa.String(255).with_variant(sa.String(255, collation="C"), "postgresql")


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


def _list_row():
    return (
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
    )


def _make_tables():
    op.create_table(
        "pipelines",
        *_list_row(),
        sa.Column("subject", sa.String(16), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("is_joined", sa.Boolean(), nullable=False),
        sa.Column("is_named", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("key", name="uq_pipelines_key"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], "fk_pipelines_team_id", ondelete="RESTRICT"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_pipelines_team_id", "pipelines", ["team_id"])
    op.create_table(
        "stages",
        *_list_row(),
        sa.Column("pipeline_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("colour", sa.String(16), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=True),
        sa.Column("days_to_rot", sa.Integer(), nullable=True),
        sa.Column("required", sa.JSON(), nullable=False),
        sa.Column("guidance", sa.Text(), nullable=False),
        sa.Column("status_id", sa.Integer(), nullable=True),
        sa.UniqueConstraint("key", name="uq_stages_key"),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipelines.id"], "fk_stages_pipeline_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["status_id"], ["statuses.id"], "fk_stages_status_id", ondelete="RESTRICT"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_stages_pipeline_id", "stages", ["pipeline_id"])
    op.create_index("ix_stages_status_id", "stages", ["status_id"])
    op.create_table(
        "stage_deletions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=True),
        sa.Column("row", sa.JSON(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("memory", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], "fk_stage_deletions_by_id", ondelete="RESTRICT"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_stage_deletions_row_id", "stage_deletions", ["row_id"])
    op.create_table(
        "lead_stage_moves",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=True),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("from_names", sa.JSON(), nullable=False),
        sa.Column("to_names", sa.JSON(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=True),
        sa.Column("cause", sa.String(64), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("deletion_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], "fk_lead_stage_moves_lead_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], "fk_lead_stage_moves_by_id", ondelete="RESTRICT"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_lead_stage_moves_path", "lead_stage_moves", ["lead_id", "id"])
    op.create_index(
        "ix_lead_stage_moves_deletion_id", "lead_stage_moves", ["deletion_id", "lead_id"],
        sqlite_where=BATCHED, postgresql_where=BATCHED,
    )  # fmt: skip


def _begin():
    """One pipeline, which leads begin in; its lost stage gives the status *Closed without result*, where that is."""
    tables, bind = sa.MetaData(), op.get_bind()
    pipelines, stages, statuses = (
        sa.Table(name, tables, autoload_with=bind) for name in ("pipelines", "stages", "statuses")
    )
    common = {"position": 0, "retired": False}
    sales = {"key": "sales", "names": {"en": "Sales", "fr": "Ventes"}, "subject": "lead", "is_default": True}
    op.execute(pipelines.insert().values(**common, **sales, is_joined=True, is_named=False))
    pipeline_id = bind.scalar(sa.select(pipelines.c.id))
    closed_id = bind.scalar(sa.select(statuses.c.id).where(statuses.c.key == "closed"))
    rows = [
        {"key": key, "names": {"en": english, "fr": french}, "position": place, "retired": False, "kind": kind,
         "pipeline_id": pipeline_id, "colour": colour, "probability": probability, "days_to_rot": days, "required": [],
         "guidance": "", "status_id": closed_id if kind == "lost" else None}
        for place, (key, english, french, colour, kind, probability, days) in enumerate(SALES)
    ]  # fmt: skip
    op.bulk_insert(stages, rows)


def _give_stages():
    """Leads that are there stand where their status says, the youngest on top."""
    kinds = "CASE statuses.kind WHEN 'won' THEN 'won' WHEN 'lost' THEN 'lost' ELSE 'open' END"
    stage = (
        f"(SELECT min(stages.id) FROM stages, statuses WHERE statuses.id = leads.status_id AND stages.kind = {kinds})"  # noqa: S608, E501
    )
    rank = "substr('0000000000000000' || CAST(9999999999999999 - id AS VARCHAR(20)), -16)"
    if op.get_bind().dialect.name == "postgresql":
        rank = "lpad(CAST(9999999999999999 - id AS VARCHAR(20)), 16, '0')"
    op.execute(f"UPDATE leads SET stage_id = {stage}, stage_since = status_since, stage_rank = {rank}")  # noqa: S608
    op.execute(
        "INSERT INTO lead_stage_moves (lead_id, at, from_names, to_id, to_names, cause, arguments)"
        " SELECT leads.id, leads.stage_since, '{}', stages.id, stages.names, 'begun', '{}'"
        " FROM leads JOIN stages ON stages.id = leads.stage_id"
    )


def downgrade():
    for name in ("ix_leads_list", "ix_leads_board"):
        op.drop_index(name, "leads")
    with _ids_kept(), op.batch_alter_table("leads", table_kwargs={"sqlite_autoincrement": True}) as leads:
        leads.drop_constraint("fk_leads_stage_id", type_="foreignkey")
        for name in ("stage_id", "stage_since", "stage_rank", "touched_at", "customer_since"):
            leads.drop_column(name)
    _search_again()
    _make_list([*LIST, "deleted_at"])
    for name in ("lead_stage_moves", "stage_deletions", "stages", "pipelines"):
        op.drop_table(name)
