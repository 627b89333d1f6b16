"""Patterns of LIKE, and words looked up in the index of trigrams.  Nothing here writes."""

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from leadhub.database import SEARCH_TABLE, unindexed
from leadhub.extensions import db
from leadhub.leads.models import Lead

SEARCH = sa.table(SEARCH_TABLE, sa.column("rowid", sa.Integer), sa.column(SEARCH_TABLE, sa.Text))


def escaped(text: str) -> str:
    """LIKE's own signs stand for themselves, with a backslash as the escape."""
    return re.sub(r"([%_\\])", r"\\\1", text)


def like(column: Any, pattern: str) -> sa.ColumnElement[bool]:
    return column.like(pattern, escape="\\")  # type: ignore[no-any-return]


def has_word_table() -> bool:
    """On SQLite the trigrams stand in a table of their own; PostgreSQL looks into its index by itself."""
    return db.session.get_bind().dialect.name == "sqlite"


def ids_with(parts: Sequence[str]) -> sa.Select[tuple[int]]:
    """Of live leads that have all of these in their search key, each at least three letters long (SQLite alone).

    Each is a phrase of FTS5, in which a quotation mark is doubled (sqlite.org, FTS5, 3.1).
    """
    phrases = " AND ".join('"' + part.replace('"', '""') + '"' for part in parts)
    return sa.select(SEARCH.c.rowid).where(SEARCH.c[SEARCH_TABLE].op("MATCH")(phrases))


def with_any(parts: Sequence[str]) -> sa.ColumnElement[bool]:
    """Leads that have one of these in their search key, each at least three letters long."""
    if has_word_table():
        return unindexed(Lead.id).in_(sa.union(*(ids_with([part]) for part in parts)))  # type: ignore[no-any-return]
    return sa.or_(*(like(Lead.search_key, f"%{escaped(part)}%") for part in parts))
