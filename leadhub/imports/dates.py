"""Dates as people's files write them.  The order of day and month is found from a whole column, never from one cell."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from functools import lru_cache

from leadhub.folding import fold

FIRST_YEAR, LAST_YEAR = 1900, 2100
_CENTURY_TURNS_AT = 69  # as strptime's %y: 68 is 2068, 69 is 1969
_NEARLY_ALL = 20  # one against twenty is a slip of the pen

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan janvier janv",
            "february feb fevrier fevr fev",
            "march mar mars",
            "april apr avril avr",
            "may mai",
            "june jun juin",
            "july jul juillet juil",
            "august aug aout",
            "september sep sept septembre",
            "october oct octobre",
            "november nov novembre",
            "december dec decembre",
        ),
        start=1,
    )
    for name in names.split()
}
_FILLERS = (
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun "
    "lundi mardi mercredi jeudi vendredi samedi dimanche lun mer jeu ven sam dim le the of de er e st nd rd th"
)
_NUMBERS = re.compile(r"(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})")
_WITH_SPACES = re.compile(r"(\d{1,2}) (\d{1,2}) (\d{4})")
_START = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_UNIX = re.compile(r"1\d{9}(?:\d{3})?|2[01]\d{8}(?:\d{3})?")
_TIME = re.compile(
    r"[\s,T]+(?:à|at|@)?\s*(\d{1,2})\s?(?::|h|\sh\s)\s?(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?"
    r"(?:\s*([ap])\.?m\.?)?\s*(?:(?:utc|gmt)?([+-]\d{1,2})(?::?(\d{2}))?|(z|utc|gmt))?$",
    re.IGNORECASE,
)
_MAY_STAND_BY = frozenset(_FILLERS.split())
_DOTTED, _EITHER = "dotted", "either"  # 03.04.2024 is day first wherever it is written; 03/03/2024 is one day anyway
_WORD = re.compile(r"[^\W\d_]+|\d+")


class DateOrder(StrEnum):
    """How the dates of a column are written.  Only DMY and MDY change what a date means."""

    ISO = "iso"
    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"
    TEXT = "text"
    UNIX = "unix"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


class Evidence:
    """Counts, cell by cell, what a column says about the order of its dates."""

    def __init__(self) -> None:
        self.kinds: dict[str, int] = dict.fromkeys((*DateOrder, _DOTTED, _EITHER), 0)

    def add(self, text: str) -> None:
        """Take one cell into account; an empty one says nothing."""
        if text:
            self.kinds[_kind(text)] += 1

    def order(self) -> DateOrder:
        """``AMBIGUOUS`` where day and month could be either; ``NONE`` where the column holds no dates."""
        kinds = self.kinds
        day_first, month_first = kinds[DateOrder.DMY], kinds[DateOrder.MDY]
        if day_first > month_first * _NEARLY_ALL:
            return DateOrder.DMY
        if month_first > day_first * _NEARLY_ALL:
            return DateOrder.MDY
        if day_first or month_first or kinds[DateOrder.AMBIGUOUS]:
            return DateOrder.AMBIGUOUS
        if kinds[DateOrder.UNIX]:
            return DateOrder.UNIX if kinds[DateOrder.UNIX] == sum(kinds.values()) else DateOrder.NONE
        if kinds[_DOTTED] or kinds[_EITHER]:
            return DateOrder.DMY
        best = max((DateOrder.ISO, DateOrder.YMD, DateOrder.TEXT), key=kinds.__getitem__)
        return best if kinds[best] else DateOrder.NONE


def recognise_order(samples: Iterable[str]) -> DateOrder:
    """Weigh the evidence of a whole column."""
    evidence = Evidence()
    for text in samples:
        evidence.add(text)
    return evidence.order()


def looks_like_date(text: str) -> bool:
    """Whether the text alone can be read as a date, in whatever order."""
    return _kind(text) not in (DateOrder.NONE, DateOrder.UNIX)


def parse(text: str, order: DateOrder, time_zone: tzinfo) -> datetime | None:
    """The moment a text names, aware; ``None`` where it names none.

    A date alone is midnight in ``time_zone``, a time without an offset is told there; a time with an offset keeps it.
    Where the order is ``AMBIGUOUS``, only dates are read that cannot mean two days.
    """
    if order is DateOrder.UNIX:
        return _from_unix(text)
    if text[4:5] == "-":
        return _from_iso(text, time_zone)
    written, rest = _split(text)
    day, clock = _day(written, order), _clock(rest)
    if day is None or clock is None:
        return None
    return datetime(*day, clock.hour, clock.minute, clock.second, clock.microsecond, clock.tzinfo or time_zone)


def _from_unix(text: str) -> datetime | None:
    if not _UNIX.fullmatch(text):
        return None
    return datetime.fromtimestamp(int(text[:10]), UTC)


def _from_iso(text: str, time_zone: tzinfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _from_loose_iso(text, time_zone)
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=time_zone)


def _from_loose_iso(text: str, time_zone: tzinfo) -> datetime | None:
    """``2024-01-15 9:05``, ``2024-01-15 09:05:00 UTC``: what ``fromisoformat`` is too strict for."""
    written, rest = _split(text)
    day, clock = _day(written, DateOrder.ISO), _clock(rest)
    if day is None or clock is None:
        return None
    return datetime.combine(datetime(*day), clock, clock.tzinfo or time_zone)


def _split(text: str) -> tuple[str, str]:
    """The day, and what comes after it: a time, or nothing, or something else."""
    start = _START.match(text)
    if start:
        return start[0], text[start.end() :]
    found = _TIME.search(text)
    return (text[: found.start()], found[0]) if found else (text, "")


@lru_cache(maxsize=8192)
def _clock(text: str) -> time | None:
    """What comes after a day, as a time; midnight where nothing does.  Aware if it tells its offset."""
    if not text.strip(" ,;"):
        return time.min
    found = _TIME.match(text)
    if not found:
        return None
    hour, minute, second, fraction, half, hours, minutes, utc = found.groups()
    number = int(hour)
    if half:
        if not 1 <= number <= 12:
            return None
        number = number % 12 + (12 if half in "pP" else 0)
    zone: tzinfo | None = UTC if utc else None
    try:
        if hours:
            zone = timezone(timedelta(hours=int(hours), minutes=int(minutes or 0) * (-1 if hours[0] == "-" else 1)))
        return time(number, int(minute), int(second or 0), int((fraction or "0")[:6].ljust(6, "0")), zone)
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def _day(text: str, order: DateOrder) -> tuple[int, int, int] | None:
    """Year, month, day; ``None`` where there is no such day."""
    text = text.strip(" ,;")
    parts = _numbers(text)
    if parts:
        year, month, day = _in_order(*parts, order)
    else:
        year, month, day = _words(text)
    try:
        datetime(year, month, day)
    except ValueError:
        return None
    return (year, month, day) if FIRST_YEAR <= year <= LAST_YEAR else None


def _numbers(text: str) -> tuple[str, str, str, str] | None:
    """Three numbers and the sign between them, as written."""
    found = _NUMBERS.fullmatch(text)
    if found:
        return found[1], found[3], found[4], found[2]
    found = _WITH_SPACES.fullmatch(text)
    if found:
        return found[1], found[2], found[3], " "
    found = _COMPACT.fullmatch(text)
    return (found[1], found[2], found[3], "") if found else None


def _reading(first: str, second: str, third: str, sign: str) -> str:
    """The order that three numbers can only have, or ``AMBIGUOUS``, or ``NONE``."""
    if len(first) == 4 and len(third) <= 2:
        return DateOrder.YMD
    if len(first) > 2 or len(third) not in (2, 4):
        return DateOrder.NONE
    one, two = int(first), int(second)
    if sign == ".":
        return _DOTTED
    if one > 31:
        return DateOrder.YMD
    if one > 12:
        return DateOrder.DMY if two <= 12 else DateOrder.NONE
    if two > 12:
        return DateOrder.MDY
    return _EITHER if one == two else DateOrder.AMBIGUOUS


def _in_order(first: str, second: str, third: str, sign: str, order: DateOrder) -> tuple[int, int, int]:
    """Year, month, day; zeros where the order does not allow such numbers."""
    reading = _reading(first, second, third, sign)
    if reading == DateOrder.YMD:
        return _year(first), int(second), int(third)
    if reading == _DOTTED:
        return _year(third), int(second), int(first)
    told = order if order in (DateOrder.DMY, DateOrder.MDY) else reading
    if told in (DateOrder.DMY, _EITHER):
        return _year(third), int(second), int(first)
    if told == DateOrder.MDY:
        return _year(third), int(first), int(second)
    return 0, 0, 0


def _year(digits: str) -> int:
    number = int(digits)
    if len(digits) > 2:
        return number
    return number + (1900 if number >= _CENTURY_TURNS_AT else 2000)


def _words(text: str) -> tuple[int, int, int]:
    """A date with its month as a word, English or French: ``7-Feb-22``, ``1er mars 2026``, ``Mar 20, 2024``."""
    words = _WORD.findall(fold(text))
    if len(words) > 2 and words[0] == "mar" and any(word in _MONTHS for word in words[1:]):
        del words[0]  # mardi
    months = [word for word in words if word in _MONTHS]
    numbers = [word for word in words if word.isdigit()]
    rest = set(words) - set(months) - set(numbers)
    if len(months) != 1 or len(numbers) != 2 or not rest <= _MAY_STAND_BY:
        return 0, 0, 0
    day, year = numbers if len(numbers[0]) < 3 else reversed(numbers)
    if len(day) > 2 or len(year) not in (2, 4):
        return 0, 0, 0
    if len(year) == 2 and words.index(months[0]) < words.index(day):
        return 0, 0, 0  # Feb 7 22: which one is the year?
    return _year(year), _MONTHS[months[0]], int(day)


def _kind(text: str) -> str:
    if text[4:5] == "-":
        return DateOrder.ISO if _from_iso(text, UTC) else DateOrder.NONE
    if _UNIX.fullmatch(text):
        return DateOrder.UNIX
    written, rest = _split(text)
    return DateOrder.NONE if _clock(rest) is None else _kind_of_day(written.strip(" ,;"))


@lru_cache(maxsize=8192)
def _kind_of_day(text: str) -> str:
    parts = _numbers(text)
    if parts:
        return _reading(*parts)
    return DateOrder.TEXT if _words(text)[0] else DateOrder.NONE
