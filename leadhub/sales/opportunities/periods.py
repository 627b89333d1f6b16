"""The stretches of days in which an opportunity may be expected to close.  Pure."""

from datetime import date, timedelta

LATE, MONTH, NEXT_MONTH, QUARTER, NEXT_QUARTER = "late", "month", "next-month", "quarter", "next-quarter"
PERIODS = (LATE, MONTH, NEXT_MONTH, QUARTER, NEXT_QUARTER)
DAY = timedelta(days=1)


def period(name: str, today: date) -> tuple[date | None, date | None]:
    """First and last day; None is no bound."""
    if name == LATE:
        return None, today - DAY
    months = {MONTH: 1, NEXT_MONTH: 1, QUARTER: 3, NEXT_QUARTER: 3}.get(name)
    if not months:
        return None, None
    start = today.year * 12 + (today.month - 1) // months * months + (months if name.startswith("next") else 0)
    return _first(start), _first(start + months) - DAY


def _first(month: int) -> date:
    """Of a month that is counted from the year 0."""
    return date(month // 12, month % 12 + 1, 1)
