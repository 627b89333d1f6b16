"""A quotation on its way to the customer: submitted first where it is a draft, then a mail with the link.  Commits
nothing."""

from email_validator import EmailNotValidError, validate_email
from flask_babel import force_locale
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.jobs import mail
from leadhub.leads.checks import FieldRefused
from leadhub.leads.models import Lead
from leadhub.leads.values import EMAIL
from leadhub.sales import parties
from leadhub.sales import queries as sales
from leadhub.sales.company.queries import company
from leadhub.sales.documents import DRAFT, SUBMITTED, Quotation
from leadhub.sales.parties import NotNow, Party
from leadhub.sales.quotations import links, pdf, writing

MESSAGE_MAX = 5000


def send(row: Quotation, to: str, message: str, *, by: User) -> None:
    """Raises ``NoMailServer``, ``FieldRefused`` (for ``to``, and for what a draft lacks), ``NotNow``; nothing is
    changed then."""
    to = _address(to)
    if row.state == DRAFT:
        writing.submit(row, by=by)
    parties.hold_document(row)
    if row.state != SUBMITTED:
        raise NotNow(_("Only a submitted quotation can be sent."))
    words = {"number": row.number, "company": (row.issuer or {}).get("name", ""), "link": links.address(row)}
    language = row.language or hub().language
    attached = f"{pdf.QUOTATION}:{row.id}"
    mail.send_mail("quotation", to, language=language, reply_to=by.email, attached=attached, message=message, **words)
    row.mailed_to, row.mailed_at = to, utcnow()
    db.session.flush()


def address_for(row: Quotation) -> str:
    """Where it went before, else the address of whom it is of, else that of the primary contact."""
    party = parties.party_of(row)
    contacts = sales.contacts_of(lead=party) if isinstance(party, Lead) else sales.contacts_of(customer=party)
    known = [row.mailed_to, _email_of(party), *(contact.email for contact in contacts)]
    return next((address for address in known if address), "")


def message_for(row: Quotation, by: User) -> str:
    """In the quotation's language; people change it as they like."""
    with force_locale(row.language or hub().language):
        lines = [
            _("Hello,"),
            _("Here is our quotation. The link below shows it; there you can accept or decline it too."),
            _("Kind regards,") + "\n" + "\n".join(filter(None, (by.name, company().name))),
        ]
    return "\n\n".join(lines)


def wants_no_mail(row: Quotation) -> bool:
    """Have they unsubscribed?  A quotation that they asked for is sent all the same, and the page says so."""
    return bool(row.lead and row.lead.unsubscribed)


def _email_of(party: Party) -> str:
    if isinstance(party, Lead):
        return party.email or ""
    return next((reach.value for reach in party.reaches if reach.kind == EMAIL), "")


def _address(text: str) -> str:
    """One that mails of ours reach: see ``mail.compose``."""
    try:
        checked = validate_email(
            text.strip(), check_deliverability=False, globally_deliverable=False, allow_smtputf8=False
        )
    except EmailNotValidError:
        raise FieldRefused("to", _("This is not an e-mail address.")) from None
    return str(checked.normalized)
