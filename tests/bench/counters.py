"""What the counters cost: a lead created with their triggers and without them, alone and by sixteen writers at once.

``make bench`` measures the first on SQLite: rounds of both in turn, the median.  ``--server URL`` (an empty PostgreSQL
database) measures the second: sixteen processes write for ``--seconds`` (60) each way, while changes are folded as a
worker does; p95 of one write, and how many deadlocks there were.
"""

import argparse
import importlib.util
import logging
import multiprocessing
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from leadhub.app import create_app
from leadhub.extensions import db
from leadhub.leads.counters.jobs import fold_block
from leadhub.leads.models import Lead
from leadhub.leads.services import create_lead, update_lead
from leadhub.plugins.api import LeadDraft
from leadhub.upgrade import MIGRATIONS
from tests import databases
from tests.bench import made_up

ROUNDS, CREATED, WRITERS = 7, 300, 16
COMMON = 200  # leads that all writers change


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default="", metavar="URL")
    parser.add_argument("--seconds", type=int, default=60)
    arguments = parser.parse_args()
    logging.disable()
    with tempfile.TemporaryDirectory() as folder:
        settings = databases.settings_for(Path(folder), arguments.server)
        databases.fill_template(settings)
        app = create_app(settings, **databases.QUICK_HASHES)
        with app.app_context():
            drafts = list(made_up.leads(COMMON, list(databases.PEOPLE)))
            for draft in drafts:
                create_lead(draft, by=None)
            db.session.commit()
        if arguments.server:
            _many(app, arguments.server, folder, arguments.seconds)
        else:
            _alone(app)


def _alone(app: Flask) -> None:
    times: dict[bool, list[float]] = {True: [], False: []}
    drafts = [replace(draft, external_id="") for draft in made_up.leads(CREATED, ["ada@example.org"])]
    with app.app_context():
        for _round in range(ROUNDS):
            for has_triggers in (True, False):
                _set_triggers(has_triggers)
                begun = time.perf_counter()
                for draft in drafts:
                    create_lead(draft, by=None)
                    db.session.commit()
                times[has_triggers].append((time.perf_counter() - begun) * 1000 / CREATED)
    with_them, without = (statistics.median(times[each]) for each in (True, False))
    share = (with_them / without - 1) * 100
    print(f"one lead created: {with_them:.2f} ms with counters, {without:.2f} ms without ({share:+.0f} %)")


def _many(app: Flask, url: str, folder: str, seconds: int) -> None:
    slow = {}
    for has_triggers in (True, False):
        with app.app_context():
            _set_triggers(has_triggers)
            db.session.remove()
            db.engine.dispose()
        with multiprocessing.get_context("spawn").Pool(WRITERS + 1) as pool:
            tasks = [(url, folder, number, seconds) for number in range(WRITERS + 1)]
            found = pool.starmap(_write, tasks, chunksize=1)
        times = sorted(each for its, _deadlocks in found for each in its)
        deadlocks = sum(number for _its, number in found)
        slow[has_triggers] = times[int(len(times) * 0.95)] * 1000
        told = "with counters" if has_triggers else "without"
        print(f"{WRITERS} writers, {told}: {len(times)} writes, p95 {slow[has_triggers]:.0f} ms, {deadlocks} deadlocks")
    print(f"p95 with to without: {slow[True] / slow[False]:.2f}")


def _write(url: str, folder: str, number: int, seconds: int) -> tuple[list[float], int]:
    """One writer's times and deadlocks; the first one folds instead, once a second."""
    logging.disable()
    app = create_app(databases.settings_for(Path(folder), url), **databases.QUICK_HASHES)
    times: list[float] = []
    deadlocks, turn, until = 0, 0, time.monotonic() + seconds
    with app.app_context():
        ids = db.session.scalars(sa.select(Lead.id).order_by(Lead.id).limit(COMMON)).all()
        db.session.rollback()
        while time.monotonic() < until:
            begun = time.perf_counter()
            try:
                if number == 0:
                    fold_block()
                else:
                    _change(number, turn, ids)
                db.session.commit()
            except sa.exc.OperationalError as error:
                db.session.rollback()
                deadlocks += "deadlock" in str(error)
            times += [] if number == 0 else [time.perf_counter() - begun]
            turn += 1
            if number == 0:
                time.sleep(1)
    return times, deadlocks


def _change(number: int, turn: int, ids: Any) -> None:
    if turn % 2:
        create_lead(LeadDraft(channel="form", last_name=f"W{number}-{turn}", source="whatsapp"), by=None)
        return
    lead = db.session.get_one(Lead, ids[(number * 31 + turn * 7) % len(ids)], with_for_update=True)
    person = list(databases.PEOPLE)[turn // 2 % 3]
    update_lead(lead, {"owner": f"{person}@example.org"}, by=None, version=lead.version)


def _set_triggers(are_there: bool) -> None:
    """As the migration makes them."""
    path = Path(MIGRATIONS) / "versions" / "20261201_statistics.py"
    spec = importlib.util.spec_from_file_location("statistics_migration", path)
    assert spec
    assert spec.loader
    migration: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    is_sqlite = db.engine.dialect.name == "sqlite"
    for name in migration.TRIGGERS:
        db.session.execute(
            sa.text(f"DROP TRIGGER IF EXISTS {name}" if is_sqlite else f"DROP FUNCTION IF EXISTS {name}() CASCADE")
        )
    for name, (event, when, act) in migration.TRIGGERS.items() if are_there else ():
        if is_sqlite:
            db.session.execute(sa.text(f"CREATE TRIGGER {name} AFTER {event} ON leads WHEN {when} BEGIN {act}; END"))
            continue
        body = f"BEGIN {act}; RETURN NULL; END"
        db.session.execute(sa.text(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"))
        made = f"CREATE TRIGGER {name} AFTER {event} ON leads FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()"
        db.session.execute(sa.text(made))
    db.session.commit()


if __name__ == "__main__":
    sys.exit(main())
