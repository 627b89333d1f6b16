"""Layouts of the statistics page."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from leadhub.database import UtcDateTime, utcnow
from leadhub.extensions import Model


class DashboardLayout(Model):
    """The cards of somebody's statistics page, in order.  Written by ``dashboard.services`` only.

    ``user_id``: whose; None: everybody's who has none of their own, of which there is one at most.  ``cards`` are
    ``{"key": ..., "size": ...}`` each; a card that is not there at the moment stays among them.
    """

    __tablename__ = "dashboard_layouts"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    cards: Mapped[list[Any]] = mapped_column(JSON, default=list)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
