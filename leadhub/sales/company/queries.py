"""Reads who quotes.  Nothing here writes."""

from typing import Any

from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.sales.documents import Company

ONLY_ID = 1
SERIES = {"en": ("Q", "O"), "fr": ("DEV", "CMD")}
"""By the hub's language: how numbers of quotations and orders begin where nobody has chosen."""
ISSUED = ("name", "address", "email", "phone", "website", "siren", "vat_number", "logo", "logo_type")


def company() -> Company:
    return db.session.get_one(Company, ONLY_ID)


def quotation_series() -> str:
    return company().quotation_series or SERIES.get(hub().language, SERIES["en"])[0]


def order_series() -> str:
    return company().order_series or SERIES.get(hub().language, SERIES["en"])[1]


def issuer() -> dict[str, Any]:
    """The company as a document that is submitted now keeps it."""
    row = company()
    return {name: getattr(row, name) for name in ISSUED}
