"""How the door knows a lead again: by the external id that it came with, never by its name."""

import hashlib
from dataclasses import fields
from operator import attrgetter
from typing import Any

from leadhub.folding import fold
from leadhub.leads.models import Lead
from leadhub.leads.search import NO_DIGIT
from leadhub.plugins.api.leads import LeadDraft

DRAFT_FIELDS = [field.name for field in fields(LeadDraft)]
_values_of = attrgetter(*DRAFT_FIELDS)


def values_of(draft: LeadDraft) -> dict[str, Any]:
    """What the draft holds, by name."""
    return dict(zip(DRAFT_FIELDS, _values_of(draft), strict=True))


def key_of(draft: LeadDraft) -> str | None:
    """Scope and external id as one word of 64 hexadecimal digits (SHA-256); None for a draft without an id.

    One column, so that no database has to guess whether scope or id tells more leads apart.  A draft that names no
    scope is of its channel's.
    """
    if not draft.external_id:
        return None
    return hashlib.sha256(f"{draft.external_scope or draft.channel}\0{draft.external_id}".encode()).hexdigest()


def print_of(draft: LeadDraft) -> str:
    """Differs as soon as anything that the door brought differs.  What it did not bring counts for nothing, so that a
    field which drafts learn to carry later makes no known row look new."""
    brought = [(name, value) for name, value in values_of(draft).items() if value]
    return hashlib.sha256(repr(brought).encode()).hexdigest()[:32]


def is_another(lead: Lead, draft: LeadDraft) -> bool:
    """Do two systems count their ids alike?  So it looks when two or more of name, organisation, e-mail and phone are
    there on both sides, and every one differs."""
    pairs = [(mine, yours) for mine, yours in zip(_marks(lead), _marks(draft), strict=True) if mine and yours]
    return len(pairs) > 1 and all(mine != yours for mine, yours in pairs)


def _marks(record: Lead | LeadDraft) -> tuple[str, ...]:
    person = f"{record.first_name} {record.last_name}"
    return fold(person), fold(record.organisation), fold(record.email), NO_DIGIT.sub("", record.phone)
