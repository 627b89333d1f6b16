"""Reads the lists.  They are short (two thousand rows are many), so a list is read whole."""

import zlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.lists.kinds import KINDS, Kind
from leadhub.lists.models import ListRow

Row = TypeVar("Row", bound=ListRow)
PAGE = 100


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some rows of a list.  ``number`` counts from 1; ``total`` is that of what matches."""

    rows: list[Any]
    number: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def rows_of(model: type[Row]) -> list[Row]:
    """All rows in their order, retired ones too."""
    return list(db.session.scalars(sa.select(model).order_by(model.position, model.id)))


def rows_by_word(model: type[Row]) -> dict[str, Row]:
    """Folded name in any language, or key, -> row.

    What a row is called now goes before a key, which may be a name that another one had; what is offered goes before
    what is retired, and an older row before a younger one.
    """
    found: dict[str, Row] = {}
    rows = sorted(rows_of(model), key=lambda row: row.retired)
    for row in rows:
        for name in row.names.values():
            found.setdefault(fold(name), row)
    for row in rows:
        found.setdefault(fold(row.key), row)
    return found


def rows_in(kind: Kind) -> list[Any]:
    """All rows of the list in their order, retired ones too."""
    ordered = sa.select(kind.model).filter_by(**kind.within).order_by(kind.model.position, kind.model.id)
    return list(db.session.scalars(ordered))


def row_in(kind: Kind, row_id: int, *, locked: bool = False) -> Any | None:
    """``locked``: nobody else changes or deletes it before the transaction ends."""
    wanted = sa.select(kind.model).filter_by(**kind.within).where(kind.model.id == row_id)
    return db.session.scalar(wanted.with_for_update(key_share=True) if locked else wanted)


def successors_of(kind: Kind, row: ListRow) -> list[Any]:
    """Who may take its place: every other row that is not retired."""
    return [other for other in rows_in(kind) if other is not row and not other.retired]


def sizes(kinds: Collection[Kind]) -> dict[str, int]:
    """Slug -> number of rows, retired ones too; one statement."""
    counted = [sa.select(sa.func.count()).select_from(kind.model).filter_by(**kind.within) for kind in kinds]
    numbers = db.session.execute(sa.select(*(each.scalar_subquery() for each in counted))).one()
    return dict(zip((kind.slug for kind in kinds), numbers, strict=True))


def page_of(rows: list[Any], number: int) -> Page:
    """The last page where there are not so many."""
    page = Page(rows=[], number=number, total=len(rows))
    number = min(max(number, 1), page.pages)
    return Page(rows=rows[(number - 1) * PAGE : number * PAGE], number=number, total=len(rows))


def page_with(rows: list[Any], row: ListRow) -> int:
    """Number of the page that the row is on."""
    return rows.index(row) // PAGE + 1


def matching(rows: list[Any], words: str) -> list[Any]:
    """Those with all these words in one of their names."""
    wanted = fold(words).split()
    return [row for row in rows if any(all(word in fold(name) for word in wanted) for name in row.names.values())]


def names_print() -> str:
    """Another text as soon as a row of a list is called, coloured or ordered otherwise, or is there no longer."""
    told = [
        tuple(row)
        for kind in KINDS.values()
        for row in db.session.execute(sa.select(kind.model.__table__).order_by(kind.model.id))  # type: ignore[attr-defined]
    ]
    return f"{zlib.crc32(repr(told).encode()):08x}"
