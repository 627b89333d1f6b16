"""The files of ``EXPECTED.json``: what a careful person made of each, and what the hub makes of it."""

import json
import os
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from leadhub.imports.files import UnreadableFile, open_table
from leadhub.imports.mapping import Mapping, NothingRecognised

DATA = Path(os.environ.get("LEADHUB_TEST_DATA") or Path(__file__).parents[2].parent / "shared/data")
EXPECTED = DATA / "EXPECTED.json"
ENTRIES = json.loads(EXPECTED.read_text(encoding="utf-8")) if EXPECTED.is_file() else []
PARIS = ZoneInfo("Europe/Paris")

LATER = {
    "14_facebook/lead_ads_export_utf16_tab.csv": "the repeated id updates the first lead at the door, where leads meet",
    "20_twins/family_shared_email.csv": "twins are found at the door, where leads meet",
}
ENCODINGS = {"utf-8 + BOM": "utf-8-sig", "utf-16-le + BOM": "utf-16"}
SEPARATORS = {"TAB": "\t"}
ORDERS = {"ASK": "ambiguous"}

pytestmark = pytest.mark.skipif(not ENTRIES, reason="the folder of test data is not here (LEADHUB_TEST_DATA)")


def files(*, readable):
    names = [entry for entry in ENTRIES if entry["file"].endswith(".csv")]
    return [pytest.param(entry, id=entry["file"]) for entry in names if bool(entry["leads_taken_in"]) is readable]


def read(name):
    """The mapping of a file, its drafts by line, and the lines refused."""
    table = open_table(DATA / name)
    mapping, drafts, refused = Mapping.of(table, time_zone=PARIS), {}, []
    for row in table.rows():
        try:
            drafts[row.line] = mapping.draft(row)
        except NothingRecognised:
            refused.append(row.line)
    return mapping, drafts, refused


@pytest.mark.parametrize("entry", files(readable=True))
def test_the_layout_is_recognised(entry):
    table = open_table(DATA / entry["file"])

    assert table.encoding == ENCODINGS.get(entry["encoding"], entry["encoding"])
    assert table.separator == SEPARATORS.get(entry["separator"], entry["separator"])
    assert table.header_line == entry["header_line"]


@pytest.mark.parametrize("entry", files(readable=True))
def test_every_lead_is_taken_and_nothing_else(entry):
    if entry["file"] in LATER:
        pytest.skip(LATER[entry["file"]])
    mapping, drafts, refused = read(entry["file"])

    assert len(drafts) == entry["leads_taken_in"]
    assert mapping.rows == len(drafts) + len(refused)
    if isinstance(entry["refused_or_flagged"], int):
        assert len(refused) == entry["refused_or_flagged"]


@pytest.mark.parametrize("entry", [entry for entry in files(readable=True) if entry.values[0]["date_order"]])
def test_the_order_of_dates_is_recognised(entry):
    mapping = Mapping.of(open_table(DATA / entry["file"]), time_zone=PARIS)
    order = entry["date_order"]

    assert set(mapping.date_orders.values()) == {ORDERS.get(order, order).lower()}


@pytest.mark.parametrize("entry", files(readable=False))
def test_what_is_no_table_of_leads_is_refused(entry):
    with pytest.raises(UnreadableFile):
        open_table(DATA / entry["file"])


def draft_by(name, **wanted):
    _mapping, drafts, _refused = read(name)
    return next(draft for draft in drafts.values() if all(getattr(draft, key) == wanted[key] for key in wanted))


