import csv
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadhub.imports.dates import DateOrder
from leadhub.imports.files import open_table
from leadhub.imports.mapping import OTHER_DATA, Mapping, NothingRecognised, UnknownColumn
from leadhub.plugins.api.leads import Reach

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def table_of(tmp_path):
    def write(*rows):
        path = tmp_path / "leads.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        return open_table(path)

    return write


@pytest.fixture
def drafts_of(table_of):
    def read(*rows, **told):
        table = table_of(*rows)
        mapping = Mapping.of(table, time_zone=PARIS, **told)
        return [mapping.draft(row) for row in table.rows()]

    return read


@pytest.fixture
def draft_of(drafts_of):
    def read(headers, row, **told):
        return drafts_of(headers, row, **told)[0]

    return read


def test_columns_feed_their_fields(draft_of):
    draft = draft_of(
        ["Lead ID", "First Name", "Last Name", "Company", "Email", "Phone", "Lead Source", "Type", "Created"],
        ["L1", "Ada", "Lovelace", "Engines", "ada@example.org", "+33 6 39 98 00 01", "Web", "Partner", "x"],
    )

    assert (draft.first_name, draft.last_name, draft.organisation) == ("Ada", "Lovelace", "Engines")
    assert (draft.email, draft.phone) == ("ada@example.org", "+33 6 39 98 00 01")
    assert (draft.source, draft.type, draft.channel) == ("Web", "Partner", "import")
    assert draft.other == {"Created": "x"}


def test_the_mapping_describes_each_column(table_of):
    mapping = Mapping.of(table_of(["Email", "Status", "Note"], ["a@example.org", "New", ""]), time_zone=PARIS)

    assert mapping.describe() == [("Email", "email"), ("Status", OTHER_DATA), ("Note", OTHER_DATA)]


def test_the_mapping_counts_the_rows(table_of):
    assert Mapping.of(table_of(["Email", "City"], ["a@x.org", ""], ["", "Paris"]), time_zone=PARIS).rows == 2


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("Ada Lovelace", "", "Ada Lovelace"),
        ("Lovelace, Ada", "Ada", "Lovelace"),
        ("N’Diaye, Jean-François", "Jean-François", "N’Diaye"),
        ("Acme, Inc.", "", "Acme, Inc."),
        ("Smith, John - USD", "", "Smith, John - USD"),
        ("Ada, Bob, Cy", "", "Ada, Bob, Cy"),
        ("محمد العلي", "", "محمد العلي"),
    ],
)
def test_a_full_name_is_split_only_at_the_comma_of_last_and_first(draft_of, written, first, last):
    draft = draft_of(["Full name", "Email"], [written, "a@example.org"])

    assert (draft.first_name, draft.last_name) == (first, last)


def test_a_full_name_stands_in_for_empty_first_and_last_names(drafts_of):
    one, two = drafts_of(["Name", "First name", "Last name"], ["Ada L.", "", ""], ["Bob D.", "Bob", "Demo"])

    assert (one.last_name, two.first_name, two.last_name) == ("Ada L.", "Bob", "Demo")


@pytest.mark.parametrize("cell", ["ada@example.org", "mailto:ada@example.org", "<ada@example.org>", "ada@example.org;"])
def test_an_email_is_cleaned(draft_of, cell):
    draft = draft_of(["Name", "Email"], ["Ada", cell])

    assert (draft.email, draft.other) == ("ada@example.org", {})


def test_the_name_before_an_email_is_kept(draft_of):
    draft = draft_of(["Company", "Email"], ["Engines", "Ada Lovelace <ada@example.org>"])

    assert (draft.email, draft.other) == ("ada@example.org", {"Email": "Ada Lovelace <ada@example.org>"})


def test_an_email_and_a_phone_in_one_cell_are_split(draft_of):
    draft = draft_of(["Name", "Email / Phone"], ["Raj", "raj@agency.in / 9876501234"])

    assert (draft.email, draft.phone, draft.other) == ("raj@agency.in", "9876501234", {})


