from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadhub.imports.dates import DateOrder, looks_like_date, parse, recognise_order

PARIS = ZoneInfo("Europe/Paris")
DAYS = st.dates(min_value=date(1970, 1, 1), max_value=date(2068, 12, 31))


@pytest.mark.parametrize(
    ("samples", "order"),
    [
        (["2024-01-15", "2024-02-03T10:00:00Z"], DateOrder.ISO),
        (["2024/01/15", "2024/02/03"], DateOrder.YMD),
        (["01/02/2024", "15/02/2024", ""], DateOrder.DMY),
        (["01-02-2018 19:58", "26-02-2018 19:58"], DateOrder.DMY),
        (["01/02/2024", "02/15/2024"], DateOrder.MDY),
        (["01/02/2024", "03/04/24"], DateOrder.AMBIGUOUS),
        (["13/02/2024", "02/13/2024"], DateOrder.AMBIGUOUS),
        (["13/02/2024"] * 30 + ["02/13/2024"], DateOrder.DMY),
        (["01.02.2024", "03.04.2024"], DateOrder.DMY),
        (["2024-01-15", "01/20/2024", "20.03.2024"], DateOrder.MDY),
        (["15 Apr, 2021 00:03:00", "7-Feb-22"], DateOrder.TEXT),
        (["1er mars 2026", "3 août 2026"], DateOrder.TEXT),
        (["1700000000", "1700003600"], DateOrder.UNIX),
        (["1700000000", "12345"], DateOrder.NONE),
        (["soon", "", "later"], DateOrder.NONE),
        ([], DateOrder.NONE),
    ],
)
def test_the_order_is_found_from_the_whole_column(samples, order):
    assert recognise_order(samples) is order


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("15 Apr, 2021 00:03:00", datetime(2021, 4, 15, 0, 3)),
        ("7-Feb-22", datetime(2022, 2, 7)),
        ("1er mars 2026", datetime(2026, 3, 1)),
        ("lundi 23 novembre 2026 à 14 h 05", datetime(2026, 11, 23, 14, 5)),
        ("mar. 5 mars 2024", datetime(2024, 3, 5)),
        ("3 DÉCEMBRE 2024", datetime(2024, 12, 3)),
        ("March 20, 2024 4:05 PM", datetime(2024, 3, 20, 16, 5)),
        ("Mar 20 2024", datetime(2024, 3, 20)),
        ("20th of March 2024", datetime(2024, 3, 20)),
        ("26-02-2018 19:58", datetime(2018, 2, 26, 19, 58)),
        ("20240115", datetime(2024, 1, 15)),
        ("2024/1/5 9:05", datetime(2024, 1, 5, 9, 5)),
        ("2024-01-15 12:00 AM", datetime(2024, 1, 15)),
        ("03/03/1969", datetime(1969, 3, 3)),
        ("03/03/69", datetime(1969, 3, 3)),
        ("03/03/68", datetime(2068, 3, 3)),
    ],
)
def test_a_written_date_is_read(text, day):
    assert parse(text, DateOrder.DMY, PARIS) == day.replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2024",
        "2024-02-30",
        "29/02/2023",
        "03/15/2024",
        "00/00/0000",
        "01/02/2024 25:00",
        "01/02/2024 maybe",
        "May-20",
        "50-200",
        "août 2024",
        "Feb 7 22",
        "0001-01-01",
        "1700000000",
        "45321",
        "soon",
        "",
    ],
)
def test_what_is_no_date_is_none(text):
    assert parse(text, DateOrder.DMY, PARIS) is None


def test_a_date_alone_is_midnight_in_the_zone():
    assert parse("01/08/2024", DateOrder.DMY, PARIS).isoformat() == "2024-08-01T00:00:00+02:00"


def test_an_offset_keeps_its_instant():
    moment = parse("2026-08-31T12:12:17-05:00", DateOrder.ISO, PARIS)

    assert moment.astimezone(UTC) == datetime(2026, 8, 31, 17, 12, 17, tzinfo=UTC)


@pytest.mark.parametrize("offset", ["-05:00", "-0500", " -5", " UTC-5", " GMT-0500"])
def test_an_offset_may_be_written_in_many_ways(offset):
    moment = parse(f"31/08/2026 12:12:17{offset}", DateOrder.DMY, PARIS)

    assert moment.astimezone(UTC) == datetime(2026, 8, 31, 17, 12, 17, tzinfo=UTC)


def test_unix_times_are_read_where_the_column_is_of_them():
    assert parse("1700000000", DateOrder.UNIX, PARIS) == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert parse("1700000000000", DateOrder.UNIX, PARIS) == parse("1700000000", DateOrder.UNIX, PARIS)


def test_an_ambiguous_column_gives_only_dates_that_are_clear():
    assert parse("03/04/2024", DateOrder.AMBIGUOUS, PARIS) is None
    assert parse("25/12/2024", DateOrder.AMBIGUOUS, PARIS).date() == date(2024, 12, 25)
    assert parse("05/05/2024", DateOrder.AMBIGUOUS, PARIS).date() == date(2024, 5, 5)


@given(DAYS, st.sampled_from(["/", "-", " "]), st.sampled_from(["%Y", "%y"]))
def test_day_first_and_month_first_come_back(day, sign, year):
    if sign == " ":
        year = "%Y"

    assert parse(day.strftime(f"%d{sign}%m{sign}{year}"), DateOrder.DMY, PARIS).date() == day
    assert parse(day.strftime(f"%m{sign}%d{sign}{year}"), DateOrder.MDY, PARIS).date() == day


@given(st.datetimes(datetime(1970, 1, 1), datetime(2068, 1, 1), timezones=st.just(UTC)), st.integers(-14, 14))
def test_an_iso_instant_comes_back(moment, hours):
    local = (moment + timedelta(hours=hours)).replace(tzinfo=None).isoformat(timespec="microseconds")
    text = f"{local}{'-' if hours < 0 else '+'}{abs(hours):02d}:00"

    assert parse(text, DateOrder.ISO, PARIS) == moment


@given(st.lists(DAYS, min_size=1))
def test_a_column_of_days_is_never_taken_for_the_other_order(days):
    found = recognise_order(day.strftime("%d/%m/%Y") for day in days)

    assert found in (DateOrder.DMY, DateOrder.AMBIGUOUS)


@given(st.text(max_size=40), st.sampled_from(list(DateOrder)))
def test_any_text_is_a_date_or_none(text, order):
    moment = parse(text, order, PARIS)

    assert moment is None or moment.tzinfo is not None
    assert looks_like_date(text) in (True, False)
