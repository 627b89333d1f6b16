"""What hangs on a lead for its status: facts, the path that it took, runs of actions."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from leadhub.accounts.models import User
from leadhub.database import UtcDateTime, utcnow
from leadhub.extensions import Model
from leadhub.leads.models import Lead
from leadhub.statuses.rules import Fact

WAITING, DONE, SKIPPED, FAILED = "waiting", "done", "skipped", "failed"
BATCHED = text("deletion_id IS NOT NULL")


class LeadFact(Model):
    """One fact of a lead (``statuses.rules.FACTS``), true or no longer true; one that never was has no row."""

    __tablename__ = "lead_facts"
    __table_args__ = {"sqlite_with_rowid": False}

    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holds: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)  # of its last change
    about: Mapped[str] = mapped_column(String(200), default="")

    @property
    def fact(self) -> Fact:
        return Fact(self.holds, self.at, self.about)


class StatusMove(Model):
    """A lead went from one status to another.  Append-only.

    Ids are kept as numbers, beside the labels by language as they were at the time: a status may be gone.  ``since`` is
    when the status before began.  ``cause`` and ``arguments`` are those of ``statuses.rules.Cause``.  ``is_choice``: a
    person wanted exactly this status.  ``deletion_id``: the one before was deleted (or given back) in this act; its
    index holds the lead too, since PostgreSQL knows nothing yet of an act that is a minute old, and asks for each lead.
    """

    __tablename__ = "status_moves"
    __table_args__ = (
        Index("ix_status_moves_path", "lead_id", "id"),
        Index("ix_status_moves_deletion_id", "deletion_id", "lead_id", sqlite_where=BATCHED, postgresql_where=BATCHED),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    from_id: Mapped[int | None]
    to_id: Mapped[int]
    from_names: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    to_names: Mapped[dict[str, Any]] = mapped_column(JSON)
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cause: Mapped[str] = mapped_column(String(64))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    is_choice: Mapped[bool] = mapped_column(default=False)
    deletion_id: Mapped[int | None]

    by: Mapped[User | None] = relationship()


class StatusRun(Model):
    """One action, done once for one entering of a status.  ``state``: waiting, done, skipped, failed; ``told`` says
    why (English, marked for translation).  ``attempts`` counts tries that failed."""

    __tablename__ = "status_runs"
    __table_args__ = (
        Index("ix_status_runs_lead_id", "lead_id"),
        Index("ix_status_runs_state", "state", "id"),
        Index("ix_status_runs_action_id", "action_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    move_id: Mapped[int]
    action_id: Mapped[int]  # no foreign key: what was done stays written when the action is gone
    action: Mapped[str] = mapped_column(String(100))
    status_names: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16), default=WAITING)
    told: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    lead: Mapped[Lead] = relationship()
