"""From a row to a ``LeadDraft``: which column feeds which field of the lead, and where the rest is kept."""

import hashlib
from collections.abc import Mapping as Told
from datetime import UTC, datetime, tzinfo
from types import MappingProxyType

from flask_babel import gettext as _

from leadhub.folding import fold
from leadhub.imports import cells as texts
from leadhub.imports import dates, headers
from leadhub.imports.dates import DateOrder
from leadhub.imports.files import Row, Table, column_name
from leadhub.imports.plan import OTHER_DATA, Plan, make_plan
from leadhub.imports.refusals import NothingRecognised, UnknownColumn
from leadhub.leads.checks import is_address
from leadhub.leads.fields import TEXT_MAX
from leadhub.plugins.api.leads import LeadDraft

__all__ = ["OTHER_DATA", "Mapping", "NothingRecognised", "UnknownColumn"]

_AS_WRITTEN = ("first_name", "last_name", "organisation", "source", "type")
_TEST_LEAD = "<test lead:"
_NOBODY: Told[str, str] = MappingProxyType({})


class Mapping:
    """How one table becomes drafts.  Made once per file by ``Mapping.of``; ``draft`` is then called for each row.

    ``ambiguous_dates`` names the columns of which ``default_order`` decides; ``date_orders`` tells all date columns.
    ``rows`` counts the rows, refused ones too.
    ``external_scope`` goes with the ids of the id column; a row without one is known by its line in this very file.
    """

    def __init__(self, table: Table, plan: Plan, default_order: DateOrder, time_zone: tzinfo) -> None:
        self.table = table
        self.plan = plan
        self.time_zone = time_zone
        self.rows = plan.rows
        self.date_orders = {table.columns[index]: order for index, order in sorted(plan.orders.items())}
        self.ambiguous_dates: list[str] = []
        self._file_scope = f"file:{table.sha256}"
        self.external_scope = self._scope()
        self._prepare(plan, default_order)

    @classmethod
    def of(
        cls,
        table: Table,
        forced: Told[str, str] = _NOBODY,
        id_column: str | None = None,
        default_order: DateOrder = DateOrder.AMBIGUOUS,
        time_zone: tzinfo = UTC,
    ) -> "Mapping":
        """Decide, after one pass over the table, what each column is.

        ``forced`` says so for single columns: a field's key, or ``OTHER_DATA``.  Raises ``UnknownColumn`` where it or
        ``id_column`` names what is not there.
        """
        return cls(table, make_plan(table, forced, id_column), default_order, time_zone)

    def describe(self) -> list[tuple[str, str]]:
        """Each column with the field it feeds, or ``OTHER_DATA``."""
        fields = {index: name for name, index in self.plan.fields.items()}
        return [(column, fields.get(index, OTHER_DATA)) for index, column in enumerate(self.table.columns)]

    def draft(self, row: Row) -> LeadDraft:
        """The lead that a row tells of.  Nothing is lost: what fits no field is in ``other`` under its column's name.

        Raises ``NothingRecognised``: an unreadable row, no known column filled, a total line, a test lead.
        """
        cells = row.cells
        self._refuse_what_is_no_lead(row)
        values = {name: cells[index] for name, index in self._plain}
        other = {column: cells[index] for index, column in self._kept if cells[index]}
        if len(cells) > self._width:
            other |= {column_name(self._columns, index): cell for index, cell in self._beyond(cells) if cell}
        for column in self._numbers:
            if column in other:
                other[column] = texts.whole_number(other[column])
        values["email"], values["phone"] = self._contact(cells, other)
        if values["email"] and not is_address(values["email"]):  # the door would refuse the row for it
            values["email"] = ""
            other |= {column: cells[index] for index, column in self._reach["email"] if cells[index]}
        if self._names:
            self._add_name(values, cells)
        external_id = texts.read_id(cells[self._id]) if self._id is not None else ""
        if len(external_id) > TEXT_MAX:
            external_id, other[self._columns[self._id or 0]] = "", external_id
        for name, value in values.items():
            if len(value) > TEXT_MAX:  # the door would refuse the row for it
                values[name], other[self._source_of[name]] = "", value
        return LeadDraft(
            channel="import",
            is_organisation=self._ticks_organisation(values, cells, other),
            received_at=self._received_at(cells, other),
            external_scope=self.external_scope if external_id else self._file_scope,
            external_id=external_id or str(row.line),
            other=other,
            **values,
        )

    def _prepare(self, plan: Plan, default_order: DateOrder) -> None:
        columns, fields = self.table.columns, plan.fields
        self._columns, self._width = columns, len(columns)
        self._plain = [(name, fields[name]) for name in _AS_WRITTEN if name in fields]
        used = set(fields.values())
        self._kept = [(index, column) for index, column in enumerate(columns) if index not in used]
        self._numbers = [columns[index] for index, _c in self._kept if headers.is_number(self.table.headers[index])]
        self._reach = {
            name: [(index, columns[index]) for index in plan.columns_of(name)] for name in ("email", "phone")
        }
        self._usual = (fields["email"], fields["phone"]) if {"email", "phone"} <= fields.keys() else None
        self._names = plan.columns_of("name")
        self._id = fields.get("external_id")
        self._source_of = {name: columns[index] for name, index in fields.items()}
        for name in ("first_name", "last_name", "organisation"):  # a full name, or an organisation's, in one column
            self._source_of.setdefault(name, columns[self._names[0]] if self._names else name)
        self._tick = fields.get("is_organisation")
        self._received = fields.get("received_at")
        self._order = DateOrder.NONE
        if self._received is not None:
            self._order = plan.orders[self._received]
            if self._order is DateOrder.AMBIGUOUS:
                self.ambiguous_dates.append(columns[self._received])
                self._order = default_order

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

    def _contact(self, cells: list[str], other: dict[str, str]) -> tuple[str, str]:
        """E-mail and phone; an e-mail in a column of phones is found too, and the other way round."""
        if self._usual is not None:
            email, phone = cells[self._usual[0]], cells[self._usual[1]]
            if texts.EMAIL.fullmatch(email) and texts.PLAIN_PHONE.fullmatch(phone):
                return email, phone  # as the rest of this function would say, sooner
        email, stray_phone = self._read("email", cells, other)
        phone, stray_email = self._read("phone", cells, other)
        for name, own, stray in (("email", phone, stray_phone), ("phone", email, stray_email)):
            if own and stray and own != stray:  # no room for it: its cell is kept
                places = [(column, cells[index]) for index, column in self._reach[name]]
                other.update({column: cell for column, cell in places if cell not in ("", email, phone)})
        return email or stray_email, phone or stray_phone

    def _read(self, name: str, cells: list[str], other: dict[str, str]) -> tuple[str, str]:
        """What the columns of one kind say: first their own kind, then the other.  What does not fit is kept."""
        found = {"email": "", "phone": ""}
        for index, column in self._reach[name]:
            cell = cells[index]
            if not cell:
                continue
            contact = texts.read_contact(cell, is_phone_column=name == "phone")
            if not contact.whole:
                other[column] = cell
            for kind, values in (("email", contact.emails), ("phone", contact.phones)):
                if values and not found[kind]:
                    found[kind] = values[0]
        stray = "phone" if name == "email" else "email"
        return found[name], found[stray]

    def _add_name(self, values: dict[str, str], cells: list[str]) -> None:
        """A full name counts where first and last name have no column or no value."""
        if values.get("first_name") or values.get("last_name"):
            return
        for index in self._names:
            if cells[index]:
                values["first_name"], values["last_name"] = texts.split_name(cells[index])
                return

    def _ticks_organisation(self, values: dict[str, str], cells: list[str], other: dict[str, str]) -> bool:
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

    def _received_at(self, cells: list[str], other: dict[str, str]) -> datetime | None:
        if self._received is None or not cells[self._received]:
            return None
        moment = dates.parse(cells[self._received], self._order, self.time_zone)
        if moment is None:
            other[self._columns[self._received]] = cells[self._received]
        return moment
