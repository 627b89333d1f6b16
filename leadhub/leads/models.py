"""Leads, what hangs on them, and their history."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from leadhub.accounts.models import User
from leadhub.database import Scaled, UtcDateTime, utcnow
from leadhub.extensions import Model
from leadhub.fields.catalogue import ALL
from leadhub.fields.models import FieldChoice
from leadhub.fields.queries import catalogue
from leadhub.lists.models import (
    Campaign,
    Industry,
    LeadType,
    LossReason,
    MarketSegment,
    RequestType,
    Salutation,
    Source,
    Tag,
    Territory,
)
from leadhub.pipelines.models import Stage
from leadhub.statuses.models import Status

BINNED = text("deleted_at IS NOT NULL")
LIVE: dict[str, Any] = {"sqlite_where": text("deleted_at IS NULL"), "postgresql_where": text("deleted_at IS NULL")}
KEY_MAX = 200  # characters of a key that has an index
RANK_MAX = 255  # characters of a place within a stage


def sorted_text(length: int) -> Any:
    """A text that both databases sort by code point, as SQLite does anyway."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class Lead(Model):
    """One possible customer.  Written by ``leads.services`` only.

    The first e-mail and the first phone are here; further ones are ``LeadReach`` rows.  Amounts are in ``currency``
    (ISO 4217).

    ``ix_leads_list`` holds whatever the list is filtered by, newest first, so that a filter reads no row that it does
    not show; ``ix_leads_held`` does the same for people who see some leads only.  Both hold ``deleted_at`` too, or
    SQLite would not know that they hold everything.  Full-text search has a table of its own on SQLite and an index on
    PostgreSQL: see the migration ``the_list``.
    """

    __tablename__ = "leads"
    held_by = "owner_id"
    binned_at = "deleted_at"
    __table_args__ = (
        Index(
            "ix_leads_list", "received_at", "id", "owner_id", "status_id", "source_id", "type_id", "campaign_id",
            "request_type_id", "industry_id", "segment_id", "territory_id", "salutation_id", "next_contact_by_id",
            "created_by_id", "is_organisation", "unsubscribed", "next_contact_at", "created_at", "employees",
            "annual_revenue", "expected_value", "gender", "language", "currency", "lost_reason_id", "stage_id",
            "touched_at", "customer_since", "deleted_at", **LIVE,
        ),
        Index("ix_leads_board", "stage_id", "stage_rank", "id", "owner_id", "deleted_at"),
        Index("ix_leads_touched", "stage_id", "touched_at", "owner_id", "deleted_at", **LIVE),
        Index(
            "ix_leads_held", "owner_id", "received_at", "id", "status_id", "source_id", "type_id", "next_contact_at",
            "deleted_at", **LIVE,
        ),
        Index("ix_leads_sort_key", "sort_key", "id", **LIVE),
        Index("ix_leads_organisation_key", "organisation_key", "id", **LIVE),
        Index("ix_leads_deleted_at", "deleted_at", sqlite_where=BINNED, postgresql_where=BINNED),
        {"sqlite_autoincrement": True},
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)  # a save on a stale version is refused
    is_organisation: Mapped[bool] = mapped_column(default=False)
    first_name: Mapped[str] = mapped_column(String(200), default="")
    last_name: Mapped[str] = mapped_column(String(200), default="")
    organisation: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    email_key: Mapped[str | None] = mapped_column(String(254), index=True)  # folded, for finding twins; not unique
    email_type: Mapped[str] = mapped_column(String(16), default="", server_default="")
    phone: Mapped[str] = mapped_column(String(200), default="")
    phone_key: Mapped[str | None] = mapped_column(String(16), index=True)  # E.164, for finding twins; not unique
    phone_type: Mapped[str] = mapped_column(String(16), default="", server_default="")
    salutation_id: Mapped[int | None] = mapped_column(ForeignKey("salutations.id", ondelete="RESTRICT"), index=True)
    job_title: Mapped[str] = mapped_column(String(200), default="", server_default="")
    gender: Mapped[str] = mapped_column(String(16), default="", server_default="")
    language: Mapped[str] = mapped_column(String(8), default="", server_default="")  # ISO 639
    website: Mapped[str] = mapped_column(String(500), default="", server_default="")
    employees: Mapped[int | None] = mapped_column(BigInteger)
    annual_revenue: Mapped[Decimal | None] = mapped_column(Scaled(2))
    expected_value: Mapped[Decimal | None] = mapped_column(Scaled(2))
    currency: Mapped[str] = mapped_column(String(3), default="", server_default="")  # empty: the hub's
    search_key: Mapped[str] = mapped_column(Text, default="")  # every word that search looks at: see ``keys``
    sort_key: Mapped[str] = mapped_column(sorted_text(KEY_MAX), default="", server_default="")
    person_key: Mapped[str] = mapped_column(Text, default="", server_default="")  # last name, PART, first name
    organisation_key: Mapped[str] = mapped_column(sorted_text(KEY_MAX), default="", server_default="")
    job_title_key: Mapped[str] = mapped_column(Text, default="", server_default="")
    next_contact_note_key: Mapped[str] = mapped_column(Text, default="", server_default="")
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id", ondelete="RESTRICT"), index=True)
    type_id: Mapped[int | None] = mapped_column(ForeignKey("lead_types.id", ondelete="RESTRICT"), index=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id", ondelete="RESTRICT"), index=True)
    request_type_id: Mapped[int | None] = mapped_column(ForeignKey("request_types.id", ondelete="RESTRICT"), index=True)
    industry_id: Mapped[int | None] = mapped_column(ForeignKey("industries.id", ondelete="RESTRICT"), index=True)
    segment_id: Mapped[int | None] = mapped_column(ForeignKey("market_segments.id", ondelete="RESTRICT"), index=True)
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territories.id", ondelete="RESTRICT"), index=True)
    status_id: Mapped[int] = mapped_column(ForeignKey("statuses.id", ondelete="RESTRICT"), index=True)
    status_since: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    stage_id: Mapped[int | None] = mapped_column(ForeignKey("stages.id", ondelete="RESTRICT"))
    stage_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stage_rank: Mapped[str] = mapped_column(sorted_text(RANK_MAX), default="", server_default="")  # see stages.ranks
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)  # by a person, the last time
    customer_since: Mapped[date | None]  # kept in step with the fact of the same meaning
    lost_reason_id: Mapped[int | None] = mapped_column(ForeignKey("loss_reasons.id", ondelete="RESTRICT"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"), index=True)
    unsubscribed: Mapped[bool] = mapped_column(default=False, server_default="0")
    next_contact_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_contact_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"), index=True)
    next_contact_note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    channel: Mapped[str] = mapped_column(String(32), default="")  # the door it came through
    external_id: Mapped[str | None] = mapped_column(String(200))
    external_key: Mapped[str | None] = mapped_column(String(64), unique=True)  # scope and external id, hashed
    external_print: Mapped[str | None] = mapped_column(String(32))  # what the door last brought, hashed
    other_data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    is_sample: Mapped[bool] = mapped_column(default=False)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # since when it is in the bin
    deleted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    __mapper_args__ = {"version_id_col": version}

    salutation: Mapped[Salutation | None] = relationship()
    source: Mapped[Source | None] = relationship()
    campaign: Mapped[Campaign | None] = relationship()
    type: Mapped[LeadType | None] = relationship()
    request_type: Mapped[RequestType | None] = relationship()
    industry: Mapped[Industry | None] = relationship()
    segment: Mapped[MarketSegment | None] = relationship()
    territory: Mapped[Territory | None] = relationship()
    status: Mapped[Status] = relationship()
    stage: Mapped[Stage | None] = relationship()
    lost_reason: Mapped[LossReason | None] = relationship()
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    next_contact_by: Mapped[User | None] = relationship(foreign_keys=[next_contact_by_id])
    created_by: Mapped[User | None] = relationship(foreign_keys=[created_by_id])
    deleted_by: Mapped[User | None] = relationship(foreign_keys=[deleted_by_id])
    reaches: Mapped[list["LeadReach"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="LeadReach.position"
    )
    addresses: Mapped[list["LeadAddress"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="LeadAddress.position"
    )
    tags: Mapped[list[Tag]] = relationship(secondary="lead_tags", order_by=(Tag.position, Tag.id))
    custom_values: Mapped[list["CustomValue"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="CustomValue.id"
    )

    @property
    def person(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def stagnating(self) -> bool:
        """Has nobody touched it for longer than its stage allows?"""
        limit = self.stage.rotten_at(utcnow()) if self.stage else None
        return limit is not None and self.touched_at <= limit

    def title(self, language: str) -> str:
        """What the lead is called: never empty (row D2 of the mission)."""
        named = (self.organisation, self.person) if self.is_organisation else (self.person, self.organisation)
        for name in (*named, self.email, self.phone):
            if name:
                return name
        is_told = catalogue()["source"].seen_by == ALL  # a title is read by all
        source = f"{self.source.label(language)} · " if self.source and is_told else ""
        return f"{source}{self.external_id or f'#{self.id}'}"


class LeadReach(Model):
    """A further e-mail or phone of a lead.  ``kind``: ``email`` or ``phone``; ``key`` as the lead's own keys."""

    __tablename__ = "lead_reaches"
    __table_args__ = (Index("ix_lead_reaches_key", "key", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    type: Mapped[str] = mapped_column(String(16), default="")
    value: Mapped[str] = mapped_column(String(254))
    key: Mapped[str | None] = mapped_column(String(254))
    position: Mapped[int] = mapped_column(default=0)


class LeadAddress(Model):
    """A place of a lead.  ``country`` is ISO 3166-1 alpha-2, or empty."""

    __tablename__ = "lead_addresses"
    __table_args__ = (Index("ix_lead_addresses_country", "country", "lead_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"), index=True)
    type: Mapped[str] = mapped_column(String(16), default="")
    title: Mapped[str] = mapped_column(String(200), default="")
    line1: Mapped[str] = mapped_column(String(200), default="")
    line2: Mapped[str] = mapped_column(String(200), default="")
    postal_code: Mapped[str] = mapped_column(String(32), default="")
    city: Mapped[str] = mapped_column(String(200), default="")
    city_key: Mapped[str] = mapped_column(Text, default="", server_default="")  # folded
    county: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(200), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    position: Mapped[int] = mapped_column(default=0)


class LeadTag(Model):
    """A lead carries a tag."""

    __tablename__ = "lead_tags"

    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="RESTRICT"), primary_key=True, index=True)


class CustomValue(Model):
    """What a lead has in a field that the team added; a field of several choices has a row for each.

    One of the value columns is filled, by the field's type: ``text`` (with its folded ``key``), ``number`` (yes and no
    are 1 and 0), ``day``, ``choice_id``.
    """

    __tablename__ = "custom_values"
    __table_args__ = (
        Index("ix_custom_values_key", "field_id", "key", "lead_id"),
        Index("ix_custom_values_number", "field_id", "number", "lead_id"),
        Index("ix_custom_values_day", "field_id", "day", "lead_id"),
        Index("ix_custom_values_choice_id", "choice_id", "lead_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"), index=True)
    field_id: Mapped[int] = mapped_column(ForeignKey("fields.id", ondelete="RESTRICT"))
    text: Mapped[str] = mapped_column(Text, default="")
    key: Mapped[str | None] = mapped_column(String(200))
    number: Mapped[Decimal | None] = mapped_column(Scaled(4))
    day: Mapped[date | None]
    choice_id: Mapped[int | None] = mapped_column(ForeignKey("field_choices.id", ondelete="RESTRICT"))

    choice: Mapped[FieldChoice | None] = relationship()


class LeadEvent(Model):
    """One line of a lead's history.  Append-only.

    ``kind``: created, changed, note, call, meeting, file, deleted, restored.  ``version`` is the lead's after the
    change.  ``changes`` is a list of ``{"field", "old", "new"}`` with the words as they were read at that time.
    ``body`` is Markdown.  ``details`` depends on the kind: ``outcome`` of a call, ``mentions`` (user ids) of what has
    a body.  ``happens_at`` is when a meeting is.
    """

    __tablename__ = "lead_events"
    __table_args__ = (
        Index("ix_lead_events_newest", "lead_id", "id"),
        Index("ix_lead_events_kind", "lead_id", "kind", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(default=1)
    changes: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    body: Mapped[str] = mapped_column(Text, default="", server_default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    happens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    by: Mapped[User | None] = relationship()
    files: Mapped[list["LeadFile"]] = relationship(order_by="LeadFile.id")


class LeadFile(Model):
    """A file on a line of a lead's history.  ``stored`` is its name under ``files/`` of the data folder, at random;
    ``name`` is what it was called.  ``type`` is what its first bytes look like."""

    __tablename__ = "lead_files"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("lead_events.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    stored: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    type: Mapped[str] = mapped_column(String(100), default="")
    sha256: Mapped[str] = mapped_column(String(64))  # hexadecimal


class LeadFollower(Model):
    """Somebody wants to hear of what is said on a lead."""

    __tablename__ = "lead_followers"

    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
