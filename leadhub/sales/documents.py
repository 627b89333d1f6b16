"""The documents of a sale: opportunities, quotations, orders.  Models; amounts are whole numbers of minor units.

Each is of a lead, or of a customer that was none (``lead_id`` or ``customer_id``): those of a lead are its customer's
too.  Deleted ones (``deleted_at``) are kept for the bin's days and count for nothing.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship, validates

from leadhub.accounts.models import User
from leadhub.database import Scaled, UtcDateTime, utcnow
from leadhub.extensions import Model
from leadhub.folding import fold
from leadhub.leads.models import Lead
from leadhub.lists.models import Campaign, LossReason, OpportunityType, Source
from leadhub.pipelines.models import Stage, StageMoveRow
from leadhub.sales.models import Customer
from leadhub.sales.money import from_minor

DRAFT, SUBMITTED, ACCEPTED, LOST, CANCELLED = "draft", "submitted", "accepted", "lost", "cancelled"
EXPIRED, CONFIRMED, OPEN, WON = "expired", "confirmed", "open", "won"
QUOTATION_STATES = (DRAFT, SUBMITTED, ACCEPTED, LOST, CANCELLED, EXPIRED)
ORDER_STATES = (DRAFT, CONFIRMED, CANCELLED)
OPPORTUNITY_STATES = (OPEN, WON, LOST)
TITLE_MAX, NUMBER_MAX, SERIES_MAX = 200, 100, 20
QUANTITY_PLACES, PRICE_PLACES, DISCOUNT_PLACES, TAX_PLACES = 3, 4, 2, 3


class Document:
    """What every document of a sale has.  ``currency`` is ISO 4217."""

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(String(TITLE_MAX), default="")
    title_key: Mapped[str] = mapped_column(Text, default="")  # folded, for search
    state: Mapped[str] = mapped_column(String(16))
    currency: Mapped[str] = mapped_column(String(3))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, onupdate=utcnow, index=True)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @validates("title")
    def _fold(self, _name: str, title: str) -> str:
        self.title_key = fold(title)
        return title

    @declared_attr
    def lead_id(self) -> Mapped[int | None]:
        return mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))

    @declared_attr
    def customer_id(self) -> Mapped[int | None]:
        return mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)

    @declared_attr
    def created_by_id(self) -> Mapped[int | None]:
        return mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    @declared_attr
    def lead(self) -> Mapped[Lead | None]:
        return relationship()

    @declared_attr
    def customer(self) -> Mapped[Customer | None]:
        return relationship()


class Opportunity(Document, Model):
    """Something that may be sold.

    ``probability`` is in percent.  ``source`` and ``campaign`` are those of the lead, or of the customer, it began
    with, and stay.  ``stage``: where such have stages of their own.
    """

    __tablename__ = "opportunities"
    __table_args__ = (
        Index("ix_opportunities_lead_id", "lead_id", "id"),
        Index("ix_opportunities_state", "state", "expected_close"),
        Index("ix_opportunities_closed_on", "state", "closed_on"),
        {"sqlite_autoincrement": True},
    )

    amount_minor: Mapped[int | None] = mapped_column(BigInteger)
    type_id: Mapped[int | None] = mapped_column(ForeignKey("opportunity_types.id", ondelete="RESTRICT"), index=True)
    expected_close: Mapped[date | None]
    probability: Mapped[int | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"), index=True)
    next_contact_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_contact_note: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    closed_on: Mapped[date | None]
    loss_reason_id: Mapped[int | None] = mapped_column(ForeignKey("loss_reasons.id", ondelete="RESTRICT"), index=True)
    competitor: Mapped[str] = mapped_column(String(TITLE_MAX), default="")
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id", ondelete="RESTRICT"), index=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id", ondelete="RESTRICT"), index=True)
    stage_id: Mapped[int | None] = mapped_column(ForeignKey("stages.id", ondelete="RESTRICT"), index=True)
    stage_since: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": Document.version}

    type: Mapped[OpportunityType | None] = relationship()
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    loss_reason: Mapped[LossReason | None] = relationship()
    source: Mapped[Source | None] = relationship()
    campaign: Mapped[Campaign | None] = relationship()
    stage: Mapped[Stage | None] = relationship()

    @property
    def amount(self) -> Decimal | None:
        return None if self.amount_minor is None else from_minor(self.amount_minor, self.currency)


class OpportunityMove(StageMoveRow, Model):
    """An opportunity went from one stage to another."""

    __tablename__ = "opportunity_moves"
    __table_args__ = (Index("ix_opportunity_moves_path", "opportunity_id", "id"), {"sqlite_autoincrement": True})

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunities.id", ondelete="CASCADE"))


class Numbered(Document):
    """What quotations and orders share: a number, totals, and who they are for.

    ``number``: empty until the document is given one.  Of one that LeadHub counts ``series``, ``year`` and ``sequence``
    are where it comes from.  ``net_minor`` is before tax; of one that was made elsewhere it is all that is known.
    """

    number: Mapped[str] = mapped_column(String(NUMBER_MAX), default="")
    series: Mapped[str | None] = mapped_column(String(SERIES_MAX))
    year: Mapped[int | None]
    sequence: Mapped[int | None]
    net_minor: Mapped[int | None] = mapped_column(BigInteger)
    tax_minor: Mapped[int | None] = mapped_column(BigInteger)
    total_minor: Mapped[int | None] = mapped_column(BigInteger)

    @declared_attr
    def opportunity_id(self) -> Mapped[int | None]:
        return mapped_column(ForeignKey("opportunities.id", ondelete="SET NULL"), index=True)

    @declared_attr
    def opportunity(self) -> Mapped[Opportunity | None]:
        return relationship()

    @property
    def amount(self) -> Decimal | None:
        """Before tax."""
        return None if self.net_minor is None else from_minor(self.net_minor, self.currency)

    @property
    def total(self) -> Decimal | None:
        return None if self.total_minor is None else from_minor(self.total_minor, self.currency)


class Quotation(Numbered, Model):
    """An offer with its price: written here (``is_own``), or a line that tells of one made elsewhere.

    ``state`` is one of ``QUOTATION_STATES``.  A submitted one never changes: ``revision`` counts the versions of one
    number, of which ``revised_from`` is the one before.  ``issuer`` is the company as it stood when this was submitted.
    ``link_key`` is what the signature of the customer's link covers: a new one makes the old link worth nothing.
    ``decided_by`` is the name under which the customer answered, by the link.
    """

    __tablename__ = "quotations"
    __table_args__ = (
        Index("ix_quotations_lead_id", "lead_id", "id", "sent_on", "deleted_at"),
        Index("ix_quotations_state", "state", "valid_until"),
        Index("ix_quotations_sent_on", "sent_on", "id"),
        Index("ix_quotations_settled_on", "state", "settled_on"),
        UniqueConstraint("series", "year", "sequence", "revision", name="uq_quotations_number"),
        {"sqlite_autoincrement": True},
    )

    is_own: Mapped[bool] = mapped_column(default=False)
    sent_on: Mapped[date | None]  # the day it was submitted
    settled_on: Mapped[date | None]  # accepted, lost, cancelled or expired
    loss_reason_id: Mapped[int | None] = mapped_column(ForeignKey("loss_reasons.id", ondelete="RESTRICT"), index=True)
    revision: Mapped[int] = mapped_column(default=1)
    revised_from_id: Mapped[int | None] = mapped_column(ForeignKey("quotations.id", ondelete="SET NULL"), index=True)
    language: Mapped[str] = mapped_column(String(8), default="")
    addressee: Mapped[str] = mapped_column(Text, default="")  # name and address, a line each
    valid_until: Mapped[date | None]
    terms: Mapped[str] = mapped_column(Text, default="")
    issuer: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    link_key: Mapped[str | None] = mapped_column(String(64))
    mailed_to: Mapped[str] = mapped_column(String(254), default="")
    mailed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(TITLE_MAX), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_note: Mapped[str] = mapped_column(Text, default="")

    __mapper_args__ = {"version_id_col": Document.version}

    loss_reason: Mapped[LossReason | None] = relationship()
    lines: Mapped[list["QuotationLine"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="QuotationLine.position"
    )
    orders: Mapped[list["Order"]] = relationship(back_populates="quotation", passive_deletes=True, order_by="Order.id")


class Order(Numbered, Model):
    """What was bought: of an accepted quotation, or by itself.  ``state`` is one of ``ORDER_STATES``.

    ``reference`` is the customer's own number.
    """

    __tablename__ = "orders"
    __table_args__ = (
        Index("ix_orders_lead_id", "lead_id", "id", "state", "deleted_at"),
        Index("ix_orders_ordered_on", "ordered_on", "id"),
        UniqueConstraint("series", "year", "sequence", name="uq_orders_number"),
        {"sqlite_autoincrement": True},
    )

    quotation_id: Mapped[int | None] = mapped_column(ForeignKey("quotations.id", ondelete="SET NULL"), index=True)
    ordered_on: Mapped[date | None]  # the day it was confirmed for
    reference: Mapped[str] = mapped_column(String(NUMBER_MAX), default="")
    note: Mapped[str] = mapped_column(Text, default="")

    __mapper_args__ = {"version_id_col": Document.version}

    quotation: Mapped[Quotation | None] = relationship(back_populates="orders")
    lines: Mapped[list["OrderLine"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="OrderLine.position"
    )

    @property
    def is_outside(self) -> bool:
        """Is it all that is known of an order that was written elsewhere?"""
        return self.quotation is not None and not self.quotation.is_own


class Line:
    """One line.  ``unit_price`` is before tax, ``discount`` and ``tax_rate`` are in percent; ``net_minor`` is what it
    comes to before tax."""

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    description: Mapped[str] = mapped_column(Text)
    quantity: Mapped[Decimal] = mapped_column(Scaled(QUANTITY_PLACES))
    unit_price: Mapped[Decimal] = mapped_column(Scaled(PRICE_PLACES))
    discount: Mapped[Decimal] = mapped_column(Scaled(DISCOUNT_PLACES))
    tax_rate: Mapped[Decimal] = mapped_column(Scaled(TAX_PLACES))
    net_minor: Mapped[int] = mapped_column(BigInteger)


class QuotationLine(Line, Model):
    """A line of a quotation."""

    __tablename__ = "quotation_lines"

    quotation_id: Mapped[int] = mapped_column(ForeignKey("quotations.id", ondelete="CASCADE"), index=True)


class OrderLine(Line, Model):
    """A line of an order."""

    __tablename__ = "order_lines"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)


class NumberSeries(Model):
    """The last number that was given in a series and year."""

    __tablename__ = "number_series"

    series: Mapped[str] = mapped_column(String(SERIES_MAX), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Company(Model):
    """Who quotes, and how: the only row, made by a migration.

    ``quotation_series`` and ``order_series`` begin the numbers; ``valid_days`` and ``tax_rate`` (in percent) are what a
    new quotation starts with, ``terms`` too.  ``logo`` is base64 of an image of the type ``logo_type``.
    """

    __tablename__ = "company"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(String(TITLE_MAX), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(64), default="")
    website: Mapped[str] = mapped_column(String(500), default="")
    siren: Mapped[str] = mapped_column(String(32), default="")
    vat_number: Mapped[str] = mapped_column(String(32), default="")
    terms: Mapped[str] = mapped_column(Text, default="")
    logo: Mapped[str] = mapped_column(Text, default="")
    logo_type: Mapped[str] = mapped_column(String(32), default="")
    quotation_series: Mapped[str] = mapped_column(String(SERIES_MAX), default="")  # empty: by the hub's language
    order_series: Mapped[str] = mapped_column(String(SERIES_MAX), default="")
    valid_days: Mapped[int] = mapped_column(default=30)
    tax_rate: Mapped[Decimal] = mapped_column(Scaled(TAX_PLACES), default=Decimal(20))

    __mapper_args__ = {"version_id_col": version}
