"""The hub's own row."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from leadhub.database import UtcDateTime
from leadhub.extensions import Model

ONLY_ID = 1


class Hub(Model):
    """What a team decided once for everybody.  Made by the first migration, filled in by the set-up page."""

    __tablename__ = "hub"

    id: Mapped[int] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(String(8), default="en")
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    country: Mapped[str] = mapped_column(String(2), default="")
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    makes_quotations: Mapped[bool] = mapped_column(default=False)
    bin_days: Mapped[int] = mapped_column(default=30, server_default="30")  # 0: what is in the bin stays
    set_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    setup_token_hash: Mapped[str | None] = mapped_column(String(64))  # SHA-256 of the link's token, hexadecimal
    key_check: Mapped[str | None] = mapped_column(Text)  # a known word, encrypted: tells a lost key from a wrong one
    mail_server: Mapped[str | None] = mapped_column(Text)  # an smtp(s):// address, encrypted: it may hold a password
    mail_from: Mapped[str] = mapped_column(String(254), default="", server_default="")
