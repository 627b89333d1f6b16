from collections import Counter

import pytest
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from leadhub.fields.catalogue import FIELDS
from leadhub.imports import headers, synonyms
from leadhub.imports.targets import CHOSEN
from leadhub.plugins.api.leads import LeadDraft


def fields_of(*names):
    return {names[indexes[0]]: field for field, indexes in headers.candidates(names).items() if indexes}


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("First Name", "first_name"),
        ("first_name", "first_name"),
        ("FIRSTNAME", "first_name"),
        ("Prénom", "first_name"),
        ("PRENOM", "first_name"),
        ("Nom de famille", "last_name"),
        ("Société ", "organisation"),
        ("Nom de l’entreprise", "organisation"),
        ("E-Mail", "email"),
        ("Adresse de messagerie", "email"),
        ("Email / Phone", "email"),
        ("Tél.", "phone"),
        ("N° de téléphone", "phone"),
        ("Lead Source", "source"),
        ("Origine", "source"),
        ("Created Time", "received_at"),
        ("Reçue le", "received_at"),
        ("mql_id", "external_id"),
        ("N° de piste", "external_id"),
        ("Is a company", "is_organisation"),
    ],
)
def test_a_header_names_its_field(header, field):
    assert headers.synonym_of(header).field == field


@pytest.mark.parametrize(
    "header", ["Email opt out of", "Phone call notes", "Company ID of parent", "Name Servers", "", "x"]
)
def test_only_whole_headers_count(header):
    assert headers.synonym_of(header) is None


@pytest.mark.parametrize("header", ["Status", "Lead Status", "Statut", "Birthday", "Notes", "SIRET", "Concurrent"])
def test_known_data_without_a_field_is_known(header):
    assert headers.is_known(header)
    assert headers.synonym_of(header) is None


def test_every_field_is_one_of_a_draft_or_part_of_one():
    assert set(headers.FIELDS) - {"name", "fax", *headers.PLACES} <= set(LeadDraft.__dataclass_fields__)


def test_every_field_of_the_catalogue_can_come_from_a_file_but_for_the_status():
    assert set(FIELDS) - {"status", "addresses"} <= {*headers.FIELDS, *CHOSEN}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_field_is_found_by_its_own_name(context, language):
    with force_locale(language):
        names = {name: str(field.label) for name, field in FIELDS.items() if name in synonyms.STORED}

    assert {name: word for name, word in names.items() if headers.key_of(word) not in headers._STORED} == {}


def test_no_word_names_two_fields():
    keys = Counter(headers.key_of(word) for field in synonyms.STORED.values() for word in set(field.split("|")))
    names = {field: {headers.key_of(word) for word in table.split("|")} for field, table in synonyms.STORED.items()}

    assert [key for key in keys if sum(key in words for words in names.values()) > 1] == []


def test_no_stored_word_is_listed_as_other_data():
    others = "|".join([synonyms.KNOWN_NUMBERS, synonyms.KNOWN_DATES, synonyms.KNOWN_TEXTS]).split("|")

    assert [word.strip() for word in others if headers.synonym_of(word)] == []


def test_a_bare_name_beside_a_contact_name_is_a_title():
    assert fields_of("Name", "Contact Name") == {"Contact Name": "name"}


def test_nom_alone_is_a_full_name():
    assert fields_of("Nom", "Email") == {"Nom": "name", "Email": "email"}


def test_nom_beside_prenom_is_the_last_name():
    assert fields_of("Nom", "Prénom") == {"Nom": "last_name", "Prénom": "first_name"}


def test_the_second_of_two_noms_is_the_last_name():
    assert headers.candidates(["Nom", "Titre", "Prénom", "Nom"])["last_name"] == [3]


def test_the_prospects_id_comes_before_the_leads_number():
    assert headers.candidates(["Lead Number", "Prospect ID"])["external_id"] == [1, 0]


def test_a_title_of_the_lead_is_no_name_beside_first_and_last_name():
    assert "Lead name" not in fields_of("Lead name", "First name", "Last name")


@given(st.sampled_from([word.strip() for table in synonyms.STORED.values() for word in table.split("|")]))
def test_case_and_underscores_do_not_matter(word):
    assert headers.synonym_of(word.upper().replace(" ", "_")) == headers.synonym_of(word)