def test_of_several_emails_the_first_is_the_first_and_the_others_are_beside_it(draft_of):
    draft = draft_of(["Name", "Emails"], ["Ada", "a@example.org; b@example.org"])

    assert (draft.email, draft.emails, draft.other) == ("a@example.org", (Reach(value="b@example.org"),), {})


def test_of_several_phones_the_first_is_the_first_and_the_others_are_beside_it(draft_of):
    draft = draft_of(["Name", "Phones"], ["Ada", "+44 7700 900021 / +44 7700 900022"])

    assert (draft.phone, draft.phones, draft.other) == ("+44 7700 900021", (Reach(value="+44 7700 900022"),), {})


def test_what_is_no_email_is_kept_in_other_data(draft_of):
    draft = draft_of(["Name", "Email"], ["Ada", "ask her"])

    assert (draft.email, draft.other) == ("", {"Email": "ask her"})


def test_a_phone_in_the_column_of_emails_is_found(draft_of):
    draft = draft_of(["Name", "Email", "Phone"], ["Ada", "06 39 98 00 01", ""])

    assert (draft.email, draft.phone, draft.other) == ("", "06 39 98 00 01", {})


def test_an_email_in_the_column_of_phones_is_found(draft_of):
    draft = draft_of(["Name", "Email", "Phone"], ["Ada", "", "ada@example.org"])

    assert (draft.email, draft.phone, draft.other) == ("ada@example.org", "", {})


def test_a_stray_phone_comes_behind_that_of_its_own_column(draft_of):
    draft = draft_of(["Name", "Email", "Phone"], ["Ada", "06 39 98 00 01", "06 39 98 00 02"])

    assert (draft.phone, draft.phones, draft.other) == ("06 39 98 00 02", (Reach(value="06 39 98 00 01"),), {})


def test_a_second_column_is_beside_the_first_and_stands_in_where_that_is_empty(drafts_of):
    one, two = drafts_of(["Name", "Phone", "Mobile"], ["Ada", "", "0639980001"], ["Bob", "0145000001", "0639980002"])

    assert (one.phone, one.phone_type, one.phones, one.other) == ("0639980001", "mobile", (), {})
    assert (two.phone, two.phones, two.other) == ("0145000001", (Reach(value="0639980002", type="mobile"),), {})


def test_the_email_column_that_is_filled_is_taken(table_of):
    mapping = Mapping.of(table_of(["email_work", "email_home"], ["", "a@example.org"]), time_zone=PARIS)

    assert mapping.describe() == [("email_work", OTHER_DATA), ("email_home", "email")]


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("p:+447700900100", "+447700900100"),
        ("28212.0", "28212"),
        ("639980051.0", "639980051"),
        ("3.3639980041E+10", "33639980041"),
        ("+44 20 7946 1001", "+44 20 7946 1001"),
        ("07700 900023 ext. 12", "07700 900023 ext. 12"),
        ("1-955-371-0847 x371", "1-955-371-0847 x371"),
        ("(800) - 456 - 2033", "(800) - 456 - 2033"),
    ],
)
def test_a_phone_is_read(draft_of, cell, phone):
    draft = draft_of(["Name", "Phone"], ["Ada", cell])

    assert (draft.phone, draft.other) == (phone, {})


@pytest.mark.parametrize("cell", ["3.36E+10", "3,36E+10", "ask her", "12"])
def test_what_is_no_phone_is_kept_in_other_data(draft_of, cell):
    draft = draft_of(["Name", "Phone"], ["Ada", cell])

    assert (draft.phone, draft.other) == ("", {"Phone": cell})


def test_known_numbers_lose_the_fraction_of_spreadsheets(draft_of):
    draft = draft_of(["Name", "Probability", "Version"], ["Ada", "28.0", "2.0"])

    assert draft.other == {"Probability": "28", "Version": "2.0"}


def test_received_dates_are_read_in_the_order_of_their_column(drafts_of):
    one, _two = drafts_of(["Name", "Created on"], ["Ada", "02/03/2024"], ["Bob", "25/03/2024"])

    assert one.received_at == datetime(2024, 3, 2, tzinfo=PARIS)


