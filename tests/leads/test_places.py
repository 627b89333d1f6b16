"""Addresses by country: which lines a form has, and how an envelope reads."""

import pytest

from leadhub.leads.places import lines_of, shape_of
from leadhub.plugins.api.leads import Address

pytestmark = pytest.mark.one_database
FULL = {"line1": "12 rue de la Paix", "line2": "Bâtiment B", "postal_code": "75002", "city": "Paris"}


@pytest.fixture
def spoken(app):
    """``spoken("fr")``: a page in that language."""
    return lambda language: app.test_request_context(f"/?language={language}")


@pytest.mark.parametrize(
    ("country", "area", "called"),
    [("FR", "", ""), ("US", "state", "State"), ("GB", "county", "County"), ("IE", "county", "County"),
     ("JP", "state", "Prefecture"), ("DE", "", ""), ("CA", "state", "Province"), ("", "state", "State")],
)  # fmt: skip
def test_a_country_has_a_county_or_a_state_or_neither(spoken, country, area, called):
    with spoken("en"):
        shape = shape_of(country)

        assert shape.area == area
        assert (shape.label(area) if area else "") == called


@pytest.mark.parametrize("country", ["FR", "US", "GB", "SG", "AE", "JP", "XX", ""])
def test_every_country_has_lines_postal_code_and_city(country):
    assert {"line1", "line2", "postal_code", "city"} <= set(shape_of(country).parts)


@pytest.mark.parametrize(
    ("country", "changes", "lines"),
    [
        ("FR", {}, ["12 rue de la Paix", "Bâtiment B", "75002 Paris", "France"]),
        ("FR", {"county": "Seine", "state": "IDF"}, ["12 rue de la Paix", "Bâtiment B", "75002 Paris", "France"]),
        ("US", {"state": "CA"}, ["12 rue de la Paix", "Bâtiment B", "Paris, CA 75002", "United States"]),
        ("US", {"line2": ""}, ["12 rue de la Paix", "Paris 75002", "United States"]),
        ("US", {"line1": "", "line2": "", "postal_code": "", "state": "CA"}, ["Paris, CA", "United States"]),
        ("GB", {"county": "Kent"}, ["12 rue de la Paix", "Bâtiment B", "Paris", "Kent", "75002", "United Kingdom"]),
        ("JP", {}, ["〒75002", "12 rue de la Paix", "Bâtiment B", "Paris", "Japan"]),
        ("AE", {}, ["12 rue de la Paix", "Bâtiment B", "75002", "Paris", "United Arab Emirates"]),
        ("", {}, ["12 rue de la Paix", "Bâtiment B", "75002 Paris"]),
        ("", {"line1": "", "line2": "", "postal_code": "", "city": ""}, []),
    ],
)
def test_an_address_reads_as_its_country_writes_it(spoken, country, changes, lines):
    with spoken("en"):
        assert lines_of(Address(**{**FULL, "country": country, **changes})) == lines


def test_the_country_is_named_in_the_language_of_the_page(spoken):
    with spoken("fr"):
        assert lines_of(Address(city="Berlin", country="DE")) == ["Berlin", "Allemagne"]


@pytest.mark.parametrize("country", ["all", "XX", "fr", "../fr", "F" * 5000])
def test_a_country_that_is_none_has_the_lines_that_most_have(client, country):
    assert client.get("/leads/address", query_string={"addresses_country": country}).status_code == 200
    assert shape_of(country) is shape_of("")
