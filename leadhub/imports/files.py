"""A file of leads as a table: opened, described, read row by row.  The file is never held in memory as a whole."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TextIO

from flask_babel import gettext as _

from leadhub.imports.cells import Cleaner
from leadhub.imports.encodings import TextFile, inspect
from leadhub.imports.layout import Layout, recognise_layout
from leadhub.imports.refusals import UnreadableFile

__all__ = ["Row", "Table", "UnreadableFile", "open_table"]

COLUMNS_MAX = 2000
_SAMPLE_LINES = 500
_SAMPLE_LETTERS = 1 << 18
_RECORD_LETTERS = 1 << 20  # that one record may span; a single field ends at the CSV reader's own 131,072
_LINES_ALWAYS = 10  # that one record may span, whatever was read in vain before
_LINES_IN_VAIN = 20_000  # that may be read a second time, and ten more for each line of the file: the work stays linear


class Row(NamedTuple):
    """One record.  ``line`` is the file's line on which it starts; with an ``error`` there are no cells to rely on."""

    line: int
    cells: list[str]
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A file that was recognised as a table.

    ``encoding`` is a name that Python knows.  ``headers`` are as written, ``columns`` are unique: an empty header is
    ``Column 38`` there, a repeated one ``Nom (2)``.  ``header_line`` 0: there is none.
    """

    path: Path
    encoding: str
    separator: str
    header_line: int
    headers: list[str]
    columns: list[str]
    sha256: str
    text: TextFile
    layout: Layout

    def rows(self) -> Iterator[Row]:
        """The records below the header, cleaned and filled up; empty ones are left out.

        A record that cannot be read gives a row with an ``error``, and reading goes on with the next line.
        """
        with _open_text(self.path, self.text) as file:
            yield from _Records(self, file)


def open_table(path: Path | str) -> Table:
    """Recognise encoding, separator and header line.  Raises ``UnreadableFile``, in words, for what is no table."""
    path = Path(path)
    if not path.is_file():
        raise UnreadableFile(_("This is no file that can be read twice. Save it to disk first."))
    text = inspect(path)
    layout = recognise_layout(_sample(path, text))
    if len(layout.headers) > COLUMNS_MAX:
        raise UnreadableFile(_("This table has more than %(count)d columns.", count=COLUMNS_MAX))
    return Table(
        path=path,
        encoding=text.encoding,
        separator=layout.separator,
        header_line=layout.header_line,
        headers=layout.headers,
        columns=_unique(layout.headers),
        sha256=text.sha256,
        text=text,
        layout=layout,
    )


def column_name(columns: list[str], index: int) -> str:
    """The name of a column, also of one to the right of the last header."""
    return columns[index] if index < len(columns) else f"Column {index + 1}"


def _open_text(path: Path, text: TextFile) -> TextIO:
    return path.open(encoding=text.encoding, errors=text.errors, newline="")


def _sample(path: Path, text: TextFile) -> list[str]:
    lines: list[str] = []
    letters = 0
    with _open_text(path, text) as file:
        for line in file:
            lines.append(line)
            letters += len(line)
            if len(lines) >= _SAMPLE_LINES or letters > _SAMPLE_LETTERS:
                break
    return lines


def _unique(headers: list[str]) -> list[str]:
    taken: set[str] = set()
    counts: dict[str, int] = {}
    columns = []
    for number, header in enumerate(headers, start=1):
        name = stem = header or f"Column {number}"
        while name in taken:
            counts[stem] = counts.get(stem, 1) + 1
            name = f"{stem} ({counts[stem]})"
        taken.add(name)
        columns.append(name)
    return columns


class _Lines:
    """The file's lines for the CSV reader, counted, with those of the current record kept so that one can go back."""

    def __init__(self, file: TextIO, layout: Layout) -> None:
        self.file = file
        self.backslashes = layout.backslash_quotes
        self.waiting: deque[str] = deque()
        self.record: list[str] = []
        self.number = layout.first_line - 1
        self.ended = False
        self.letters = 0  # of the current record, but for its first line
        self.again = 0  # lines that were given back so far
        self.lines_max = _LINES_ALWAYS
        for _line in range(self.number):
            next(file, "")

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self.record and (len(self.record) >= self.lines_max or self.letters > _RECORD_LETTERS):
            raise csv.Error("a record that spans too much")
        line = self.waiting.popleft() if self.waiting else next(self.file, "")
        if not line:
            self.ended = True
            raise StopIteration
        self.number += 1
        if self.record:
            self.letters += len(line)
        self.record.append(line)
        return line.replace('\\"', '""') if self.backslashes else line

    def start_record(self) -> int:
        """Forget the lines of the last record.  Gives the line on which the next one starts."""
        self.record.clear()
        self.letters, self.ended = 0, False
        self.lines_max = max(_LINES_ALWAYS, _LINES_IN_VAIN + 10 * self.number - self.again)
        return self.number + 1

    def go_back(self) -> int:
        """All lines of the record but the first will be read again.  Gives the number of the last of them."""
        last, again = self.number, self.record[1:]
        self.waiting.extendleft(reversed(again))
        self.again += len(again)
        self.number -= len(again)
        return last


class _Records:
    """Turns lines into rows.  What the CSV reader cannot read costs one row, not those after it."""

    def __init__(self, table: Table, file: TextIO) -> None:
        self.lines = _Lines(file, table.layout)
        self.separator = table.separator
        self.first_line = table.layout.first_line
        self.width = len(table.columns)
        self.header = table.layout.header_cells
        self.has_nul = table.text.has_nul
        self.doubtful_until = 0  # lines read again after a fault: only rows of full width are believed
        self.all_full = True

    def __iter__(self) -> Iterator[Row]:
        lines, clean, width = self.lines, Cleaner().__getitem__, self.width
        reader = csv.reader(lines, delimiter=self.separator)
        while True:
            line = lines.start_record()
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error:
                self.doubtful_until = max(self.doubtful_until, lines.go_back())
                yield Row(line, [], _("A field on this line is too long, or its quotes are never closed."))
                continue
            if lines.ended:
                self.doubtful_until = max(self.doubtful_until, lines.go_back())
                yield Row(line, [], _("The quotes opened on this line are never closed."))
                continue
            cells = list(map(clean, record))
            if not any(cells):
                continue
            error = ""
            if len(cells) != width or self.has_nul or record == self.header:
                error = self._fault(line, record)
                cells.extend([""] * (width - len(cells)))
            yield Row(line, cells, error)

    def _fault(self, line: int, record: list[str]) -> str:
        """What is wrong with an unusual row, in words; nothing where it is merely short, long or ends in blanks."""
        if self.has_nul and any("\0" in cell for cell in record):
            return _("This line holds a NUL sign: the file is damaged here.")
        if record == self.header:
            return _("This line repeats the header.")
        if len(record) == self.width:
            return ""
        if line <= self.doubtful_until:
            return _("This line belongs to a field whose quotes are never closed.")
        if len(record) < self.width and self.all_full and line > self.first_line and self._ends_the_file():
            return _("The file ends in the middle of this line.")
        self.all_full = False
        return ""

    def _ends_the_file(self) -> bool:
        return not self.lines.record[-1].endswith(("\n", "\r"))
