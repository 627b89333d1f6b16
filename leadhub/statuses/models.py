"""Statuses, and what gives and follows them.  A status is a row with a stable key; its labels are the admin's."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from leadhub.extensions import Model
from leadhub.lists.models import DeletionRow, ListRow
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


class StatusDeletion(DeletionRow, Model):
    """A status that was deleted, and what its undo needs."""

    __tablename__ = "status_deletions"
    __table_args__ = (Index("ix_status_deletions_status_id", "status_id"), {"sqlite_autoincrement": True})

    row_id: Mapped[int] = mapped_column("status_id")  # no foreign key: the row is gone
