"""Rows of the lists that a team shapes: what a lead's fields can be."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from leadhub.accounts.models import User
from leadhub.database import Scaled, UtcDateTime, utcnow
from leadhub.extensions import Model


class ListRow:
    """What every list's rows have.  ``key`` is stable and unique; ``names`` is by language, and free to change."""

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    names: Mapped[dict[str, Any]] = mapped_column(JSON)
    position: Mapped[int] = mapped_column(default=0)
    retired: Mapped[bool] = mapped_column(default=False)

    def label(self, language: str) -> str:
        return str(self.names.get(language) or next(iter(self.names.values()), self.key))


class DeletionRow:
    """A row that was deleted through ``lists.guard``, with what its undo needs.

    ``row`` is the row as it was, ``successor_id`` what its leads got, ``moved`` how much each referrer named it,
    ``memory`` what each remembers of it.  After an undo ``kept`` says in words what was changed since and stayed.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    row_id: Mapped[int]
    successor_id: Mapped[int | None]
    row: Mapped[dict[str, Any]] = mapped_column(JSON)
    moved: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    memory: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    kept: Mapped[list[Any]] = mapped_column(JSON, default=list)

    @declared_attr
    def by_id(self) -> Mapped[int | None]:
        return mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    @declared_attr
    def by(self) -> Mapped[User | None]:
        return relationship()

    def label(self, language: str) -> str:
        names = self.row["names"]
        return str(names.get(language) or next(iter(names.values()), self.row["key"]))


class Source(ListRow, Model):
    """Where a lead came from.  A lead of it that comes without an owner gets the source's own."""

    __tablename__ = "sources"

    details: Mapped[str] = mapped_column(Text, default="")
    default_owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"), index=True)

    default_owner: Mapped[User | None] = relationship()


class Campaign(ListRow, Model):
    """What the team did to be known.  Amounts are in the hub's currency."""

    __tablename__ = "campaigns"

    details: Mapped[str] = mapped_column(Text, default="")
    budget: Mapped[Decimal | None] = mapped_column(Scaled(2))
    actual_cost: Mapped[Decimal | None] = mapped_column(Scaled(2))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]


class LeadType(ListRow, Model):
    """What a lead is to the team: a prospect, an existing customer, a partner."""

    __tablename__ = "lead_types"


class RequestType(ListRow, Model):
    """What a lead asks for."""

    __tablename__ = "request_types"


class Industry(ListRow, Model):
    """What an organisation does."""

    __tablename__ = "industries"


class MarketSegment(ListRow, Model):
    """The part of the market that a lead belongs to."""

    __tablename__ = "market_segments"


class Territory(ListRow, Model):
    """The part of the world that somebody sells in."""

    __tablename__ = "territories"


class Salutation(ListRow, Model):
    """How a person is addressed."""

    __tablename__ = "salutations"


class LossReason(ListRow, Model):
    """Why a lead came to nothing."""

    __tablename__ = "loss_reasons"


class OpportunityType(ListRow, Model):
    """What an opportunity is about."""

    __tablename__ = "opportunity_types"


class Tag(ListRow, Model):
    """A word that a team puts on leads."""

    __tablename__ = "tags"
