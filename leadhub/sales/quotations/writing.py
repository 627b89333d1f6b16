"""Quotations that LeadHub writes: drafted, changed, submitted, revised.  Commits nothing."""

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.leads.checks import FieldRefused
from leadhub.sales import numbers, parties
from leadhub.sales.company.queries import company, issuer, quotation_series
from leadhub.sales.documents import ACCEPTED, CANCELLED, DRAFT, SUBMITTED, Opportunity, Quotation
from leadhub.sales.drafts import LineDraft, WrittenDraft
from leadhub.sales.lines import drafts_of, write_lines
from leadhub.sales.parties import NotNow, Party
from leadhub.sales.quotations import queries
from leadhub.sales.words import quotation_change


def blank(party: Party) -> WrittenDraft:
    """What a new one starts with."""
    ours = company()
    language = party.language if party.language in ("en", "fr") else hub().language
    return WrittenDraft(
        currency=hub().currency, addressee=addressee_of(party), language=language,
        valid_until=parties.today() + timedelta(days=ours.valid_days), terms=ours.terms,
        lines=(LineDraft(description="", tax_rate=ours.tax_rate),),
    )  # fmt: skip


def addressee_of(party: Party) -> str:
    """Name and address as they stand on a letter: the address for bills, else the first one."""
    named = [party.organisation, f"{party.first_name} {party.last_name}".strip()]
    addresses: list[Any] = list(party.addresses)
    place = next((it for it in addresses if it.type == "billing"), next(iter(addresses), None))
    lines = [place.line1, place.line2, f"{place.postal_code} {place.city}".strip(), place.country] if place else []
    return "\n".join(line for line in [*named, *lines] if line)


def create(party: Party, draft: WrittenDraft, *, by: User | None, opportunity: Opportunity | None = None) -> Quotation:
    """A draft.  Raises ``FieldRefused``; nothing is stored then."""
    parties.hold(party)
    row = Quotation(
        **parties.of_party(party), is_own=True, state=DRAFT, currency=draft.currency,
        opportunity_id=opportunity.id if opportunity else None, created_by_id=by.id if by else None,
    )  # fmt: skip
    _fill(row, draft)
    db.session.add(row)
    db.session.flush()
    parties.note(party, quotation_change("", "", row.state), by=by)
    return row


def change(row: Quotation, draft: WrittenDraft, *, version: int, by: User | None) -> None:
    """Of a draft: a submitted one never changes.  Raises ``NotNow``, ``StaleDocument``, ``FieldRefused``."""
    parties.hold_document(row, version)
    if row.state != DRAFT:
        raise NotNow(_("A submitted quotation never changes. Revise it instead."))
    _fill(row, draft)
    db.session.flush()


def submit(row: Quotation, *, by: User | None, version: int | None = None) -> None:
    """Give it its number and the company as it is now; the version before it is cancelled.  ``version``: the one that
    was looked at.

    Raises ``NotNow``, ``StaleDocument``, or ``FieldRefused`` for what is missing; nothing is changed then.
    """
    party = parties.hold_document(row, version)
    if row.state != DRAFT:
        raise NotNow(_("This quotation is no longer what the page showed. Look at it again."))
    _check_complete(row)
    replaced = _replaced_by(row)
    row.state, row.sent_on, row.issuer, row.link_key = SUBMITTED, parties.today(), issuer(), secrets.token_urlsafe(16)
    for other in replaced:
        parties.note(party, quotation_change(other.number, other.state, CANCELLED), by=by)
        other.state, other.settled_on = CANCELLED, row.sent_on
    db.session.flush()
    if row.sequence is None:
        row.series, row.year = quotation_series(), row.sent_on.year
        db.session.flush()
        row.sequence = numbers.next_number(row.series, row.year)  # behind all other locks: see there
    row.number = numbers.written(str(row.series), int(row.year or 0), row.sequence, row.revision)
    db.session.flush()
    parties.note(party, quotation_change(row.number, DRAFT, SUBMITTED), by=by)
    parties.renew(party, by=by, about=row.number)


def revise(row: Quotation, *, by: User | None) -> Quotation:
    """The next version of a numbered one, as a draft; the one that is being written already, where there is one.  This
    one stays what it is until that is submitted.  Raises ``NotNow``."""
    party = parties.hold_document(row)
    later = queries.latest_version_of(row)
    if later.state == DRAFT and later is not row:
        return later
    if not row.is_own or row.state == DRAFT or queries.standing_orders(row):
        raise NotNow(_("This quotation can’t be revised."))
    new = Quotation(
        **parties.of_party(party), is_own=True, state=DRAFT, currency=row.currency, opportunity_id=row.opportunity_id,
        series=row.series, year=row.year, sequence=row.sequence, revised_from_id=row.id,
        revision=queries.last_revision_of(row) + 1, created_by_id=by.id if by else None,
    )  # fmt: skip
    valid_until = parties.today() + timedelta(days=company().valid_days)
    _fill(new, replace(draft_of(row), valid_until=valid_until))
    db.session.add(new)
    db.session.flush()
    return new


def draft_of(row: Quotation) -> WrittenDraft:
    return WrittenDraft(
        currency=row.currency, lines=drafts_of(row), title=row.title, addressee=row.addressee, language=row.language,
        valid_until=row.valid_until, terms=row.terms,
    )  # fmt: skip


def _replaced_by(row: Quotation) -> list[Quotation]:
    """Of the versions of one number at most one is live.  Raises ``NotNow`` where one was ordered, or where the
    customer has accepted one since this was begun: whoever goes on cancels that one first."""
    found = queries.live_versions_beside(row)
    if any(other.state == ACCEPTED and (other.decided_at or row.created_at) > row.created_at for other in found):
        raise NotNow(
            _("The customer has accepted the version before meanwhile. Cancel that one first if this one is to count.")
        )
    if any(queries.standing_orders(other) for other in found):
        raise NotNow(_("There is an order of this quotation. Cancel that first."))
    return found


def _check_complete(row: Quotation) -> None:
    if not row.lines:
        raise FieldRefused("lines", _("Add a line first."))
    if not row.addressee.strip():
        raise FieldRefused("addressee", _("Say who it is for."))
    if row.valid_until and row.valid_until < parties.today():
        raise FieldRefused("valid_until", _("This day is over."))


def _fill(row: Quotation, draft: WrittenDraft) -> None:
    write_lines(row, draft.lines, draft.currency)
    row.title, row.addressee, row.language = draft.title, draft.addressee, draft.language
    row.valid_until, row.terms = draft.valid_until, draft.terms
