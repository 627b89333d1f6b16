"""The lists that a team grows."""

import pytest

from leadhub.extensions import db
from leadhub.lists.models import LeadType, Source
from leadhub.lists.queries import rows_of
from leadhub.lists.services import adopt_sources, rows_chosen, rows_named
from leadhub.plugins.api import Source as Offer

pytestmark = pytest.mark.usefixtures("context")


def test_a_word_finds_its_row_whatever_case_accents_and_language():
    found = rows_named(LeadType, ["Client existant", "existing CUSTOMER", "customer"], language="en")

    assert len({row.id for row in found.values()}) == 1


def test_an_unknown_word_becomes_a_row_named_as_it_was_first_written():
    rows_named(Source, ["Foire de Nîmes", "foire de nimes"], language="fr")

    assert rows_of(Source)[-1].names == {"fr": "Foire de Nîmes"}


def test_an_empty_word_is_no_row():
    assert rows_named(Source, ["", "  "], language="en") == {}


def test_a_row_that_was_renamed_is_found_by_its_old_key():
    row = rows_of(Source)[0]
    row.names = {"en": "Contact page", "fr": "Page de contact"}
    db.session.flush()

    assert rows_named(Source, ["web-form"], language="en") == {"web-form": row}


def test_a_label_falls_back_to_another_language():
    assert Source(key="x", names={"fr": "Annuaire"}).label("en") == "Annuaire"


def test_offers_that_have_a_row_already_are_left_as_the_team_named_them():
    rows_of(Source)[0].names = {"en": "Renamed"}

    assert adopt_sources([Offer(key="web-form", names={"en": "Web form"})]) == 0
    assert rows_of(Source)[0].names == {"en": "Renamed"}


def test_what_a_row_is_called_now_goes_before_what_another_was_called_once():
    rows_named(Source, ["VIP"], language="en")["VIP"].names = {"en": "Premium"}
    db.session.flush()
    db.session.add(Source(key="vip#2", names={"en": "VIP"}, position=99))
    db.session.flush()

    assert rows_named(Source, ["vip"], language="en")["vip"].key == "vip#2"
    assert rows_chosen(Source, ["vip"])["vip"].key == "vip"


def test_a_row_called_none_can_be_told_from_no_row():
    assert rows_named(Source, ["None"], language="en")["None"].key == "none#"
