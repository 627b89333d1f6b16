"""Rows of the lists that a team grows."""

from typing import Any

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from leadhub.extensions import Model


class ListRow:
    """What every list's rows have.  ``key`` is stable and unique; ``names`` is by language, and free to change."""

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    names: Mapped[dict[str, Any]] = mapped_column(JSON)
    position: Mapped[int] = mapped_column(default=0)
    retired: Mapped[bool] = mapped_column(default=False)

    def label(self, language: str) -> str:
        return str(self.names.get(language) or next(iter(self.names.values()), self.key))


class Source(ListRow, Model):
    """Where a lead came from."""

    __tablename__ = "sources"

    details: Mapped[str] = mapped_column(Text, default="")


class LeadType(ListRow, Model):
    """What a lead is to the team: a prospect, an existing customer, a partner."""

    __tablename__ = "lead_types"
