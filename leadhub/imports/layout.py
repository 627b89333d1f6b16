"""How the text of a file is laid out: its separator, its header line, its quotes.  Looks at the first lines only."""

import csv
import re
from collections import Counter
from dataclasses import dataclass, field

from flask_babel import gettext as _

from leadhub.imports import dates, headers
from leadhub.imports.cells import EMAIL, clean
from leadhub.imports.refusals import UnreadableFile

SEPARATORS = ",;\t|"
_RECORDS = 60
_NAME_MAX = 1000  # letters of a column's name; searching a longer text would take its square of time
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_BACKSLASH_QUOTE = re.compile(r'[^\\"]\\"[^\s,;|"]')
_DOUBLED_QUOTE = re.compile(r'[^\s,;|"\\]""[^\s,;|"]')
_DATA = re.compile(r"[+-]?[\d\s.,:/()%€$£'’-]*\d[\d\s.,:/()%€$£'’-]*|(?:https?://|www\.)\S+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Layout:
    """``first_line``: the file's line on which the data starts.  ``header_line`` 0: no line names the columns."""

    separator: str
    header_line: int
    first_line: int
    headers: list[str]
    header_cells: list[str] = field(default_factory=list)
    backslash_quotes: bool = False


@dataclass(slots=True)
class _Record:
    line: int
    next_line: int
    cells: list[str]
    known: int = 0  # cells that name a column the hub knows


def recognise_layout(lines: list[str]) -> Layout:
    """Raises ``UnreadableFile`` where the lines hold nothing, or several tables at once."""
    told = _SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
    skipped = 1 if told else 0
    backslashes = _has_backslash_quotes(lines)
    if backslashes:
        lines = [line.replace('\\"', '""') for line in lines]
    choices = [told[1]] if told else list(SEPARATORS)
    readings = {separator: _records(lines[skipped:], separator, skipped + 1) for separator in choices}
    separator = max(choices, key=lambda choice: _quality(readings[choice]))
    records = readings[separator]
    if not records:
        raise UnreadableFile(_("This file is empty."))
    header = _header(records)
    if header is None:
        width = max(len(record.cells) for record in records)
        return Layout(
            separator=separator,
            header_line=0,
            first_line=skipped + 1,
            headers=[""] * width,
            backslash_quotes=backslashes,
        )
    _refuse_several_tables(header, records)
    return Layout(
        separator=separator,
        header_line=header.line,
        first_line=header.next_line,
        headers=[" ".join(clean(cell).split()) for cell in header.cells],
        header_cells=header.cells,
        backslash_quotes=backslashes,
    )


def _has_backslash_quotes(lines: list[str]) -> bool:
    text = "".join(lines)
    return bool(_BACKSLASH_QUOTE.search(text)) and not _DOUBLED_QUOTE.search(text)


def _records(lines: list[str], separator: str, first: int) -> list[_Record]:
    """The first records that hold something."""
    reader = csv.reader(lines, delimiter=separator)
    found: list[_Record] = []
    line = first
    while len(found) < _RECORDS:
        try:
            cells = next(reader)
        except (StopIteration, csv.Error):
            break
        next_line = first + reader.line_num
        if any(clean(cell) for cell in cells):
            found.append(_Record(line, next_line, cells, _known(cells)))
        line = next_line
    return found


def _known(cells: list[str]) -> int:
    if any(EMAIL.fullmatch(clean(cell)[:_NAME_MAX]) for cell in cells):
        return 0
    return len({headers.key_of(cell) for cell in cells if headers.is_known(cell)})


def _quality(records: list[_Record]) -> tuple[int, float, int]:
    """Best is the separator that shows most known headers, then the most even rows, then the widest."""
    if not records:
        return 0, 0.0, 0
    width, count = _usual_width(records)
    known = max(record.known for record in records)
    return (known if known > 1 else 0), (count / len(records) if width > 1 else 0.0), width


def _usual_width(records: list[_Record]) -> tuple[int, int]:
    widths = Counter(len(record.cells) for record in records)
    several = Counter({width: count for width, count in widths.items() if width > 1})
    if several.total() * 2 < len(records):
        return widths.most_common(1)[0]  # most have one cell: what separates the others is only a sign in their text
    return several.most_common(1)[0]


def _header(records: list[_Record]) -> _Record | None:
    """The record with most known headers; where none has two, the first of full width, unless it holds data."""
    best = max(records, key=lambda record: record.known)
    if best.known >= 2:
        return best
    width, _count = _usual_width(records)
    first = next(record for record in records if len(record.cells) == width)
    return None if any(map(_is_data, first.cells)) else first


def _is_data(cell: str) -> bool:
    text = clean(cell)
    if not text:
        return bool(cell.strip())  # a word for "nothing": no column is called so
    if len(text) > _NAME_MAX:
        return True
    return bool(EMAIL.search(text) or _DATA.fullmatch(text)) or dates.looks_like_date(text)


def _refuse_several_tables(header: _Record, records: list[_Record]) -> None:
    """A data dictionary, or several sheets in one: further down other columns are named."""
    names = {headers.key_of(cell) for cell in header.cells}
    for record in records:
        filled = [cell for cell in record.cells if clean(cell)]
        others = {headers.key_of(cell) for cell in filled} - names
        if record.known >= 4 and record.known * 2 >= len(filled) and len(others) >= 3:
            raise UnreadableFile(
                _("This is no table of leads: line %(line)s names columns of its own.", line=record.line)
            )
