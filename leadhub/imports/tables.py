"""Tables that people open in a spreadsheet: CSV in which no cell is a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA_SIGNS = tuple("=+-@\t\r\n\0＝＋－＠")


def as_csv(rows: Iterable[Sequence[object]], *, separator: str) -> str:
    """All cells quoted, with a byte order mark, as spreadsheets like it (RFC 4180, lines end in CR LF)."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([_harmless(str(cell)) for cell in row] for row in rows)
    return "\ufeff" + text.getvalue()


def _harmless(cell: str) -> str:
    """An apostrophe before what a spreadsheet would calculate (OWASP, CSV injection); imports take it off again."""
    return f"'{cell}" if cell.startswith(_FORMULA_SIGNS) or cell.lstrip().startswith(_FORMULA_SIGNS) else cell
