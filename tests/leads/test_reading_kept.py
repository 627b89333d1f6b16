"""Counts that took a while are kept as long as they are right, for those alone who see the same."""

import pytest

from leadhub.extensions import db
from leadhub.leads import reading_kept
from leadhub.leads.reading import reader_for

pytestmark = pytest.mark.one_database
WHERE = {"gender": "none"}  # no counter knows it


@pytest.fixture(autouse=True)
def keeps_all(monkeypatch):
    monkeypatch.setattr(reading_kept, "WORTH", 0.0)
    monkeypatch.setattr(reading_kept, "KEPT", reading_kept.Kept())


def counts_of(statements):
    return [one for one in statements if "gender" in one and "count(" in one]


def test_a_count_is_kept_until_a_lead_changes(context, person, make_lead, count_queries):
    make_lead()
    reader = reader_for(person("ada"))
    db.session.commit()
    assert reader.count(WHERE) == 1
    with count_queries() as statements:
        assert reader.count(WHERE) == 1
    assert not counts_of(statements)
    make_lead()
    with count_queries() as statements:
        assert reader.count(WHERE) == 2
    assert counts_of(statements)


def test_others_and_other_questions_are_counted_for_themselves(context, person, make_lead, count_queries):
    make_lead()
    ada, bob = reader_for(person("ada")), reader_for(person("bob"))
    db.session.commit()
    assert ada.count(WHERE) == 1
    for ask in (lambda: bob.count(WHERE), lambda: ada.count({"gender": "female"}), lambda: ada.leads_by("gender")):
        with count_queries() as statements:
            ask()
        assert counts_of(statements)


def test_it_is_counted_again_after_a_minute_and_few_are_kept(context, person, make_lead, count_queries, monkeypatch):
    make_lead()
    reader = reader_for(person("ada"))
    db.session.commit()
    reader.count(WHERE)
    monkeypatch.setattr(reading_kept, "SECONDS", 0.0)
    with count_queries() as statements:
        reader.count(WHERE)
    assert counts_of(statements)
    for number in range(reading_kept.MOST + 20):
        reading_kept.KEPT.put((number,), [])
    assert len(reading_kept.KEPT.counts) == reading_kept.MOST


def test_where_nobody_looks_nothing_is_kept(context, make_lead):
    make_lead()
    db.session.commit()
    reader_for(None).count(WHERE)
    assert not reading_kept.KEPT.counts