def test_a_received_date_that_cannot_be_read_is_kept(draft_of):
    draft = draft_of(["Name", "Created on"], ["Ada", "31/02/2024"])

    assert (draft.received_at, draft.other) == (None, {"Created on": "31/02/2024"})


def test_ambiguous_dates_are_told_and_kept(table_of):
    table = table_of(["Name", "Created on"], ["Ada", "02/03/2024"])
    mapping = Mapping.of(table, time_zone=PARIS)

    assert mapping.ambiguous_dates == ["Created on"]
    assert mapping.draft(next(table.rows())).other == {"Created on": "02/03/2024"}


def test_the_default_order_reads_ambiguous_dates(draft_of):
    draft = draft_of(["Name", "Created on"], ["Ada", "02/03/2024"], default_order=DateOrder.MDY)

    assert draft.received_at == datetime(2024, 2, 3, tzinfo=PARIS)


def test_the_orders_of_other_dates_are_told(table_of):
    mapping = Mapping.of(table_of(["Name", "Birthday"], ["Ada", "12/28/1969"]), time_zone=PARIS)

    assert mapping.date_orders == {"Birthday": DateOrder.MDY}


def test_an_id_column_names_the_lead(draft_of):
    draft = draft_of(["Prospect ID", "Lead Number", "Rating"], ["7927b2df", "660737", "hot"])

    assert (draft.external_scope, draft.external_id) == ("import:prospect id", "7927b2df")
    assert draft.other == {"Lead Number": "660737", "Rating": "hot"}


def test_a_bare_id_is_told_apart_by_its_neighbours(table_of):
    one = Mapping.of(table_of(["Id", "Name"], ["1", "Ada"]), time_zone=PARIS).external_scope
    two = Mapping.of(table_of(["ID", "Email"], ["1", "a@example.org"]), time_zone=PARIS).external_scope

    assert one.startswith("import:id#")
    assert len(one) == len("import:id#") + 10
    assert one != two


@pytest.mark.parametrize(("cell", "known_as"), [("l:1054", "1054"), ("1054.0", "1054"), ("L-1", "L-1")])
def test_an_id_is_as_its_system_knows_it(draft_of, cell, known_as):
    assert draft_of(["Lead ID", "Name"], [cell, "Ada"]).external_id == known_as


def test_without_an_id_the_place_in_this_file_names_the_lead(table_of):
    table = table_of(["Name", "Email"], ["Ada", "a@example.org"])
    mapping = Mapping.of(table, time_zone=PARIS)
    draft = mapping.draft(next(table.rows()))

    assert mapping.external_scope == f"file:{table.sha256}"
    assert (draft.external_scope, draft.external_id) == (mapping.external_scope, "2")


def test_a_row_without_its_id_is_named_by_its_place(drafts_of):
    _one, two = drafts_of(["Lead ID", "Name"], ["1", "Ada"], ["", "Bob"])

    assert two.external_scope.startswith("file:")
    assert two.external_id == "3"


def test_the_caller_may_choose_the_id_column(draft_of):
    draft = draft_of(["Ticket", "Name"], ["T-9", "Ada"], id_column="Ticket")

    assert (draft.external_scope, draft.external_id) == ("import:ticket", "T-9")


def test_the_caller_may_force_a_field(draft_of):
    draft = draft_of(["Nmae", "Email"], ["Ada", "a@example.org"], forced={"Nmae": "name", "Email": OTHER_DATA})

    assert (draft.last_name, draft.email, draft.other) == ("Ada", "", {"Email": "a@example.org"})


def test_a_forced_full_name_comes_before_guessed_parts(draft_of):
    draft = draft_of(["Who", "First name"], ["Ada L.", "Ada"], forced={"Who": "name"})

    assert (draft.last_name, draft.other) == ("Ada L.", {"First name": "Ada"})


