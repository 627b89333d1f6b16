"""The search box as SQL: trigrams on both databases, FTS5 on SQLite and pg_trgm on PostgreSQL.  Nothing here writes."""

from enum import Enum

import sqlalchemy as sa

from leadhub.database import unindexed
from leadhub.extensions import db
from leadhub.leads.listing.patterns import escaped, has_word_table, ids_with, like
from leadhub.leads.models import Lead
from leadhub.leads.search import Needles, needles_of

FEW_MAX, SOME_MAX = 1_000, 20_000  # leads
LAST_LETTER = "\U0010ffff"


class Way(Enum):
    """How the leads in which a text is found are best come by, on SQLite.

    FEW are read by their ids.  For SOME the list is walked and each id looked for among theirs.  What is common, and
    what no index knows, is met soon by WALKING through the list and looking at each lead.
    """

    FEW, SOME, WALKING = range(3)


def found(text: str, way: Way) -> sa.ColumnElement[bool]:
    """Leads in which the text is found: every word of it."""
    fits = [_fits(needles, way) for needles in needles_of(text)]
    return sa.or_(*fits) if fits else sa.true()


def way_to(text: str, *, all_of_them: bool = False) -> Way:
    """The best way to the first ones, or to ``all_of_them``: then a walk is never better than an index."""
    alternatives = [needles for needles in needles_of(text) if needles.indexed]
    if not has_word_table() or not alternatives:
        return Way.WALKING
    most = max((_count(needles) for needles in alternatives), default=0)
    if most <= FEW_MAX:
        return Way.FEW
    return Way.SOME if most <= SOME_MAX or all_of_them else Way.WALKING


def _begins(needles: Needles) -> sa.ColumnElement[bool]:
    """Letters alone: the name by which a lead is sorted begins with the first of them."""
    first, *others = (part.strip() for part in needles.parts)
    key = sa.orm.aliased(Lead)
    begun = sa.select(key.id).where(key.deleted_at.is_(None), key.sort_key >= first, key.sort_key < first + LAST_LETTER)
    words = (like(Lead.search_key, f"% {escaped(letter)}%") for letter in others)
    return sa.and_(unindexed(Lead.id).in_(begun), *words)


def _count(needles: Needles) -> int:
    ids = ids_with(needles.indexed).limit(SOME_MAX + 1).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(ids)) or 0


def _fits(needles: Needles, way: Way) -> sa.ColumnElement[bool]:
    if not needles.indexed:
        return _begins(needles)
    looked_at = [part for part in needles.parts if way is Way.WALKING or part not in needles.indexed]
    parts = [like(Lead.search_key, f"%{escaped(part)}%") for part in looked_at]
    if way is not Way.WALKING:
        column = Lead.id if way is Way.FEW else unindexed(Lead.id)
        parts.append(column.in_(ids_with(needles.indexed)))
    return sa.and_(*parts)
