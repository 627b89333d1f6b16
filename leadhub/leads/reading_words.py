"""What is asked of the leads in the words of an address.  Nothing here reads or writes."""

from collections.abc import Mapping, Sequence
from datetime import date

from leadhub.leads.aside import Unanswered
from leadhub.leads.listing.filters import ANY, FROM, NONE, TO
from leadhub.leads.listing.state import CLOCK
from leadhub.plugins.api.reading import Period, Where

RECEIVED = "received_at"
Told = dict[str, list[str]]


def words_of(where: Where | None, period: Period | None = None) -> Told:
    """As an address has them, those of the period too.  Raises ``Unanswered`` for what is none of its form."""
    told: Told = {}
    for name, value in dict(where or {}).items():
        values = [value] if isinstance(value, str) else list(value)
        if not isinstance(name, str) or not all(isinstance(each, str) for each in values):
            raise Unanswered(f"{name!r} is asked for something that is no text")
        told[name] = [each.replace("\0", "") for each in values]
    told.pop(CLOCK, None)  # of what opens leads: the reader knows its clock
    return within_days(told, period.start, period.end) if period else told


def within_days(told: Told, start: date | None, end: date | None) -> Told:
    """The same, received on these days only."""
    first, last = f"{RECEIVED}.{FROM}", f"{RECEIVED}.{TO}"
    narrowed = dict(told)
    if start:
        narrowed[first] = [max([start.isoformat(), *told.get(first, ())[:1]])]
    if end:
        narrowed[last] = [min([end.isoformat(), *(day for day in told.get(last, ())[:1] if day)])]
    return narrowed


def both(told: Told, within: Mapping[str, Sequence[str]]) -> Told:
    """What is asked for, of what the page is narrowed to; it may be that nothing fits both."""
    narrowed = dict(told)
    for name, values in within.items():
        asked = [value for value in told.get(name, ()) if value != ANY or NONE in values]
        common = [value for value in asked or values if value in values]
        narrowed[name] = common or list(values)
        if not common:
            narrowed[f"{name}.not"] = list(values)
    return narrowed


def edges_of(told: Told) -> tuple[date | None, date | None]:
    """First and last day that are asked for; they are days, or nothing would have been read."""
    edges = [next((day for day in told.get(f"{RECEIVED}.{edge}", ()) if day.strip()), "") for edge in (FROM, TO)]
    first, last = (date.fromisoformat(day.strip()) if day else None for day in edges)
    return first, last
