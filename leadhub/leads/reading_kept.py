"""Counts that took a while are kept until a lead that the reader sees changes, and for a minute at most: what else they
depend on (who is in which team, how late it is) changes seldom.  Nothing here writes."""

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.leads.beside import version_of
from leadhub.leads.counters.tallies import version_for

SECONDS = 60.0
WORTH = 0.02  # seconds: what is quicker is counted again
MOST = 256  # counts
Key = tuple[Any, ...]


@dataclass
class Kept:
    """Of one process.  A key tells the database, the reader's reach, the version of what he sees, and the statement."""

    counts: OrderedDict[Key, tuple[float, Sequence[Any]]] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def get(self, key: Key) -> Sequence[Any] | None:
        with self.lock:
            found = self.counts.get(key)
        return found[1] if found and time.monotonic() - found[0] < SECONDS else None

    def put(self, key: Key, rows: Sequence[Any]) -> None:
        with self.lock:
            self.counts[key] = (time.monotonic(), rows)
            self.counts.move_to_end(key)
            while len(self.counts) > MOST:
                self.counts.popitem(last=False)


KEPT = Kept()


def rows_of(user: User | None, statement: sa.Select[Any] | sa.CompoundSelect[Any]) -> Sequence[Any]:
    """What the statement gives.  Without a user it is always asked anew."""
    if user is None:
        return db.session.execute(statement).all()
    key = _key(user, statement)
    rows = KEPT.get(key)
    if rows is None:
        begun = time.monotonic()
        rows = [tuple(row) for row in db.session.execute(statement)]
        if time.monotonic() - begun > WORTH:
            KEPT.put(key, rows)
    return rows


def _key(user: User, statement: sa.Select[Any] | sa.CompoundSelect[Any]) -> Key:
    engine = db.session.get_bind()
    compiled = statement.compile(dialect=engine.dialect)
    reach = (user.id, user.role, user.reach, user.team_id)
    sql, beside = str(compiled), version_of(str(compiled))
    return (str(engine.engine.url), reach, version_for(user), beside, sql, repr(sorted(compiled.params.items())))
