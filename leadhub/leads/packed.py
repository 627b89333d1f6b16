"""Values of a lead as JSON, and back again with their types.  Nothing here writes."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

MOMENT, DAY, NUMBER = "moment", "day", "number"
READERS: dict[str, Any] = {MOMENT: datetime.fromisoformat, DAY: date.fromisoformat, NUMBER: Decimal}


def pack(value: Any) -> Any:
    """A text, a yes or no, a number, a moment or a day; or several texts or ids, in their order or in none."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return list(value)
    if isinstance(value, datetime):
        return {MOMENT: value.isoformat()}
    if isinstance(value, date):
        return {DAY: value.isoformat()}
    return {NUMBER: str(value)} if isinstance(value, Decimal) else value


def unpack(stored: Any) -> Any:
    """What was packed; several come as a tuple."""
    if isinstance(stored, dict):
        ((kind, text),) = stored.items()
        return READERS[kind](text)
    return tuple(stored) if isinstance(stored, list) else stored
