"""What plugins hand over to be shown: figures, charts, tables, words.  The hub draws them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from leadhub.plugins.api.figures import Amount
from leadhub.plugins.api.reading import Slice, Where

__all__ = [
    "Amount", "Cell", "ChartData", "NumberData", "Row", "Shown", "TableData", "TemplateData", "TextData",
    "whole_percents",
]  # fmt: skip
PERCENT = "percent"


Cell = str | int | Decimal | date | datetime | Amount | None


def whole_percents(values: Sequence[int]) -> list[int]:
    """Shares of a whole that add up to 100, as charts show them: what rounding leaves over goes where it took the most.
    Raises ``ZeroDivisionError`` where there is nothing."""
    total = sum(values)
    exact = [value * 100 / total for value in values]
    found = [int(part) for part in exact]
    largest = sorted(range(len(values)), key=lambda place: (found[place] - exact[place], place))
    for place in largest[: 100 - sum(found)]:
        found[place] += 1
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberData:
    """One figure, with what it counts in a few words; ``where`` opens the leads that it counted.  ``before`` is the
    figure of the period before: the change is shown beside.  ``unit``: ``percent``, or the currency of an amount (ISO
    4217)."""

    value: int | Decimal
    label: str = ""
    where: Where | None = None
    before: int | Decimal | None = None
    unit: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartData:
    """Slices in the order in which they are drawn, at most 400.  ``sentence`` says in words what there is to see.

    ``counts`` is the head over the values where they are no leads; ``beside`` that over the words that slices have
    beside.  ``unit``, a currency (ISO 4217): their amounts are drawn, below the head ``amounts``."""

    kind: Literal["pie", "doughnut", "bar", "line"]
    slices: Sequence[Slice]
    sentence: str = ""
    counts: str = ""
    beside: str = ""
    unit: str = ""
    amounts: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """``where`` opens the leads that the row counted; ``lead`` is the id of the one that it is about."""

    cells: Sequence[Cell]
    where: Where | None = None
    lead: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TableData:
    """``heads`` are the names of the columns; at most 200 rows, numbers on the right."""

    heads: Sequence[str]
    rows: Sequence[Row]
    sentence: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TextData:
    """Words in Markdown, cleaned as notes are."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateData:
    """The plugin's own template, below its folder ``templates``, with what it needs."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)


Shown = NumberData | ChartData | TableData | TextData | TemplateData
