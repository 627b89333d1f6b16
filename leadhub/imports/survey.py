"""One pass over a table before its mapping: which columns are filled, how dates are ordered, what weak headers hold."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from leadhub.folding import fold
from leadhub.imports.cells import EMAIL, is_long_phone, is_phone
from leadhub.imports.dates import DateOrder, Evidence
from leadhub.imports.files import Table
from leadhub.imports.readers import is_courtesy

_ENOUGH = 1000
_WAYS = (
    "email e mail mail phone telephone tel cellular mobile cell sms whatsapp post fax web website call appel courrier "
    "facebook linkedin instagram chat other autre unknown inconnu"
)
_CHANNELS = frozenset(_WAYS.split())


@dataclass(slots=True)
class ColumnFacts:
    """What the first thousand values of a column look like."""

    seen: int = 0
    emails: int = 0
    phones: int = 0
    long_phones: bool = True
    channels: int = 0
    courtesies: int = 0
    different: set[str] = field(default_factory=set)

    def add(self, cell: str) -> None:
        self.seen += 1
        self.emails += EMAIL.fullmatch(cell) is not None
        self.phones += is_phone(cell)
        self.long_phones = self.long_phones and is_long_phone(cell)
        self.channels += fold(cell) in _CHANNELS
        self.courtesies += is_courtesy(cell)
        self.different.add(cell)

    def means(self) -> str:
        """``email``, ``phone`` or ``name``; nothing where the values are mixed, or words of a list."""
        if not self.seen:
            return ""
        for count, meaning in ((self.emails, "email"), (self.phones, "phone")):
            if count * 10 >= self.seen * 9:
                return meaning
        listed = self.seen >= 50 and len(self.different) * 10 <= self.seen
        mixed = self.emails or self.phones or self.channels * 2 > self.seen
        return "" if listed or mixed else "name"

    def is_courtesy(self) -> bool:
        """Nearly all of the values are ``Mr``, ``Mme`` and the like."""
        return self.seen > 0 and self.courtesies * 10 >= self.seen * 9


@dataclass(slots=True)
class WordCount:
    """Counts the different words of a column, as far as ``limit``.  ``words_of``: those of a cell, where it can hold
    several."""

    limit: int
    words_of: Callable[[str], Iterable[str] | None] | None = None
    met: set[str] = field(default_factory=set)

    def add(self, cell: str) -> None:
        if len(self.met) <= self.limit:
            self.met.update((self.words_of(cell) or ()) if self.words_of else (cell,))

    def is_crowded(self) -> bool:
        return len(self.met) > self.limit


@dataclass(slots=True)
class Survey:
    """``filled``: wanted columns with any value.  ``orders`` and ``facts`` are told for the columns asked for.
    ``crowded``: columns with more different words than they may have."""

    rows: int
    filled: set[int]
    crowded: set[int]
    orders: dict[int, DateOrder]
    facts: dict[int, ColumnFacts]


def survey(
    table: Table,
    *,
    wanted: Collection[int],
    date_columns: Collection[int],
    fact_columns: Collection[int],
    counts: Mapping[int, WordCount],
) -> Survey:
    """Read the table once.  Columns are counted from 0.

    ``wanted``: columns of which it must be known whether any row fills them.
    """
    evidence = [(index, Evidence()) for index in date_columns]
    facts = {index: ColumnFacts() for index in fact_columns}
    counted = list(counts.items())
    empty = set(wanted)
    rows = 0
    for row in table.rows():
        rows += 1
        if row.error:
            continue
        cells = row.cells
        if empty:
            empty = {index for index in empty if not cells[index]}
        if rows <= _ENOUGH:
            for index, fact in facts.items():
                if cells[index]:
                    fact.add(cells[index])
        for index, orders in evidence:
            orders.add(cells[index])
        for index, count in counted:
            if cells[index]:
                count.add(cells[index])
    return Survey(
        rows=rows,
        filled=set(wanted) - empty,
        crowded={index for index, count in counts.items() if count.is_crowded()},
        orders={index: orders.order() for index, orders in evidence},
        facts=facts,
    )
