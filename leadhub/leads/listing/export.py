"""The list as a table to take away: its columns, and its rows block by block.  Nothing here writes.

Heads and words are those of the reader's language, and such that the import knows each again.  Moments are on the hub's
clock, as in every file.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import selectinload

from leadhub.accounts.models import User
from leadhub.accounts.roles import EXPORT_LEADS
from leadhub.database import bounded
from leadhub.extensions import db
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import OF_ADDRESSES, Field
from leadhub.fields.queries import choices_of
from leadhub.folding import fold
from leadhub.hub.queries import hub, time_zone
from leadhub.leads.kinds import ADDRESS_TYPES, EMAIL_TYPES, PHONE_TYPES
from leadhub.leads.listing import pages
from leadhub.leads.listing.columns import fixed_label, listed_columns, listed_fields
from leadhub.leads.listing.computed import Cells, cells_of
from leadhub.leads.listing.state import ListState
from leadhub.leads.models import Lead
from leadhub.leads.values import address_line, held
from leadhub.tables import Cell
from leadhub.web import label, language

BLOCK = 500
BLOCK_SECONDS = 30  # that one statement may take: nobody looks at an empty page meanwhile
ADDRESSES = 3  # with columns of their own
NAMES = ("first_name", "last_name", "organisation")
BETWEEN = "; "  # several values of one cell
COUNTRY = next(field for field in kinds.TOLD if field.name == "country")
TYPES: dict[str, dict[str, Any]] = {kinds.EMAILS: EMAIL_TYPES, kinds.PHONES: PHONE_TYPES}
PARTS: dict[str, Any] = {
    "type": _l("Type"),
    "title": _l("Title"),
    "line1": _l("Street"),
    "line2": _l("Street, second line"),
    "postal_code": _l("Postal code"),
    "city": _l("City"),
    "county": _l("County"),
    "state": _l("State or region"),
    "country": _l("Country"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """``cell`` gives what a lead has in it."""

    head: str
    cell: "Callable[[Lead, _Words], Cell]"


@dataclass(frozen=True, slots=True)
class Export:
    """What one person takes away.  Holds nothing of a session, so that each block can have its own."""

    user_id: int
    state: ListState
    columns: tuple[Column, ...]
    language: str
    zone: ZoneInfo
    currency: str
    namesakes: frozenset[str]

    @classmethod
    def of(cls, user: User, state: ListState, *, everything: bool = False) -> "Export":
        """The names and the columns of the list; or ``everything`` that the person may see."""
        fields = _fields(user, state, everything)
        columns = [column for field in fields for column in _columns(field, everything)]
        counted = Counter(fold(name) for name in db.session.scalars(sa.select(User.name)))
        return cls(
            user_id=user.id,
            state=replace(state, columns=tuple(fields)),
            columns=tuple(columns),
            language=language(),
            zone=time_zone(),
            currency=hub().currency,
            namesakes=frozenset(name for name, count in counted.items() if count > 1),
        )

    @property
    def heads(self) -> list[str]:
        return [column.head for column in self.columns]

    def blocks(self) -> Iterator[list[list[Cell]]]:
        """The rows, five hundred at a time.  Each block is read when it is asked for, in the transaction of that time:
        who may no longer export by then gets no further one."""
        place: pages.Place | None = None
        while True:
            rows, place = self._block(place)
            if place is None:
                return
            yield rows

    def _block(self, place: pages.Place | None) -> tuple[list[list[Cell]], pages.Place | None]:
        user = db.session.get(User, self.user_id)
        if user is None or not user.active or not user.may(EXPORT_LEADS):
            return [], None
        beside = [selectinload(Lead.reaches)] if any(field.type in TYPES for field in self.state.columns) else []
        with force_locale(self.language), bounded(db.session, BLOCK_SECONDS):
            leads, place = pages.block_of(user, self.state, place, BLOCK, beside)
            words = _Words(self, cells_of(user, self.state.columns, leads))
            return [[column.cell(lead, words) for column in self.columns] for lead in leads], place


class _Words:
    """How rows of lists, people and fixed words read, for one block: each is put into words once.  ``cells`` are those
    of columns that plugins compute, by name."""

    def __init__(self, export: Export, cells: Mapping[str, Cells]) -> None:
        self.cells = cells
        self.zone, self.currency, self.namesakes = export.zone, export.currency, export.namesakes
        self.yes, self.no = _("Yes"), _("No")
        self.labels: dict[tuple[type, int], str] = {}
        self.fixed: dict[tuple[str, str], str] = {}
        self.choices: dict[str, dict[int, str]] = {}

    def of_row(self, row: Any) -> str:
        """A person is told by e-mail where somebody else has the same name."""
        if row is None:
            return ""
        key = (type(row), row.id)
        if key not in self.labels:
            named = row.label if isinstance(row, User) else label(row)
            is_shared = isinstance(row, User) and fold(named) in self.namesakes
            self.labels[key] = row.email if is_shared else named
        return self.labels[key]

    def of_fixed(self, field: Field, value: str) -> str:
        key = (field.name, value)
        if value and key not in self.fixed:
            self.fixed[key] = fixed_label(field, value)
        return self.fixed[key] if value else ""

    def of_choices(self, field: Field, ids: Any) -> str:
        if field.name not in self.choices:
            self.choices[field.name] = {choice.id: label(choice) for choice in choices_of(field)}
        return BETWEEN.join(word for row_id, word in self.choices[field.name].items() if row_id in ids)


def _fields(user: User, state: ListState, everything: bool) -> list[Field]:
    """The names first; beside an amount always its currency.  Everything is every field, not what plugins compute."""
    shown = listed_columns(user)
    if everything:
        wanted = [name for name in listed_fields(user) if name not in OF_ADDRESSES]
    else:
        wanted = [field.name for field in state.columns]
    amounts = [name for name in wanted if shown[name].type == kinds.AMOUNT]
    if amounts and "currency" not in wanted:
        wanted.insert(wanted.index(amounts[-1]) + 1, "currency")
    return [shown[name] for name in dict.fromkeys((*NAMES, *wanted)) if name in shown]


def _columns(field: Field, everything: bool) -> Iterator[Column]:
    if everything and field.type == kinds.ADDRESSES:
        yield from _of_addresses(field)
        return
    yield Column(str(field.label), partial(_cell, field=field))
    if everything and field.type in TYPES:
        yield Column(_("%(field)s (type)", field=str(field.label)), partial(_types, field=field))


def _of_addresses(field: Field) -> Iterator[Column]:
    for place in range(ADDRESSES):
        for part, word in PARTS.items():
            head = _("Address %(number)d - %(part)s", number=place + 1, part=str(word))
            yield Column(head, partial(_part, place=place, part=part))
    yield Column(_("Further addresses"), lambda lead, words: _lines(lead.addresses[ADDRESSES:]))


def _cell(lead: Lead, words: _Words, field: Field) -> Cell:
    if field.type == kinds.COMPUTED:
        cells = words.cells[field.name]
        return _("not available") if cells.is_failed else _of_moment(cells.values.get(lead.id), words)
    if field.link:
        return words.of_row(getattr(lead, field.link))
    if field.type == kinds.TAGS:
        return BETWEEN.join(map(words.of_row, lead.tags))
    if field.type == kinds.ADDRESSES:
        return _lines(lead.addresses)
    if field.name in OF_ADDRESSES:
        return _part(lead, words, 0, field.name)
    if field.name == "currency":
        return lead.currency or (words.currency if _has_amount(lead) else "")
    return _of_value(field, held(lead, field), words)


def _of_value(field: Field, value: Any, words: _Words) -> Cell:
    if field.type in TYPES:
        return BETWEEN.join(reach.value for reach in value)
    if field.type == kinds.YES_NO:
        return words.yes if value else words.no
    if field.model:
        return words.of_choices(field, value)
    if field.type == kinds.FIXED:
        return words.of_fixed(field, value)
    if field.type == kinds.MOMENT and value is not None:
        return _of_moment(value, words)
    if field.type == kinds.NUMBER and value is not None and value == int(value):
        return int(value)
    return value  # type: ignore[no-any-return]


def _of_moment(value: Cell, words: _Words) -> Cell:
    return value.astimezone(words.zone) if isinstance(value, datetime) else value


def _types(lead: Lead, words: _Words, field: Field) -> str:
    """One for each value, in their order; nothing where none has any."""
    told = [str(TYPES[field.type].get(reach.type, "")) for reach in held(lead, field)]
    return BETWEEN.join(told) if any(told) else ""


def _part(lead: Lead, words: _Words, place: int, part: str) -> str:
    if place >= len(lead.addresses):
        return ""
    value = str(getattr(lead.addresses[place], part))
    if part == "type":
        return str(ADDRESS_TYPES.get(value, ""))
    return words.of_fixed(COUNTRY, value) if part == "country" else value


def _lines(addresses: Sequence[Any]) -> str:
    return "\n".join(map(address_line, addresses))


def _has_amount(lead: Lead) -> bool:
    return lead.annual_revenue is not None or lead.expected_value is not None
