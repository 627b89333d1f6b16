"""What the worker does for the bin: empties it, at once or when its time has come.  Commits nothing."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from leadhub.accounts.models import User
from leadhub.accounts.roles import MANAGE_LEADS
from leadhub.accounts.visibility import visible
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.jobs.registry import Handler, Payload, Periodic
from leadhub.leads import bin
from leadhub.leads.models import Lead

PURGE = "leads.purge_bin"


def empty(payload: Payload) -> Iterator[None]:
    """Delete for good what the person saw in the bin when they asked for it."""
    yield
    until = datetime.fromisoformat(payload["until"])

    def wanted() -> sa.Select[Any]:
        user = db.session.get(User, payload["by_id"])
        allowed = sa.true() if user and user.may(MANAGE_LEADS) else sa.false()
        return visible(user, Lead, in_bin=True).where(allowed, Lead.deleted_at <= until)

    yield from _remove(wanted, payload["by_id"])


def purge(payload: Payload) -> Iterator[None]:
    """Delete for good what has been in the bin for longer than the hub keeps it."""
    days = hub().bin_days
    if days:
        until = utcnow() - timedelta(days=days)
        yield from _remove(lambda: sa.select(Lead).where(Lead.deleted_at < until), None)


def _remove(wanted: Callable[[], sa.Select[Any]], by_id: int | None) -> Iterator[None]:
    """Block by block; what is needed is met once and stays."""
    last = 0
    while True:
        block = wanted().where(Lead.id > last).with_only_columns(Lead.id).order_by(Lead.id).limit(bin.AT_ONCE)
        ids = db.session.scalars(block).all()
        if not ids:
            return
        last = ids[-1]
        bin.remove(ids, by=db.session.get(User, by_id) if by_id else None)
        yield


HANDLERS = {
    bin.EMPTY: Handler(run=empty, label=_l("Empty the bin"), is_long=True),
    PURGE: Handler(run=purge, label=_l("Delete what has been in the bin for long")),
}
PERIODIC = (Periodic(kind=PURGE, every=timedelta(days=1), offset=timedelta(hours=2)),)
