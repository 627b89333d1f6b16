"""Customers, and the people at them and at leads.  Models; ``documents`` has those of sales."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from leadhub.accounts.models import User
from leadhub.database import UtcDateTime, utcnow
from leadhub.extensions import Model
from leadhub.leads.models import KEY_MAX, Lead, sorted_text
from leadhub.lists.models import Campaign, Industry, MarketSegment, Source, Territory

TEXT_MAX, EMAIL_MAX, URL_MAX = 200, 254, 500


class Customer(Model):
    """A person or an organisation that buys.  Written by ``sales.customers`` only.

    What it was carried over from its lead is a copy: each may be changed without the other.  ``source`` and
    ``campaign`` are those of the lead that it was made from.  ``search_key`` holds all that search looks at, folded.
    """

    __tablename__ = "customers"
    held_by = "owner_id"
    __table_args__ = (
        Index("ix_customers_sort_key", "sort_key", "id"),
        Index("ix_customers_owner_id", "owner_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    is_organisation: Mapped[bool] = mapped_column(default=False)
    first_name: Mapped[str] = mapped_column(String(TEXT_MAX), default="")
    last_name: Mapped[str] = mapped_column(String(TEXT_MAX), default="")
    organisation: Mapped[str] = mapped_column(String(TEXT_MAX), default="")
    website: Mapped[str] = mapped_column(String(URL_MAX), default="")
    language: Mapped[str] = mapped_column(String(8), default="")  # ISO 639
    note: Mapped[str] = mapped_column(Text, default="")
    since: Mapped[date]
    industry_id: Mapped[int | None] = mapped_column(ForeignKey("industries.id", ondelete="RESTRICT"), index=True)
    segment_id: Mapped[int | None] = mapped_column(ForeignKey("market_segments.id", ondelete="RESTRICT"), index=True)
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territories.id", ondelete="RESTRICT"), index=True)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id", ondelete="RESTRICT"), index=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id", ondelete="RESTRICT"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    sort_key: Mapped[str] = mapped_column(sorted_text(KEY_MAX), default="")
    search_key: Mapped[str] = mapped_column(Text, default="")

    __mapper_args__ = {"version_id_col": version}

    industry: Mapped[Industry | None] = relationship()
    segment: Mapped[MarketSegment | None] = relationship()
    territory: Mapped[Territory | None] = relationship()
    source: Mapped[Source | None] = relationship()
    campaign: Mapped[Campaign | None] = relationship()
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    created_by: Mapped[User | None] = relationship(foreign_keys=[created_by_id])
    reaches: Mapped[list["CustomerReach"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="CustomerReach.position"
    )
    addresses: Mapped[list["CustomerAddress"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="CustomerAddress.position"
    )

    @property
    def person(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def title(self) -> str:
        """What the customer is called: never empty."""
        named = (self.organisation, self.person) if self.is_organisation else (self.person, self.organisation)
        return next((name for name in (*named, *(reach.value for reach in self.reaches)) if name), f"#{self.id}")


class CustomerReach(Model):
    """An e-mail or a phone of a customer.  ``kind``: ``email`` or ``phone``; ``key`` as that of a lead's."""

    __tablename__ = "customer_reaches"
    __table_args__ = (Index("ix_customer_reaches_key", "key", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    type: Mapped[str] = mapped_column(String(16), default="")
    value: Mapped[str] = mapped_column(String(EMAIL_MAX))
    key: Mapped[str | None] = mapped_column(String(EMAIL_MAX))
    position: Mapped[int] = mapped_column(default=0)


class CustomerAddress(Model):
    """A place of a customer.  ``country`` is ISO 3166-1 alpha-2, or empty."""

    __tablename__ = "customer_addresses"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    type: Mapped[str] = mapped_column(String(16), default="")
    title: Mapped[str] = mapped_column(String(TEXT_MAX), default="")
    line1: Mapped[str] = mapped_column(String(TEXT_MAX), default="")
    line2: Mapped[str] = mapped_column(String(TEXT_MAX), default="")
    postal_code: Mapped[str] = mapped_column(String(32), default="")
    city: Mapped[str] = mapped_column(String(TEXT_MAX), default="")
    county: Mapped[str] = mapped_column(String(TEXT_MAX), default="")
    state: Mapped[str] = mapped_column(String(TEXT_MAX), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    position: Mapped[int] = mapped_column(default=0)


class CustomerLead(Model):
    """A lead has become this customer, or was one already.  A lead has one customer, a customer several leads;
    ``is_origin``: the customer was made from this lead."""

    __tablename__ = "customer_leads"

    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    is_origin: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    lead: Mapped[Lead] = relationship()
    customer: Mapped[Customer] = relationship()


class Contact(Model):
    """A person at a customer or, until there is one, at a lead.  One of each has ``is_primary``.

    ``came_with_id``: the lead that brought it to its customer, kept as a number: that lead may be gone.
    """

    __tablename__ = "contacts"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    came_with_id: Mapped[int | None]
    first_name: Mapped[str] = mapped_column(String(TEXT_MAX), default="")
    last_name: Mapped[str] = mapped_column(String(TEXT_MAX), default="")
    job_title: Mapped[str] = mapped_column(String(TEXT_MAX), default="")
    role: Mapped[str] = mapped_column(String(TEXT_MAX), default="")  # decides, pays, uses: in the team's own words
    email: Mapped[str] = mapped_column(String(EMAIL_MAX), default="")
    phone: Mapped[str] = mapped_column(String(TEXT_MAX), default="")
    is_primary: Mapped[bool] = mapped_column(default=False)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email or self.phone
