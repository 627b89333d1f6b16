"""What the contract asks of what a plugin hands over to be shown.  ``checked`` is for inside of the contained call:
what is wrong, and what a generator raises, counts as the plugin's failure there."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from flask_babel import LazyString

from leadhub.plugins.api.data import Amount, ChartData, NumberData, Row, Shown, TableData, TemplateData, TextData
from leadhub.plugins.api.reading import Slice
from leadhub.plugins.api.statuses import COLOURS

SLICES_MAX, ROWS_MAX, HEADS_MAX, TONES_MAX = 400, 200, 20, 9
LABEL_MAX, SENTENCE_MAX, CELL_MAX, TEXT_MAX = 200, 500, 500, 20_000
WORDS_MAX, VALUES_MAX = 20, 50  # of one ``where``
ID_MAX = 2**31 - 1
CURRENCY_MAX, UNIT_MAX = 3, 7
NUMBER_MAX = 10**15  # what a script still counts exactly
CHARTS = ("pie", "doughnut", "bar", "line")
ROUND = ("pie", "doughnut")  # their parts make a whole


def checked(told: Any) -> Shown:
    """The same in plain values, whatever classes they were of; what comes one by one is read.  Raises ``TypeError`` or
    ``ValueError`` with a line for the plugin's author."""
    if isinstance(told, ChartData):
        return _chart(told)
    if isinstance(told, NumberData):
        label = text("the label", told.label, LABEL_MAX)
        before, unit = None if told.before is None else _number(told.before), text("the unit", told.unit, UNIT_MAX)
        return NumberData(value=_number(told.value), label=label, where=_where(told.where), before=before, unit=unit)
    if isinstance(told, TableData):
        return _table(told)
    if isinstance(told, TextData):
        return TextData(text=text("the text", told.text, TEXT_MAX))
    if isinstance(told, TemplateData):
        return _template(told)
    raise TypeError(f"{type(told).__name__} is nothing that can be shown")


def _chart(told: ChartData) -> ChartData:
    if told.kind not in CHARTS:
        raise ValueError(f"{told.kind!r} is none of {', '.join(CHARTS)}")
    parts = _some("slices", told.slices, SLICES_MAX)
    unit = text("the unit", told.unit, CURRENCY_MAX)
    slices = tuple(_slice(part, is_round=told.kind in ROUND) for part in parts)
    if unit and any(part.amount is None for part in slices):
        raise ValueError("a slice of a chart of amounts has none")
    counts, beside, amounts = (text("a head", it, LABEL_MAX) for it in (told.counts, told.beside, told.amounts))
    return ChartData(
        kind=told.kind, slices=slices, sentence=text("the sentence", told.sentence, SENTENCE_MAX), counts=counts,
        beside=beside, unit=unit, amounts=amounts,
    )  # fmt: skip


def _slice(part: Any, *, is_round: bool) -> Slice:
    if not isinstance(part, Slice):
        raise TypeError(f"{type(part).__name__} is no Slice")
    label, value = text("the label of a slice", part.label, LABEL_MAX), _number(part.value)
    if not isinstance(value, int):
        raise TypeError(f"the value of the slice {label!r} is no whole number")
    if is_round and value < 0:
        raise ValueError(f"the slice {label!r} is less than nothing")
    if part.colour and part.colour not in COLOURS:
        raise ValueError(f"{part.colour!r} is none of the colours")
    tone, before = int(_number(part.tone)), None if part.before is None else int(_number(part.before))
    if not 0 <= tone <= TONES_MAX:
        raise ValueError(f"{tone} is no tone")
    is_without = None if part.is_without is None else bool(part.is_without)
    return Slice(
        label=label, value=value, where=_where(part.where), colour=part.colour, tone=tone, before=before,
        is_without=is_without, amount=_amount(part.amount), amount_before=_amount(part.amount_before),
        beside=text("the words beside a slice", part.beside, CELL_MAX),
    )  # fmt: skip


def _amount(told: Any) -> Decimal | None:
    return None if told is None else Decimal(_number(told))


def _table(told: TableData) -> TableData:
    heads = tuple(text("a head", head, LABEL_MAX) for head in _some("heads", told.heads, HEADS_MAX))
    rows = tuple(_row(row, len(heads)) for row in _some("rows", told.rows, ROWS_MAX))
    return TableData(heads=heads, rows=rows, sentence=text("the sentence", told.sentence, SENTENCE_MAX))


def _row(row: Any, width: int) -> Row:
    if not isinstance(row, Row):
        raise TypeError(f"{type(row).__name__} is no Row")
    cells = tuple(map(_cell, _some("cells", row.cells, HEADS_MAX)))
    if len(cells) != width:
        raise ValueError(f"a row has {len(cells)} cells, the table {width} heads")
    return Row(cells=cells, where=_where(row.where), lead=_lead(row.lead))


def _lead(told: Any) -> int | None:
    if told is None:
        return None
    number = int(_number(told))
    if not 0 < number <= ID_MAX:
        raise ValueError("a lead is told by its id")
    return number


def _cell(cell: Any) -> Any:
    if cell is None or type(cell) in (date, datetime):
        return cell
    if isinstance(cell, int | Decimal):
        return _number(cell)
    if isinstance(cell, Amount):
        return Amount(value=Decimal(_number(cell.value)), currency=text("a currency", cell.currency, CURRENCY_MAX))
    return text("a cell", cell, CELL_MAX)


def _template(told: TemplateData) -> TemplateData:
    name = text("the template", told.template, LABEL_MAX)
    if not isinstance(told.values, Mapping):
        raise TypeError("the values of a template are by name")
    return TemplateData(template=name, values={text("a name", key, LABEL_MAX): it for key, it in told.values.items()})


def text(what: str, told: Any, most: int) -> str:
    """Plain, also of what calls itself safe HTML."""
    if not isinstance(told, str | LazyString):
        raise TypeError(f"{what} is no text")
    plain = str.__str__(str(told))
    if len(plain) > most:
        raise ValueError(f"{what} is longer than {most:,} characters")
    return plain.replace("\0", "").encode(errors="replace").decode()


def _number(told: Any) -> int | Decimal:
    if isinstance(told, bool) or not isinstance(told, int | Decimal):
        raise TypeError(f"{type(told).__name__} is no number")
    number: int | Decimal = Decimal(told) if isinstance(told, Decimal) else int(told)
    if isinstance(number, Decimal) and not number.is_finite():
        raise ValueError("a number is not finite")
    if not -NUMBER_MAX <= number <= NUMBER_MAX:
        raise ValueError(f"a number is larger than {NUMBER_MAX:,}")
    return number


def _where(told: Any) -> Mapping[str, Any] | None:
    if told is None:
        return None
    if not isinstance(told, Mapping) or len(told) > WORDS_MAX:
        raise TypeError("where is no mapping of a few words")
    return {text("a word of where", name, LABEL_MAX): _wanted(value) for name, value in told.items()}


def _wanted(value: Any) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return text("a value of where", value, LABEL_MAX)
    return tuple(text("a value of where", each, LABEL_MAX) for each in _some("values", value, VALUES_MAX))


def _some(what: str, told: Any, most: int) -> tuple[Any, ...]:
    if isinstance(told, str) or not isinstance(told, Iterable):
        raise TypeError(f"the {what} are no sequence")
    found = tuple(islice(told, most + 1))
    if len(found) > most:
        raise ValueError(f"there are more than {most} {what}")
    return found
