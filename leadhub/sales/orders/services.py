"""Orders: drafted, confirmed, cancelled.  One that is confirmed makes the customer.  Commits nothing."""

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads.checks import FieldRefused
from leadhub.leads.models import Lead
from leadhub.sales import customers, numbers, parties
from leadhub.sales.company.queries import order_series
from leadhub.sales.documents import (
    ACCEPTED,
    CANCELLED,
    CONFIRMED,
    DRAFT,
    WON,
    Opportunity,
    Order,
    Quotation,
)
from leadhub.sales.drafts import OrderDraft
from leadhub.sales.lines import drafts_of, write_lines
from leadhub.sales.opportunities import services as opportunities
from leadhub.sales.orders import queries
from leadhub.sales.parties import NotNow, Party
from leadhub.sales.words import order_change

ACTS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "confirm": ((DRAFT,), CONFIRMED),
    "cancel": ((DRAFT, CONFIRMED), CANCELLED),
    "reopen": ((CANCELLED,), DRAFT),
}
"""What can be done -> in which states, and the state that follows."""


def create(party: Party, draft: OrderDraft, *, by: User | None, opportunity: Opportunity | None = None) -> Order:
    """By hand, as a draft.  Raises ``FieldRefused``; nothing is stored then."""
    parties.hold(party)
    row = Order(**parties.of_party(party), state=DRAFT, currency=draft.currency, created_by_id=by.id if by else None)
    row.opportunity_id = opportunity.id if opportunity else None
    _fill(row, draft)
    db.session.add(row)
    db.session.flush()
    parties.note(party, order_change(row.number, "", row.state), by=by)
    return row


def create_from(quotation: Quotation, *, by: User | None) -> Order:
    """A draft with what an accepted quotation says; the one that is there already, where there is one."""
    party = parties.hold_document(quotation)
    if standing := queries.order_of(quotation):
        return standing
    if quotation.state != ACCEPTED:
        raise NotNow(_("An order is made of an accepted quotation."))
    draft = OrderDraft(currency=quotation.currency, lines=drafts_of(quotation), title=quotation.title)
    row = create(party, draft, by=by, opportunity=quotation.opportunity)
    row.quotation_id = quotation.id
    if not row.lines:  # of one that was made elsewhere its amount is all that is known
        row.net_minor, row.tax_minor, row.total_minor = quotation.net_minor, quotation.tax_minor, quotation.total_minor
    db.session.flush()
    db.session.expire(quotation, ["orders"])
    return row


def change(row: Order, draft: OrderDraft, *, version: int, by: User | None) -> None:
    """Of a draft.  Raises ``NotNow``, ``StaleDocument``, ``FieldRefused``; nothing is changed then."""
    parties.hold_document(row, version)
    if row.state != DRAFT:
        raise NotNow(_("Only a draft can be changed."))
    _fill(row, draft)
    db.session.flush()


def act(row: Order, name: str, *, by: User | None, version: int | None = None) -> None:
    """One of ``ACTS``.  ``version``: the one that was looked at.  Raises ``NotNow``, ``StaleDocument``; nothing is
    changed then."""
    party = parties.hold_document(row, version)
    states, after = ACTS[name]
    if row.state not in states:
        raise NotNow(_("This order is no longer what the page showed. Look at it again."))
    if name == "reopen":
        _check_quotation(row)
    if name == "confirm" and not row.lines and not row.net_minor:
        raise NotNow(_("An order without lines can’t be confirmed."))
    settle(party, row, after, by=by)
    parties.renew(party, by=by, about=row.number)


def settle(party: Party, row: Order, after: str, *, by: User | None, on: date | None = None) -> None:
    """The order, which is held, gets this state.  Once confirmed it has its number, its opportunity is won, and its
    lead has a customer.  Tells no fact: whoever calls it does."""
    before, row.state = row.state, after
    if after == CONFIRMED:
        row.ordered_on = on or row.ordered_on or parties.today()
        if row.opportunity and row.opportunity.state != WON and row.opportunity.deleted_at is None:
            opportunities.settle(row.opportunity, WON, by=by, on=row.ordered_on)
        if isinstance(party, Lead):
            customers.make_customer(party, by=by)
        if not row.number:  # behind all else: see numbers.next_number
            row.series, row.year = order_series(), row.ordered_on.year
            db.session.flush()
            row.sequence = numbers.next_number(row.series, row.year)
            row.number = numbers.written(row.series, row.year, row.sequence)
    db.session.flush()
    parties.note(party, order_change(row.number, before, after), by=by)


def remove(row: Order, *, by: User | None) -> None:
    """It counts for nothing any more; ``restore`` gives it back while the bin keeps it."""
    party = parties.hold_document(row)
    parties.note(party, order_change(row.number, row.state, ""), by=by)
    row.deleted_at = utcnow()
    db.session.flush()
    parties.renew(party, by=by)


def restore(row: Order, *, by: User | None) -> None:
    party = parties.hold_document(row, in_bin=True)
    if row.deleted_at is None:
        return
    if row.state != CANCELLED:
        _check_quotation(row)
    row.deleted_at = None
    db.session.flush()
    parties.note(party, order_change(row.number, "", row.state), by=by)
    parties.renew(party, by=by, about=row.number)


def acts_on(row: Order) -> list[str]:
    """What can be done with it as it is."""
    return [name for name, (states, _after) in ACTS.items() if row.state in states]


def _check_quotation(row: Order) -> None:
    """One that stands for nothing may again: an accepted quotation has one order."""
    of = row.quotation
    if of and (of.state != ACCEPTED or of.deleted_at or queries.order_of(of)):
        raise NotNow(_("Its quotation has another order by now, or is no longer accepted."))


def _fill(row: Order, draft: OrderDraft) -> None:
    if row.sequence is not None and draft.number not in ("", row.number):
        raise FieldRefused("number", _("The number was given by LeadHub and stays."))
    if draft.lines or row.lines or not row.net_minor:  # of one without lines an amount may be all that is known
        write_lines(row, draft.lines, draft.currency)
    if row.sequence is None:
        row.number = draft.number
    row.title, row.ordered_on, row.reference, row.note = draft.title, draft.ordered_on, draft.reference, draft.note
