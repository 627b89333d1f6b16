"""Folds changes into the counters, so that readers find few of them."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects import postgresql, sqlite

from leadhub.extensions import db
from leadhub.jobs.registry import Handler, Payload, Periodic
from leadhub.leads.counters.models import LeadCount, LeadDelta
from leadhub.leads.counters.queries import BILLION, KEYS, SUMS

FOLD = "leads.fold"
AT_ONCE = 5_000  # changes


def fold(payload: Payload) -> Iterator[None]:
    """Block by block, each in a transaction of its own."""
    while fold_block():
        yield


def fold_block() -> int:
    """Takes some changes away and adds them to the counters; how many there were.  Commits nothing."""
    oldest = sa.select(LeadDelta.id).order_by(LeadDelta.id).limit(AT_ONCE)
    gone = sa.delete(LeadDelta).where(LeadDelta.id.in_(oldest)).returning(*LeadDelta.__table__.columns)
    rows = db.session.execute(gone).all()
    leads: Counter[tuple[int, int, str]] = Counter()
    amounts: Counter[tuple[int, int, str]] = Counter()
    for row in rows:
        for side, sign in (("old", -1), ("new", 1)):
            if getattr(row, f"{side}_leads"):
                key = tuple(getattr(row, f"{side}_{name}") for name in KEYS)
                leads[key] += sign
                amounts[key] += sign * getattr(row, f"{side}_amount")
    found = [key for key in sorted(leads) if leads[key] or amounts[key]]  # in one order: two never wait for each other
    if found:
        db.session.execute(_added(), [_row(key, leads[key], amounts[key]) for key in found])
    return len(rows)


def _row(key: tuple[int, int, str], leads: int, amount: int) -> dict[str, Any]:
    billions, rest = divmod(amount, BILLION)
    return dict(zip(KEYS, key, strict=True)) | {"leads": leads, "billions": billions, "rest": rest}


def _added() -> Any:
    dialect: Any = sqlite if db.session().get_bind().dialect.name == "sqlite" else postgresql
    row = dialect.insert(LeadCount)
    more = {name: getattr(LeadCount, name) + row.excluded[name] for name in SUMS}
    return row.on_conflict_do_update(index_elements=KEYS, set_=more)


HANDLERS = {FOLD: Handler(run=fold, label=_l("Sum up what has changed"))}
PERIODIC = (Periodic(kind=FOLD, every=timedelta(minutes=1)),)
