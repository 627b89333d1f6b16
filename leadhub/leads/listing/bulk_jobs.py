"""What the worker does for changes of many leads.  Commits nothing: the worker does, at each ``yield``."""

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.jobs.registry import Handler, Payload, Periodic
from leadhub.leads.listing import bulk
from leadhub.leads.listing.models import BulkItem, BulkRun

PURGE = "leads.bulk_purge"
ITEMS_KEPT = timedelta(days=7)
RUNS_KEPT = timedelta(days=90)
PURGED_AT_ONCE = 5000


def work(payload: Payload) -> Iterator[None]:
    """Go on from where the last run came to, block by block, in the language of who wanted it."""
    yield
    while True:
        run = db.session.get(BulkRun, payload["run_id"], populate_existing=True)
        if run is None:
            return
        with force_locale(run.by.language or hub().language):
            is_more = bulk.do_block(run)
        if not is_more:
            return
        yield


def gave_up(payload: Payload) -> None:
    bulk.fail(payload["run_id"])


def purge(payload: Payload) -> Iterator[None]:
    """What leads held before goes after a week; that there was such a change, after ninety days."""
    over = sa.select(BulkRun.id).where(BulkRun.created_at < utcnow() - ITEMS_KEPT, BulkRun.state.not_in(bulk.WORKING))
    for run_id in db.session.scalars(over).all():
        while ids := db.session.scalars(_items_of(run_id)).all():
            theirs = (BulkItem.run_id == run_id) & (BulkItem.lead_id <= ids[-1])
            db.session.execute(sa.delete(BulkItem).where(theirs), execution_options=bulk.AS_IT_IS)
            yield
    old = (BulkRun.created_at < utcnow() - RUNS_KEPT) & BulkRun.state.not_in(bulk.WORKING)
    db.session.execute(sa.delete(BulkRun).where(old), execution_options=bulk.AS_IT_IS)


def _items_of(run_id: int) -> sa.Select[int]:
    items = sa.select(BulkItem.lead_id).where(BulkItem.run_id == run_id)
    return items.order_by(BulkItem.lead_id).limit(PURGED_AT_ONCE)


HANDLERS = {
    bulk.WORK: Handler(run=work, label=_l("Change many leads"), gave_up=gave_up, is_long=True),
    PURGE: Handler(run=purge, label=_l("Delete what changes of many leads remember")),
}
PERIODIC = (Periodic(kind=PURGE, every=timedelta(days=1), offset=timedelta(hours=4)),)
