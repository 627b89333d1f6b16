"""Fields, addresses, lists, custom fields, tags, files, followers and the bin of leads; forms that are sent once."""

from contextlib import contextmanager

import phonenumbers
import sqlalchemy as sa
from alembic import op

revision = "20261122_whole_lead"
down_revision = "20261122_people_and_jobs"
branch_labels = None
depends_on = None

LISTS = {
    "campaigns": (),
    "request_types": (
        ("product", "Product enquiry", "Question sur un produit"),
        ("information", "Request for information", "Demande d’informations"),
        ("quotation", "Request for a quotation", "Demande de devis"),
        ("appointment", "Request for an appointment", "Demande de rendez-vous"),
        ("partnership", "Partnership", "Partenariat"),
        ("suggestion", "Suggestion", "Suggestion"),
        ("other", "Other", "Autre"),
    ),
    "industries": (
        ("agriculture", "Agriculture", "Agriculture"),
        ("food", "Food and drink", "Agroalimentaire"),
        ("manufacturing", "Manufacturing", "Industrie manufacturière"),
        ("energy", "Energy and environment", "Énergie et environnement"),
        ("construction", "Construction", "Bâtiment et travaux publics"),
        ("retail", "Retail", "Commerce de détail"),
        ("wholesale", "Wholesale", "Commerce de gros"),
        ("transport", "Transport and logistics", "Transport et logistique"),
        ("hospitality", "Hotels and restaurants", "Hôtellerie et restauration"),
        ("tourism", "Tourism and leisure", "Tourisme et loisirs"),
        ("media", "Media and communication", "Médias et communication"),
        ("it", "Software and IT services", "Logiciels et services informatiques"),
        ("telecommunications", "Telecommunications", "Télécommunications"),
        ("finance", "Banking and insurance", "Banque et assurance"),
        ("real-estate", "Real estate", "Immobilier"),
        ("consulting", "Consulting and legal", "Conseil et juridique"),
        ("education", "Education and training", "Enseignement et formation"),
        ("health", "Health and social care", "Santé et action sociale"),
        ("public", "Public administration", "Administration publique"),
        ("associations", "Associations", "Associations"),
        ("other", "Other", "Autre"),
    ),
    "market_segments": (
        ("individuals", "Individuals", "Particuliers"),
        ("small", "Small companies", "Petites entreprises"),
        ("medium", "Mid-sized companies", "Entreprises moyennes"),
        ("large", "Large companies", "Grandes entreprises"),
        ("public", "Public sector", "Secteur public"),
    ),
    "territories": (),
    "salutations": (
        ("mrs", "Mrs", "Mme"),
        ("ms", "Ms", "Mme"),
        ("mr", "Mr", "M."),
        ("dr", "Dr", "Dr"),
        ("prof", "Prof.", "Pr"),
        ("maitre", "Maître", "Me"),
    ),
    "loss_reasons": (
        ("price", "Price", "Prix"),
        ("competitor", "A competitor was chosen", "Concurrent choisi"),
        ("no-budget", "No budget", "Pas de budget"),
        ("no-need", "No need", "Pas de besoin"),
        ("timing", "Not the right time", "Pas le bon moment"),
        ("no-answer", "No answer", "Pas de réponse"),
        ("other", "Other", "Autre"),
    ),
    "tags": (),
}
LEAD_LINKS = {
    "salutation_id": "salutations",
    "campaign_id": "campaigns",
    "request_type_id": "request_types",
    "industry_id": "industries",
    "segment_id": "market_segments",
    "territory_id": "territories",
    "next_contact_by_id": "users",
    "deleted_by_id": "users",
}
BINNED = sa.text("deleted_at IS NOT NULL")
BLOCK = 1000


def upgrade():
    for name in LISTS:
        _list(name, *(_campaign_columns() if name == "campaigns" else ()))
    _fields()
    with _ids_kept():
        _leads()
    _beside_leads()
    with op.batch_alter_table("sources") as table:
        table.add_column(sa.Column("default_owner_id", sa.Integer(), nullable=True))
        table.create_index("ix_sources_default_owner_id", ["default_owner_id"])
        table.create_foreign_key(
            "fk_sources_default_owner_id", "users", ["default_owner_id"], ["id"], ondelete="RESTRICT"
        )
    with op.batch_alter_table("hub") as table:
        table.add_column(sa.Column("bin_days", sa.Integer(), server_default="30", nullable=False))
    op.create_table(
        "form_posts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("made", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_form_posts"),
        sa.UniqueConstraint("key", name="uq_form_posts_key"),
    )
    op.create_index("ix_form_posts_at", "form_posts", ["at"])
    _begin_lists()
    _fill_phone_keys()


