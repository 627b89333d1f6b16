"""Imports by web: the file that was sent, what its columns mean, and how far it has come."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from leadhub.accounts.models import User
from leadhub.database import UtcDateTime, utcnow
from leadhub.extensions import Model

READING, READY, RUNNING, PAUSED = "reading", "ready", "running", "paused"
DONE, FAILED, CANCELLED = "done", "failed", "cancelled"
OPEN = (READING, READY, RUNNING, PAUSED)
WORKING = (READING, RUNNING)
"""States in which the file is still there, and those in which the worker has something to do."""
REFUSALS_KEPT = 1000
STANDS_IN = "stands in"  # of a column: its field's first column goes before it
TELLS_TYPE = "tells type"  # of a column: it says of what type the e-mail, phone or address beside it is


class Import(Model):
    """One file.  ``position`` rows of ``size`` are taken in; the counts say what became of them.

    ``run`` goes up each time that somebody starts or resumes it: work of an older run stops by itself.
    """

    __tablename__ = "imports"
    held_by = "by_id"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255))  # as the person's file is called
    file: Mapped[str] = mapped_column(String(64), default="")  # in DATA_DIR/imports; empty once it is deleted
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(16), default=READING)
    run: Mapped[int] = mapped_column(default=0)
    format: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what ``steps.format_of`` made of the file
    forced: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # what the person said: column -> field
    size: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")  # why the whole file was refused, in the person's language

    by: Mapped[User] = relationship()


class ImportRefusal(Model):
    """A row that was not taken in, and why, in the language of the person whose import it is."""

    __tablename__ = "import_refusals"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), index=True)
    line: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
