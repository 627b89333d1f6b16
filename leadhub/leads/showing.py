"""What plugins hand over to be shown, made ready to be drawn by ``templates/shown``.  Nothing here writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zlib import crc32

from flask import render_template
from flask_babel import format_decimal, format_percent
from flask_babel import gettext as _
from markupsafe import Markup

from leadhub import markdown
from leadhub.leads.listing.columns import day
from leadhub.leads.listing.filters import NONE
from leadhub.numbers import amount, whole_amount
from leadhub.plugins.api.data import (
    PERCENT,
    Amount,
    ChartData,
    NumberData,
    Row,
    TableData,
    TemplateData,
    TextData,
    whole_percents,
)
from leadhub.plugins.api.reading import Slice, Where
from leadhub.plugins.shown import ROUND, checked
from leadhub.web import moment

TONES = 8
"""Colours that everybody can tell apart: ``tone-1`` to ``tone-8`` of the style sheet."""
MOST = 60  # percent
HTML_MAX = 200_000  # characters of a template's own


@dataclass(frozen=True, slots=True)
class Part:
    """A slice.  ``tone`` is the class of its colour; ``share``: whole percents, None where they say nothing;
    ``before``: the value of the period before, None where none is told.  In a chart of amounts these are drawn, which
    read as ``amount_words`` and ``before_words``.  ``beside`` are further words."""

    label: str
    value: int
    where: Where | None
    tone: str
    share: int | None
    before: int | None = None
    amount: Decimal | None = None
    amount_before: Decimal | None = None
    amount_words: str = ""
    before_words: str = ""
    beside: str = ""

    @property
    def drawn(self) -> int | Decimal:
        return self.value if self.amount is None else self.amount

    @property
    def drawn_before(self) -> int | Decimal | None:
        return self.before if self.amount is None else self.amount_before


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: its cells in words, and whether they are numbers; ``values`` are those behind the words."""

    cells: Sequence[tuple[str, bool]]
    where: Where | None
    lead: int | None
    values: Sequence[Any] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """``kind``: number, chart, table, text or template; what the others need is empty.  ``change`` says how a number
    stands to the one of the period before, ``way`` whether it is up, down or level.  ``counts``, ``amounts`` and
    ``beside`` are heads of a chart's table."""

    kind: str
    number: str = ""
    value: int | Decimal | None = None
    before: int | Decimal | None = None
    change: str = ""
    way: str = ""
    label: str = ""
    where: Where | None = None
    chart: str = ""
    counts: str = ""
    amounts: str = ""
    beside: str = ""
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
        return _number(told)
    if isinstance(told, ChartData):
        parts = _parts(told)
        words = told.sentence or _most(parts)
        return Prepared(
            kind="chart",
            chart=told.kind,
            sentence=words,
            parts=parts,
            counts=told.counts,
            amounts=told.amounts,
            beside=told.beside,
        )
    if isinstance(told, TableData):
        return _table(told)
    if isinstance(told, TextData):
        return Prepared(kind="text", html=markdown.to_html(told.text))
    return Prepared(kind="template", html=_rendered(plugin, told))


def _number(told: NumberData) -> Prepared:
    number, before = _figure(told.value, told.unit), told.before
    if before is None:
        return Prepared(kind="number", number=number, value=told.value, label=told.label, where=told.where)
    difference = told.value - before
    way = "level" if not difference else "up" if difference > 0 else "down"
    return Prepared(
        kind="number", number=number, value=told.value, before=before, label=told.label, where=told.where, way=way,
        change=_change(difference, before, told.unit),
    )  # fmt: skip


def _figure(value: int | Decimal, unit: str) -> str:
    """``12``, ``67%``, ``€1,200``."""
    if unit == PERCENT:
        return str(format_percent(Decimal(value) / 100))
    return whole_amount(Decimal(value), unit) if unit else str(format_decimal(value))


def _change(difference: int | Decimal, before: int | Decimal, unit: str) -> str:
    """``+12 (+8 %), 150 before``: without percents where there was nothing, or of percents."""
    if not difference:
        return _("as many as before") if not unit else _("as before")
    sign, was = "+" if difference > 0 else "", _figure(before, unit)
    if unit == PERCENT:
        points = f"{sign}{format_decimal(difference)}"
        return _("%(points)s points, %(before)s before", points=points, before=was)
    told = _figure(difference, unit)
    if not before:
        return _("%(change)s, %(before)s before", change=f"{sign}{told}", before=was)
    percent = f"{sign}{format_percent(Decimal(difference) / Decimal(before))}"
    return _("%(change)s (%(percent)s), %(before)s before", change=f"{sign}{told}", percent=percent, before=was)


def _most(parts: Sequence[Part]) -> str:
    """What has most of a whole, where its author says nothing."""
    largest = max((part for part in parts if part.share is not None), key=lambda part: part.share or 0, default=None)
    if largest is None or (largest.share or 0) < MOST:
        return ""
    share = format_percent(Decimal(largest.share or 0) / 100)
    return _("%(share)s: %(name)s.", share=share, name=largest.label)


def _parts(told: ChartData) -> list[Part]:
    values = [part.value for part in told.slices]
    is_whole = told.kind != "line" and not told.unit and min(values, default=-1) >= 0 and sum(values) > 0
    percents: Sequence[int | None] = whole_percents(values) if is_whole else [None] * len(values)
    tones = _tones(told.slices, is_round=told.kind in ROUND)
    return [
        Part(
            part.label,
            part.value,
            part.where,
            tone,
            share,
            part.before,
            **_amounts(part, told.unit),
            beside=part.beside,
        )
        for part, tone, share in zip(told.slices, tones, percents, strict=True)
    ]


def _amounts(part: Slice, unit: str) -> dict[str, Any]:
    if not unit or part.amount is None:
        return {}
    was = part.amount_before
    return {
        "amount": part.amount, "amount_before": was, "amount_words": amount(part.amount, unit),
        "before_words": amount(was, unit),
    }  # fmt: skip


def _tones(slices: Sequence[Slice], *, is_round: bool) -> list[str]:
    """The same colour for the same label on every chart, unless another slice of this one has it already; beside each
    other on an axis they need none to be told apart."""
    free, found = list(range(1, TONES + 1)), []
    for part in slices:
        if part.colour:
            found.append(f"colour-{part.colour}")
        elif _is_without(part.where) if part.is_without is None else part.is_without:
            found.append("tone-none")
        elif part.tone and is_round:
            found.append(f"tone-{part.tone}" if part.tone <= TONES else "tone-other")
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
    return Line(cells, row.where, row.lead, row.cells)


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
