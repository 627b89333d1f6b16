"""Each field of the catalogue from a column of a file; what does not fit is kept."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.fields.models import FieldRow
from leadhub.fields.queries import forget
from leadhub.imports import services
from leadhub.imports.files import open_table
from leadhub.imports.mapping import OTHER_DATA, Mapping
from leadhub.leads.models import Lead
from leadhub.plugins.api.leads import Address, Reach


@pytest.fixture
def write(tmp_path):
    def write(*rows, delimiter=","):
        path = tmp_path / "leads.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=delimiter).writerows(rows)
        return path

    return write


@pytest.fixture
def draft_of(write):
    """The draft of a row with a name and these columns."""

    def read(columns, **told):
        table = open_table(write(["Last name", *columns], ["Dupré", *columns.values()]))
        return Mapping.of(table, **told).draft(next(table.rows()))

    return read


@pytest.fixture
def take_in():
    def take_in(path):
        file, report = services.recognise(path, {}, None), services.Report()
        for block in services.blocks(file):
            services.take_in(file, block, report)
            db.session.commit()
        return report.created, report.updated, report.unchanged, report.refused

    return take_in


@pytest.mark.parametrize(
    ("header", "cell", "field", "value"),
    [
        ("Salutation", "Dr.", "salutation", "Dr."),
        ("Civilité", "Mme", "salutation", "Mme"),
        ("Title", "Mrs.", "salutation", "Mrs."),
        ("Job Title", "Buyer", "job_title", "Buyer"),
        ("Titre", "Gérante", "job_title", "Gérante"),
        ("Fonction", "Acheteuse", "job_title", "Acheteuse"),
        ("Gender", "F", "gender", "female"),
        ("Sexe", "Masculin", "gender", "male"),
        ("Language", "fr-FR", "language", "fr"),
        ("Langue", "Anglais", "language", "en"),
        ("Website", "example.org/a", "website", "https://example.org/a"),
        ("Site web", "http://example.org", "website", "http://example.org"),
        ("Industry", "Retail", "industry", "Retail"),
        ("Secteur d’activité", "Commerce", "industry", "Commerce"),
        ("No. of Employees", "1,200", "employees", 1200),
        ("Effectif", "1 200", "employees", 1200),
        ("Annual Revenue", "$1,234.50", "annual_revenue", Decimal("1234.5")),
        ("Chiffre d’affaires", "1 234,50 €", "annual_revenue", Decimal("1234.5")),
        ("Email Opt Out", "1", "unsubscribed", True),
        ("Désabonné", "oui", "unsubscribed", True),
        ("Next Contact", "2026-12-24", "next_contact_at", datetime(2026, 12, 24, tzinfo=UTC)),
        ("Date de relance", "24/12/2026", "next_contact_at", datetime(2026, 12, 24, tzinfo=UTC)),
        ("Next Step", "Call back", "next_contact_note", "Call back"),
        ("Prochaine étape", "Rappeler", "next_contact_note", "Rappeler"),
        ("Expected Revenue", "500", "expected_value", Decimal(500)),
        ("Valeur estimée", "500,25", "expected_value", Decimal("500.25")),
        ("Currency", "chf", "currency", "CHF"),
        ("Devise", "€", "currency", "EUR"),
        ("Tags", "Friends; Open source", "tags", ("Friends", "Open source")),
        ("Étiquettes", "a, b|c, A", "tags", ("a", "b", "c")),
        ("UTM Campaign", "spring", "campaign", "spring"),
        ("Nom de la campagne", "Printemps", "campaign", "Printemps"),
        ("Request Type", "Quote", "request_type", "Quote"),
        ("Type de demande", "Devis", "request_type", "Devis"),
        ("Market Segment", "SMB", "segment", "SMB"),
        ("Segment de marché", "PME", "segment", "PME"),
        ("Territory", "North", "territory", "North"),
        ("Territoire", "Nord", "territory", "Nord"),
        ("Owner", "BOB@example.org", "owner", "bob@example.org"),
        ("Responsable", "Bob Martin", "owner", "bob@example.org"),
    ],
)
def test_a_column_feeds_its_field(draft_of, header, cell, field, value):
    people = {"bob@example.org": "bob@example.org", "bob martin": "bob@example.org"}

    draft = draft_of({header: cell}, people=people)

    assert (getattr(draft, field), draft.other) == (value, {})


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("Employees", "10-50"),
        ("Annual revenue", "about a million"),
        ("Annual revenue", "1.234567"),
        ("Country", "Nowhere"),
        ("Website", "ask them"),
        ("Website", "javascript:alert(1)"),
        ("Gender", "?"),
        ("Language", "Klingon"),
        ("Currency", "doubloons"),
        ("Next contact", "soon"),
        ("Unsubscribed", "perhaps"),
        ("Owner", "Somebody Else"),
        ("City", "x" * 300),
        ("Job title", "x" * 300),
        ("Fax", "+33 1 45 00 00 02"),
    ],
)
def test_a_value_that_does_not_fit_is_kept(draft_of, header, cell):
    draft = draft_of({header: cell})

    assert (draft.other, draft.addresses, draft.phones) == ({header: cell}, (), ())


def test_an_amount_in_another_currency_is_kept(draft_of):
    draft = draft_of({"Currency": "EUR", "Expected value": "$500"})

    assert (draft.currency, draft.expected_value, draft.other) == ("EUR", None, {"Expected value": "$500"})


def test_a_dollar_is_the_hubs_own(draft_of):
    assert draft_of({"Expected value": "$500"}, currency="CAD").currency == "CAD"


@pytest.mark.parametrize("country", ["fr", "FRA", "France", "FRANCE"])
def test_a_country_is_known_by_code_and_name(draft_of, country):
    assert draft_of({"Pays": country}).addresses == (Address(country="FR"),)


@pytest.mark.parametrize(
    ("name", "code"), [("Allemagne", "DE"), ("United States", "US"), ("UK", "GB"), ("U.S.A.", "US")]
)
def test_a_country_is_known_in_english_and_french(draft_of, name, code):
    assert draft_of({"Country": name}).addresses[0].country == code


def test_each_block_of_headers_is_an_address(draft_of):
    draft = draft_of(
        {"BillingCity": "Lyon", "Ville (domicile)": "Nîmes", "Shipping Street": "1 rue A\nbât. B", "City": "Nice"}
    )

    assert draft.addresses == (
        Address(city="Nice"),
        Address(type="personal", city="Nîmes"),
        Address(type="billing", city="Lyon"),
        Address(type="shipping", line1="1 rue A", line2="bât. B"),
    )


def test_a_fax_is_beside_a_phone(draft_of):
    draft = draft_of({"Fax": "+33 1 45 00 00 02", "Phone": "+33 1 45 00 00 01"})

    assert (draft.phone, draft.phones) == ("+33 1 45 00 00 01", (Reach(value="+33 1 45 00 00 02", type="fax"),))


def test_a_second_address_that_is_none_is_kept(draft_of):
    draft = draft_of({"Email": "a@example.org", "Other email": "x@localhost"})

    assert (draft.email, draft.emails, draft.other) == ("a@example.org", (), {"Other email": "x@localhost"})


def test_a_label_tells_the_type(draft_of):
    draft = draft_of({"Phone 1 - Label": "* Home", "Phone 1 - Value": "+33 1 45 00 00 01"})

    assert (draft.phone_type, draft.other) == ("home", {})


def test_a_column_can_be_told_to_be_a_further_phone(draft_of):
    draft = draft_of({"Phone": "0145000001", "Handy": "0639980001"}, forced={"Handy": "mobile"})

    assert draft.phones == (Reach(value="0639980001", type="mobile"),)


@pytest.mark.parametrize(("header", "limit"), [("Industry", 200), ("Tags", 500)])
def test_a_column_with_too_many_words_floods_no_list(write, header, limit):
    rows = [[f"Lead {number}", f"Word {number}"] for number in range(limit + 1)]

    flood = Mapping.of(open_table(write(["Last name", header], *rows)))
    few = Mapping.of(open_table(write(["Last name", header], *rows[:limit])))

    assert flood.describe()[1] == (header, OTHER_DATA)
    assert few.describe()[1] != (header, OTHER_DATA)


CUSTOM = {
    "text": ("a", "a"),
    "number": ("1 234,5", Decimal("1234.5")),
    "day": ("24/12/2026", date(2026, 12, 24)),
    "choice": ("Red", ("Red",)),
    "choices": ("Red; Blue", ("Blue", "Red")),
    "yes_no": ("oui", True),
    "link": ("example.org", "https://example.org"),
}


@pytest.fixture
def add_field(context):
    def add_field(type, names):
        row = FieldRow(name="new", type=type, names=names, shown="more")
        db.session.add(row)
        db.session.flush()
        row.name = f"custom_{row.id}"
        db.session.commit()
        forget()
        return row.name

    return add_field


@pytest.mark.one_database
@pytest.mark.parametrize("type", CUSTOM)
def test_a_field_of_the_team_is_fed_by_its_name_in_any_language(add_field, write, type):
    name = add_field(type, {"en": "Shoe size", "fr": "Pointure"})
    cell, value = CUSTOM[type]

    file = services.recognise(write(["Nom", "POINTURE"], ["Dupré", cell], delimiter=";"), {}, None)
    draft = file.mapping.draft(next(file.table.rows()))

    told = draft.custom[name]
    assert (tuple(sorted(told)) if isinstance(told, tuple) else (told,) if type == "choice" else told) == value


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("type", "cell"), [("number", "large"), ("day", "soon"), ("yes_no", "perhaps"), ("link", "no")]
)
def test_what_does_not_fit_a_field_of_the_team_is_kept(add_field, write, take_in, type, cell):
    add_field(type, {"en": "Shoe size"})

    assert take_in(write(["Last name", "Shoe size"], ["Dupré", cell])) == (1, 0, 0, 0)
    assert db.session.scalars(sa.select(Lead)).one().other_data == {"Shoe size": cell}


def test_a_field_that_is_off_is_not_fed(context, write, take_in):
    db.session.add(FieldRow(name="job_title", shown="off"))
    db.session.commit()
    forget()

    take_in(write(["Last name", "Job title"], ["Dupré", "Buyer"]))

    lead = db.session.scalars(sa.select(Lead)).one()
    assert (lead.job_title, lead.other_data) == ("", {"Job title": "Buyer"})


WIDE = [
    "LEADID", "Last name", "Email", "Other email", "Phone", "Mobile", "Fax", "Country", "Billing city", "Tags",
    "Employees", "Expected value", "Industry", "Owner",
]  # fmt: skip
ROW = [
    "7", "Dupré", "a@example.org", "b@example.org", "0145000001", "0639980001", "0145000002", "FR", "Lyon", "a; b",
    "12", "5 €", "Retail", "bob@example.org",
]  # fmt: skip


def test_a_wide_file_read_twice_changes_nothing(context, write, take_in):
    path = write(WIDE, ROW)

    assert [take_in(path), take_in(path)] == [(1, 0, 0, 0), (0, 0, 1, 0)]


def test_what_a_changed_row_brings_joins_what_is_there(context, write, take_in):
    take_in(write(WIDE, ROW))
    changed = dict(zip(WIDE, ROW, strict=True)) | {
        "Other email": "c@example.org", "Mobile": "0639980002", "Billing city": "Nice", "Tags": "c", "Employees": "13",
    }  # fmt: skip

    assert take_in(write(WIDE, list(changed.values()))) == (0, 1, 0, 0)

    lead = db.session.scalars(sa.select(Lead)).one()
    assert {row.value for row in lead.reaches if row.kind == "email"} == {"b@example.org", "c@example.org"}
    assert {"0639980001", "0639980002"} <= {row.value for row in lead.reaches if row.kind == "phone"}
    assert [(row.type, row.city) for row in lead.addresses] == [("", ""), ("billing", "Nice")]
    assert ({tag.key for tag in lead.tags}, lead.employees) == ({"a", "b", "c"}, 13)
