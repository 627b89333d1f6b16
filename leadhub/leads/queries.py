"""Reads leads, through the one visibility rule.  Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from leadhub.accounts.models import User
from leadhub.accounts.visibility import visible
from leadhub.database import ID_MAX
from leadhub.extensions import db
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.search import search_words

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
PAGE = 50
HISTORY_PAGE = 30
COUNT_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list, newest first: right behind this lead."""

    received_at: datetime
    id: int

    def __str__(self) -> str:
        """As URLs carry it: microseconds since 1970 and the id, ``1763800000250000-17``."""
        return f"{(self.received_at - EPOCH) // MICROSECOND}-{self.id}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """The place that the text says; None for what says none."""
        moment, _dash, lead_id = text.partition("-")
        try:
            return cls(EPOCH + int(moment[:20]) * MICROSECOND, id_from(lead_id))
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True, slots=True)
class Page:
    """Leads of one page, and where the next one begins."""

    leads: Sequence[Lead]
    older: Place | None


def id_from(text: str) -> int:
    """Raises ``ValueError`` for what no row can have as its id."""
    if not text.isdecimal() or len(text) > 10 or int(text) > ID_MAX:
        raise ValueError(text)
    return int(text)


def leads_matching(user: User | None, text: str = "") -> sa.Select[Lead]:
    """Those that the user may see and in which every word of the text is found.  A select, not a list."""
    statement = visible(user, Lead)
    for word in search_words(text):
        statement = statement.where(Lead.search_key.like(f"%{word}%", escape="\\"))
    return statement


def page_of(statement: sa.Select[Lead], behind: Place | None) -> Page:
    """One page, newest first, with everything that a row shows."""
    if behind:
        place = sa.tuple_(Lead.received_at, Lead.id)
        statement = statement.where(place < sa.tuple_(sa.literal(behind.received_at, Lead.received_at.type), behind.id))
    shown = statement.options(joinedload(Lead.source), joinedload(Lead.status), joinedload(Lead.owner))
    ordered = shown.order_by(Lead.received_at.desc(), Lead.id.desc()).limit(PAGE + 1)
    leads = db.session.scalars(ordered).all()
    last = leads[PAGE - 1] if len(leads) > PAGE else None
    return Page(leads[:PAGE], Place(last.received_at, last.id) if last else None)


def count_of(statement: sa.Select[Lead]) -> int:
    """How many there are; ``COUNT_MAX + 1`` stands for more than that."""
    ids = statement.with_only_columns(Lead.id).limit(COUNT_MAX + 1).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(ids)) or 0


def lead_seen_by(user: User | None, lead_id: int) -> Lead | None:
    """The lead, if it is there and the user may see it."""
    shown = (joinedload(Lead.source), joinedload(Lead.type), joinedload(Lead.status), joinedload(Lead.owner))
    return db.session.scalar(visible(user, Lead).where(Lead.id == lead_id).options(*shown, joinedload(Lead.created_by)))


def history_of(lead: Lead, before: int | None = None) -> tuple[Sequence[LeadEvent], int | None]:
    """Newest first, one page of it, and the id behind which the next page begins."""
    statement = sa.select(LeadEvent).where(LeadEvent.lead_id == lead.id).options(joinedload(LeadEvent.by))
    if before:
        statement = statement.where(LeadEvent.id < before)
    events = db.session.scalars(statement.order_by(LeadEvent.id.desc()).limit(HISTORY_PAGE + 1)).all()
    return events[:HISTORY_PAGE], events[HISTORY_PAGE - 1].id if len(events) > HISTORY_PAGE else None


def sample_count() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Lead).where(Lead.is_sample)) or 0
