"""News that wait to be told."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from leadhub.database import UtcDateTime
from leadhub.extensions import Model


class News(Model):
    """Something that has happened; the row goes once it was told.

    A lead's rows are in their order, since whoever writes one holds the lead.  No foreign key: the lead may be what is
    gone.  ``version`` is the lead's after the fact.  ``claimed_until``: a worker is telling it.
    """

    __tablename__ = "news"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    lead_id: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
