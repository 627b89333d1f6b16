"""Who names the rows of a table, told by the features that keep such names; ``app.py`` collects them.

A row that is named can't be deleted by accident: the guard counts what names it, asks for a successor, and moves all
of it in one transaction.  RESTRICT foreign keys stand behind it, and a test wants a referrer for each.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, current_app

from leadhub.accounts.models import User


@dataclass(frozen=True, kw_only=True)
class Undo:
    """A deletion to be taken back for one referrer: the row ``row_id`` is there again, and what named it got ``to``
    (None: nothing).  ``memory`` is what the referrer remembered, ``deletion_id`` the act that it was part of."""

    row_id: int
    to: int | None
    memory: Any
    deletion_id: int
    by: User


Given = tuple[int, list[str]]
"""How many have the row again; in words, what was changed since and stays as it is."""


@dataclass(frozen=True, kw_only=True)
class Referrer:
    """One kind of thing that names rows of ``table``: a column of another table, or something that is no column.

    ``count`` says how many of them name a row; ``words`` puts that number into words.  ``move`` has all of them name
    the row ``to`` instead (None: nothing, where ``may_be_empty``), says in their history that ``by`` did it, and
    returns how many there were; it commits nothing.  ``column`` is ``table.column`` of the foreign key, if it is one.
    ``counts`` answers for many rows at once, in one query: row -> how many, those without any left out.
    ``blocks``: nothing moves these away; the row stays while they are there.

    ``page`` is where people see them: an endpoint and what its address needs for this row.  ``remember`` is called
    before the move, and ``give_back`` where it is undone; its memory is stored as JSON.
    """

    key: str
    table: str
    count: Callable[[int], int]
    words: Callable[[int], str]
    move: Callable[[int, int | None, User | None], int]
    column: str = ""
    counts: Callable[[Collection[int]], Mapping[int, int]] | None = None
    may_be_empty: bool = True
    blocks: bool = False
    page: Callable[[Any], tuple[str, Mapping[str, Any]]] | None = None
    remember: Callable[[int], Any] | None = None
    give_back: Callable[[Undo], Given] | None = None


@dataclass(frozen=True)
class Use:
    """One kind of thing that names the row, and how many of them do."""

    referrer: Referrer
    count: int

    def __str__(self) -> str:
        return self.referrer.words(self.count)


def bind(app: Flask, referrers: Sequence[Referrer]) -> None:
    app.extensions["leadhub_referrers"] = tuple(referrers)


def referrers_of(table: str) -> list[Referrer]:
    return [referrer for referrer in _referrers() if referrer.table == table]


def uses_of(table: str, row_id: int) -> list[Use]:
    """What names the row; empty when nothing does."""
    counted = [Use(referrer, referrer.count(row_id)) for referrer in referrers_of(table)]
    return [use for use in counted if use.count]


def use_counts(table: str, row_ids: Collection[int]) -> dict[int, int]:
    """Row -> how many things name it, zeros too; as many queries for a thousand rows as for one where ``counts`` is."""
    totals = dict.fromkeys(row_ids, 0)
    for referrer in referrers_of(table) if totals else ():
        counted = referrer.counts(row_ids) if referrer.counts else {it: referrer.count(it) for it in row_ids}
        for row_id, number in counted.items():
            totals[row_id] += number
    return totals


def may_be_empty(table: str) -> bool:
    """Can what names a row of this table do without one?"""
    return all(referrer.may_be_empty for referrer in referrers_of(table))


def move_all(table: str, row_id: int, to: int | None, by: User | None) -> dict[str, int]:
    """Have everything name ``to`` instead.  Key of the referrer -> how many."""
    return {referrer.key: referrer.move(row_id, to, by) for referrer in referrers_of(table)}


def _referrers() -> tuple[Referrer, ...]:
    return cast(tuple[Referrer, ...], current_app.extensions.get("leadhub_referrers", ()))