@pytest.mark.parametrize(
    ("told", "listed"),
    [
        ({"forced": {"Nme": "name"}}, "Name, Email"),
        ({"forced": {"Name": "nick"}}, "first_name, last_name"),
        ({"id_column": "Ticket"}, "Name, Email"),
    ],
)
def test_a_column_or_field_that_is_not_there_is_told_with_those_that_are(table_of, told, listed):
    with pytest.raises(UnknownColumn, match=listed):
        Mapping.of(table_of(["Name", "Email"], ["Ada", "a@example.org"]), time_zone=PARIS, **told)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["", "", "blue"], "recognises"),
        (["Total", "", ""], "total"),
        (["TOTAL :", "", "1,200.00 USD"], "total"),
        (["<test lead: dummy data for full_name>", "test@meta.com", ""], "test lead"),
    ],
)
def test_a_row_that_is_no_lead_is_refused(draft_of, row, reason):
    with pytest.raises(NothingRecognised, match=reason):
        draft_of(["Full name", "Email", "Colour"], row)


def test_a_company_called_total_is_a_lead(draft_of):
    assert draft_of(["Company", "City"], ["Total", "Paris"]).organisation == "Total"


def test_a_row_that_cannot_be_read_is_refused_with_its_error(table_of):
    table = table_of(["Name", "Email"], ["Ada", "a@example.org"], ["Name", "Email"])
    mapping = Mapping.of(table, time_zone=PARIS)

    with pytest.raises(NothingRecognised, match="repeats the header"):
        mapping.draft(list(table.rows())[1])


def test_data_known_but_not_stored_is_enough_for_a_lead(draft_of):
    assert draft_of(["Rating", "Colour"], ["hot", "blue"]).other == {"Rating": "hot", "Colour": "blue"}


@pytest.mark.parametrize("tick", ["1", "Yes", "oui", "VRAI"])
def test_a_ticked_name_is_the_organisations(draft_of, tick):
    draft = draft_of(["Name", "Is a company"], ["Engines", tick])

    assert (draft.is_organisation, draft.organisation, draft.last_name) == (True, "Engines", "")


def test_an_unclear_tick_is_kept(draft_of):
    draft = draft_of(["Name", "Is a company"], ["Engines", "perhaps"])

    assert (draft.is_organisation, draft.other) == (False, {"Is a company": "perhaps"})


def test_contact_is_no_name_where_it_says_how_to_reach_people(drafts_of):
    first, *_rest = drafts_of(["Contact", "City"], *[["cellular", "Paris"], ["telephone", "Lyon"]] * 3)

    assert (first.last_name, first.other["Contact"]) == ("", "cellular")


def test_contact_is_a_phone_where_it_holds_phones(draft_of):
    assert draft_of(["Contact", "City"], ["555-6001", "Paris"]).phone == "555-6001"


def test_without_a_header_emails_and_phones_are_told_by_what_they_are(draft_of):
    draft = draft_of(["Mary", "mary@example.org", "3331112223"], ["Bob", "bob@example.org", "3331112224"])

    assert (draft.email, draft.phone, draft.other) == ("mary@example.org", "3331112223", {"Column 1": "Mary"})


def test_cells_right_of_the_last_header_are_kept(draft_of):
    assert draft_of(["Name", "Email"], ["Ada", "a@example.org", "extra"]).other == {"Column 3": "extra"}


CELL = st.one_of(
    st.sampled_from(["a@b.org", "a@b.org; c@d.org", "06 39 98 00 01", "x@y.org / 0639980001", "Total", "28.0", "yes"]),
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf"]), max_size=12),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(row=st.lists(CELL, min_size=7, max_size=8))
def test_nothing_is_lost(table_of, row):
    table = table_of(["Full name", "Email", "Phone", "Mobile", "Created on", "Is a company", "Colour"], row)
    read = next(table.rows(), None)
    if read is None or read.error:
        return
    try:
        draft = Mapping.of(table, time_zone=PARIS).draft(read)
    except NothingRecognised:
        return

    told = [draft.first_name, draft.last_name, draft.organisation, draft.email, draft.phone, *draft.other.values()]
    told += [reach.value for reach in (*draft.emails, *draft.phones)]
    told += ["".join(filter(str.isdigit, text)) for text in told]  # one phone, written in two ways
    for column, cell in zip([*table.columns, "Column 8"], read.cells, strict=False):
        understood = column == "Is a company" or (column == "Created on" and draft.received_at)
        for part in cell.split():
            assert understood or any(part.strip(";,/<>|. ").removesuffix(".0") in text for text in told)
