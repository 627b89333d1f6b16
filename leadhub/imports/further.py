"""The fields of a row that one cell tells: numbers, dates, words of lists, people, and what the team added."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo
from functools import partial
from types import MappingProxyType
from typing import Any

from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import Field
from leadhub.imports import dates, readers
from leadhub.imports.cells import read_yes_or_no
from leadhub.imports.dates import DateOrder
from leadhub.imports.files import Table
from leadhub.imports.plan import Plan
from leadhub.imports.targets import Targets

Reader = Callable[[str], Any]
_ELSEWHERE = (
    "is_organisation",
    "first_name",
    "last_name",
    "organisation",
    "email",
    "phone",
    "source",
    "type",
    "status",
)
_OWN: Mapping[str, Reader] = MappingProxyType(
    {
        "gender": readers.read_gender,
        "language": readers.read_language,
        "employees": readers.read_employees,
        "tags": readers.read_tags,
    }
)
_SEMICOLONS = ";\t"  # files with them come from where decimals begin with a comma


class Further:
    """Reads rows of one table.  Made once a file.  ``ambiguous``: columns of dates that ``default_order`` decides."""

    def __init__(
        self,
        table: Table,
        plan: Plan,
        targets: Targets,
        default_order: DateOrder,
        time_zone: tzinfo,
        people: Mapping[str, str],
        currency: str,
    ) -> None:
        self.ambiguous: list[str] = []
        self.time_zone, self.people, self.currency = time_zone, people, currency
        self.language = "fr" if table.separator in _SEMICOLONS else "en"
        self.readers: list[tuple[str, int, str, Reader]] = []
        self.own: list[tuple[str, int, str, Reader]] = []
        self.amounts: list[tuple[str, int, str]] = []
        for name, index in plan.fields.items():
            field = targets.fields.get(name)
            if field is None or name in _ELSEWHERE:
                continue
            column = table.columns[index]
            if field.type == kinds.AMOUNT:
                self.amounts.append((name, index, column))
            elif field.type in (kinds.MOMENT, kinds.DAY):
                order = self._order(plan.orders[index], default_order, column)
                self._add(
                    field, index, column, partial(self._moment if field.type == kinds.MOMENT else self._day, order)
                )
            else:
                self._add(field, index, column, self._reader(field))

    def read(self, cells: list[str], other: dict[str, str]) -> dict[str, Any]:
        """Values of a draft.  A cell that does not fit its field is kept in ``other``."""
        values = _read(self.readers, cells, other)
        if self.amounts:
            self._read_amounts(cells, values, other)
        if self.own and (own := _read(self.own, cells, other)):
            values["custom"] = own
        return values

    def _add(self, field: Field, index: int, column: str, reader: Reader) -> None:
        (self.own if field.is_custom else self.readers).append((field.name, index, column, reader))

    def _order(self, found: DateOrder, default: DateOrder, column: str) -> DateOrder:
        if found is not DateOrder.AMBIGUOUS:
            return found
        self.ambiguous.append(column)
        return default

    def _reader(self, field: Field) -> Reader:
        if field.name in _OWN:
            return _OWN[field.name]
        if field.name == "currency":
            return partial(readers.read_currency, own=self.currency)
        by_type: dict[str, Reader] = {
            kinds.LINK: readers.read_website,
            kinds.YES_NO: read_yes_or_no,
            kinds.PERSON: partial(readers.read_person, people=self.people),
            kinds.NUMBER: partial(readers.read_number, language=self.language),
            kinds.CHOICES: readers.read_choices,
        }
        return by_type.get(field.type) or partial(readers.read_text, limit=field.limit)

    def _moment(self, order: DateOrder, cell: str) -> datetime | None:
        return readers.in_range(dates.parse(cell, order, self.time_zone))

    def _day(self, order: DateOrder, cell: str) -> date | None:
        moment = self._moment(order, cell)
        return moment.date() if moment else None

    def _read_amounts(self, cells: list[str], values: dict[str, Any], other: dict[str, str]) -> None:
        """A lead has one currency: an amount in another is kept as it is written."""
        for name, index, column in self.amounts:
            if not (cell := cells[index]):
                continue
            found = readers.read_amount(cell, self.currency)
            if found is None or (found[1] and values.get("currency", found[1]) != found[1]):
                other[column] = cell
                continue
            values[name] = found[0]
            if found[1]:
                values["currency"] = found[1]


def _read(readers: list[tuple[str, int, str, Reader]], cells: list[str], other: dict[str, str]) -> dict[str, Any]:
    values = {}
    for name, index, column, reader in readers:
        if cell := cells[index]:
            value = reader(cell)
            if value is None:
                other[column] = cell
            else:
                values[name] = value
    return values
