"""A quotation to begin with, for the tests of what becomes of it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from leadhub.extensions import db
from leadhub.leads.queries import lead_seen_by
from leadhub.sales.drafts import LineDraft, WrittenDraft
from leadhub.sales.quotations import writing

LINES = (
    LineDraft(description="Desk", quantity=Decimal(3), unit_price=Decimal("33.335"), tax_rate=Decimal(20)),
    LineDraft(
        description="Book", unit_price=Decimal(1000), discount=Decimal(5), tax_rate=Decimal("5.5"),
    ),
)  # fmt: skip
DRAFT = WrittenDraft(
    currency="EUR", lines=LINES, title="Desks", addressee="Acme\n1 rue A", language="en",
    valid_until=date(2099, 1, 31), terms="Pay within 30 days.",
)  # fmt: skip


def written(lead_id, by, *, submitted=True, **changes):
    """Of the app context that the test is in; committed."""
    row = writing.create(lead_seen_by(by, lead_id), replace(DRAFT, **changes), by=by)
    if submitted:
        writing.submit(row, by=by)
    db.session.commit()
    return row
