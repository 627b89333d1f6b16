"""Tables that people open in a spreadsheet, made piece by piece: CSV in which no cell is a formula, and workbooks."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from xml.sax.saxutils import escape

Cell = str | int | Decimal | date | datetime | None
"""A moment is on the clock of whoever reads the table, whatever its zone.  None is an empty cell."""
Rows = Iterable[Sequence[Cell]]

_FORMULA_SIGNS = tuple("=+-@\t\r\n\0＝＋－＠")
_EDGES = " \t\r\n\v\f\u00a0\u2007\u202f\u3000\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"

ROWS_MAX = 1_048_576  # of a sheet; this and the next: support.microsoft.com, Excel specifications and limits
CELL_MAX = 32_767  # UTF-16 units
SHEET_BYTES = 1 << 30  # of a sheet's XML, half of what a zip can hold without its 64-bit form
FIRST_MONTH = (1900, 3)  # before it, spreadsheets disagree on the number of a day: one of them knows a 29 February
_DAY_ZERO = datetime(1899, 12, 30)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0, 2.2
_LIKE_AN_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_PLAIN, _HEAD, _TEXT, _DAY, _MOMENT, _AMOUNT = 0, 1, 2, 3, 4, 5  # places in cellXfs of _STYLES


def as_csv(rows: Rows, *, separator: str) -> str:
    """All cells quoted, with a byte order mark, as spreadsheets like it (RFC 4180, lines end in CR LF)."""
    return "".join(csv_pieces([rows], separator=separator))


def csv_pieces(blocks: Iterable[Rows], *, separator: str) -> Iterator[str]:
    """The same, a piece for each block of rows.  A semicolon goes with a decimal comma; days are ISO 8601."""
    yield "\ufeff"
    for block in blocks:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerows([_written(cell, separator) for cell in row] for row in block)
        yield text.getvalue()


def harmless(cell: str) -> str:
    """An apostrophe before what a spreadsheet would calculate (OWASP, CSV injection)."""
    return f"'{cell}" if _is_risky(cell) else cell


def is_harmless_form(cell: str) -> bool:
    """Does the cell begin with an apostrophe that ``harmless`` may have put there?  Imports take that one off."""
    return cell[:1] == "'" and _is_risky(cell[1:])


def _is_risky(cell: str) -> bool:
    """One that begins with apostrophes before such a sign too, so that exactly the last one put there comes off."""
    bare = cell.lstrip("'")
    return bare.startswith(_FORMULA_SIGNS) or bare.lstrip(_EDGES).startswith(_FORMULA_SIGNS)


def _written(cell: Cell, separator: str) -> str:
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, datetime):
        told = cell if cell.fold else cell.replace(tzinfo=None)  # of an hour that comes twice, the second says so
        return told.isoformat(" ", "seconds")
    if isinstance(cell, Decimal):
        return f"{cell:f}".replace(".", "," if separator == ";" else ".")
    return "" if cell is None else str(cell)


@dataclass
class Workbook:
    """An XLSX file that is sent while it is made: nothing of it is kept, on the disk neither (ADR 16).

    ECMA-376 part 1, 18.3 (sheets), 18.8 (styles); part 2 (the package).  What does not fit on a sheet goes on another.
    """

    title: str
    head: Sequence[str]
    rows_max: int = ROWS_MAX
    bytes_max: int = SHEET_BYTES
    sheets: int = 0

    def pieces(self, blocks: Iterable[Rows]) -> Iterator[bytes]:
        """The file's bytes, in pieces of about a block."""
        pipe = _Pipe()
        archive = zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=4)
        sheet = self._begin(archive)
        try:
            for block in blocks:
                for row in block:
                    if not sheet.has_room(self.rows_max, self.bytes_max):
                        sheet.end()
                        sheet = self._begin(archive)
                    sheet.write(row)
                sheet.flush()
                yield pipe.taken()
            sheet.end()
            for name, text in _parts(self.title, self.sheets).items():
                archive.writestr(name, text)
        finally:  # whoever reads may have gone away
            sheet.part.close()
            archive.close()
        yield pipe.taken()

    def _begin(self, archive: zipfile.ZipFile) -> "_Sheet":
        self.sheets += 1
        return _Sheet(archive, self.sheets, self.head)


