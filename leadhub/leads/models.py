"""Leads and their history."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from leadhub.accounts.models import User
from leadhub.database import UtcDateTime, utcnow
from leadhub.extensions import Model
from leadhub.lists.models import LeadType, Source
from leadhub.statuses.models import Status


class Lead(Model):
    """One possible customer.  Written by ``leads.services`` only."""

    __tablename__ = "leads"
    __table_args__ = (
        Index("ix_leads_newest", "received_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)  # a save on a stale version is refused
    is_organisation: Mapped[bool] = mapped_column(default=False)
    first_name: Mapped[str] = mapped_column(String(200), default="")
    last_name: Mapped[str] = mapped_column(String(200), default="")
    organisation: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    email_key: Mapped[str | None] = mapped_column(String(254), index=True)  # folded, for finding twins; not unique
    phone: Mapped[str] = mapped_column(String(200), default="")
    search_key: Mapped[str] = mapped_column(Text, default="")  # every word that search looks at, folded
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id", ondelete="RESTRICT"), index=True)
    type_id: Mapped[int | None] = mapped_column(ForeignKey("lead_types.id", ondelete="RESTRICT"), index=True)
    status_id: Mapped[int] = mapped_column(ForeignKey("statuses.id", ondelete="RESTRICT"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    channel: Mapped[str] = mapped_column(String(32), default="")  # the door it came through
    external_id: Mapped[str | None] = mapped_column(String(200))
    external_key: Mapped[str | None] = mapped_column(String(64), unique=True)  # scope and external id, hashed
    external_print: Mapped[str | None] = mapped_column(String(32))  # what the door last brought, hashed
    other_data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    is_sample: Mapped[bool] = mapped_column(default=False)

    __mapper_args__ = {"version_id_col": version}

    source: Mapped[Source | None] = relationship()
    type: Mapped[LeadType | None] = relationship()
    status: Mapped[Status] = relationship()
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    created_by: Mapped[User | None] = relationship(foreign_keys=[created_by_id])

    @property
    def person(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def title(self, language: str) -> str:
        """What the lead is called: never empty (row D2 of the mission)."""
        named = (self.organisation, self.person) if self.is_organisation else (self.person, self.organisation)
        for text in (*named, self.email, self.phone):
            if text:
                return text
        source = f"{self.source.label(language)} · " if self.source else ""
        return f"{source}{self.external_id or f'#{self.id}'}"


class LeadEvent(Model):
    """One line of a lead's history.  Append-only.

    ``version`` is the lead's after the change.  ``changes`` is a list of ``{"field", "old", "new"}`` with the words as
    they were read at that time.
    """

    __tablename__ = "lead_events"
    __table_args__ = (Index("ix_lead_events_newest", "lead_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(default=1)
    changes: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)

    by: Mapped[User | None] = relationship()
