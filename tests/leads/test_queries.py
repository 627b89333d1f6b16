"""Finding and paging."""

from datetime import UTC, datetime, timedelta

import pytest

from leadhub.accounts.models import User
from leadhub.leads import queries
from leadhub.leads.queries import Place

pytestmark = pytest.mark.usefixtures("context")


def found(person, text):
    statement = queries.leads_matching(person("vic"), text)
    return [lead.title("en") for lead in queries.page_of(statement, None).leads]


@pytest.mark.parametrize(
    "text", ["helene lefevre", "LEFEVRE", "l'oreal", "L’Oréal", "coeur", "loreal.example", "06 39", "+33 6 39", "lefè"]
)
def test_a_lead_is_found_whatever_the_accents_and_signs(make_lead, person, text):
    make_lead(last_name="Another")
    make_lead(
        first_name="Hélène",
        last_name="Lefèvre",
        organisation="L’Oréal du Cœur",
        email="h@loreal.example.org",
        phone="+33 6 39 98 12 34" if "+" in text else "06 39 98 12 34",
    )

    assert found(person, text) == ["Hélène Lefèvre"]


@pytest.mark.parametrize("text", ["%", "_", "\\", "100%"])
def test_the_signs_of_like_are_only_signs(make_lead, person, text):
    make_lead(last_name="Plain")

    assert found(person, text) == []


def test_every_word_must_be_there(make_lead, person):
    make_lead(first_name="Tom", last_name="Martin")

    assert found(person, "tom dupont") == []


def test_pages_hold_every_lead_once_newest_first(make_lead, person):
    moment = datetime(2026, 3, 1, 9, tzinfo=UTC)
    for number in range(queries.PAGE * 2 + 3):
        make_lead(last_name=f"L{number:03}", received_at=moment + timedelta(seconds=number // 4))  # ties of four

    names, behind = [], None
    while True:
        page = queries.page_of(queries.leads_matching(person("vic")), behind)
        names += [lead.last_name for lead in page.leads]
        if page.older is None:
            break
        behind = Place.read(str(page.older))

    assert names == [f"L{number:03}" for number in reversed(range(queries.PAGE * 2 + 3))]


@pytest.mark.one_database
@pytest.mark.parametrize("text", ["", "17", "x-1", "1-x", "9" * 40 + "-1", "-1-1;"])
def test_what_is_no_place_is_the_beginning(text):
    assert Place.read(text) is None


def test_the_count_is_exact_and_bounded(make_lead, person, monkeypatch):
    for _ in range(5):
        make_lead()
    statement = queries.leads_matching(person("vic"))

    assert queries.count_of(statement) == 5
    monkeypatch.setattr(queries, "COUNT_MAX", 3)
    assert queries.count_of(statement) == 4


def test_nobody_sees_nothing(make_lead):
    lead_id = make_lead()

    assert queries.lead_seen_by(None, lead_id) is None
    assert queries.lead_seen_by(User(active=False), lead_id) is None
    assert queries.page_of(queries.leads_matching(None), None).leads == []