@pytest.mark.parametrize(
    ("name", "wanted", "field", "value"),
    [
        ("02_olist/mql_dmy.csv", {"external_id": "dac32acd4db4c29c230538b72f8dd87d"}, "received_at", "2018-02-01"),
        ("03_maventech/sales_pipeline_mdy.csv", {"external_id": "1C1I7A6R"}, "received_at", "2016-10-20"),
        ("06_zoho/Leads_3900.csv", {"external_id": "4563"}, "received_at", "2021-04-15 00:03"),
        ("07_odoo/crm_lead_import_template.csv", {"external_id": "crm_lead_1"}, "last_name", "Henry Jordan"),
        ("12_outlook/fr_semicolon_cp1252.csv", {"first_name": "Zoë"}, "last_name", "N'Diaye"),
        ("13_linkedin/connections_preamble_bom.csv", {"first_name": "Neha"}, "received_at", "2022-02-07"),
        ("14_facebook/lead_ads_export_utf16_tab.csv", {"external_id": "1054074580944034"}, "last_name", "محمد العلي"),
        ("14_facebook/lead_ads_export_utf16_tab.csv", {"external_id": "1054074580944034"}, "phone", "+971500000002"),
        ("16_small/chatwoot_invalid_bytes.csv", {"email": "john.doe@example.com"}, "last_name", "Jöhn Döe"),
        ("05_salesforce/portfolio_Leads.csv", {"first_name": "Lead1"}, "phone", "+44 20 7946 1001"),
        ("10_groweasy/rw_agency-chaos.csv", {"external_id": "LD-001"}, "phone", "9876501234"),
        ("05_salesforce/prodly_Lead.csv", {"first_name": "Andy"}, "annual_revenue", "28212"),
        ("05_salesforce/prodly_Lead.csv", {"first_name": "Andy"}, "job_title", "Vice President"),
        ("06_zoho/Leads_3900.csv", {"external_id": "4563"}, "website", "https://CameraUpdate.com"),
        ("12_outlook/en_32cols.csv", {"first_name": "Linus"}, "job_title", "Maintainer"),
        ("12_outlook/en_32cols.csv", {"first_name": "Linus"}, "salutation", "Mr."),
    ],
)
def test_a_field_is_read_as_the_check_says(name, wanted, field, value):
    assert str(getattr(draft_by(name, **wanted), field)).startswith(value)


@pytest.mark.parametrize(
    ("name", "wanted", "column", "value"),
    [
        ("04_uci_bank/bank-full_semicolon.csv", {"external_id": "3"}, "balance", "29"),
        ("07_odoo/crm_lead_import_template.csv", {"external_id": "crm_lead_2"}, "Name", "Resource Planning"),
        ("16_small/fr_modele_import_contacts.csv", {"last_name": "Dupont"}, "SIRET", "12345678901234"),
        ("16_small/india_tower_sheet.csv", {"phone": "0110014138"}, "Column 12", "File Missing"),
    ],
)
def test_other_data_is_kept_as_the_check_says(name, wanted, column, value):
    assert draft_by(name, **wanted).other[column].startswith(value)


@pytest.mark.parametrize(
    ("name", "wanted", "place"),
    [
        (
            "10_groweasy/23-quoted-fields-multiline.csv",
            {"last_name": "John Doe"},
            {"line1": "123 Main St", "line2": "Apt 4B"},
        ),
        ("12_outlook/fr_semicolon_cp1252.csv", {"first_name": "Zoë"}, {"type": "office", "postal_code": "01000"}),
        ("12_outlook/en_32cols.csv", {"first_name": "Linus"}, {"type": "office", "city": "Espoo", "country": "FI"}),
        (
            "11_google_contacts/new_header_34cols.csv",
            {"first_name": "Grace"},
            {"type": "office", "line2": "Suite 4", "country": "US"},
        ),
        ("05_salesforce/prodly_Contact.csv", {"first_name": "Carole"}, {"type": "postal", "country": "CA"}),
    ],
)
def test_an_address_is_read_into_its_parts(name, wanted, place):
    address = draft_by(name, **wanted).addresses[0]

    assert {part: getattr(address, part) for part in place} == place


def test_phones_of_outlook_are_beside_each_other_with_their_types():
    draft = draft_by("12_outlook/en_32cols.csv", first_name="Linus")

    assert (draft.phone_type, [reach.type for reach in draft.phones]) == ("work", ["mobile", "home", "fax"])


def test_sixty_leads_of_olist_have_no_source():
    _mapping, drafts, _refused = read("02_olist/mql_dmy.csv")

    assert sum(not draft.source for draft in drafts.values()) == 60


def test_four_leads_with_one_email_are_four_drafts():
    _mapping, drafts, _refused = read("05_salesforce/prodly_Lead.csv")

    assert {draft.email for draft in drafts.values()} == {"info@salesforce.com"}
    assert len({draft.external_id for draft in drafts.values()}) == 4
