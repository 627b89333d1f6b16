import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadhub.imports import files
from leadhub.imports.files import Row, UnreadableFile, open_table


@pytest.fixture
def table_of(tmp_path):
    def write(content, encoding="utf-8"):
        path = tmp_path / "leads.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return open_table(path)

    return write


def cells(table):
    return [row.cells for row in table.rows()]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"Name,Email\nAda,a@example.org\n", "ascii"),
        ("Nom,Email\nZoé,z@example.org\n".encode(), "utf-8"),
        ("Nom,Email\nZoé,z@example.org\n".encode("utf-8-sig"), "utf-8-sig"),
        ("Nom,Email\nZoé,z@example.org\n".encode("utf-16"), "utf-16"),
        ("Nom,Email\nZoé,z@example.org\n".encode("utf-16-le"), "utf-16-le"),
        ("Nom,Email\nZoé,z@example.org\n".encode("utf-16-be"), "utf-16-be"),
        ("Nom,Email\nCœur,z@example.org\n".encode("cp1252"), "cp1252"),
        ("Nom,Email\rZoé,z@example.org\rFrançois,\r".encode("mac_roman"), "mac_roman"),
        ("Имя,Email\nАнна Иванова,a@example.org\nПётр Петров,p@example.org\n".encode("cp1251"), "cp1251"),
    ],
)
def test_encoding_is_recognised(table_of, content, encoding):
    assert table_of(content).encoding == encoding


def test_a_letter_that_is_no_utf8_far_down_the_file_is_found(table_of):
    table = table_of(b"Name,Email\n" + b"Ada,a@example.org\n" * 100_000 + b"Zo\xe9,z@example.org\n")

    assert table.encoding == "cp1252"
    assert cells(table)[-1] == ["Zoé", "z@example.org"]


def test_one_bad_byte_does_not_spoil_a_file_in_utf8(table_of):
    table = table_of(b"Name,Email\n" + "Zoé,z@example.org\n".encode() * 100 + b"Ren\xe9,r@example.org\n")

    assert table.encoding == "utf-8"
    assert cells(table)[0][0] == "Zoé"
    assert cells(table)[-1][0] == "René"


def test_a_file_cut_off_inside_a_letter_stays_utf8(table_of):
    assert table_of("Name,Email\nZoé,z@example.org\nJosé".encode()[:-1]).encoding == "utf-8"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separator_is_recognised(table_of, separator):
    table = table_of(f"Name{separator}Email\nAda{separator}a@example.org\n")

    assert (table.separator, table.columns) == (separator, ["Name", "Email"])


def test_commas_inside_cells_do_not_hide_the_separator(table_of):
    table = table_of("Objet;Montant\nLefèvre, Zoé;1.234,50\nDupont, Ada;12,00\n")

    assert table.separator == ";"


def test_a_sign_in_a_few_cells_of_a_single_column_separates_nothing(table_of):
    table = table_of("remark\nfine\nred; blue\nnothing\n")

    assert (table.columns, len(cells(table))) == (["remark"], 3)


def test_a_separator_line_is_obeyed_and_skipped(table_of):
    table = table_of("sep=;\nName;Email\nAda;a@example.org\n")

    assert (table.separator, table.header_line) == (";", 2)
    assert list(table.rows()) == [Row(3, ["Ada", "a@example.org"])]


def test_lines_above_the_header_are_skipped(table_of):
    table = table_of('Report of leads\n"As of\nOctober 1, 2026"\n\nFull Name,Email,City\nAda,a@example.org,Paris\n')

    assert table.header_line == 5
    assert list(table.rows()) == [Row(6, ["Ada", "a@example.org", "Paris"])]


def test_a_file_without_header_starts_with_its_first_line(table_of):
    table = table_of("Ada,a@example.org\nBob,b@example.org\n")

    assert (table.header_line, table.columns) == (0, ["Column 1", "Column 2"])
    assert len(cells(table)) == 2


def test_unknown_headers_above_data_are_a_header(table_of):
    assert table_of("Nmae,Emial\nAda,a@example.org\n").columns == ["Nmae", "Emial"]


