"""Pipelines, their stages, and what a path through them is made of, whatever goes along it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from leadhub.accounts.models import Team, User
from leadhub.database import UtcDateTime, utcnow
from leadhub.extensions import Model
from leadhub.lists.models import DeletionRow, ListRow
from leadhub.statuses.models import Status

LEAD, OPPORTUNITY = "lead", "opportunity"  # what goes through a pipeline: its subject
OPEN, WON, LOST = "open", "won", "lost"
KINDS = (OPEN, WON, LOST)
GUIDANCE_MAX = 1000
DAYS_MAX = 3650


class Pipeline(ListRow, Model):
    """One process with stages of its own.

    ``is_default``: what is new begins in its first stage.  ``is_joined``: its won and lost stages and the statuses
    follow each other.  ``team``: whose it is; None: everybody's.  ``is_named``: there are others, so that its name is
    shown.
    """

    __tablename__ = "pipelines"
    __table_args__ = {"sqlite_autoincrement": True}  # histories name ids, so that none is ever given twice

    subject: Mapped[str] = mapped_column(String(16), default=LEAD)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="RESTRICT"), index=True)
    is_default: Mapped[bool] = mapped_column(default=False)
    is_joined: Mapped[bool] = mapped_column(default=True)
    is_named: Mapped[bool] = mapped_column(default=False)

    team: Mapped[Team | None] = relationship()
    stages: Mapped[list["Stage"]] = relationship(order_by="(Stage.position, Stage.id)", viewonly=True)


class Stage(ListRow, Model):
    """One stage.  ``kind`` is one of ``KINDS``, ``colour`` a status's.

    ``probability`` is in percent.  After ``days_to_rot`` days without a touch what stands here counts as stagnating.
    ``required`` are names of fields that are filled before anything enters, ``guidance`` says in words what is done
    before.  ``status`` is what a lead gets that enters a lost stage; None: it keeps its own.
    """

    __tablename__ = "stages"
    __table_args__ = {"sqlite_autoincrement": True}

    pipeline_id: Mapped[int] = mapped_column(ForeignKey("pipelines.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[str] = mapped_column(String(16), default=OPEN)
    colour: Mapped[str] = mapped_column(String(16))
    probability: Mapped[int | None]
    days_to_rot: Mapped[int | None]
    required: Mapped[list[Any]] = mapped_column(JSON, default=list)
    guidance: Mapped[str] = mapped_column(Text, default="")
    status_id: Mapped[int | None] = mapped_column(ForeignKey("statuses.id", ondelete="RESTRICT"), index=True)

    pipeline: Mapped[Pipeline] = relationship(lazy="joined", innerjoin=True)
    status: Mapped[Status | None] = relationship()

    def label(self, language: str) -> str:
        """With the pipeline's name before it, where there are several."""
        own = super().label(language)
        return f"{self.pipeline.label(language)} · {own}" if self.pipeline.is_named else own

    def short(self, language: str) -> str:
        """Where its pipeline is known anyway."""
        return super().label(language)

    def rotten_at(self, now: datetime) -> datetime | None:
        """What was last touched at this moment or before stagnates here; None: nothing does.  A day is 24 hours,
        whatever the clocks do."""
        rots = self.kind == OPEN and self.days_to_rot
        return now - timedelta(days=self.days_to_rot) if rots and self.days_to_rot else None


class StageDeletion(DeletionRow, Model):
    """A stage that was deleted, and what its undo needs."""

    __tablename__ = "stage_deletions"
    __table_args__ = (Index("ix_stage_deletions_row_id", "row_id"), {"sqlite_autoincrement": True})


class StageMoveRow:
    """Something went from one stage to another, or into its first one (``from_id`` None), or out of all (``to_id``
    None).  Append-only.

    Ids are kept as numbers, beside the names by language as they were at the time: a stage may be gone.  ``since`` is
    when the stage before was entered.  ``cause`` and ``arguments`` are those of ``statuses.rules.Cause``.
    ``deletion_id``: the stage before was deleted (or given back) in this act.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    from_id: Mapped[int | None]
    to_id: Mapped[int | None]
    from_names: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    to_names: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cause: Mapped[str] = mapped_column(String(64))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    deletion_id: Mapped[int | None]

    @declared_attr
    def by_id(self) -> Mapped[int | None]:
        return mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    @declared_attr
    def by(self) -> Mapped[User | None]:
        return relationship()
