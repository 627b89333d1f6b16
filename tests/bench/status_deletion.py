"""How long deleting a status takes, and its undo: all leads of a hub have it.

``--size 125000`` leads, ``--server URL`` an empty PostgreSQL database instead of SQLite.  Seconds, the median of five
rounds, each from the press of the button to the commit.
"""

import argparse
import logging
import statistics
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.statuses import deletion
from leadhub.statuses.models import Status
from tests.bench import hubs

ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=125_000)
    parser.add_argument("--server", default="")
    arguments = parser.parse_args()
    logging.disable()
    app = hubs.app_with(arguments.size, arguments.server)
    deleting, undoing = [], []
    with app.app_context():
        wanted = db.session.scalar(sa.select(Status.id).where(Status.key == "opportunity"))
        successor = db.session.scalar(sa.select(Status.id).where(Status.key == "quotation"))
        db.session.execute(sa.update(Lead).values(status_id=wanted))
        db.session.commit()
        for _round in range(ROUNDS):
            ada = user_by_email("ada@example.org")
            gone, seconds = _timed(lambda by=ada: deletion.delete_status(wanted, successor, by=by))
            deleting.append(seconds)
            _row, seconds = _timed(lambda act=gone, by=ada: deletion.undo_deletion(act, by=by))
            undoing.append(seconds)
        db.engine.dispose()
    for name, found in (("deleted", deleting), ("undone", undoing)):
        print(
            f"{arguments.size:>9,} leads {name}: {statistics.median(found):6.2f} s ({min(found):.2f}–{max(found):.2f})"
        )


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.perf_counter()
    result = work()
    db.session.commit()
    return result, time.perf_counter() - begun


if __name__ == "__main__":
    main()
