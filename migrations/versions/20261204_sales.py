"""Opportunities, quotations with lines, orders of their own, and the company that quotes."""

from decimal import ROUND_HALF_UP, Decimal

import sqlalchemy as sa
from alembic import op
from babel.numbers import get_currency_precision

revision = "20261204_sales"
down_revision = "20261203_customers"
branch_labels = None
depends_on = None

KEPT = "id, version, lead_id, number, sent_on, settled_on, loss_reason_id, created_by_id, created_at"
DECLINED = {"en": "Declined by the customer", "fr": "Refus du client"}


def upgrade():
    _lists()
    _company()
    _opportunities()
    op.execute("CREATE TABLE quotations_before AS SELECT * FROM quotations")
    op.drop_table("quotations")
    _quotations()
    _orders()
    _carry_over()
    op.drop_table("quotations_before")
    _accept_what_was_ordered()
    _tabs()


def downgrade():
    _one_tab()
    op.execute(
        "CREATE TABLE quotations_after AS SELECT q.*, o.number AS order_number, o.ordered_on FROM quotations q "
        "LEFT JOIN orders o ON o.quotation_id = q.id AND o.state = 'confirmed' AND o.deleted_at IS NULL "
        "WHERE q.lead_id IS NOT NULL AND q.state != 'draft' AND q.deleted_at IS NULL"
    )
    for name in ("order_lines", "orders", "quotation_lines", "quotations", "opportunity_moves", "opportunities"):
        op.drop_table(name)
    op.drop_table("opportunity_types")
    op.drop_table("number_series")
    op.drop_table("company")
    _quotations_before()
    _carry_back()
    op.drop_table("quotations_after")
    op.execute(
        "DELETE FROM loss_reasons WHERE key = 'declined' AND NOT EXISTS "
        "(SELECT 1 FROM leads WHERE lost_reason_id = loss_reasons.id) AND NOT EXISTS "
        "(SELECT 1 FROM quotations WHERE loss_reason_id = loss_reasons.id)"
    )


def _tabs():
    """Each tab of the statistics page has layouts of its own."""
    with op.batch_alter_table("dashboard_layouts") as table:
        table.add_column(sa.Column("tab", sa.String(length=16), nullable=False, server_default=""))
        table.drop_constraint("uq_dashboard_layouts_user_id", type_="unique")
        table.create_unique_constraint("uq_dashboard_layouts_user_id_tab", ["user_id", "tab"])
    with op.batch_alter_table("dashboard_layouts") as table:
        table.alter_column("tab", existing_type=sa.String(length=16), existing_nullable=False, server_default=None)


def _one_tab():
    op.execute("DELETE FROM dashboard_layouts WHERE tab != ''")
    with op.batch_alter_table("dashboard_layouts") as table:
        table.drop_constraint("uq_dashboard_layouts_user_id_tab", type_="unique")
        table.drop_column("tab")
        table.create_unique_constraint("uq_dashboard_layouts_user_id", ["user_id"])


def _lists():
    op.create_table(
        "opportunity_types",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_opportunity_types"),
        sa.UniqueConstraint("key", name="uq_opportunity_types_key"),
    )
    reasons = sa.table("loss_reasons", *map(sa.column, ("key", "names", "position", "retired")))
    bind = op.get_bind()
    if bind.scalar(sa.select(sa.func.count()).select_from(reasons).where(reasons.c.key == "declined")):
        return
    last = bind.scalar(sa.select(sa.func.max(reasons.c.position))) or 0
    values = {"key": "declined", "names": sa.type_coerce(DECLINED, sa.JSON()), "position": last + 1, "retired": False}
    op.execute(reasons.insert().values(values))


def _company():
    op.create_table(
        "company",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=64), nullable=False),
        sa.Column("website", sa.String(length=500), nullable=False),
        sa.Column("siren", sa.String(length=32), nullable=False),
        sa.Column("vat_number", sa.String(length=32), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("logo", sa.Text(), nullable=False),
        sa.Column("logo_type", sa.String(length=32), nullable=False),
        sa.Column("quotation_series", sa.String(length=20), nullable=False),
        sa.Column("order_series", sa.String(length=20), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=False),
        sa.Column("tax_rate", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_company"),
    )
    op.create_table(
        "number_series",
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "year", name="pk_number_series"),
    )
    op.execute(
        "INSERT INTO company (id, version, name, address, email, phone, website, siren, vat_number, terms, logo, "
        "logo_type, quotation_series, order_series, valid_days, tax_rate) "
        "VALUES (1, 1, '', '', '', '', '', '', '', '', '', '', '', '', 30, 20000)"
    )


