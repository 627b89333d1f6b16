"""Lines as people type them: read, refused where they were typed, moved by buttons."""

from decimal import Decimal

import pytest
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict

from leadhub.forms import Form
from leadhub.sales.drafts import LineDraft
from leadhub.sales.line_inputs import PARTS, LinesInput

pytestmark = pytest.mark.one_database


class Lined(Form):
    lines = LinesInput("Lines")


@pytest.fixture
def read(app):
    """``read(rows, language="fr", **others)``: the field after rows of five texts each were sent."""

    def read(*rows, language="en", **others):
        sent = MultiDict([(f"lines_{part}", text) for row in rows for part, text in zip(PARTS, row, strict=True)])
        sent.update(others)
        with app.test_request_context(), force_locale(language):
            form = Lined(sent, meta={"csrf": False})
            form.validate()
            return form.lines

    return read


def texts(field):
    return [row.texts["description"] for row in field.rows]


def test_numbers_are_read_as_people_type_them(read):
    field = read(("Desk", "1,500", "1 234,56", "2,5", "5,5"), ("Book", "0.5", "-10", "", ""), language="fr")

    desk = LineDraft(description="Desk", quantity=Decimal("1.5"), unit_price=Decimal("1234.56"),
                     discount=Decimal("2.5"), tax_rate=Decimal("5.5"))  # fmt: skip
    assert field.errors == []
    assert field.data == (desk, LineDraft(description="Book", quantity=Decimal("0.5"), unit_price=Decimal(-10)))
    assert read(("Desk", "1,500", "1", "", "")).data[0].quantity == 1500


def test_what_is_wrong_is_told_where_it_was_typed_and_nothing_is_lost(read):
    field = read(("Desk", "1", "10", "", "20"), ("", "0", "lots", "101", "20"))

    assert list(field.rows[1].problems) == ["description", "quantity", "unit_price", "discount"]
    assert field.errors[2] == "Line 2: Give a number."
    assert field.own_errors == []
    assert field.rows[1].texts["unit_price"] == "lots"


@pytest.mark.parametrize("row", [("", "", "", "", ""), ("", "1", "", "", "20"), (" ", "1", " ", "", "5.5")])
def test_empty_rows_are_none(read, row):
    field = read(row, ("Desk", "1", "10", "", "20"), row)

    assert (len(field.data), field.errors, texts(field)) == (1, [], ["Desk"])


def test_a_quantity_alone_is_no_empty_row(read):
    assert read(("", "5", "", "", "20")).errors == ["Line 1: Say what it is.", "Line 1: Give a number."]


@pytest.mark.parametrize(
    ("button", "left"),
    [
        ({"lines_act": "up 1"}, ["B", "A", "C"]),
        ({"lines_act": "down 1"}, ["A", "C", "B"]),
        ({"lines_act": "remove 1"}, ["A", "C"]),
        ({"lines_act": "up 0"}, ["A", "B", "C"]),
        ({"lines_act": "down 2"}, ["A", "B", "C"]),
        ({"lines_act": "down 9999999"}, ["A", "B", "C"]),
        ({"lines_act": "fly 1"}, ["A", "B", "C"]),
        ({"add": "lines"}, ["A", "B", "C", ""]),
    ],
)
def test_buttons_move_rows_without_script(read, button, left):
    field = read(*((name, "x", "1", "", "20") for name in "ABC"), **button)

    assert field.is_unfinished
    assert texts(field) == left
    assert field.rows[0].texts["quantity"] == "x"


def test_stored_lines_are_shown_with_the_decimals_that_they_have(app):
    price, rate = Decimal("12.5000"), Decimal("20.000")
    line = LineDraft(description="Desk", quantity=Decimal("1.5"), unit_price=price, tax_rate=rate)
    with app.test_request_context(), force_locale("fr"):
        shown = Lined(None, data={"lines": (line,)}, meta={"csrf": False}).lines.rows[0].texts

    assert shown == {"description": "Desk", "quantity": "1,5", "unit_price": "12,50", "discount": "", "tax_rate": "20"}
