"""The form field of lines: rows as people type them; buttons move them and take them away, with script or without."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from flask_babel import gettext as _

from leadhub.leads.row_inputs import RowsInput
from leadhub.numbers import read_decimal, typed
from leadhub.sales.drafts import LineDraft
from leadhub.sales.lines import LINES_MAX, problem_of
from leadhub.sales.money import Totals, totals_of

PLACES = {"quantity": 0, "unit_price": 2, "discount": 0, "tax_rate": 0}
"""Number of a line -> how many decimals it is shown with at least, where it is no whole one."""
DESCRIPTION = "description"
PARTS = (DESCRIPTION, *PLACES)
MUST = ("quantity", "unit_price")  # left empty they would say something that nobody typed
SOUND = LineDraft(description="-")
ONE = "1"


@dataclass(frozen=True, slots=True)
class LineRow:
    """One row of the page: what stands in its inputs, what is wrong with them, and the line that it makes, if any."""

    texts: Mapping[str, str]
    problems: Mapping[str, str] = field(default_factory=dict)
    draft: LineDraft | None = None

    @property
    def is_empty(self) -> bool:
        """A quantity of one and a tax are there from the start."""
        texts = self.texts
        return not (texts[DESCRIPTION] or texts["unit_price"] or texts["discount"]) and texts["quantity"] in ("", ONE)


class LinesInput(RowsInput):
    """``data`` is a tuple of ``LineDraft``; empty rows are none.  ``tax_rate`` is what a new row starts with."""

    tax_rate = Decimal(0)

    def clear(self) -> None:
        self.sent: list[LineRow] = []
        self.act = ""  # of a row's button, without script: ``up 2``, ``down 2`` and ``remove 2`` name the third row
        self.place = -1  # where the row is after that

    def names(self) -> Iterable[str]:
        return [f"{self.name}_{part}" for part in PARTS]

    def read(self, formdata: Any) -> None:
        columns = [formdata.getlist(name)[: 2 * LINES_MAX] for name in self.names()]
        rows = [row_of(dict(zip(PARTS, texts, strict=True))) for texts in zip_longest(*columns, fillvalue="")]
        self.act = str(formdata.get(f"{self.name}_act", ""))
        self.sent = rows if self.is_unfinished else [row for row in rows if not row.is_empty]
        self._move()
        self.process_errors = self._problems()
        self.data = tuple(row.draft for row in self.sent if row.draft)

    @property
    def is_unfinished(self) -> bool:
        """Was the form sent only to be shown again, with another row or another order?"""
        return self.wants_more or self.act != ""

    @property
    def own_errors(self) -> Sequence[str]:
        """What is said of all lines together."""
        return [error for error in self.errors if error not in self.process_errors]

    @property
    def rows(self) -> list[LineRow]:
        """As they were sent, or as they are stored; one at least."""
        shown = self.sent or [row_of(texts_of(draft)) for draft in self.data if draft.description]
        return [*shown, self.blank] if self.wants_more or not shown else shown

    @property
    def blank(self) -> LineRow:
        texts = dict.fromkeys(PARTS, "") | {"quantity": ONE, "tax_rate": shown(self.tax_rate, "tax_rate")}
        return LineRow(texts)

    @property
    def focused(self) -> int:
        """The row that gets the focus when the form is shown again."""
        return len(self.rows) - 1 if self.wants_more else self.place

    def totals(self, currency: str) -> Totals:
        return totals_of([draft for draft in self.data if draft.description], currency)

    def _move(self) -> None:
        act, _space, number = self.act.partition(" ")
        place = int(number) if number.isdecimal() and len(number) < 4 else -1
        to = {"up": place - 1, "down": place + 1, "remove": place}.get(act, -1)
        if not (0 <= place < len(self.sent) and 0 <= to < len(self.sent)):
            return
        row = self.sent.pop(place)
        if act != "remove":
            self.sent.insert(to, row)
        self.place = min(to, len(self.sent) - 1)

    def _problems(self) -> list[str]:
        """In words that name the line."""
        return [
            _("Line %(number)s: %(problem)s", number=number, problem=problem)
            for number, row in enumerate(self.sent, 1)
            if not row.is_empty
            for problem in dict.fromkeys(row.problems.values())
        ]


def row_of(sent: Mapping[str, str]) -> LineRow:
    """Each number is read and looked at by itself, so that what is wrong is told where it was typed."""
    texts = {name: text.replace("\r\n", "\n").strip() for name, text in sent.items()}
    values: dict[str, Any] = {DESCRIPTION: texts[DESCRIPTION]}
    problems = {}
    for name in PLACES:
        value = read_decimal(texts[name]) if texts[name] or name in MUST else Decimal(0)
        if value is None:
            problems[name] = _("Give a number.")
        else:
            values[name] = value
    for name, value in values.items():
        if problem := problem_of(replace(SOUND, **{name: value})):
            problems[name] = problem
    ordered = {name: problems[name] for name in PARTS if name in problems}
    return LineRow(texts, ordered, None if problems else LineDraft(**values))


def texts_of(draft: LineDraft) -> dict[str, str]:
    return {DESCRIPTION: draft.description} | {name: shown(getattr(draft, name), name) for name in PLACES}


def shown(value: Decimal, name: str) -> str:
    """As somebody would type it: no more decimals than it has.  No discount is none."""
    if name == "discount" and not value:
        return ""
    _sign, _digits, exponent = value.normalize().as_tuple()
    return typed(value, max(PLACES[name], -int(exponent)))
