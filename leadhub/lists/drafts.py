"""What an admin typed or chose about a row of a list."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leadhub.lists.models import ListRow

NAME_MAX = 200


@dataclass(frozen=True, kw_only=True)
class RowDraft:
    """``names`` by language, empty ones left out.  ``extras``: column -> value, of what only this list has."""

    names: Mapping[str, str]
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Nothing:
    """No row takes the place of a deleted one: what named it names none."""


NOTHING = Nothing()
Successor = ListRow | Nothing | None
"""What takes the place of a deleted row; None: nobody has chosen."""