class _Pipe(io.RawIOBase):
    """Takes what the archive writes until it is sent on; can't go back, so that the archive never asks for it."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self.waiting.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        piece = b"".join(self.waiting)
        self.waiting.clear()
        return piece


class _Sheet:
    def __init__(self, archive: zipfile.ZipFile, number: int, head: Sequence[str]) -> None:
        self.part = archive.open(f"xl/worksheets/sheet{number}.xml", "w")
        self.letters = [_letters(place) for place in range(len(head))]
        self.rows = self.bytes = 0
        self.waiting: list[str] = [_BEFORE_ROWS.format(count=max(1, len(head)))]
        self._add([_text(letters, 1, name, _HEAD) for letters, name in zip(self.letters, head, strict=True)])

    def has_room(self, rows_max: int, bytes_max: int) -> bool:
        return self.rows < rows_max and self.bytes < bytes_max

    def write(self, row: Sequence[Cell]) -> None:
        number = self.rows + 1
        self._add([_cell(letters, number, cell) for letters, cell in zip(self.letters, row, strict=True)])
        if len(self.waiting) >= 500:
            self.flush()

    def flush(self) -> None:
        data = "".join(self.waiting).encode()
        self.waiting.clear()
        self.bytes += len(data)
        self.part.write(data)

    def end(self) -> None:
        self.waiting.append(_BEHIND_ROWS)
        self.flush()
        self.part.close()

    def _add(self, cells: list[str]) -> None:
        self.rows += 1
        self.waiting.append(f'<row r="{self.rows}">{"".join(cells)}</row>')


def _cell(letters: str, number: int, cell: Cell) -> str:
    if cell is None or cell == "":
        return ""
    if isinstance(cell, str):
        return _text(letters, number, cell, _TEXT)
    if isinstance(cell, date):
        if (cell.year, cell.month) < FIRST_MONTH:
            return _text(letters, number, cell.isoformat()[:10], _TEXT)
        style = _MOMENT if isinstance(cell, datetime) else _DAY
        return f'<c r="{letters}{number}" s="{style}"><v>{_serial(cell)}</v></c>'
    if not isinstance(cell, Decimal):
        return f'<c r="{letters}{number}"><v>{int(cell)}</v></c>'
    is_amount = cell.as_tuple().exponent == -2  # as the hub keeps them
    return f'<c r="{letters}{number}" s="{_AMOUNT if is_amount else _PLAIN}"><v>{cell:f}</v></c>'


def _text(letters: str, number: int, text: str, style: int) -> str:
    """A string as it is, never a formula; what the file can't hold is left out of it."""
    clean = _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(clean) * 2 > CELL_MAX and len(clean.encode("utf-16-le")) > CELL_MAX * 2:
        clean = clean.encode("utf-16-le")[: CELL_MAX * 2].decode("utf-16-le", "ignore")
    told = escape(_LIKE_AN_ESCAPE.sub("_x005F_", clean))  # ECMA-376 part 1, 22.9.2.19
    return f'<c r="{letters}{number}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{told}</t></is></c>'


def _serial(moment: date | datetime) -> str:
    """Days since the end of 1899 (ECMA-376 part 1, 18.17.4.1)."""
    if not isinstance(moment, datetime):
        return str((moment - _DAY_ZERO.date()).days)
    seconds = (moment.replace(tzinfo=None) - _DAY_ZERO) // timedelta(seconds=1)
    return f"{seconds / 86400:.10f}".rstrip("0").rstrip(".")


def _letters(place: int) -> str:
    """A to Z, AA, AB...; counted from 0."""
    more, last = divmod(place, 26)
    return (_letters(more - 1) if more else "") + chr(ord("A") + last)


def _parts(title: str, sheets: int) -> dict[str, str]:
    """Everything but the sheets.  Written behind them, when it is known how many there are."""
    numbers = range(1, sheets + 1)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{it}.xml" ContentType="{_MAIN}worksheet+xml"/>' for it in numbers
    )
    links = "".join(
        f'<Relationship Id="s{it}" Type="{_RELATION}/worksheet" Target="worksheets/sheet{it}.xml"/>' for it in numbers
    )
    names = "".join(
        f'<sheet name="{escape(_sheet_name(title, it), _QUOTE)}" sheetId="{it}" r:id="s{it}"/>' for it in numbers
    )
    return {
        "[Content_Types].xml": _TYPES.format(sheets=types),
        "_rels/.rels": _LINKS.format(
            links=f'<Relationship Id="b" Type="{_RELATION}/officeDocument" Target="xl/workbook.xml"/>'
        ),
        "xl/_rels/workbook.xml.rels": _LINKS.format(
            links=f'{links}<Relationship Id="y" Type="{_RELATION}/styles" Target="styles.xml"/>'
        ),
        "xl/workbook.xml": _WORKBOOK.format(names=names),
        "xl/styles.xml": _STYLES,
    }


def _sheet_name(title: str, number: int) -> str:
    plain = re.sub(r"[\[\]:*?/\\]", " ", _ILLEGAL.sub("", title)).strip("' ")[:25] or "1"
    return plain if number == 1 else f"{plain} {number}"


_QUOTE = {'"': "&quot;"}
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_LINKS = f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{{links}}</Relationships>'
_TYPES = (
    f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_MAIN}sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_MAIN}styles+xml"/>{{sheets}}</Types>'
)
_WORKBOOK = f'{_XML}<workbook xmlns="{_SHEETS}" xmlns:r="{_RELATION}"><sheets>{{names}}</sheets></workbook>'
_BEFORE_ROWS = (  # the head stays in sight
    f'{_XML}<worksheet xmlns="{_SHEETS}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    '<cols><col min="1" max="{count}" width="20" customWidth="1"/></cols><sheetData>'
)
_BEHIND_ROWS = "</sheetData></worksheet>"
_STYLES = (  # number formats that every spreadsheet knows: 49 text, 14 day, 22 moment, 4 amount (part 1, 18.8.30)
    f'{_XML}<styleSheet xmlns="{_SHEETS}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
    + "".join(
        f'<xf numFmtId="{number}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for number in (49, 14, 22, 4)
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
