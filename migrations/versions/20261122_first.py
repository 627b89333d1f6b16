"""The first tables, and the rows that every hub begins with."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_first"
down_revision = None
branch_labels = None
depends_on = None


ROLES = ("admin", "manager", "agent", "viewer")
TYPES = (
    ("prospect", "Prospect", "Prospect"),
    ("customer", "Existing customer", "Client existant"),
    ("partner", "Partner", "Partenaire"),
    ("other", "Other", "Autre"),
)
STATUSES = (
    ("open", "Open", "Ouvert", "open", "blue"),
    ("opportunity", "Opportunity", "Opportunité", "in_progress", "indigo"),
    ("quotation", "Quotation", "Devis", "in_progress", "purple"),
    ("converted", "Converted", "Converti", "won", "green"),
    ("lost-quotation", "Lost quotation", "Devis perdu", "lost", "orange"),
    ("closed", "Closed without result", "Sans suite", "lost", "gray"),
    ("do-not-contact", "Do not contact", "Ne pas contacter", "lost", "red"),
)


def upgrade():
    op.create_table(
        "hub",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("makes_quotations", sa.Boolean(), nullable=False),
        sa.Column("set_up_at", sa.DateTime(), nullable=True),
        sa.Column("setup_token_hash", sa.String(length=64), nullable=True),
        sa.Column("key_check", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_hub"),
    )
    op.create_table(
        "lead_types",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lead_types"),
        sa.UniqueConstraint("key", name="uq_lead_types_key"),
    )
    op.create_table(
        "roles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=True),
        sa.Column("permissions", sa.UnicodeText(), nullable=True),
        sa.Column("update_datetime", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_roles"),
        sa.UniqueConstraint("name", name="uq_roles_name"),
    )
    op.create_table(
        "sources",
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sources"),
        sa.UniqueConstraint("key", name="uq_sources_key"),
    )
    op.create_table(
        "statuses",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("colour", sa.String(length=16), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("is_lock", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_statuses"),
        sa.UniqueConstraint("key", name="uq_statuses_key"),
    )
    op.create_table(
        "users",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("theme", sa.String(length=8), nullable=False),
        sa.Column("username", sa.String(length=255), nullable=True),
        sa.Column("us_totp_secrets", sa.Text(), nullable=True),
        sa.Column("us_phone_number", sa.String(length=128), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("last_login_at", sa.DateTime(), nullable=True),
        sa.Column("current_login_at", sa.DateTime(), nullable=True),
        sa.Column("last_login_ip", sa.String(length=64), nullable=True),
        sa.Column("current_login_ip", sa.String(length=64), nullable=True),
        sa.Column("login_count", sa.Integer(), nullable=True),
        sa.Column("tf_primary_method", sa.String(length=64), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=255), nullable=True),
        sa.Column("tf_phone_number", sa.String(length=128), nullable=True),
        sa.Column("create_datetime", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.Column("update_datetime", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
        sa.UniqueConstraint("fs_uniquifier", name="uq_users_fs_uniquifier"),
        sa.UniqueConstraint("username", name="uq_users_username"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "leads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_organisation", sa.Boolean(), nullable=False),
        sa.Column("first_name", sa.String(length=200), nullable=False),
        sa.Column("last_name", sa.String(length=200), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=200), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("type_id", sa.Integer(), nullable=True),
        sa.Column("status_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("external_key", sa.String(length=64), nullable=True),
        sa.Column("external_print", sa.String(length=32), nullable=True),
        sa.Column("other_data", sa.JSON(), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name="fk_leads_created_by_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_leads_owner_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_leads_source_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["status_id"], ["statuses.id"], name="fk_leads_status_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["type_id"], ["lead_types.id"], name="fk_leads_type_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_leads"),
        sa.UniqueConstraint("external_key", name="uq_leads_external_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_leads_email_key", "leads", ["email_key"])
    op.create_index("ix_leads_newest", "leads", ["received_at", "id"])
    op.create_index("ix_leads_owner_id", "leads", ["owner_id"])
    op.create_index("ix_leads_source_id", "leads", ["source_id"])
    op.create_index("ix_leads_status_id", "leads", ["status_id"])
    op.create_index("ix_leads_type_id", "leads", ["type_id"])

    op.create_table(
        "roles_users",
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name="fk_roles_users_role_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_roles_users_user_id"),
    )
    op.create_table(
        "lead_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name="fk_lead_events_by_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_lead_events_lead_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_lead_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_lead_events_newest", "lead_events", ["lead_id", "id"])

    _begin()


def downgrade():
    op.drop_index("ix_lead_events_newest", "lead_events")

    op.drop_table("lead_events")
    op.drop_table("roles_users")
    op.drop_index("ix_leads_type_id", "leads")
    op.drop_index("ix_leads_status_id", "leads")
    op.drop_index("ix_leads_source_id", "leads")
    op.drop_index("ix_leads_owner_id", "leads")
    op.drop_index("ix_leads_newest", "leads")
    op.drop_index("ix_leads_email_key", "leads")

    op.drop_table("leads")
    op.drop_table("users")
    op.drop_table("statuses")
    op.drop_table("sources")
    op.drop_table("roles")
    op.drop_table("lead_types")
    op.drop_table("hub")


def _begin():
    """One hub, four roles, the starter sets of types and statuses."""
    tables = sa.MetaData()
    bind = op.get_bind()
    hub, roles, types, statuses = (
        sa.Table(name, tables, autoload_with=bind) for name in ("hub", "roles", "lead_types", "statuses")
    )
    values = {"language": "en", "time_zone": "UTC", "country": "", "currency": "EUR", "makes_quotations": False}
    op.execute(hub.insert().values(id=1, **values))
    op.bulk_insert(roles, [{"name": name} for name in ROLES])
    op.bulk_insert(types, [_row(place, *row) for place, row in enumerate(TYPES)])
    op.bulk_insert(
        statuses,
        [
            _row(place, key, english, french)
            | {"kind": kind, "colour": colour, "is_default": key == "open", "is_lock": key == "do-not-contact"}
            for place, (key, english, french, kind, colour) in enumerate(STATUSES)
        ],
    )


def _row(place, key, english, french):
    return {"key": key, "names": {"en": english, "fr": french}, "position": place, "retired": False}
