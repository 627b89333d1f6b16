"""What the hub keeps of each plugin."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from leadhub.database import UtcDateTime
from leadhub.extensions import Model


class PluginRow(Model):
    """One plugin that somebody switched off or that was called.

    Numbers are of all processes together, each written down with a later call, at most every five seconds.  ``slowest``
    is in milliseconds.  ``retried_at``: breakers that opened before are closed.  ``settings`` are as its form gave
    them, ``secrets`` those of its secret fields, encrypted.
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
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    secrets: Mapped[str] = mapped_column(Text, default="", server_default="")


class PluginValue(Model):
    """A small value that the hub keeps for a plugin: its own, or one of a lead, which goes with the lead.

    ``scope`` is the lead's id as text, and empty for the plugin's own: part of the key that is unique.
    """

    __tablename__ = "plugin_values"
    __table_args__ = (
        Index("uq_plugin_values_key", "plugin", "scope", "key", unique=True),
        Index("ix_plugin_values_lead_id", "lead_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plugin: Mapped[str] = mapped_column(String(100))
    scope: Mapped[str] = mapped_column(String(16), default="", server_default="")
    key: Mapped[str] = mapped_column(String(100))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    value: Mapped[str] = mapped_column(Text)  # JSON
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
