"""Reads leads, through the one visibility rule.  Nothing here writes."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from leadhub.accounts.models import User
from leadhub.accounts.visibility import visible
from leadhub.database import id_from
from leadhub.extensions import db
from leadhub.leads.models import Lead, LeadEvent, LeadFile

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
PAGE = 50
HISTORY_PAGE = 30
PASSED_OVER = 10
HISTORY_KINDS = {
    "": (),
    "note": ("note",),
    "call": ("call",),
    "meeting": ("meeting",),
    "file": ("file",),
    "changed": ("created", "changed", "deleted", "restored"),
}
"""What a history can be narrowed to -> the kinds of events that are then shown; none: all."""
COUNT_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the bin, what was deleted last first: right behind this lead."""

    moment: datetime
    id: int

    def __str__(self) -> str:
        """As URLs carry it: microseconds since 1970 and the id, ``1763800000250000-17``."""
        return f"{(self.moment - EPOCH) // MICROSECOND}-{self.id}"

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
    """Leads of one page of the bin, and where the next one begins."""

    leads: Sequence[Lead]
    older: Place | None


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """An event as one reader may see it."""

    event: LeadEvent
    changes: Sequence[dict[str, str]]


def bin_page_of(user: User | None, behind: Place | None) -> Page:
    """One page of what the user sees in the bin, what was deleted last first."""
    shown = visible(user, Lead, in_bin=True).options(joinedload(Lead.source), joinedload(Lead.deleted_by))
    if behind:
        there = sa.tuple_(sa.literal(behind.moment, Lead.deleted_at.type), behind.id)
        shown = shown.where(sa.tuple_(Lead.deleted_at, Lead.id) < there)
    leads = db.session.scalars(shown.order_by(Lead.deleted_at.desc(), Lead.id.desc()).limit(PAGE + 1)).all()
    last = leads[PAGE - 1] if len(leads) > PAGE else None
    return Page(leads[:PAGE], Place(last.deleted_at, last.id) if last and last.deleted_at else None)


def count_of(statement: sa.Select[Lead]) -> int:
    """How many there are; ``COUNT_MAX + 1`` stands for more than that."""
    ids = statement.with_only_columns(Lead.id).limit(COUNT_MAX + 1).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(ids)) or 0


def exact_count_of(statement: sa.Select[Lead]) -> int:
    """How many there are, however many."""
    return db.session.scalar(exact_count(statement)) or 0


def exact_count(statement: sa.Select[Lead]) -> sa.Select[Any]:
    """The question for that."""
    ids = statement.with_only_columns(Lead.id).subquery()
    return sa.select(sa.func.count()).select_from(ids)


def lead_seen_by(user: User | None, lead_id: int) -> Lead | None:
    """The lead, if it is there and the user may see it."""
    shown = (joinedload(Lead.source), joinedload(Lead.type), joinedload(Lead.status), joinedload(Lead.owner))
    return db.session.scalar(visible(user, Lead).where(Lead.id == lead_id).options(*shown, joinedload(Lead.created_by)))


def history_of(
    lead: Lead, before: int | None = None, *, kind: str = "", hidden: Container[str] = ()
) -> tuple[Sequence[HistoryLine], int | None]:
    """Newest first, one page of it, and the id behind which the next page begins.

    ``kind`` is one of ``HISTORY_KINDS``.  What changed in ``hidden`` fields is left out, and with it what is nothing
    else; of pages of which nothing is left ten are passed over.
    """
    lines, older = _history_page(lead, before, kind, hidden)
    for _page in range(PASSED_OVER):
        if lines or not older:
            break
        lines, older = _history_page(lead, older, kind, hidden)
    return lines, older


def _history_page(
    lead: Lead, before: int | None, kind: str, hidden: Container[str]
) -> tuple[Sequence[HistoryLine], int | None]:
    statement = sa.select(LeadEvent).where(LeadEvent.lead_id == lead.id, *_of_kind(lead, kind))
    if before:
        statement = statement.where(LeadEvent.id < before)
    shown = statement.options(joinedload(LeadEvent.by), selectinload(LeadEvent.files))
    events = db.session.scalars(shown.order_by(LeadEvent.id.desc()).limit(HISTORY_PAGE + 1)).all()
    lines = [HistoryLine(event, _without(event.changes, hidden)) for event in events[:HISTORY_PAGE]]
    older = events[HISTORY_PAGE - 1].id if len(events) > HISTORY_PAGE else None
    return [line for line in lines if line.changes or line.event.kind != "changed"], older


def _of_kind(lead: Lead, kind: str) -> list[sa.ColumnElement[bool]]:
    if kind == "file":  # whatever it was that they came with
        return [LeadEvent.id.in_(sa.select(LeadFile.event_id).where(LeadFile.lead_id == lead.id))]
    kinds = HISTORY_KINDS.get(kind)
    return [LeadEvent.kind.in_(kinds)] if kinds else []


def _without(changes: Iterable[dict[str, str]], hidden: Container[str]) -> list[dict[str, str]]:
    return [change for change in changes if change["field"] not in hidden]


def binned_seen_by(user: User | None, lead_id: int) -> Lead | None:
    """The lead, if it is in the bin and the user may see it."""
    return db.session.scalar(visible(user, Lead, in_bin=True).where(Lead.id == lead_id))


def file_count(leads: sa.Select[Lead]) -> int:
    """How many files hang on these leads."""
    ids = leads.with_only_columns(Lead.id).order_by(None)
    return db.session.scalar(sa.select(sa.func.count()).where(LeadFile.lead_id.in_(ids))) or 0


def sample_count() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Lead).where(Lead.is_sample)) or 0
