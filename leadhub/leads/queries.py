"""Reads leads, through the one visibility rule.  Nothing here writes."""

from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from leadhub.accounts.models import User
from leadhub.accounts.visibility import visible
from leadhub.database import id_from
from leadhub.extensions import db
from leadhub.fields.catalogue import ADDRESSES, TAGS, Field
from leadhub.leads.columns import Filter
from leadhub.leads.models import Lead, LeadEvent, LeadFile
from leadhub.leads.search import search_words

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
PAGE = 50
ROWS_BESIDE: dict[str, Any] = {TAGS: Lead.tags, ADDRESSES: Lead.addresses}
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
    """A place in a list, newest first: right behind this lead.  ``moment``: when it was received, or deleted."""

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
    """Leads of one page, and where the next one begins."""

    leads: Sequence[Lead]
    older: Place | None


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """An event as one reader may see it."""

    event: LeadEvent
    changes: Sequence[dict[str, str]]


def leads_matching(user: User | None, text: str = "", filters: Iterable[Filter] = ()) -> sa.Select[Lead]:
    """Those that the user may see, in which every word of the text is found and to which every filter applies.  A
    select, not a list."""
    statement = visible(user, Lead)
    for word in search_words(text):
        statement = statement.where(Lead.search_key.like(f"%{word}%", escape="\\"))
    return statement.where(*(chosen.condition for chosen in filters))


def page_of(statement: sa.Select[Lead], behind: Place | None, columns: Collection[Field] = ()) -> Page:
    """One page, newest first, with everything that a row with these columns shows."""
    named = {"source", "status"}  # which every row shows, the source where a lead has no name
    shown = statement.options(
        *(joinedload(getattr(Lead, name)) for name in named | {field.link for field in columns if field.link}),
        *(selectinload(ROWS_BESIDE[kind]) for kind in ROWS_BESIDE if any(field.type == kind for field in columns)),
        *([selectinload(Lead.custom_values)] if any(field.is_custom for field in columns) else []),
    )
    return _paged(shown, Lead.received_at, behind)


def bin_page_of(user: User | None, behind: Place | None) -> Page:
    """One page of what the user sees in the bin, what was deleted last first."""
    shown = visible(user, Lead, in_bin=True).options(joinedload(Lead.source), joinedload(Lead.deleted_by))
    return _paged(shown, Lead.deleted_at, behind)


def _paged(statement: sa.Select[Lead], column: InstrumentedAttribute[Any], behind: Place | None) -> Page:
    if behind:
        place = sa.tuple_(column, Lead.id)
        statement = statement.where(place < sa.tuple_(sa.literal(behind.moment, column.type), behind.id))
    leads = db.session.scalars(statement.order_by(column.desc(), Lead.id.desc()).limit(PAGE + 1)).all()
    last = leads[PAGE - 1] if len(leads) > PAGE else None
    return Page(leads[:PAGE], Place(getattr(last, column.key), last.id) if last else None)


def count_of(statement: sa.Select[Lead]) -> int:
    """How many there are; ``COUNT_MAX + 1`` stands for more than that."""
    ids = statement.with_only_columns(Lead.id).limit(COUNT_MAX + 1).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(ids)) or 0


def exact_count_of(statement: sa.Select[Lead]) -> int:
    """How many there are, however many."""
    ids = statement.with_only_columns(Lead.id).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(ids)) or 0


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
