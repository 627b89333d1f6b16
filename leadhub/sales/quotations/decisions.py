"""What the customer answers by the link that they were sent: once, by name, while it is asked.  Commits nothing."""

from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.accounts.notices import language_of
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.jobs import mail
from leadhub.leads.models import Lead
from leadhub.lists.models import LossReason
from leadhub.lists.queries import rows_of
from leadhub.sales import parties
from leadhub.sales.documents import ACCEPTED, CANCELLED, DRAFT, EXPIRED, LOST, SUBMITTED, Quotation
from leadhub.sales.parties import CUSTOMERS, NotNow, Party
from leadhub.sales.quotations import queries, services
from leadhub.sales.words import answer_change

ACCEPT, DECLINE = "accept", "decline"
ASKED, REPLACED, GONE = "asked", "replaced", "gone"
DECLINED_KEY = "declined"
NAME_MAX, NOTE_MAX = 200, 2000


class Answered(NotNow):
    """It is no longer asked: answered already, run out, replaced or taken back.  Nothing was changed."""


def standing_of(row: Quotation) -> str:
    """``ASKED`` while an answer is waited for, else why not: ``ACCEPTED``, ``LOST``, ``EXPIRED``, ``REPLACED``,
    ``GONE``."""
    party = row.lead or row.customer
    if row.deleted_at or not row.link_key or (isinstance(party, Lead) and party.deleted_at):
        return GONE
    if row.state == SUBMITTED:
        return EXPIRED if row.valid_until and row.valid_until < parties.today() else ASKED
    if row.state == CANCELLED:
        return REPLACED if _is_replaced(row) else GONE
    return row.state if row.state in (ACCEPTED, LOST, EXPIRED) else GONE


def decide(row: Quotation, how: str, *, name: str, note: str = "", link: str = "") -> None:
    """``how`` is ``ACCEPT`` or ``DECLINE``.  ``link`` leads whoever holds the lead to the quotation.

    Raises ``Answered``, and what ``parties.hold`` raises; nothing is changed then.
    """
    party = parties.hold_document(row)  # of two at once the second one sees what the first one said
    if standing_of(row) != ASKED:
        raise Answered(_("This quotation waits for no answer any more."))
    if how == ACCEPT:
        services.act(row, "accept", by=None, channel=CUSTOMERS)
    else:
        services.act(row, "lose", by=None, reason=_reason(), channel=CUSTOMERS)
    row.decided_by, row.decided_at, row.decided_note = name, utcnow(), note
    db.session.flush()
    parties.note(party, answer_change(row.number, name, note), by=None, channel=CUSTOMERS)
    _tell(party.owner, party, row, how, link)


def _is_replaced(row: Quotation) -> bool:
    return any(other.revision > row.revision and other.state != DRAFT for other in queries.versions_of(row))


def _reason() -> LossReason | None:
    """The one that was made for this; where an admin deleted it, the first one that stands."""
    standing = [row for row in rows_of(LossReason) if not row.retired]
    return next((row for row in standing if row.key == DECLINED_KEY), next(iter(standing), None))


def _tell(owner: User | None, party: Party, row: Quotation, how: str, link: str) -> None:
    """A mail to whoever holds the lead, where there is somebody and mail is sent."""
    if owner is None or not owner.active or not mail.can_send():
        return
    language = language_of(owner)
    words = {"number": row.number, "name": row.decided_by, "answer": how, "note": row.decided_note, "link": link}
    title = party.title(language) if isinstance(party, Lead) else party.title
    mail.send_mail("quotation_answered", owner.email, language=language, party=title, **words)
