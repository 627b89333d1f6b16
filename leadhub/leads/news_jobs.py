"""Tells plugins the news: in order, at least once, one worker at a time, with no transaction open meanwhile."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload, selectinload

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.jobs.registry import N_, Handler, NotNow, Payload
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.statuses.snapshots import snapshot_of
from leadhub.news.models import News
from leadhub.news.services import CHANGED, CREATED, DELETED, ERASED, HOOKS, REPLACED, TELL
from leadhub.plugin_settings.context import HubContext, context_for
from leadhub.plugin_settings.store import keep
from leadhub.plugins.api.news import (
    FieldChange,
    LeadChanged,
    LeadCreated,
    LeadDeleted,
    LeadStatusChanged,
    StatusReplaced,
)
from leadhub.plugins.health import PluginFailed
from leadhub.plugins.host import current_host

AT_ONCE = 50  # news that are read together
BATCH_SECONDS = 30.0  # until what was told so far is written down
SECONDS = 5.0  # for one plugin to hear of one thing
LEASE = timedelta(minutes=2)
BUSY = N_("Another worker is telling the news.")
HAND = "hand"


@dataclass(frozen=True)
class Piece:
    """One row of the news, put into what each hook gets."""

    id: int
    told: Sequence[tuple[str, Any]]


def tell(payload: Payload) -> Iterator[None]:
    """Everything that waits, oldest first."""
    while pieces := _claimed():
        contexts = _contexts(pieces)
        yield
        done, began = [], time.monotonic()
        for piece in pieces:
            _tell(piece, contexts)
            done.append(piece.id)
            if time.monotonic() - began > BATCH_SECONDS:
                break
        for context in contexts.values():
            keep(context.store)
        db.session.execute(sa.delete(News).where(News.id.in_(done)))
        db.session.execute(sa.update(News).where(News.claimed_until.is_not(None)).values(claimed_until=None))


def _claimed() -> list[Piece]:
    """The oldest ones, for nobody else to tell.  Raises ``NotNow`` while somebody else is at it: what is told side by
    side comes in no order."""
    wanted = sa.select(News).order_by(News.id).limit(AT_ONCE).with_for_update()
    rows = db.session.scalars(wanted.execution_options(populate_existing=True)).all()
    now = utcnow()
    busy = News.claimed_until > now if rows else News.id > 0  # none: those that were waited for are told, others wait
    if db.session.scalar(sa.select(sa.exists().where(busy))):
        raise NotNow(BUSY, for_all=True)
    for row in rows:
        row.claimed_until = now + LEASE
    return _pieces(rows)


def _pieces(rows: Sequence[News]) -> list[Piece]:
    events, leads = _events(rows), _leads(rows)
    return [Piece(row.id, _told(row, events.get((row.lead_id, row.version)), leads.get(row.lead_id))) for row in rows]


def _events(rows: Sequence[News]) -> Mapping[tuple[int | None, int], LeadEvent]:
    """Lead and version -> the line of its history."""
    ids, versions = {row.lead_id for row in rows if row.lead_id}, {row.version for row in rows if row.version}
    if not ids:
        return {}
    wanted = sa.select(LeadEvent).where(LeadEvent.lead_id.in_(ids), LeadEvent.version.in_(versions))
    found = db.session.scalars(wanted.options(joinedload(LeadEvent.by)))
    return {(event.lead_id, event.version): event for event in found}


def _leads(rows: Sequence[News]) -> Mapping[int | None, Lead]:
    ids = {row.lead_id for row in rows if row.lead_id}
    beside = (Lead.status, Lead.source, Lead.type, Lead.campaign, Lead.owner)
    wanted = sa.select(Lead).where(Lead.id.in_(ids)).options(*map(selectinload, beside))
    return {lead.id: lead for lead in db.session.scalars(wanted)} if ids else {}


def _told(row: News, event: LeadEvent | None, lead: Lead | None) -> list[tuple[str, Any]]:
    """(hook, news) pairs; none where what it was about is gone."""
    if row.kind == REPLACED:
        return [(hook, StatusReplaced(at=row.at, **row.details)) for hook in HOOKS[row.kind]]
    if row.kind in (DELETED, ERASED) and row.lead_id:
        told = LeadDeleted(lead_id=row.lead_id, at=row.at, for_good=row.kind == ERASED)
        return [(hook, told) for hook in HOOKS[row.kind]]
    if event is None or lead is None:
        return []
    common: dict[str, Any] = {
        "lead": snapshot_of(lead), "version": row.version, "at": row.at, "channel": event.channel,
        "by": event.by.email if event.by else "",
    }  # fmt: skip
    if row.kind == CREATED:
        return [("lead_created", LeadCreated(**common))]
    changes = [FieldChange(field=it["field"], old=it["old"], new=it["new"]) for it in event.changes]
    pairs: list[tuple[str, Any]] = [("lead_changed", LeadChanged(changes=tuple(changes), **common))]
    cause = str((event.details or {}).get("cause", HAND))
    for change in changes:
        if row.kind == CHANGED and change.field == "status":
            news = LeadStatusChanged(old=change.old, new=change.new, cause=cause, **common)
            pairs.append(("lead_status_changed", news))
    return pairs


def _contexts(pieces: Sequence[Piece]) -> dict[str, HubContext]:
    hooks = {hook for piece in pieces for hook, _news in piece.told}
    names = {name for hook in hooks for name in current_host().listeners(hook)}
    return {name: context_for(name, "") for name in sorted(names)}


def _tell(piece: Piece, contexts: Mapping[str, HubContext]) -> None:
    """A plugin that fails has a line in the log, and the others hear of it all the same."""
    host = current_host()
    for hook, news in piece.told:
        for name in host.listeners(hook):
            if name not in contexts:
                continue  # switched on in this moment
            context = replace(contexts[name], run_id=f"{TELL}:{piece.id}")
            try:
                host.tell(name, hook, SECONDS, news=news, context=context)
            except PluginFailed:
                continue


HANDLERS = {TELL: Handler(run=tell, label=_l("Tell plugins what has happened"))}
