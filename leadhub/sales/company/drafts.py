"""What an admin says of the company that quotes, before it is stored."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class CompanyDraft:
    """What an admin says of it: columns of ``Company``, texts without spaces around."""

    name: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    siren: str = ""
    vat_number: str = ""
    terms: str = ""
    quotation_series: str = ""
    order_series: str = ""
    valid_days: int = 30
    tax_rate: Decimal = Decimal(20)


@dataclass(frozen=True, kw_only=True, slots=True)
class NextNumbers:
    """The next ones of this year, where they are not to be those that come by themselves."""

    quotation: int | None = None
    order: int | None = None
