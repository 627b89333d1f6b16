"""The path of a lead through the stages."""

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from leadhub.extensions import Model
from leadhub.pipelines.models import StageMoveRow

BATCHED = text("deletion_id IS NOT NULL")


class StageMove(StageMoveRow, Model):
    """A lead went from one stage to another.  The index by deletion holds the lead too, as that of statuses does."""

    __tablename__ = "lead_stage_moves"
    __table_args__ = (
        Index("ix_lead_stage_moves_path", "lead_id", "id"),
        Index(
            "ix_lead_stage_moves_deletion_id", "deletion_id", "lead_id", sqlite_where=BATCHED, postgresql_where=BATCHED
        ),
        {"sqlite_autoincrement": True},
    )

    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
