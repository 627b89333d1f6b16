"""Writes down what has happened, where a plugin wants to hear of it.  Commits nothing: news is part of its cause."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.jobs.services import enqueue
from leadhub.news.models import News
from leadhub.plugins.host import current_host

TELL = "news.tell"
ONE_MORE = sa.insert(cast(sa.Table, News.__table__))
CREATED, CHANGED, RESTORED, DELETED, ERASED, REPLACED = (
    "created", "changed", "restored", "deleted", "erased", "replaced",
)  # fmt: skip
HOOKS = {
    CREATED: ("lead_created",),
    CHANGED: ("lead_changed", "lead_status_changed"),
    RESTORED: ("lead_changed",),
    DELETED: ("lead_deleted",),
    ERASED: ("lead_deleted",),
    REPLACED: ("status_replaced",),
}
"""Kind of news -> the hooks that hear of it.  The first four are kinds of lines in the history too."""


def is_wanted(kind: str) -> bool:
    return kind in HOOKS and current_host().listens(*HOOKS[kind])


def note_lines(lines: Sequence[Mapping[str, Any]]) -> None:
    """Lines of histories that were just written, with their kind, lead, version and moment."""
    wanted = {kind for kind in {line["kind"] for line in lines} if is_wanted(kind)}
    named = ("kind", "lead_id", "version", "at")
    _write([{name: line[name] for name in named} for line in lines if line["kind"] in wanted])


def note_leads(which: sa.ColumnElement[bool], leads: Any, at: datetime) -> None:
    """All leads (a table with ``id`` and ``version``) that the condition names have changed at this moment: one
    statement for as many as they are.  Their version is not moved yet."""
    if is_wanted(CHANGED):
        values = [sa.literal(CHANGED), leads.id, leads.version + 1, sa.literal(at, News.at.type)]
        details = sa.literal({}, News.details.type)
        told = sa.select(*values, details).where(which)
        db.session.execute(sa.insert(News).from_select(["kind", "lead_id", "version", "at", "details"], told))
        enqueue(TELL, {})


def note_erased(lead_ids: Sequence[int]) -> None:
    """These leads are gone for good."""
    if is_wanted(ERASED):
        now = utcnow()
        _write([{"kind": ERASED, "lead_id": lead_id, "version": 0, "at": now} for lead_id in lead_ids])


def note_replaced(details: Mapping[str, Any]) -> None:
    """A status was deleted, or is there again; the details are those of ``plugins.api.news.StatusReplaced``."""
    if is_wanted(REPLACED):
        _write([{"kind": REPLACED, "lead_id": None, "version": 0, "at": utcnow(), "details": dict(details)}])


def _write(rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(ONE_MORE, [{"details": {}} | row for row in rows])
        enqueue(TELL, {})
