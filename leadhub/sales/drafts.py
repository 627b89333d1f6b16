"""What somebody tells of a document, before it is one."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class LineDraft:
    """One line as somebody typed it.  ``discount`` and ``tax_rate`` are in percent."""

    description: str
    quantity: Decimal = Decimal(1)
    unit_price: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    tax_rate: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class OpportunityDraft:
    """What somebody tells of an opportunity.  ``currency`` is ISO 4217, ``probability`` in percent."""

    title: str
    currency: str
    amount: Decimal | None = None
    type_id: int | None = None
    expected_close: date | None = None
    probability: int | None = None
    owner_id: int | None = None
    next_contact_at: datetime | None = None
    next_contact_note: str = ""
    note: str = ""
    competitor: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuotationDraft:
    """A quotation that was made elsewhere.  ``currency`` is ISO 4217, empty: the hub's."""

    number: str
    amount: Decimal | None = None
    currency: str = ""
    sent_on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenDraft:
    """What somebody tells of a quotation.  ``addressee`` is a name and an address, a line each; ``language`` is that of
    whoever reads it."""

    currency: str
    lines: tuple[LineDraft, ...] = ()
    title: str = ""
    addressee: str = ""
    language: str = ""
    valid_until: date | None = None
    terms: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderDraft:
    """What somebody tells of an order.  ``number``: empty for the next one of the series, given when it is confirmed;
    ``ordered_on``: empty for the day of that."""

    currency: str
    lines: tuple[LineDraft, ...] = ()
    title: str = ""
    number: str = ""
    ordered_on: date | None = None
    reference: str = ""
    note: str = ""
