"""What the worker does for documents: quotations run out, and what was deleted goes for good.  Commits nothing."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import aliased

from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.jobs.models import RUNNING, WAITING, Effect
from leadhub.jobs.registry import Handler, Payload, Periodic
from leadhub.jobs.services import enqueue
from leadhub.leads.models import Lead
from leadhub.sales import parties
from leadhub.sales.documents import SUBMITTED, Opportunity, Order, Quotation
from leadhub.sales.quotations import services

ROUND, EXPIRE, PURGE = "sales.expire", "sales.expire_one", "sales.purge_bin"
AT_ONCE = 200


def begin_round(payload: Payload) -> Iterator[None]:
    """A job for each quotation whose last day is over on the hub's calendar: one that fails stops no other."""
    today = parties.today()
    at_work = sa.select(Effect.payload).where(Effect.kind == EXPIRE, Effect.state.in_((WAITING, RUNNING)))
    busy = {told["quotation"] for told in db.session.scalars(at_work)}
    for block in _blocks(lambda last: _run_out(today).where(Quotation.id > last)):
        for row_id in block:
            if row_id not in busy:
                enqueue(EXPIRE, {"quotation": row_id})
        yield


def expire(payload: Payload) -> None:
    """One, if it still is as it was."""
    wanted = _run_out(parties.today()).where(Quotation.id == payload["quotation"])
    row = db.session.scalar(wanted.with_only_columns(Quotation))
    if row is None:
        return
    try:
        services.expire(row)
    except RuleBroken:  # it was deleted meanwhile, or its lead was
        return


def purge(payload: Payload) -> Iterator[None]:
    """Delete for good what was deleted for longer than the hub's bin keeps things."""
    days = hub().bin_days
    if not days:
        return
    until = utcnow() - timedelta(days=days)
    for model in (Order, Quotation, Opportunity):
        old = sa.select(model.id).where(model.deleted_at < until)
        if model is Quotation:
            old = old.where(~_has_versions())
        for block in _blocks(lambda last, model=model, old=old: old.where(model.id > last).order_by(model.id)):
            db.session.execute(sa.delete(model).where(model.id.in_(block)))
            yield


def _run_out(today: date) -> sa.Select[Any]:
    """Ids of what waits for an answer in vain, but for what is of a lead in the bin: that comes back as it was."""
    wanted = sa.select(Quotation.id).outerjoin(Lead, Lead.id == Quotation.lead_id).where(Lead.deleted_at.is_(None))
    mine = (Quotation.is_own, Quotation.state == SUBMITTED, Quotation.deleted_at.is_(None))
    return wanted.where(*mine, Quotation.valid_until < today).order_by(Quotation.id)


def _has_versions() -> sa.ColumnElement[bool]:
    """Another version of its number stands: that one's next version must not be given the same number again."""
    other = aliased(Quotation)
    same = (getattr(other, name) == getattr(Quotation, name) for name in ("series", "year", "sequence"))
    return sa.select(other.id).where(*same, other.id != Quotation.id, other.deleted_at.is_(None)).exists()


def _blocks(behind: Any) -> Iterator[list[int]]:
    last = 0
    while ids := list(db.session.scalars(behind(last).limit(AT_ONCE))):
        last = ids[-1]
        yield ids


HANDLERS = {
    ROUND: Handler(run=begin_round, label=_l("Look for quotations that have run out")),
    EXPIRE: Handler(run=expire, label=_l("Let a quotation run out")),
    PURGE: Handler(run=purge, label=_l("Delete documents that were deleted for long")),
}
PERIODIC = (
    Periodic(kind=ROUND, every=timedelta(hours=1)),
    Periodic(kind=PURGE, every=timedelta(days=1), offset=timedelta(hours=3)),
)
