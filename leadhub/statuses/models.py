"""Statuses, and what gives and follows them.  A status is a row with a stable key; its labels are the admin's."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from leadhub.accounts.models import User
from leadhub.database import UtcDateTime, utcnow
from leadhub.extensions import Model
from leadhub.lists.models import ListRow
from leadhub.plugins.api.statuses import COLOURS
from leadhub.statuses.rules import Standing

__all__ = ["COLOURS", "Status", "StatusAction", "StatusDeletion", "StatusProposal", "StatusRule"]


class Status(ListRow, Model):
    """One status.  ``kind`` is open, in_progress, won or lost; ``colour`` one of ``COLOURS``.

    ``is_default``: new leads get it.  ``is_lock``: a lead to which a person gave it is moved by no rule.
    ``needs_reason``: a person who gives it says why.
    """

    __tablename__ = "statuses"
    __table_args__ = {"sqlite_autoincrement": True}  # histories name ids, so that none is ever given twice

    kind: Mapped[str] = mapped_column(String(16))
    colour: Mapped[str] = mapped_column(String(16))
    is_default: Mapped[bool] = mapped_column(default=False)
    is_lock: Mapped[bool] = mapped_column(default=False)
    needs_reason: Mapped[bool] = mapped_column(default=False, server_default="0")

    @property
    def standing(self) -> Standing:
        return Standing(self.id, self.kind, self.is_lock)


class StatusRule(Model):
    """Which status an automatic rule gives.  ``rule`` is the key that the rule is offered under; ``status_id`` is
    empty where its status is missing, or nobody wants the rule."""

    __tablename__ = "status_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(String(100), unique=True)
    status_id: Mapped[int | None] = mapped_column(ForeignKey("statuses.id", ondelete="RESTRICT"), index=True)
    is_on: Mapped[bool] = mapped_column(default=True)


class StatusAction(Model):
    """Something to do when a lead enters a status.  ``action`` is the key that it is offered under; ``settings`` are
    as its form gave them.  Without a status it is what is left of a deleted one: switched off."""

    __tablename__ = "status_actions"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    status_id: Mapped[int | None] = mapped_column(ForeignKey("statuses.id", ondelete="RESTRICT"), index=True)
    action: Mapped[str] = mapped_column(String(100))
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    position: Mapped[int] = mapped_column(default=0)
    is_on: Mapped[bool] = mapped_column(default=True)

    status: Mapped[Status | None] = relationship()


class StatusProposal(Model):
    """What an admin made of a status that a plugin proposes: ``answer`` is *added*, *mine* or *declined*.

    ``status_id`` is the one that was added, or that it means; empty where that is gone, or was not wanted.
    """

    __tablename__ = "status_proposals"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    answer: Mapped[str] = mapped_column(String(16))
    status_id: Mapped[int | None] = mapped_column(ForeignKey("statuses.id", ondelete="RESTRICT"), index=True)


class StatusDeletion(Model):
    """A status that was deleted, with what its undo needs.

    ``row`` is the status as it was, ``successor_id`` what its leads got, ``moved`` how much each referrer named it,
    ``memory`` what each remembers of it.  After an undo ``kept`` says in words what was changed since and stayed.
    """

    __tablename__ = "status_deletions"
    __table_args__ = (Index("ix_status_deletions_status_id", "status_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    status_id: Mapped[int]  # no foreign key: the row is gone
    successor_id: Mapped[int | None]
    row: Mapped[dict[str, Any]] = mapped_column(JSON)
    moved: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    memory: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    kept: Mapped[list[Any]] = mapped_column(JSON, default=list)

    by: Mapped[User | None] = relationship()

    def label(self, language: str) -> str:
        names = self.row["names"]
        return str(names.get(language) or next(iter(names.values()), self.row["key"]))
