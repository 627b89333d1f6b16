"""Sample data: sixty made-up leads, flagged, so that one click takes them all away again."""

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.leads import services
from leadhub.leads.blocks import SAMPLE
from leadhub.leads.models import Lead
from leadhub.plugins.api.leads import LeadDraft

COUNT = 60
FIRST_NAMES = (
    "Hélène", "Tom", "Zoé", "Amélie", "Karim", "Lucy", "Émile", "Nora", "Hugo", "Grace", "Inès", "Oscar", "Chloé",
    "Samir", "Alice", "Jules", "Maëlle",
)  # fmt: skip
LAST_NAMES = (
    "Lefèvre", "Martin", "Dupré", "O’Connor", "Benali", "Walker", "Élan", "Rossi", "Faure", "Dubois", "Clarke",
    "Nguyen", "Moreau",
)  # fmt: skip
ORGANISATIONS = (
    "Boulangerie du Port", "", "Atelier Cœur de Bois", "Northwind Cycles", "", "Imprimerie Élan", "Harbour & Sons",
    "", "Ferme des Trois Vents", "Studio L’Oasis", "Greenfield Legal",
)  # fmt: skip
SOURCES = ("web-form", "trade-fair", "referral", "whatsapp", "", "linkedin", "phone-call", "website")
TYPES = ("prospect", "prospect", "prospect", "customer", "partner")


def load_samples(*, by: User | None) -> int:
    """Bring the sample leads in, each once: a second call changes nothing.  Returns how many are new."""
    there = set(db.session.scalars(sa.select(Lead.external_id).where(Lead.is_sample)))
    missing = [draft for draft in _drafts() if draft.external_id not in there]
    return len(services.create_leads(missing, by=by))


def _drafts() -> Iterator[LeadDraft]:
    """Numbers are of the ranges that are given to nobody (France 06 39 98, United Kingdom 07700 900)."""
    now = utcnow()
    for place in range(COUNT):
        first, last = FIRST_NAMES[place % len(FIRST_NAMES)], LAST_NAMES[place % len(LAST_NAMES)]
        mailbox = fold(f"{first}.{last}").replace(" ", "")
        yield LeadDraft(
            channel=SAMPLE,
            first_name=first,
            last_name=last,
            organisation=ORGANISATIONS[place % len(ORGANISATIONS)],
            email=f"{mailbox}@example.{'com' if place % 2 else 'org'}",
            phone=f"06 39 98 {place + 10} {place * 7 % 90 + 10}" if place % 3 else f"+44 7700 9000{place % 90 + 10}",
            source=SOURCES[place % len(SOURCES)],
            type=TYPES[place % len(TYPES)],
            received_at=now - timedelta(days=place * 1.5, hours=place * 5 % 9),
            external_scope="sample",
            external_id=f"S-{place + 1:03}",
        )
