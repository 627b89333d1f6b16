"""The words that leads of one stage are ordered by."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from leadhub.leads.stages.ranks import RANK_MAX, between, newest

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def test_what_enters_later_stands_above():
    words = [newest(NOW + timedelta(microseconds=micros)) for micros in (0, 1, 1000, 10**12)]

    assert words == sorted(words, reverse=True)


def test_a_block_keeps_its_order_from_the_top():
    assert (words := [newest(NOW, -place) for place in range(500)]) == sorted(words)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=80))
def test_there_is_room_between_any_two(places):
    words = [newest(NOW)]
    for number in places:
        place = number % (len(words) + 1)
        above, below = words[place - 1] if place else "", words[place] if place < len(words) else ""

        word = between(above, below)

        assert above < word
        assert not below or word < below
        words.insert(place, word)


def test_one_place_has_room_for_a_thousand_and_says_when_it_is_full():
    above, below, met = newest(NOW), newest(NOW, 1), set()
    above, below = sorted((above, below))
    while (word := between(above, below)) is not None:
        below = word
        met.add(word)

    assert len(met) > 1000
    assert max(map(len, met)) <= RANK_MAX


def test_between_what_is_not_in_order_is_no_place():
    assert between("b", "a") is None
    assert between("a", "a") is None
