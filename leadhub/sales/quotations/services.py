"""What becomes of a quotation: who tells it here moves the lead's facts, and its status follows.  Commits nothing."""

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.leads.models import Lead
from leadhub.lists.models import LossReason
from leadhub.sales import parties
from leadhub.sales.documents import (
    ACCEPTED,
    CANCELLED,
    CONFIRMED,
    DRAFT,
    EXPIRED,
    LOST,
    OPEN,
    SUBMITTED,
    Order,
    Quotation,
)
from leadhub.sales.drafts import QuotationDraft
from leadhub.sales.lines import amount_of
from leadhub.sales.opportunities import services as opportunities
from leadhub.sales.orders import services as orders
from leadhub.sales.parties import NotNow
from leadhub.sales.quotations import queries
from leadhub.sales.words import quotation_change

ACTS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "accept": ((SUBMITTED, EXPIRED), ACCEPTED),
    "lose": ((SUBMITTED, ACCEPTED, EXPIRED), LOST),
    "cancel": ((SUBMITTED, ACCEPTED, EXPIRED), CANCELLED),
    "order": ((SUBMITTED, ACCEPTED), ACCEPTED),
    "cancel_order": ((ACCEPTED,), ACCEPTED),
    "reopen": ((ACCEPTED, LOST, CANCELLED), SUBMITTED),
}
"""What people can do -> in which states, and the state that follows.  ``order`` tells of one that was written
elsewhere, ``cancel_order`` of its end."""


NOT_OF_OWN = {"order", "cancel_order"}  # an own one has orders of its own


def add(lead: Lead, draft: QuotationDraft, *, by: User | None) -> Quotation:
    """It is submitted: it was sent elsewhere."""
    parties.hold(lead)
    row = Quotation(lead_id=lead.id, state=SUBMITTED, created_by_id=by.id if by else None)
    _fill(row, draft)
    db.session.add(row)
    db.session.flush()
    parties.note(lead, quotation_change(row.number, "", row.state), by=by)
    parties.renew(lead, by=by, about=row.number)
    return row


def change(row: Quotation, draft: QuotationDraft, *, by: User | None) -> None:
    """What was typed wrong of one that was made elsewhere; the state stays."""
    party = parties.hold_document(row)
    if row.is_own:
        raise NotNow(_("A submitted quotation never changes. Revise it instead."))
    _fill(row, draft)
    db.session.flush()
    parties.renew(party, by=by)


def act(
    row: Quotation,
    name: str,
    *,
    by: User | None,
    reason: LossReason | None = None,
    keeps_opportunity: bool = False,
    order_number: str = "",
    on: date | None = None,
    channel: str = "",
    version: int | None = None,
) -> None:
    """One of ``ACTS``, on that day.  ``version``: the one that was looked at.

    A lost one wants a reason of whoever says so here, and its opportunity is lost with it, unless it is kept or another
    quotation of it is live; an order makes the customer.  ``channel``: see ``parties.note``.
    Raises ``NotNow``, ``StaleDocument``, ``FieldRefused``; nothing is changed then.
    """
    party = parties.hold_document(row, version)
    states, after = ACTS[name]
    if row.state not in states or name not in acts_on(row):
        raise NotNow(_("This quotation is no longer what the page showed. Look at it again."))
    opportunities.check_reason(after, reason, by)
    day = on or parties.today()
    if row.state != after:
        parties.note(party, quotation_change(row.number, row.state, after), by=by, channel=channel)
        row.settled_on = None if after == SUBMITTED else day
    if after == SUBMITTED:  # nobody has answered
        row.decided_by, row.decided_at, row.decided_note = "", None, ""
    row.state, row.loss_reason_id = after, reason.id if reason and after == LOST else None
    db.session.flush()
    about = row.number
    if name == "order":
        _order(party, row, order_number, day, by)
        about = order_number
    elif name == "cancel_order":
        for order in queries.standing_orders(row):
            orders.settle(party, order, CANCELLED, by=by)
    may_go = row.opportunity is not None and row.opportunity.state == OPEN and not keeps_opportunity
    if after == LOST and row.opportunity and may_go and queries.is_alone(row):
        opportunities.settle(row.opportunity, LOST, by=by, reason=reason, on=day)
    parties.renew(party, by=by, about=about)


def remove(row: Quotation, *, by: User | None) -> None:
    """It counts for nothing any more; ``restore`` gives it back while the bin keeps it."""
    party = parties.hold_document(row)
    if queries.standing_orders(row):
        raise NotNow(_("There is an order of this quotation. Cancel that first."))
    parties.note(party, quotation_change(row.number, row.state, ""), by=by)
    row.deleted_at = utcnow()
    db.session.flush()
    parties.renew(party, by=by)


def restore(row: Quotation, *, by: User | None) -> None:
    """Raises ``NotNow`` where another version has taken its place by now."""
    party = parties.hold_document(row, in_bin=True)
    if row.deleted_at is None:
        return
    is_live = row.state in queries.LIVE and bool(queries.live_versions_beside(row))
    if is_live or queries.latest_version_of(row).revision > row.revision:
        raise NotNow(_("Another version has taken its place by now."))
    row.deleted_at = None
    db.session.flush()
    parties.note(party, quotation_change(row.number, "", row.state), by=by)
    parties.renew(party, by=by, about=row.number)


def acts_on(row: Quotation) -> list[str]:
    """What people can do with it as it is.  One with an order stays accepted until that is cancelled."""
    found = {name for name, (states, _after) in ACTS.items() if row.state in states}
    found -= NOT_OF_OWN if row.is_own else set()
    found &= {"cancel_order"} if queries.standing_orders(row) else found - {"cancel_order"}
    if row.is_own and "reopen" in found and not queries.is_the_latest(row):
        found.discard("reopen")
    return [name for name in ACTS if name in found]


def expire(row: Quotation) -> None:
    """The day until which it was valid is over."""
    party = parties.hold_document(row)
    if row.state != SUBMITTED:
        return
    parties.note(party, quotation_change(row.number, row.state, EXPIRED), by=None)
    row.state, row.settled_on = EXPIRED, parties.today()
    db.session.flush()
    parties.renew(party, by=None, about=row.number)


def _order(party: parties.Party, row: Quotation, number: str, day: date, by: User | None) -> None:
    """The order that was written elsewhere."""
    order = Order(
        **parties.of_party(party), quotation_id=row.id, number=number, currency=row.currency, net_minor=row.net_minor,
        opportunity_id=row.opportunity_id, created_by_id=by.id if by else None, state=DRAFT,
    )  # fmt: skip
    db.session.add(order)
    db.session.flush()
    orders.settle(party, order, CONFIRMED, by=by, on=day)
    db.session.expire(row, ["orders"])


def _fill(row: Quotation, draft: QuotationDraft) -> None:
    currency = draft.currency or hub().currency
    net_minor = amount_of(draft.amount, currency)
    row.currency, row.net_minor, row.number, row.sent_on = currency, net_minor, draft.number, draft.sent_on