def test_columns_have_unique_names(table_of):
    table = table_of("Nom,Prénom,Nom,,Nom (2)\nA,B,C,D,E\n")

    assert table.columns == ["Nom", "Prénom", "Nom (2)", "Column 4", "Nom (2) (2)"]
    assert table.headers == ["Nom", "Prénom", "Nom", "", "Nom (2)"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_an_editor_counts_them(table_of, newline):
    lines = ["Name,Email,Note", 'Ada,a@example.org,"one', 'two"', "", "Bob,b@example.org,x", ""]
    table = table_of(newline.join(lines))

    assert [row.line for row in table.rows()] == [2, 5]


def test_newlines_of_every_kind_may_be_mixed(table_of):
    table = table_of('Name,Email,Note\r\nAda,a@x.org,"one\ntwo"\rBob,b@x.org,"a\r\nb"\n\nCy,c@x.org,')

    assert [(row.line, row.cells[0]) for row in table.rows()] == [(2, "Ada"), (4, "Bob"), (7, "Cy")]


def test_empty_rows_are_not_given(table_of):
    assert cells(table_of("Name,Email\n\n,\nNone, - \nAda,a@example.org\n")) == [["Ada", "a@example.org"]]


def test_short_rows_are_filled_and_long_ones_keep_their_cells(table_of):
    table = table_of("Name,Email,City\nAda,a@example.org\nBob,b@example.org,Paris,extra\nCy,c@example.org\n")

    assert [len(row) for row in cells(table)] == [3, 4, 3]
    assert not any(row.error for row in table.rows())


def test_values_are_stripped_of_every_kind_of_blank(table_of):
    assert cells(table_of("Name,Email\n\u00a0\u200b Ada \ufeff,a@example.org\n"))[0][0] == "Ada"


@pytest.mark.parametrize("word", ["Select", "#N/A", "n/a", "NULL", "None", "-", "--None--", "NaN", "#NOM?"])
def test_words_for_nothing_become_nothing(table_of, word):
    assert cells(table_of(f"Name,Email\n{word},a@example.org\n")) == [["", "a@example.org"]]


@pytest.mark.parametrize("word", ["unknown", "Nan", "NA", "0", "No", "Nil", "Select Comfort", "?"])
def test_words_that_can_be_data_are_kept(table_of, word):
    assert cells(table_of(f"Name,Email\n{word},a@example.org\n"))[0][0] == word


@pytest.mark.parametrize(
    ("written", "read"),
    [("'=1+1", "=1+1"), ("'+33 1", "+33 1"), ("''=x", "'=x"), ("'-", "-"), ("'Ada", "'Ada"), ("'", "'")],
)
def test_an_exporters_apostrophe_comes_off_once(table_of, written, read):
    assert cells(table_of(f"Name,Email\n{written},a@example.org\n"))[0][0] == read


def test_backslashed_quotes_are_understood(table_of):
    table = table_of('"Name","Email"\n"Ada \\"Ace\\" Demo","a@example.org"\n')

    assert cells(table) == [['Ada "Ace" Demo', "a@example.org"]]


def test_an_over_long_field_costs_its_row_alone(table_of):
    table = table_of("Name,Email\nAda,a@example.org\n" + "x" * 200_000 + ",\nBob,b@example.org\n")

    assert [(row.line, bool(row.error)) for row in table.rows()] == [(2, False), (3, True), (4, False)]


def test_a_quote_that_is_never_closed_costs_its_line_alone(table_of):
    table = table_of('Name,Email\nAda,a@example.org\n"Bob,b@example.org\nCy,c@example.org\nrest\n')

    assert [(row.line, bool(row.error)) for row in table.rows()] == [(2, False), (3, True), (4, False), (5, True)]


def test_a_quote_left_open_before_many_rows_costs_its_line_alone(table_of):
    table = table_of('Name,Email\n"Ada,a@example.org\n' + "Bob,b@example.org\n" * 20_000)

    rows = list(table.rows())

    assert [row.line for row in rows if row.error] == [2]
    assert len(rows) == 20_001


@pytest.mark.parametrize("line", ['a"b,"c\n', 'a"b,"c' + "x" * 500 + "\n", '"a,"b\n,c\n'])
def test_lines_of_stray_quotes_are_not_read_again_and_again(table_of, monkeypatch, line):
    read = []
    monkeypatch.setattr(files._Lines, "__next__", counted(files._Lines.__next__, read))
    count = 4_000_000 // (len(line) + 60)

    once = len(read), len(list(table_of("First Name,Email\n" + line * count).rows())), len(read)
    read.clear()
    list(table_of("First Name,Email\n" + line * count * 2).rows())

    assert once[1] > count / 3
    assert len(read) <= 2.1 * once[2]
    assert once[2] <= 20_000 + 25 * count


def counted(way, calls):
    def call(lines):
        calls.append(1)
        return way(lines)

    return call


def test_stray_quotes_cost_no_good_row_behind_them(table_of):
    stray, remark = 'a"b,"c\n' * 5000, '"one\n' + "more\n" * 8 + 'end"'
    table = table_of("Name,Email\n" + stray + f"Ada,{remark}\nBob,b@example.org\n" * 3)

    read = [row for row in table.rows() if not row.error]

    names = [row.cells[0] for row in read if row.cells[0] in ("Ada", "Bob")]
    assert names == ["Bob", "Ada", "Bob", "Ada", "Bob"]  # the last stray quote is closed by that of the first remark


def test_a_remark_of_many_lines_is_one_cell(table_of):
    table = table_of('Name,Remark\nAda,"' + "a line\n" * 15_000 + '"\nBob,x\n')

    assert [(row.line, row.cells[0], row.error) for row in table.rows()] == [(2, "Ada", ""), (15_003, "Bob", "")]


@pytest.mark.parametrize("cell", ["1" * 100_000 + "x", "a" * 100_000, "a." * 50_000 + "@"])
def test_a_long_text_names_no_column_and_takes_no_time(table_of, cell):
    assert table_of(f"{cell},b\nc,d\n").header_line == 0


def test_a_row_with_a_nul_is_told(table_of):
    table = table_of(b"Name,Email\nA\0da,a@example.org\n" + b"Bob,b@example.org\n" * 20)

    assert [row.line for row in table.rows() if row.error] == [2]


def test_a_last_line_that_was_cut_off_is_told(table_of):
    table = table_of("Name,Email,City\nAda,a@example.org,Paris\nBob,b@ex")

    assert [row.line for row in table.rows() if row.error] == [3]


def test_a_last_line_without_newline_is_not_lost(table_of):
    assert len(cells(table_of("Name,Email\nAda,a@example.org\nBob,b@example.org"))) == 2


def test_a_repeated_header_is_told(table_of):
    table = table_of("Name,Email\nAda,a@example.org\nName,Email\nBob,b@example.org\n")

    assert [row.line for row in table.rows() if row.error] == [3]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n\n", "empty"),
        (b"\n\n<!DOCTYPE html>\n<html>", "web page"),
        (b"PK\x03\x04\x14\x00", "Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "Excel"),
        (b"%PDF-1.7", "not text"),
        (bytes(range(256)) * 10, "not text"),
        (b'{"leads": []}', "not a table"),
        (b"BEGIN:VCARD\nFN:Ada\n", "not a table"),
        (b"company,email,phone,city\n,,,\nfirst name,last name,job title,website\n", "line 3"),
    ],
)
def test_what_is_no_table_is_refused_in_words(table_of, content, word):
    with pytest.raises(UnreadableFile, match=word):
        table_of(content)


def test_the_hash_is_that_of_the_bytes(table_of):
    content = "Nom;Email\r\nZoé;z@example.org\r\n".encode("cp1252")

    assert table_of(content).sha256 == hashlib.sha256(content).hexdigest()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=400))
def test_any_bytes_give_a_table_or_words(table_of, content):
    try:
        table = table_of(content)
    except UnreadableFile:
        return

    assert all(row.error or len(row.cells) >= len(table.columns) for row in table.rows())
