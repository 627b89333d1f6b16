"""The search box as SQL: trigrams on both databases, FTS5 on SQLite and pg_trgm on PostgreSQL.  Nothing here writes."""

import sqlalchemy as sa

from leadhub.database import SEARCH_TABLE, unindexed
from leadhub.extensions import db
from leadhub.leads.listing.conditions import escaped, like
from leadhub.leads.models import Lead
from leadhub.leads.search import Needles, needles_of

COMMON = 20_000
"""Leads.  A text that is in more of them is met soon by walking through the list; one that is in fewer is looked up."""
SEARCH = sa.table(SEARCH_TABLE, sa.column("rowid", sa.Integer), sa.column(SEARCH_TABLE, sa.Text))


def found(text: str, *, walk: bool) -> sa.ColumnElement[bool]:
    """Leads in which the text is found: every word of it.  ``walk``: lead by lead instead of by the index."""
    fits = [_fits(needles, walk) for needles in needles_of(text)]
    return sa.or_(*fits) if fits else sa.true()


def is_common(text: str) -> bool:
    """Is it found in so many leads that a page of them is met soon by walking?"""
    if db.session.get_bind().dialect.name != "sqlite":
        return False  # PostgreSQL's planner knows
    fits = [_matches(needles) for needles in needles_of(text) if needles.indexed]
    counted = (sa.select(sa.func.count()).select_from(it.limit(COMMON + 1).subquery()) for it in fits)
    return any((db.session.scalar(count) or 0) > COMMON for count in counted)


def _fits(needles: Needles, walk: bool) -> sa.ColumnElement[bool]:
    by_index = not walk and db.session.get_bind().dialect.name == "sqlite" and needles.indexed
    looked_at = [part for part in needles.parts if not by_index or part not in needles.indexed]
    parts = [like(Lead.search_key, f"%{escaped(part)}%") for part in looked_at]
    if by_index:
        parts.append(unindexed(Lead.id).in_(_matches(needles)))
    return sa.and_(*parts)


def _matches(needles: Needles) -> sa.Select[tuple[int]]:
    """Each needle a phrase of FTS5, in which a quotation mark is doubled (sqlite.org, FTS5, 3.1)."""
    phrases = " AND ".join('"' + part.replace('"', '""') + '"' for part in needles.indexed)
    return sa.select(SEARCH.c.rowid).where(SEARCH.c[SEARCH_TABLE].op("MATCH")(phrases))
