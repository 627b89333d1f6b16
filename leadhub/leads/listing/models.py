"""Views of the list that are kept, and changes of many leads at once."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from leadhub.accounts.models import User
from leadhub.database import UtcDateTime, utcnow
from leadhub.extensions import Model

PRIVATE, TEAM, ALL = "private", "team", "all"
DELETED = "-"  # before the scope of a view that was deleted and can still be taken back
TOLD = text("state IN ('refused', 'kept')")  # items of a change of many leads that its page lists


class SavedView(Model):
    """A way to look at the list: ``query`` is its address behind the question mark, as ``ListState.query`` makes it.

    ``scope`` says who is offered it: ``private``, ``team`` (that of ``team_id``) or ``all``.  ``default_for`` names the
    roles whose list opens with it.  Of one that was deleted the scope begins with ``DELETED``: nobody sees it.
    """

    __tablename__ = "saved_views"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"), index=True)
    scope: Mapped[str] = mapped_column(String(8), default=PRIVATE)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="RESTRICT"), index=True)
    query: Mapped[str] = mapped_column(Text, default="")
    default_for: Mapped[list[str]] = mapped_column(JSON, default=list)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    __mapper_args__ = {"version_id_col": version}

    owner: Mapped[User] = relationship()

    @property
    def is_deleted(self) -> bool:
        """It can still be taken back."""
        return self.scope.startswith(DELETED)


class BulkRun(Model):
    """One change of many leads.  ``act``: ``set`` (``field`` gets ``value``), ``add`` or ``remove`` (tags), ``delete``.

    ``state``: waiting, running, done, stopped, undoing, undone, failed.  ``words`` say what was done, in the language
    of who did it.  ``total`` leads were chosen; ``changed``, ``unchanged`` and ``refused`` count those that are
    through.  Of the changed ones ``undone`` have their old value back and ``kept`` do not.  ``position`` is the last
    lead that is through, of the change or of its undoing.
    """

    __tablename__ = "bulk_runs"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"), index=True)
    act: Mapped[str] = mapped_column(String(16))
    field: Mapped[str] = mapped_column(String(64), default="")
    value: Mapped[Any] = mapped_column(JSON)
    words: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(16))
    total: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    undone: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    by: Mapped[User] = relationship()

    @property
    def done(self) -> int:
        """Leads that are through."""
        return self.changed + self.unchanged + self.refused

    @property
    def given_back(self) -> int:
        """Changed leads that the undo is through with."""
        return self.undone + self.kept


class BulkItem(Model):
    """What became of one lead.  ``state``: waiting, changed, unchanged, refused or kept (with a ``reason``), undone.

    ``old`` is what the lead held before, for the undo; ``version`` is the lead's after the change.
    """

    __tablename__ = "bulk_items"
    __table_args__ = (
        Index("ix_bulk_items_reason", "run_id", "state", "lead_id", sqlite_where=TOLD, postgresql_where=TOLD),
        {"sqlite_with_rowid": False},
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("bulk_runs.id", ondelete="CASCADE"), primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True, index=True)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    reason: Mapped[str] = mapped_column(Text, default="")
    old: Mapped[Any] = mapped_column(JSON, nullable=True)
    version: Mapped[int] = mapped_column(default=0)
