"""The numbers of documents: rising within a series and a year, and no two alike.  Commits nothing."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from leadhub.extensions import db
from leadhub.sales.documents import NumberSeries

DIGITS = 4


def next_number(series: str, year: int) -> int:
    """The next number, which nobody else gets.

    The row of the series is held from here until the transaction ends: whoever gives numbers asks for them behind
    everything else that it holds, so that others wait for moments, and never for each other in a ring.
    """
    insert: Callable[[Any], Any] = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    given = insert(NumberSeries).values(series=series, year=year, last=1)
    rising = given.on_conflict_do_update(index_elements=["series", "year"], set_={"last": NumberSeries.last + 1})
    return int(db.session.scalars(rising.returning(NumberSeries.last)).one())


def last_number(series: str, year: int) -> int:
    """The one that was given last; 0 where none was."""
    wanted = sa.select(NumberSeries.last).where(NumberSeries.series == series, NumberSeries.year == year)
    return db.session.scalar(wanted) or 0


def begin_behind(series: str, year: int, last: int) -> None:
    """The next number comes behind this one.  What was given stays given: a lower one changes nothing."""
    insert: Callable[[Any], Any] = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    given = insert(NumberSeries).values(series=series, year=year, last=last)
    behind = NumberSeries.last < last
    db.session.execute(
        given.on_conflict_do_update(index_elements=["series", "year"], set_={"last": last}, where=behind)
    )


def written(series: str, year: int, sequence: int, revision: int = 1) -> str:
    """``Q-2026-0012``; ``Q-2026-0012-2`` for its second version."""
    number = f"{series}-{year}-{sequence:0{DIGITS}d}"
    return number if revision == 1 else f"{number}-{revision}"
