"""Columns of the list that plugins compute: asked for once, with all leads of a page.  Nothing here writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from flask_babel import LazyString, format_decimal

from leadhub.accounts.models import User
from leadhub.fields.catalogue import COMPUTED, PLUGINS, Field
from leadhub.fields.queries import hidden_fields
from leadhub.leads.aside import Unanswered
from leadhub.leads.models import Lead
from leadhub.leads.statuses.snapshots import snapshot_of
from leadhub.names import Names
from leadhub.plugin_settings.calls import call_for
from leadhub.plugin_settings.context import HubContext
from leadhub.plugins.api.parts import Column
from leadhub.plugins.health import PluginFailed
from leadhub.plugins.host import current_host
from leadhub.plugins.shown import text
from leadhub.tables import Cell

KIND = "columns"
PREFIX = "x."  # before the key of such a column in addresses, so that none is called as a field
SECONDS = 1.0
TEXT_MAX = 200
NUMBER_MAX = 10**15
FIRST_YEAR, LAST_YEAR = 1000, 9999  # on whatever clock


@dataclass(frozen=True, slots=True)
class Cells:
    """What one column has for some leads, by their ids.  ``is_failed``: its plugin did not say."""

    values: Mapping[int, Cell] = field(default_factory=dict)
    is_failed: bool = False

    @property
    def are_numbers(self) -> bool:
        return bool(self.values) and all(isinstance(value, int | Decimal) for value in self.values.values())


def computed_fields() -> dict[str, Field]:
    """Those of the plugins that are on, by name."""
    offers = current_host().offered(KIND).items()
    return {f"{PREFIX}{key}": _field(f"{PREFIX}{key}", offer.value) for key, offer in offers}


def is_computed(name: str) -> bool:
    return name.startswith(PREFIX)


def cells_of(user: User, columns: Sequence[Field], leads: Sequence[Lead]) -> dict[str, Cells]:
    """By name of the column.  As many calls for fifty leads as for one, each with a time of its own."""
    names = [column.name for column in columns if column.type == COMPUTED]
    if not names or not leads:
        return {}
    hidden = hidden_fields(user)
    snapshots = [snapshot_of(lead, hidden) for lead in leads]
    offers = current_host().offers[KIND]
    return {name: _cells(user, offers[name.removeprefix(PREFIX)], snapshots) for name in names}


def worded(value: Cell) -> Any:
    """As a cell shows it: words; days and moments as they are."""
    return format_decimal(value) if isinstance(value, int | Decimal) else value


def _field(name: str, column: Column) -> Field:
    return Field(name=name, label=Names(column.title), type=COMPUTED, group=PLUGINS)


def _cells(user: User, offer: Any, snapshots: Sequence[Any]) -> Cells:
    work = partial(_loaded, offer.value, snapshots)
    try:
        return Cells(call_for(user, offer.plugin, work, seconds=SECONDS, passes=(Unanswered,)))
    except (PluginFailed, Unanswered):
        return Cells(is_failed=True)


def _loaded(column: Column, snapshots: Sequence[Any], context: HubContext) -> dict[int, Cell]:
    """Raises ``TypeError`` for what no cell can hold."""
    told: Any = column.load(snapshots, context)
    if not isinstance(told, Mapping):
        raise TypeError(f"the column {column.key!r} gave no mapping")
    found = {lead.id: _checked(told.get(lead.id)) for lead in snapshots}
    return {lead_id: value for lead_id, value in found.items() if value not in (None, "")}


def _checked(value: Any) -> Cell:
    if value is None:
        return None
    if isinstance(value, str | LazyString):
        return text("a cell", value, TEXT_MAX)
    if type(value) is datetime and value.tzinfo is not None:
        value = value.astimezone(UTC)
    if isinstance(value, date) and not FIRST_YEAR < value.year < LAST_YEAR:
        raise TypeError("it is a day that no page can show")
    if type(value) is datetime and value.tzinfo is not None:
        return value
    if type(value) in (int, Decimal) and abs(value) < NUMBER_MAX:
        return value  # type: ignore[no-any-return]
    if type(value) is date:
        return value
    raise TypeError(f"{type(value).__name__} {str(value)[:20]!r} is nothing that a cell can hold")