@contextmanager
def _ids_kept():
    """SQLite makes a changed table anew, and would forget which ids its AUTOINCREMENT has given out."""
    bind = op.get_bind()
    is_sqlite = bind.dialect.name == "sqlite"
    given = bind.execute(sa.text("SELECT name, seq FROM sqlite_sequence")).all() if is_sqlite else []
    yield
    for name, highest in given:
        if name in ("leads", "lead_events"):
            bind.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
            row = {"name": name, "highest": highest}
            bind.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :highest)"), row)


def _list(name, *columns):
    op.create_table(
        name,
        *columns,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("key", name=f"uq_{name}_key"),
    )


def _campaign_columns():
    return (
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("budget", sa.BigInteger(), nullable=True),
        sa.Column("actual_cost", sa.BigInteger(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
    )


def _fields():
    op.create_table(
        "fields",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("shown", sa.String(length=8), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("in_list", sa.Boolean(), nullable=False),
        sa.Column("seen_by", sa.String(length=16), nullable=False),
        sa.Column("changed_by", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fields"),
        sa.UniqueConstraint("name", name="uq_fields_name"),
        sqlite_autoincrement=True,
    )
    _list(
        "field_choices",
        sa.Column("field_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["field_id"], ["fields.id"], name="fk_field_choices_field_id", ondelete="RESTRICT"),
    )
    op.create_index("ix_field_choices_field_id", "field_choices", ["field_id"])


def _leads():
    with op.batch_alter_table("lead_events", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.add_column(sa.Column("body", sa.Text(), server_default="", nullable=False))
        table.add_column(sa.Column("details", sa.JSON(), server_default="{}", nullable=False))
        table.add_column(sa.Column("happens_at", sa.DateTime(), nullable=True))
        table.create_index("ix_lead_events_kind", ["lead_id", "kind", "id"])
    texts = {"email_type": 16, "phone_type": 16, "job_title": 200, "gender": 16, "language": 8, "website": 500}
    texts |= {"currency": 3, "next_contact_note": 500}
    with op.batch_alter_table("leads", table_kwargs={"sqlite_autoincrement": True}) as table:
        for name, length in texts.items():
            table.add_column(sa.Column(name, sa.String(length=length), server_default="", nullable=False))
        for name in ("employees", "annual_revenue", "expected_value"):
            table.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
        for name in ("next_contact_at", "deleted_at"):
            table.add_column(sa.Column(name, sa.DateTime(), nullable=True))
        table.add_column(sa.Column("unsubscribed", sa.Boolean(), server_default="0", nullable=False))
        table.add_column(sa.Column("phone_key", sa.String(length=16), nullable=True))
        table.create_index("ix_leads_phone_key", ["phone_key"])
        table.create_index("ix_leads_deleted_at", ["deleted_at"], sqlite_where=BINNED, postgresql_where=BINNED)
        for column, referred in LEAD_LINKS.items():
            table.add_column(sa.Column(column, sa.Integer(), nullable=True))
            table.create_foreign_key(f"fk_leads_{column}", referred, [column], ["id"], ondelete="RESTRICT")
            if column != "deleted_by_id":
                table.create_index(f"ix_leads_{column}", [column])


def _beside_leads():
    _beside_lead(
        "lead_reaches",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=254), nullable=False),
        sa.Column("key", sa.String(length=254), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
    )
    op.create_index("ix_lead_reaches_key", "lead_reaches", ["key", "kind"])
    lengths = {"type": 16, "title": 200, "line1": 200, "line2": 200, "postal_code": 32, "city": 200, "county": 200}
    lengths |= {"state": 200, "country": 2}
    _beside_lead(
        "lead_addresses",
        *(sa.Column(name, sa.String(length=length), nullable=False) for name, length in lengths.items()),
        sa.Column("position", sa.Integer(), nullable=False),
    )
    _beside_lead(
        "custom_values",
        sa.Column("field_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("choice_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["field_id"], ["fields.id"], name="fk_custom_values_field_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["choice_id"], ["field_choices.id"], name="fk_custom_values_choice_id", ondelete="RESTRICT"
        ),
    )
    for name in ("key", "number", "day"):
        op.create_index(f"ix_custom_values_{name}", "custom_values", ["field_id", name, "lead_id"])
    op.create_index("ix_custom_values_choice_id", "custom_values", ["choice_id", "lead_id"])
    _beside_lead(
        "lead_files",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("stored", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["lead_events.id"], name="fk_lead_files_event_id", ondelete="CASCADE"),
        sa.UniqueConstraint("stored", name="uq_lead_files_stored"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_lead_files_event_id", "lead_files", ["event_id"])
    _pair("lead_tags", "tag_id", "tags", "RESTRICT")
    _pair("lead_followers", "user_id", "users", "CASCADE")


def _beside_lead(name, *parts, **options):
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        *parts,
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=f"fk_{name}_lead_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        **options,
    )
    op.create_index(f"ix_{name}_lead_id", name, ["lead_id"])


def _pair(name, column, referred, rule):
    op.create_table(
        name,
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column(column, sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=f"fk_{name}_lead_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=f"fk_{name}_{column}", ondelete=rule),
        sa.PrimaryKeyConstraint("lead_id", column, name=f"pk_{name}"),
    )
    op.create_index(f"ix_{name}_{column}", name, [column])


def _begin_lists():
    """The starter sets."""
    for name, rows in LISTS.items():
        table = sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())
        values = [
            {"key": key, "names": {"en": english, "fr": french}, "position": place, "retired": False}
            for place, (key, english, french) in enumerate(rows)
        ]
        if values:
            op.bulk_insert(table, values)


def _fill_phone_keys():
    """E.164 of the phones that are there, as the hub's country reads them."""
    bind = op.get_bind()
    leads = sa.table("leads", sa.column("id"), sa.column("phone"), sa.column("phone_key"))
    country = bind.scalar(sa.select(sa.column("country")).select_from(sa.table("hub"))) or None
    change = sa.update(leads).where(leads.c.id == sa.bindparam("lead")).values(phone_key=sa.bindparam("found"))
    last = 0
    while block := bind.execute(
        sa.select(leads.c.id, leads.c.phone).where(leads.c.id > last).order_by(leads.c.id).limit(BLOCK)
    ).all():
        last = block[-1].id
        keys = [{"lead": row.id, "found": key} for row in block if (key := _phone_key(row.phone, country))]
        if keys:
            bind.execute(change, keys)


def _phone_key(text, country):
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    key = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return key if len(key) <= 16 else None


def downgrade():
    for name in ("lead_files", "custom_values", "lead_tags", "lead_followers", "lead_addresses", "lead_reaches"):
        op.drop_table(name)
    op.drop_table("form_posts")
    with op.batch_alter_table("hub") as table:
        table.drop_column("bin_days")
    with op.batch_alter_table("sources") as table:
        table.drop_constraint("fk_sources_default_owner_id", type_="foreignkey")
        table.drop_index("ix_sources_default_owner_id")
        table.drop_column("default_owner_id")
    with _ids_kept():
        _leads_down()
    op.drop_table("field_choices")
    op.drop_table("fields")
    for name in LISTS:
        op.drop_table(name)


def _leads_down():
    with op.batch_alter_table("leads", table_kwargs={"sqlite_autoincrement": True}) as table:
        for column in LEAD_LINKS:
            table.drop_constraint(f"fk_leads_{column}", type_="foreignkey")
            if column != "deleted_by_id":
                table.drop_index(f"ix_leads_{column}")
            table.drop_column(column)
        table.drop_index("ix_leads_phone_key")
        table.drop_index("ix_leads_deleted_at")
        for column in ("email_type", "phone_type", "phone_key", "job_title", "gender", "language", "website"):
            table.drop_column(column)
        for column in ("currency", "next_contact_note", "employees", "annual_revenue", "expected_value"):
            table.drop_column(column)
        for column in ("next_contact_at", "deleted_at", "unsubscribed"):
            table.drop_column(column)
    with op.batch_alter_table("lead_events", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_index("ix_lead_events_kind")
        for column in ("body", "details", "happens_at"):
            table.drop_column(column)