def _opportunities():
    op.create_table(
        "opportunities",
        sa.Column("title_key", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("type_id", sa.Integer(), nullable=True),
        sa.Column("expected_close", sa.Date(), nullable=True),
        sa.Column("probability", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("next_contact_at", sa.DateTime(), nullable=True),
        sa.Column("next_contact_note", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("loss_reason_id", sa.Integer(), nullable=True),
        sa.Column("competitor", sa.String(length=200), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("stage_id", sa.Integer(), nullable=True),
        sa.Column("stage_since", sa.DateTime(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_opportunities_campaign_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name="fk_opportunities_created_by_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_opportunities_customer_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_opportunities_lead_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["loss_reason_id"], ["loss_reasons.id"], name="fk_opportunities_loss_reason_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_opportunities_owner_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_opportunities_source_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["stage_id"], ["stages.id"], name="fk_opportunities_stage_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["type_id"], ["opportunity_types.id"], name="fk_opportunities_type_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_opportunities"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_opportunities_campaign_id", "opportunities", ["campaign_id"], unique=False)
    op.create_index("ix_opportunities_changed_at", "opportunities", ["changed_at"], unique=False)
    op.create_index("ix_opportunities_closed_on", "opportunities", ["state", "closed_on"], unique=False)
    op.create_index("ix_opportunities_customer_id", "opportunities", ["customer_id"], unique=False)
    op.create_index("ix_opportunities_lead_id", "opportunities", ["lead_id", "id"], unique=False)
    op.create_index("ix_opportunities_loss_reason_id", "opportunities", ["loss_reason_id"], unique=False)
    op.create_index("ix_opportunities_owner_id", "opportunities", ["owner_id"], unique=False)
    op.create_index("ix_opportunities_source_id", "opportunities", ["source_id"], unique=False)
    op.create_index("ix_opportunities_stage_id", "opportunities", ["stage_id"], unique=False)
    op.create_index("ix_opportunities_state", "opportunities", ["state", "expected_close"], unique=False)
    op.create_index("ix_opportunities_type_id", "opportunities", ["type_id"], unique=False)
    op.create_table(
        "opportunity_moves",
        sa.Column("opportunity_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=True),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("from_names", sa.JSON(), nullable=False),
        sa.Column("to_names", sa.JSON(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=True),
        sa.Column("cause", sa.String(length=64), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("deletion_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name="fk_opportunity_moves_by_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunities.id"], name="fk_opportunity_moves_opportunity_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_opportunity_moves"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_opportunity_moves_path", "opportunity_moves", ["opportunity_id", "id"], unique=False)


def _quotations():
    op.create_table(
        "quotations",
        sa.Column("is_own", sa.Boolean(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("loss_reason_id", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("revised_from_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("addressee", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("issuer", sa.JSON(), nullable=True),
        sa.Column("link_key", sa.String(length=64), nullable=True),
        sa.Column("mailed_to", sa.String(length=254), nullable=False),
        sa.Column("mailed_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_note", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("series", sa.String(length=20), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("net_minor", sa.BigInteger(), nullable=True),
        sa.Column("tax_minor", sa.BigInteger(), nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=True),
        sa.Column("opportunity_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_key", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name="fk_quotations_created_by_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_quotations_customer_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_quotations_lead_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["loss_reason_id"], ["loss_reasons.id"], name="fk_quotations_loss_reason_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunities.id"], name="fk_quotations_opportunity_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["revised_from_id"], ["quotations.id"], name="fk_quotations_revised_from_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_quotations"),
        sa.UniqueConstraint("series", "year", "sequence", "revision", name="uq_quotations_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_quotations_changed_at", "quotations", ["changed_at"], unique=False)
    op.create_index("ix_quotations_customer_id", "quotations", ["customer_id"], unique=False)
    of_leads = ["lead_id", "id", "sent_on", "deleted_at"]
    op.create_index("ix_quotations_lead_id", "quotations", of_leads, unique=False)
    op.create_index("ix_quotations_loss_reason_id", "quotations", ["loss_reason_id"], unique=False)
    op.create_index("ix_quotations_opportunity_id", "quotations", ["opportunity_id"], unique=False)
    op.create_index("ix_quotations_revised_from_id", "quotations", ["revised_from_id"], unique=False)
    op.create_index("ix_quotations_sent_on", "quotations", ["sent_on", "id"], unique=False)
    op.create_index("ix_quotations_settled_on", "quotations", ["state", "settled_on"], unique=False)
    op.create_index("ix_quotations_state", "quotations", ["state", "valid_until"], unique=False)
    op.create_table(
        "quotation_lines",
        sa.Column("quotation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["quotation_id"], ["quotations.id"], name="fk_quotation_lines_quotation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_quotation_lines"),
    )
    op.create_index("ix_quotation_lines_quotation_id", "quotation_lines", ["quotation_id"], unique=False)


def _orders():
    op.create_table(
        "orders",
        sa.Column("quotation_id", sa.Integer(), nullable=True),
        sa.Column("ordered_on", sa.Date(), nullable=True),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("series", sa.String(length=20), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("net_minor", sa.BigInteger(), nullable=True),
        sa.Column("tax_minor", sa.BigInteger(), nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=True),
        sa.Column("opportunity_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_key", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name="fk_orders_created_by_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_orders_customer_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_orders_lead_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunities.id"], name="fk_orders_opportunity_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["quotation_id"], ["quotations.id"], name="fk_orders_quotation_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.UniqueConstraint("series", "year", "sequence", name="uq_orders_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_orders_changed_at", "orders", ["changed_at"], unique=False)
    op.create_index("ix_orders_customer_id", "orders", ["customer_id"], unique=False)
    op.create_index("ix_orders_lead_id", "orders", ["lead_id", "id", "state", "deleted_at"], unique=False)
    op.create_index("ix_orders_opportunity_id", "orders", ["opportunity_id"], unique=False)
    op.create_index("ix_orders_ordered_on", "orders", ["ordered_on", "id"], unique=False)
    op.create_index("ix_orders_quotation_id", "orders", ["quotation_id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_order_lines_order_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_order_lines"),
    )
    op.create_index("ix_order_lines_order_id", "order_lines", ["order_id"], unique=False)


def _carry_over():
    """What was told of quotations made elsewhere; an order of one has a row of its own."""
    op.execute(
        f"INSERT INTO quotations ({KEPT}, changed_at, title, title_key, state, currency, net_minor, is_own, revision, "  # noqa: S608
        "language, addressee, terms, mailed_to, decided_by, decided_note) "
        f"SELECT {KEPT}, created_at, '', '', CASE state WHEN 'ordered' THEN 'accepted' ELSE state END, "
        "CASE currency WHEN '' THEN (SELECT currency FROM hub) ELSE currency END, amount, false, 1, "
        "'', '', '', '', '', '' "
        "FROM quotations_before"
    )
    op.execute(
        "INSERT INTO orders (version, lead_id, quotation_id, number, title, title_key, state, currency, net_minor, "
        "ordered_on, reference, note, created_by_id, created_at, changed_at) "
        "SELECT 1, q.lead_id, q.id, b.order_number, '', '', 'confirmed', q.currency, q.net_minor, b.ordered_on, "
        "'', '', q.created_by_id, q.created_at, q.created_at FROM quotations q JOIN quotations_before b ON b.id = q.id "
        "WHERE b.state = 'ordered' ORDER BY q.id"
    )
    _in_minor_units("quotations", 1)
    _in_minor_units("orders", 1)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval('quotations_id_seq', coalesce((SELECT max(id) FROM quotations), 0) + 1, false)")


def _accept_what_was_ordered():
    """An accepted quotation and its order were one state.  Told for the same moment, so that it is no news later."""
    accepted = "SELECT lead_id FROM lead_facts WHERE name = 'order_confirmed' AND holds"
    op.execute(f"DELETE FROM lead_facts WHERE name = 'quotation_accepted' AND NOT holds AND lead_id IN ({accepted})")  # noqa: S608
    op.execute(
        "INSERT INTO lead_facts (lead_id, name, holds, at, about) "
        "SELECT lead_id, 'quotation_accepted', holds, at, about FROM lead_facts AS its "
        "WHERE name = 'order_confirmed' AND holds AND NOT EXISTS "
        "(SELECT 1 FROM lead_facts WHERE lead_id = its.lead_id AND name = 'quotation_accepted')"
    )


def _in_minor_units(table, direction):
    """Amounts were hundredths whatever the currency."""
    bind = op.get_bind()
    for currency in bind.execute(sa.text(f"SELECT DISTINCT currency FROM {table}")).scalars().all():  # noqa: S608
        if not (places := (get_currency_precision(currency) - 2) * direction):
            continue
        of = {"currency": currency}
        rows = bind.execute(sa.text(f"SELECT id, net_minor FROM {table} WHERE currency = :currency"), of).all()  # noqa: S608
        for row_id, minor in rows:
            if minor is not None:
                value = int(Decimal(minor).scaleb(places).to_integral_value(ROUND_HALF_UP))
                change = f"UPDATE {table} SET net_minor = :value WHERE id = :id"  # noqa: S608
                bind.execute(sa.text(change), {"value": value, "id": row_id})


def _carry_back():
    _in_minor_units("quotations_after", -1)
    op.execute(
        f"INSERT INTO quotations ({KEPT}, amount, currency, state, order_number, ordered_on) "  # noqa: S608
        f"SELECT {KEPT}, net_minor, currency, CASE WHEN order_number IS NOT NULL THEN 'ordered' "
        "WHEN state = 'expired' THEN 'cancelled' ELSE state END, coalesce(order_number, ''), ordered_on "
        "FROM quotations_after"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval('quotations_id_seq', coalesce((SELECT max(id) FROM quotations), 0) + 1, false)")


def _quotations_before():
    op.create_table(
        "quotations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("loss_reason_id", sa.Integer(), nullable=True),
        sa.Column("order_number", sa.String(length=100), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name="fk_quotations_created_by_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_quotations_lead_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["loss_reason_id"], ["loss_reasons.id"], name="fk_quotations_loss_reason_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_quotations"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_quotations_lead_id", "quotations", ["lead_id", "id"])
    op.create_index("ix_quotations_loss_reason_id", "quotations", ["loss_reason_id"])
