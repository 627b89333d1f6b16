"""Layouts of the statistics page."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from leadhub.database import UtcDateTime, utcnow
from leadhub.extensions import Model


class DashboardLayout(Model):
    """The cards of somebody's statistics page, in order.  Written by ``dashboard.services`` only.

    ``user_id``: whose; None: everybody's who has none of their own, of which there is one at most for each ``tab``
    (empty: the first).  ``cards`` are ``{"key": ..., "size": ...}`` each; a card that is not there at the moment stays
    among them.
    """

    __tablename__ = "dashboard_layouts"
    __table_args__ = (UniqueConstraint("user_id", "tab", name="uq_dashboard_layouts_user_id_tab"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    tab: Mapped[str] = mapped_column(String(16), default="")
    cards: Mapped[list[Any]] = mapped_column(JSON, default=list)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
