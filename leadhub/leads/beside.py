"""What leads can be filtered by that lies beside them, in features above this one: told by those.

Of each there is a statement with the ids of the leads that have it.  ``version`` is another text as soon as one of the
``tables`` that these statements read has changed, for counts that are kept.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import sqlalchemy as sa
from flask import Flask, current_app

from leadhub.fields.catalogue import Field


@dataclass(frozen=True, kw_only=True)
class Beside:
    """``fields`` are answered by yes or no; ``leads``: name of each -> the ids of the leads of which it is so."""

    fields: Sequence[Field] = ()
    leads: Mapping[str, Callable[[], sa.Select[Any]]] = field(default_factory=dict)
    tables: Sequence[str] = ()
    version: Callable[[], str] = str


def bind(app: Flask, told: Beside) -> None:
    app.extensions["leadhub_beside_leads"] = told


def beside_fields() -> dict[str, Field]:
    return {each.name: each for each in _told().fields}


def lead_ids(asked: Field) -> sa.Select[Any] | None:
    """None for a field of the leads themselves."""
    of = _told().leads.get(asked.name)
    return of() if of else None


def version_of(sql: str) -> str:
    """Of what a statement reads; empty where it reads leads alone."""
    told = _told()
    return told.version() if any(table in sql for table in told.tables) else ""


def _told() -> Beside:
    return cast(Beside, current_app.extensions.get("leadhub_beside_leads", Beside()))
