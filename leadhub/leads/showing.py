"""What plugins hand over to be shown, made ready to be drawn by ``templates/shown``.  Nothing here writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zlib import crc32

from flask import render_template
from flask_babel import format_decimal
from markupsafe import Markup

from leadhub import markdown
from leadhub.leads.listing.columns import day
from leadhub.leads.listing.filters import NONE
from leadhub.numbers import amount
from leadhub.plugins.api.data import Amount, ChartData, NumberData, Row, TableData, TemplateData, TextData
from leadhub.plugins.api.reading import Slice, Where
from leadhub.plugins.shown import ROUND, checked
from leadhub.web import moment

TONES = 8
"""Colours that everybody can tell apart: ``tone-1`` to ``tone-8`` of the style sheet."""
HTML_MAX = 200_000  # characters of a template's own


@dataclass(frozen=True, slots=True)
class Part:
    """A slice.  ``tone`` is the class of its colour; ``share``: whole percents, None where they say nothing."""

    label: str
    value: int
    where: Where | None
    tone: str
    share: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: its cells in words, and whether they are numbers."""

    cells: Sequence[tuple[str, bool]]
    where: Where | None
    lead: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """``kind``: number, chart, table, text or template; what the others need is empty."""

    kind: str
    number: str = ""
    label: str = ""
    where: Where | None = None
    chart: str = ""
    sentence: str = ""
    parts: Sequence[Part] = ()
    heads: Sequence[tuple[str, bool]] = ()
    lines: Sequence[Line] = ()
    html: Markup = Markup()

    @property
    def is_empty(self) -> bool:
        if self.kind == "chart":
            return not any(part.value for part in self.parts)
        return not (self.lines if self.kind == "table" else self.number or self.html.strip())

    @property
    def is_round(self) -> bool:
        return self.chart in ROUND


def prepared(plugin: str, value: object) -> Prepared:
    """To be called inside of the contained call.  Raises ``TypeError`` or ``ValueError`` for what can't be shown, and
    whatever the plugin's own template raises.  Reads no database."""
    told = checked(value)
    if isinstance(told, NumberData):
        return Prepared(kind="number", number=str(format_decimal(told.value)), label=told.label, where=told.where)
    if isinstance(told, ChartData):
        return Prepared(kind="chart", chart=told.kind, sentence=told.sentence, parts=_parts(told))
    if isinstance(told, TableData):
        return _table(told)
    if isinstance(told, TextData):
        return Prepared(kind="text", html=markdown.to_html(told.text))
    return Prepared(kind="template", html=_rendered(plugin, told))


def shares(values: Sequence[int]) -> list[int]:
    """Whole percents that add up to 100: what rounding leaves over goes where it took the most."""
    total = sum(values)
    exact = [value * 100 / total for value in values]
    found = [int(part) for part in exact]
    largest = sorted(range(len(values)), key=lambda place: (found[place] - exact[place], place))
    for place in largest[: 100 - sum(found)]:
        found[place] += 1
    return found


def _parts(told: ChartData) -> list[Part]:
    values = [part.value for part in told.slices]
    is_whole = told.kind != "line" and min(values, default=-1) >= 0 and sum(values) > 0
    percents: Sequence[int | None] = shares(values) if is_whole else [None] * len(values)
    tones = _tones(told.slices, is_round=told.kind in ROUND)
    return [
        Part(part.label, part.value, part.where, tone, share)
        for part, tone, share in zip(told.slices, tones, percents, strict=True)
    ]


def _tones(slices: Sequence[Slice], *, is_round: bool) -> list[str]:
    """The same colour for the same label on every chart, unless another slice of this one has it already; beside each
    other on an axis they need none to be told apart."""
    free, found = list(range(1, TONES + 1)), []
    for part in slices:
        if part.colour:
            found.append(f"colour-{part.colour}")
        elif _is_without(part.where):
            found.append("tone-none")
        elif not is_round:
            found.append("tone-1")
        elif free:
            wanted = crc32(part.label.encode()) % TONES + 1
            found.append(f"tone-{free.pop(free.index(wanted) if wanted in free else 0)}")
        else:
            found.append("tone-other")
    return found


def _is_without(where: Where | None) -> bool:
    """Does it count leads that have nothing in a field?"""
    return any(value in (NONE, (NONE,), [NONE]) for value in (where or {}).values())


def _table(told: TableData) -> Prepared:
    columns = list(zip(*(row.cells for row in told.rows), strict=True)) or [()] * len(told.heads)
    numbers = [_are_numbers(column) for column in columns]
    return Prepared(
        kind="table",
        sentence=told.sentence,
        heads=list(zip(told.heads, numbers, strict=True)),
        lines=[_line(row, numbers) for row in told.rows],
    )


def _line(row: Row, numbers: Sequence[bool]) -> Line:
    cells = [(_words(cell), is_number) for cell, is_number in zip(row.cells, numbers, strict=True)]
    return Line(cells, row.where, row.lead)


def _are_numbers(column: Sequence[Any]) -> bool:
    told = [cell for cell in column if cell is not None]
    return bool(told) and all(isinstance(cell, int | Decimal | Amount) for cell in told)


def _words(cell: Any) -> str:
    if isinstance(cell, int | Decimal):
        return str(format_decimal(cell))
    if isinstance(cell, Amount):
        return amount(cell.value, cell.currency)
    if isinstance(cell, datetime):
        return moment(cell)
    return day(cell) if isinstance(cell, date) else cell or ""


def _rendered(plugin: str, told: TemplateData) -> Markup:
    values: Mapping[str, Any] = told.values
    html = render_template(f"plugins/{plugin}/{told.template}", **values)
    if len(html) > HTML_MAX:
        raise ValueError(f"the template gave more than {HTML_MAX:,} characters")
    return Markup(html)  # Flask has escaped what went into it
