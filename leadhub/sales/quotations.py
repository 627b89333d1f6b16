"""What becomes of a quotation: who tells it here moves the lead's facts, and its status follows.  Commits nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.hub.queries import local
from leadhub.leads.links import TYPED
from leadhub.leads.models import Lead
from leadhub.leads.updates import remember
from leadhub.lists.models import LossReason
from leadhub.sales import customers
from leadhub.sales.models import ACCEPTED, CANCELLED, LOST, ORDERED, SUBMITTED, Quotation
from leadhub.sales.words import change_of

ACTS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "accept": ((SUBMITTED,), ACCEPTED),
    "lose": ((SUBMITTED, ACCEPTED), LOST),
    "cancel": ((SUBMITTED, ACCEPTED), CANCELLED),
    "order": ((SUBMITTED, ACCEPTED), ORDERED),
    "cancel_order": ((ORDERED,), ACCEPTED),
    "reopen": ((ACCEPTED, LOST, CANCELLED), SUBMITTED),
}
"""What can be done -> in which states, and the state that follows."""


class NotNow(RuleBroken):
    """The quotation is in another state by now, or somebody else has changed it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuotationDraft:
    """``currency`` is ISO 4217, empty: the hub's."""

    number: str
    amount: Decimal | None = None
    currency: str = ""
    sent_on: date


def add(lead: Lead, draft: QuotationDraft, *, by: User | None) -> Quotation:
    """It is submitted: it was sent elsewhere."""
    customers.hold(lead)
    row = Quotation(
        lead_id=lead.id, number=draft.number, amount=draft.amount, currency=draft.currency, sent_on=draft.sent_on,
        created_by_id=by.id if by else None,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    _note(lead, row, "", row.state, by)
    customers.renew(lead, by=by, about=row.number)
    return row


def change(lead: Lead, row: Quotation, draft: QuotationDraft, *, by: User | None) -> None:
    """What was typed wrong; the state stays."""
    _held(lead, row)
    row.number, row.amount, row.currency, row.sent_on = draft.number, draft.amount, draft.currency, draft.sent_on
    db.session.flush()
    customers.renew(lead, by=by)


def act(
    lead: Lead,
    row: Quotation,
    name: str,
    *,
    by: User | None,
    reason: LossReason | None = None,
    order_number: str = "",
    on: date | None = None,
) -> None:
    """One of ``ACTS``, on that day.  A lost one wants a reason, an order makes the customer.  Raises ``NotNow``."""
    _held(lead, row)
    states, after = ACTS[name]
    if row.state not in states:
        raise NotNow(_("This quotation is no longer what the page showed. Look at it again."))
    _note(lead, row, row.state, after, by)
    day = on or local(utcnow()).date()
    row.state, row.loss_reason_id = after, reason.id if reason and after == LOST else None
    if after == SUBMITTED:
        row.settled_on = None
    elif not row.settled_on or after in (LOST, CANCELLED):
        row.settled_on = day
    row.order_number, row.ordered_on = (order_number, day) if after == ORDERED else ("", None)
    db.session.flush()
    if after == ORDERED:
        customers.make_customer(lead, by=by)
    customers.renew(lead, by=by, about=row.number)


def remove(lead: Lead, row: Quotation, *, by: User | None) -> None:
    _held(lead, row)
    _note(lead, row, row.state, "", by)
    db.session.delete(row)
    db.session.flush()
    customers.renew(lead, by=by)


def acts_on(row: Quotation) -> list[str]:
    """What can be done with it as it is."""
    return [name for name, (states, _after) in ACTS.items() if row.state in states]


def _note(lead: Lead, row: Quotation, old: str, new: str, by: User | None) -> None:
    """A line in the history of the lead; the lead's own fields stay."""
    line = {
        "lead_id": lead.id, "at": utcnow(), "by_id": by.id if by else None, "kind": "changed", "channel": TYPED,
        "version": lead.version, "changes": [change_of(row.number, old, new)],
    }  # fmt: skip
    remember([line])


def _held(lead: Lead, row: Quotation) -> None:
    """The lead for nobody else, and the quotation as it is now."""
    customers.hold(lead)
    db.session.refresh(row)
