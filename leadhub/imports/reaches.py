"""E-mails and phones of a row: which is the first, which are beside it, and of what type each is."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from leadhub.fields.catalogue import TEXT_MAX
from leadhub.folding import fold
from leadhub.imports import cells as texts
from leadhub.imports import synonyms
from leadhub.imports.files import Table
from leadhub.imports.plan import Plan
from leadhub.leads.checks import REACHES_MAX, is_address
from leadhub.plugins.api.leads import Reach

_TYPES = {fold(word): type for type, words in synonyms.REACH_TYPES.items() for word in words.split("|")}
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")  # MobilePhone
_NOT_FOR_EMAILS = ("mobile", "fax")
EMAIL, PHONE, FAX = "email", "phone", "fax"


@dataclass(frozen=True, slots=True)
class _Column:
    """``label``: the place of the column that tells the type, or -1."""

    index: int
    name: str
    kind: str
    type: str
    label: int
    label_name: str


@dataclass(slots=True)
class _Found:
    """What a row has told so far, each value once.  Strays come from a column of the other kind, and are the last."""

    own: dict[str, Reach]
    strays: dict[str, Reach]

    def all(self) -> list[Reach]:
        return [*self.own.values(), *(reach for key, reach in self.strays.items() if key not in self.own)]


class Reaches:
    """Reads rows of one table.  Made once a file."""

    def __init__(self, table: Table, plan: Plan) -> None:
        self.columns = [
            _column(table, plan, index, kind) for kind in (EMAIL, PHONE, FAX) for index in plan.columns_of(kind)
        ]
        usual = [(column.kind, column.label) for column in self.columns] == [(EMAIL, -1), (PHONE, -1)]
        self.usual = tuple(column.index for column in self.columns) if usual else ()
        self.usual_types = {f"{column.kind}_type": column.type for column in self.columns if usual}
        self.used = {column.index for column in self.columns} | {column.label for column in self.columns}

    def read(self, cells: list[str], other: dict[str, str]) -> dict[str, Any]:
        """Values of a draft.  A cell that does not fit as a whole is kept in ``other``."""
        if self.usual:
            email, phone = map(cells.__getitem__, self.usual)
            if texts.EMAIL.fullmatch(email) and texts.PLAIN_PHONE.fullmatch(phone) and is_address(email):
                return {"email": email, "phone": phone, **self.usual_types}  # as the rest would say, sooner
        found = {EMAIL: _Found({}, {}), PHONE: _Found({}, {})}
        for column in self.columns:
            if cells[column.index]:
                self._take(column, cells, found, other)
            elif column.label >= 0 and cells[column.label]:
                other[column.label_name] = cells[column.label]
        return _values(EMAIL, found[EMAIL].all()) | _values(PHONE, found[PHONE].all())

    def _take(self, column: _Column, cells: list[str], found: dict[str, _Found], other: dict[str, str]) -> None:
        cell = cells[column.index]
        contact = texts.read_contact(cell, is_phone_column=column.kind != EMAIL)
        if column.kind == FAX and not (found[PHONE].own or found[PHONE].strays):
            contact = texts.Contact([], [], False)  # a fax is nobody's first phone
        whole, types = contact.whole, iter(_types(column, cells, other, len(contact.emails) + len(contact.phones)))
        for kind, values in ((EMAIL, contact.emails), (PHONE, contact.phones)):
            is_own = (column.kind == EMAIL) == (kind == EMAIL)
            mine = found[kind].own if is_own else found[kind].strays
            for value, type in zip(values, types, strict=False):
                key = fold(value) if kind == EMAIL else "".join(filter(str.isdigit, value))
                if not _fits(kind, value) or (len(mine) >= REACHES_MAX // 2 and key not in mine):
                    whole = False
                else:
                    mine.setdefault(key, Reach(value=value, type=type if is_own else ""))
        if not whole:
            other[column.name] = cell


@lru_cache(maxsize=512)
def type_of(words: str, kind: str) -> str:
    """The type that a header or a label tells: ``Tél. mobile``, ``* Work``, ``Home Fax``; empty where it tells none."""
    spaced = _HUMP.sub(" ", words)
    told = {_TYPES[word] for word in texts.WORD.findall(fold(spaced)) if word in _TYPES}
    found = next((type for type in synonyms.REACH_TYPES if type in told), "")
    return "" if kind == EMAIL and found in _NOT_FOR_EMAILS else found


def _column(table: Table, plan: Plan, index: int, kind: str) -> _Column:
    label = plan.labels.get(index, -1)
    header = table.headers[index]
    type = FAX if kind == FAX else plan.types.get(index) or type_of(header, kind)
    return _Column(index, table.columns[index], kind, type, label, table.columns[label] if label >= 0 else "")


def _types(column: _Column, cells: list[str], other: dict[str, str], count: int) -> list[str]:
    """Those of the label, where it tells one for each value (``Work; Mobile``) or one for all; a label that tells none
    is kept."""
    if column.label < 0 or not (label := cells[column.label]):
        return [column.type] * count
    words = label.split(";")
    if len(words) == count > 1:
        return [type_of(word, column.kind) or column.type for word in words]
    found = type_of(label, column.kind)
    if not found:
        other[column.label_name] = label
    return [found or column.type] * count


def _fits(kind: str, value: str) -> bool:
    return is_address(value) if kind == EMAIL else len(value) <= TEXT_MAX


def _values(kind: str, found: list[Reach]) -> dict[str, Any]:
    if not found:
        return {kind: ""}
    first, others = found[0], tuple(found[1:])
    return {kind: first.value, f"{kind}_type": first.type, f"{kind}s": others}
