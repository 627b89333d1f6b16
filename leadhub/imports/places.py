"""Addresses of a row: one for each block of columns that holds something."""

from dataclasses import dataclass

from leadhub.fields.catalogue import TEXT_MAX
from leadhub.folding import fold
from leadhub.imports import cells as texts
from leadhub.imports import synonyms
from leadhub.imports.files import Table
from leadhub.imports.headers import PLACES
from leadhub.imports.plan import Plan
from leadhub.imports.readers import read_country
from leadhub.leads.checks import POSTAL_MAX
from leadhub.plugins.api.leads import Address

_TYPES = {fold(word): type for type, words in synonyms.PLACE_TYPES.items() for word in words.split("|")}
_COLUMNS = {"street": "line1", "street_2": "line2"}


@dataclass(frozen=True, slots=True)
class _Block:
    """``parts``: part, place and name of its column.  ``label``: the place of the column that tells the type, or -1."""

    type: str
    parts: list[tuple[str, int, str]]
    label: int
    label_name: str


class Places:
    """Reads rows of one table.  Made once a file."""

    def __init__(self, table: Table, plan: Plan) -> None:
        self.blocks = []
        for name in ("", *synonyms.PLACE_BLOCKS):
            fed = [
                (part, plan.fields[field])
                for field, (block, part) in PLACES.items()
                if block == name and field in plan.fields
            ]
            label = plan.labels.get(name, -1)
            parts = [(_COLUMNS.get(part, part), index, table.columns[index]) for part, index in fed]
            if parts:
                type = name if name in synonyms.PLACE_TYPES else ""
                self.blocks.append(_Block(type, parts, label, table.columns[label] if label >= 0 else ""))
        self.used = {block.label for block in self.blocks}

    def read(self, cells: list[str], other: dict[str, str]) -> tuple[Address, ...]:
        """What does not fit (a country that is none) is kept in ``other``."""
        found = (_address(block, cells, other) for block in self.blocks)
        return tuple(dict.fromkeys(address for address in found if address))


def _address(block: _Block, cells: list[str], other: dict[str, str]) -> Address | None:
    values: dict[str, str] = {}
    for part, index, column in block.parts:
        cell = cells[index]
        if cell and not _take(part, cell, values):
            other[column] = cell
    label = cells[block.label] if block.label >= 0 else ""
    type = _type_of(label) or block.type
    if label and not (values and _type_of(label)):
        other[block.label_name] = label
    return Address(type=type, **values) if values else None


def _take(part: str, cell: str, values: dict[str, str]) -> bool:
    """Put the cell into its part.  False: it does not fit there."""
    if part == "country":
        value = read_country(cell) or ""
    elif part == "postal_code":
        value = texts.whole_number(cell) if len(cell) <= POSTAL_MAX else ""
    elif part == "line1":
        return _take_lines(cell, values)
    else:
        value = ", ".join(filter(None, (values.get(part), *_lines(cell))))
    if not value or len(value) > TEXT_MAX:
        return False
    values[part] = value
    return True


def _take_lines(cell: str, values: dict[str, str]) -> bool:
    """A street of several lines: the first, and the others in one."""
    first, *others = _lines(cell)
    further = ", ".join(others)
    if len(first) > TEXT_MAX or len(further) > TEXT_MAX:
        return False
    values |= {"line1": first, **({"line2": further} if further else {})}
    return True


def _lines(cell: str) -> list[str]:
    return [line.strip() for line in cell.splitlines() if line.strip()]


def _type_of(label: str) -> str:
    return next((_TYPES[word] for word in texts.WORD.findall(fold(label)) if word in _TYPES), "")
