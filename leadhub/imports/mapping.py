"""From a row to a ``LeadDraft``: which column feeds which field of the lead, and where the rest is kept."""

import hashlib
from collections.abc import Mapping as Told
from datetime import UTC, tzinfo
from types import MappingProxyType
from typing import Any

from flask_babel import gettext as _

from leadhub.fields.catalogue import TEXT_MAX
from leadhub.folding import fold
from leadhub.imports import cells as texts
from leadhub.imports import headers
from leadhub.imports.dates import DateOrder
from leadhub.imports.files import Row, Table, column_name
from leadhub.imports.further import Further
from leadhub.imports.places import Places
from leadhub.imports.plan import OTHER_DATA, REACHES, Plan, make_plan
from leadhub.imports.reaches import Reaches
from leadhub.imports.refusals import NothingRecognised, UnknownColumn
from leadhub.imports.targets import Targets
from leadhub.plugins.api.leads import LeadDraft

__all__ = ["OTHER_DATA", "Mapping", "NothingRecognised", "UnknownColumn"]

_AS_WRITTEN = ("first_name", "last_name", "organisation", "source", "type")
_TEST_LEAD = "<test lead:"
_NOBODY: Told[str, str] = MappingProxyType({})
_ALL = Targets.of()


class Mapping:
    """How one table becomes drafts.  Made once per file by ``Mapping.of``; ``draft`` is then called for each row.

    ``ambiguous_dates`` names the columns of which ``default_order`` decides; ``date_orders`` tells all date columns.
    ``rows`` counts the rows, refused ones too.
    ``external_scope`` goes with the ids of the id column; a row without one is known by its line in this very file.
    """

    def __init__(self, table: Table, plan: Plan, further: Further) -> None:
        self.table = table
        self.plan = plan
        self._further = further
        self.rows = plan.rows
        self.date_orders = {table.columns[index]: order for index, order in sorted(plan.orders.items())}
        self.ambiguous_dates = further.ambiguous
        self._file_scope = f"file:{table.sha256}"
        self.external_scope = self._scope()
        self._prepare(plan)

    @classmethod
    def of(
        cls,
        table: Table,
        forced: Told[str, str] = _NOBODY,
        id_column: str | None = None,
        default_order: DateOrder = DateOrder.AMBIGUOUS,
        time_zone: tzinfo = UTC,
        *,
        targets: Targets = _ALL,
        people: Told[str, str] = _NOBODY,
        currency: str = "",
    ) -> "Mapping":
        """Decide, after one pass over the table, what each column is.

        ``forced`` says so for single columns: a field's key, or ``OTHER_DATA``.  ``people``: folded name or e-mail of
        a user -> e-mail.  ``currency`` is the hub's.  Raises ``UnknownColumn`` where told of what is not there.
        """
        plan = make_plan(table, targets, forced, id_column)
        return cls(table, plan, Further(table, plan, targets, default_order, time_zone, people, currency))

    def describe(self) -> list[tuple[str, str]]:
        """Each column with the field it feeds, or ``OTHER_DATA``."""
        fields = {index: name for name, index in self.plan.fields.items()}
        for name in REACHES:
            fields |= {index: name for index in self.plan.fallbacks[name] if index in self.plan.filled}
        return [(column, fields.get(index, OTHER_DATA)) for index, column in enumerate(self.table.columns)]

    def draft(self, row: Row) -> LeadDraft:
        """The lead that a row tells of.  Nothing is lost: what fits no field is in ``other`` under its column's name.

        Raises ``NothingRecognised``: an unreadable row, no known column filled, a total line, a test lead.
        """
        cells = row.cells
        self._refuse_what_is_no_lead(row)
        values: dict[str, Any] = {name: cells[index] for name, index in self._plain}
        other = {column: cells[index] for index, column in self._kept if cells[index]}
        if len(cells) > self._width:
            other |= {column_name(self._columns, index): cell for index, cell in self._beyond(cells) if cell}
        for column in self._numbers:
            if column in other:
                other[column] = texts.whole_number(other[column])
        values |= self._reaches.read(cells, other)
        if self._names:
            self._add_name(values, cells)
        external_id = texts.read_id(cells[self._id]) if self._id is not None else ""
        if len(external_id) > TEXT_MAX:
            external_id, other[self._columns[self._id or 0]] = "", external_id
        for name in _AS_WRITTEN:
            if len(values.get(name, "")) > TEXT_MAX:  # the door would refuse the row for it
                values[name], other[self._source_of[name]] = "", values[name]
        if self._places.blocks:
            values["addresses"] = self._places.read(cells, other)
        return LeadDraft(
            channel="import",
            is_organisation=self._ticks_organisation(values, cells, other),
            external_scope=self.external_scope if external_id else self._file_scope,
            external_id=external_id or str(row.line),
            other=other,
            **values,
            **self._further.read(cells, other),
        )

    def _prepare(self, plan: Plan) -> None:
        columns, fields = self.table.columns, plan.fields
        self._columns, self._width = columns, len(columns)
        self._plain = [(name, fields[name]) for name in _AS_WRITTEN if name in fields]
        self._reaches, self._places = Reaches(self.table, plan), Places(self.table, plan)
        used = {*fields.values(), *self._reaches.used, *self._places.used}
        self._kept = [(index, column) for index, column in enumerate(columns) if index not in used]
        self._numbers = [columns[index] for index, _c in self._kept if headers.is_number(self.table.headers[index])]
        self._names = plan.columns_of("name")
        self._id = fields.get("external_id")
        self._source_of = {name: columns[index] for name, index in fields.items()}
        for name in ("first_name", "last_name", "organisation"):  # a full name, or an organisation's, in one column
            self._source_of.setdefault(name, columns[self._names[0]] if self._names else name)
        self._tick = fields.get("is_organisation")

    def _scope(self) -> str:
        index = self.plan.fields.get("external_id")
        if index is None:
            return self._file_scope
        header = self.table.headers[index] or self.table.columns[index]
        scope = f"import:{fold(header)}"
        if not headers.is_bare_id(header):
            return scope
        names = "\n".join(fold(name) for name in self.table.headers)
        return f"{scope}#{hashlib.sha256(names.encode()).hexdigest()[:10]}"

    def _refuse_what_is_no_lead(self, row: Row) -> None:
        cells = row.cells
        if row.error:
            raise NothingRecognised(row.error)
        if not any(map(cells.__getitem__, self.plan.known)):
            raise NothingRecognised(_("Nothing in this line is in a column that the hub recognises."))
        if _TEST_LEAD in "\n".join(cells):
            raise NothingRecognised(_("This is a test lead of the advertising platform."))
        if texts.is_total_line(cells):
            raise NothingRecognised(_("This line is a total, not a lead."))

    def _beyond(self, cells: list[str]) -> list[tuple[int, str]]:
        return list(enumerate(cells))[self._width :]

    def _add_name(self, values: dict[str, Any], cells: list[str]) -> None:
        """A full name counts where first and last name have no column or no value."""
        if values.get("first_name") or values.get("last_name"):
            return
        for index in self._names:
            if cells[index]:
                values["first_name"], values["last_name"] = texts.split_name(cells[index])
                return

    def _ticks_organisation(self, values: dict[str, Any], cells: list[str], other: dict[str, str]) -> bool:
        """The tick; then a name without an organisation is the organisation's."""
        if self._tick is None:
            return False
        ticked = texts.read_yes_or_no(cells[self._tick])
        if ticked is None and cells[self._tick]:
            other[self._columns[self._tick]] = cells[self._tick]
        if ticked and not values.get("organisation"):
            parts = (values.pop("first_name", ""), values.pop("last_name", ""))
            values["organisation"] = " ".join(part for part in parts if part)
        return bool(ticked)
