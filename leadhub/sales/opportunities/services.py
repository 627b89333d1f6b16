"""Opportunities: created, changed, won, lost, opened again.  Commits nothing."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads.checks import FieldRefused
from leadhub.lists.models import LossReason
from leadhub.pipelines.models import Stage
from leadhub.sales import parties
from leadhub.sales.documents import LOST, OPEN, WON, Opportunity
from leadhub.sales.drafts import OpportunityDraft
from leadhub.sales.lines import amount_of
from leadhub.sales.opportunities import stages
from leadhub.sales.parties import NotNow, Party
from leadhub.sales.words import opportunity_change

ACTS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "win": ((OPEN,), WON),
    "lose": ((OPEN,), LOST),
    "reopen": ((WON, LOST), OPEN),
}
"""What can be done -> in which states, and the state that follows."""


def create(party: Party, draft: OpportunityDraft, *, by: User | None) -> Opportunity:
    """An open one, which keeps the source and campaign of its lead or customer.  Raises ``FieldRefused``."""
    parties.hold(party)
    row = Opportunity(
        **parties.of_party(party), state=OPEN, currency=draft.currency, created_by_id=by.id if by else None,
        source_id=party.source_id, campaign_id=party.campaign_id,
    )  # fmt: skip
    _fill(row, draft)
    db.session.add(row)
    db.session.flush()
    stages.begin(row, by=by)
    parties.note(party, opportunity_change(row.title, "", row.state), by=by)
    parties.renew(party, by=by, about=row.title)
    return row


def change(row: Opportunity, draft: OpportunityDraft, *, version: int, by: User | None) -> None:
    """Raises ``NotNow``, ``StaleDocument``, ``FieldRefused``; nothing is changed then."""
    party = parties.hold_document(row, version)
    _fill(row, draft)
    db.session.flush()
    parties.renew(party, by=by)


def act(
    row: Opportunity,
    name: str,
    *,
    by: User | None,
    reason: LossReason | None = None,
    competitor: str = "",
    version: int | None = None,
) -> None:
    """One of ``ACTS``; a lost one wants a reason.  ``version``: the one that was looked at.  Raises ``NotNow``,
    ``StaleDocument``, ``FieldRefused``; nothing is changed then."""
    party = parties.hold_document(row, version)
    states, after = ACTS[name]
    if row.state not in states:
        raise NotNow(_("This opportunity is no longer what the page showed. Look at it again."))
    check_reason(after, reason, by)
    if competitor:
        row.competitor = competitor
    settle(row, after, by=by, reason=reason)
    parties.renew(party, by=by, about=row.title if after == OPEN else "")


def check_reason(after: str, reason: LossReason | None, by: User | None) -> None:
    """Whoever says that something is lost says why; a customer need not."""
    if after == LOST and reason is None and by is not None:
        raise FieldRefused("reason", _("Choose one."))


def move(
    row: Opportunity, stage: Stage, *, version: int, by: User | None, reason: LossReason | None = None,
    competitor: str = "",
) -> None:  # fmt: skip
    """Into another stage: one that is won or lost settles it, an open one opens it again.  A lost one wants a reason.
    Raises ``NotNow``, ``StaleDocument``; nothing is changed then."""
    party = parties.hold_document(row, version)
    if stage.retired:
        raise NotNow(_("This choice is no longer there."))
    is_other = row.state != stage.kind
    if is_other:
        check_reason(stage.kind, reason, by)
    stages.enter(row, stage, by=by)
    if competitor:
        row.competitor = competitor
    if is_other:
        settle(row, stage.kind, by=by, reason=reason)
        parties.renew(party, by=by, about=row.title if stage.kind == OPEN else "")
    db.session.flush()


def settle(
    row: Opportunity, after: str, *, by: User | None, reason: LossReason | None = None, on: date | None = None
) -> None:
    """The opportunity, whose party is held, gets this state.  Tells no fact: whoever calls it does."""
    parties.note(parties.party_of(row), opportunity_change(row.title, row.state, after), by=by)
    row.state, row.loss_reason_id = after, reason.id if reason and after == LOST else None
    row.closed_on = None if after == OPEN else on or parties.today()
    stages.follow(row, by=by)
    db.session.flush()


def remove(row: Opportunity, *, by: User | None) -> None:
    """It counts for nothing any more; ``restore`` gives it back while the bin keeps it."""
    party = parties.hold_document(row)
    parties.note(party, opportunity_change(row.title, row.state, ""), by=by)
    row.deleted_at = utcnow()
    db.session.flush()
    parties.renew(party, by=by)


def restore(row: Opportunity, *, by: User | None) -> None:
    party = parties.hold_document(row, in_bin=True)
    if row.deleted_at is None:
        return
    row.deleted_at = None
    db.session.flush()
    parties.note(party, opportunity_change(row.title, "", row.state), by=by)
    parties.renew(party, by=by, about=row.title)


def acts_on(row: Opportunity) -> list[str]:
    """What can be done with it as it is."""
    return [name for name, (states, _after) in ACTS.items() if row.state in states]


def _fill(row: Opportunity, draft: OpportunityDraft) -> None:
    if not draft.title.strip():
        raise FieldRefused("title", _("Give it a title."))
    row.amount_minor = amount_of(draft.amount, draft.currency)
    for name, value in asdict(draft).items():
        if name != "amount":
            setattr(row, name, value)
