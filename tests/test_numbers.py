"""Numbers as people type and read them."""

from decimal import Decimal

import pytest
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from leadhub.numbers import amount, read_decimal, typed


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234.5", "1234.5"),
        ("1234,5", "1234.5"),
        ("1 234,50", "1234.50"),
        ("1\u00a0234,50", "1234.50"),
        ("1\u202f234\u202f567,5", "1234567.5"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234,567", "1234567"),
        ("1’234.50", "1234.50"),
        ("1 234,567", "1234.567"),
        ("1234,567", "1234.567"),
        ("0,125", "0.125"),
        ("1.234", "1.234"),
        (" 12 ", "12"),
        ("−3,5", "-3.5"),
        ("+7", "7"),
        (".5", "0.5"),
        ("5.", "5"),
    ],
)
def test_a_number_is_read_however_it_is_typed(language, text, value):
    assert read_decimal(text, language) == Decimal(value)


def test_a_comma_before_three_digits_groups_in_english_alone():
    assert read_decimal("1,234", "en") == 1234
    assert read_decimal("1,234", "fr") == Decimal("1.234")


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", ".", ",", "a", "12 34", "1,23,4", "1.2.3", "1 234 56", "--1", "1e5", "NaN", "١٢", "1_000", "1" * 41],
)
def test_what_is_no_number_is_none(text):
    assert read_decimal(text, "en") is None


@given(st.text(max_size=50), st.sampled_from(["en", "fr"]))
def test_no_text_breaks_the_reading(text, language):
    value = read_decimal(text, language)

    assert value is None or value.is_finite()


@pytest.mark.one_database
@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_a_field_shows_is_read_as_the_same(app, language):
    with app.test_request_context(), force_locale(language):
        for value in ("0", "1234", "1234.5", "0.07", "999999999999.99"):
            assert read_decimal(typed(Decimal(value))) == Decimal(value)


@pytest.mark.one_database
def test_an_amount_reads_as_in_the_language_of_the_page(app):
    with app.test_request_context():
        with force_locale("en"):
            assert amount(Decimal("1234.5"), "EUR") == "€1,234.50"
        with force_locale("fr"):
            assert amount(Decimal("1234.5"), "EUR") == "1\u202f234,50\u00a0€"
        assert amount(None, "EUR") == ""
