"""Leads that have the same e-mail or phone: exact keys, by index, and only those that one may see."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from leadhub.accounts.models import User
from leadhub.accounts.visibility import visible
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.leads.keys import email_key, phone_key
from leadhub.leads.models import Lead, LeadReach

MOST = 5
ASKED_MAX = 20


def twins_of(
    user: User, emails: Iterable[str] = (), phones: Iterable[str] = (), *, but: int | None = None
) -> Sequence[Lead]:
    """At most five, newest first.  ``but``: the id of the lead that is asked about.  No key, no query."""
    country = hub().country
    mails = {key for text in list(emails)[:ASKED_MAX] if (key := email_key(text.strip()))}
    numbers = {key for text in list(phones)[:ASKED_MAX] if (key := phone_key(text, country))}
    if not mails and not numbers:
        return []
    wanted = visible(user, Lead).where(Lead.id.in_(_with_keys(mails, numbers)), Lead.id != (but or 0))
    shown = wanted.options(joinedload(Lead.status), joinedload(Lead.owner), joinedload(Lead.source))
    return db.session.scalars(shown.order_by(Lead.received_at.desc(), Lead.id.desc()).limit(MOST)).all()


def _with_keys(mails: set[str], numbers: set[str]) -> sa.CompoundSelect[tuple[int]]:
    """Ids, each part of the union by its own index."""
    return sa.union_all(
        sa.select(Lead.id).where(Lead.email_key.in_(mails)),
        sa.select(Lead.id).where(Lead.phone_key.in_(numbers)),
        sa.select(LeadReach.lead_id).where(LeadReach.key.in_(mails), LeadReach.kind == "email"),
        sa.select(LeadReach.lead_id).where(LeadReach.key.in_(numbers), LeadReach.kind == "phone"),
    )
