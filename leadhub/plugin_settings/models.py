"""What the hub keeps of each plugin."""

from datetime import datetime

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from leadhub.database import UtcDateTime
from leadhub.extensions import Model


class PluginRow(Model):
    """One plugin that somebody switched off or that was called.

    Numbers are of all processes together, each written down with a later call, at most every five seconds.  ``slowest``
    is in milliseconds.  ``retried_at``: breakers that opened before are closed.
    """

    __tablename__ = "plugins"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    is_off: Mapped[bool] = mapped_column(default=False, server_default="0")
    calls: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    failures: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    slowest: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    last_error: Mapped[str] = mapped_column(String(300), default="", server_default="")
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    retried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
