"""What the hub keeps of the doors through which leads come in by themselves."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from leadhub.database import UtcDateTime, utcnow
from leadhub.extensions import Model
from leadhub.lists.models import Source
from leadhub.plugin_settings.stored import Stored


class Door(Model):
    """One way in.  ``offer`` is the key under which a plugin offers what stands behind it; several doors may have the
    same.  ``plugin`` is who offered it when the door was made.
    Its leads get ``source``, where they name none themselves.

    ``token`` is the end of its address.  ``cursor`` is where the next poll begins, ``turn`` counts the polls that were
    taken in.  ``came`` counts the leads that are new or changed, ``refused`` what could not be taken in.
    """

    __tablename__ = "doors"
    __table_args__ = {"sqlite_autoincrement": True}  # external ids are told apart by it, so that none is given twice

    id: Mapped[int] = mapped_column(primary_key=True)
    offer: Mapped[str] = mapped_column(String(200))
    plugin: Mapped[str] = mapped_column(String(100))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id", ondelete="RESTRICT"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    token: Mapped[str] = mapped_column(String(64), unique=True)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    secrets: Mapped[str] = mapped_column(Text, default="")  # encrypted
    cursor: Mapped[str] = mapped_column(Text, default="")
    turn: Mapped[int] = mapped_column(default=0)
    is_on: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    last_came_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(String(500), default="")
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    came: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)

    source: Mapped[Source | None] = relationship()

    @property
    def stored(self) -> Stored:
        return Stored(self.settings, self.secrets)
