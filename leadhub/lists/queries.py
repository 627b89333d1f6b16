"""Reads the lists.  They are short, so a list is read whole."""

from typing import TypeVar

import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.lists.models import LeadType, Source

Row = TypeVar("Row", Source, LeadType)


def rows_of(model: type[Row]) -> list[Row]:
    """All rows in their order, retired ones too."""
    return list(db.session.scalars(sa.select(model).order_by(model.position, model.id)))


def rows_by_word(model: type[Row]) -> dict[str, Row]:
    """Folded key or name in any language -> row; a key goes before a name, an older row before a younger one."""
    found: dict[str, Row] = {}
    rows = rows_of(model)
    for row in rows:
        found.setdefault(fold(row.key), row)
    for row in rows:
        for name in row.names.values():
            found.setdefault(fold(name), row)
    return found
