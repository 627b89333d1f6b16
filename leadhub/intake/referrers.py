"""Doors name the source that their leads get: told to the guard of deletion."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import format_decimal, ngettext

from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.intake.models import Door
from leadhub.lists.models import Source
from leadhub.referrers.registry import Referrer


def referrers() -> list[Referrer]:
    return [
        Referrer(
            key="doors.source", table=Source.__tablename__, column="doors.source_id", count=_count, counts=_counts,
            words=_words, move=_move, page=lambda row: ("doors.index", {}),
        )
    ]  # fmt: skip


def _count(row_id: int) -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(Door.source_id == row_id)) or 0


def _counts(row_ids: Collection[int]) -> Mapping[int, int]:
    counted = sa.select(Door.source_id, sa.func.count()).where(Door.source_id.in_(row_ids)).group_by(Door.source_id)
    return dict(db.session.execute(counted).all())  # type: ignore[arg-type]


def _words(number: int) -> str:
    return str(ngettext("%(count)s way in", "%(count)s ways in", number, count=format_decimal(number)))


def _move(row_id: int, to: int | None, by: User | None) -> int:
    """Without a successor their leads get no source."""
    moved: Any = db.session.execute(sa.update(Door).where(Door.source_id == row_id).values(source_id=to))
    return int(moved.rowcount)
