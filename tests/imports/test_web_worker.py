"""Imports by web in the worker: counts, stops and starts, deaths."""

import json
import os
import random
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.imports import jobs, queries, services
from leadhub.imports.models import Import
from leadhub.jobs.services import enqueue

AS_FOUND = {"column_0": "external_id", "column_1": "last_name", "column_2": "other data"}
TABLE = "LEADID,Last Name,x\n"


def file_of(count, **instead):
    """A table of that many leads; ``row_7="..."`` puts another line for row 7."""
    return TABLE + "".join(instead.get(f"row_{number}", f"{number},L{number},") + "\n" for number in range(count))


def kept(settings):
    return list((settings.data_dir / "imports").iterdir())


@pytest.fixture
def start(work, step, import_row):
    """``start()``: have what was sent read, and start it with the columns as they were found."""

    def start():
        work()
        found = import_row()["format"]
        columns = (json.loads(found) if isinstance(found, str) else found)["columns"]
        told = {f"column_{place}": column["field"] for place, column in enumerate(columns)}
        assert step("start", **told).status_code == 303

    return start


def by_command(app, path):
    """What the command counts, in a hub that stays as it was."""
    with app.app_context():
        file, report = services.recognise(path, {}, None), services.Report()
        for block in services.blocks(file):
            services.take_in(file, block, report)
        db.session.rollback()
        return report


@pytest.mark.parametrize(
    "name",
    [
        "11_google_contacts/old_header_56cols.csv",
        "12_outlook/fr_semicolon_cp1252.csv",
        "12_outlook/gpc_ragged.csv",
        "16_small/quickbooks_customers_report.csv",
    ],
)
def test_a_real_file_comes_in_as_by_the_command(app, data, send, start, work, import_row, counts, rows, settings, name):
    command = by_command(app, data / name)

    send((data / name).read_bytes())
    start()
    work()

    row = import_row()
    assert (row["state"], row["position"], row["size"]) == ("done", command.read, command.read)
    assert counts() == (command.created, command.updated, command.unchanged, command.refused)
    assert [{"line": it["line"], "reason": it["reason"]} for it in rows("import_refusals")] == command.errors
    assert (len(rows("leads")), kept(settings), row["file"]) == (command.created, [], "")


@pytest.mark.one_database  # the way to the other one is the same for every file
@pytest.mark.parametrize(("name", "lines"), [("02_olist/mql_dmy.csv", 1001), ("06_zoho/Leads_3900.csv", None)])
def test_a_large_file_does_so_too(
    app, data, send, start, work, import_row, counts, rows, settings, tmp_path, name, lines
):
    path = tmp_path / "large.csv"
    path.write_bytes(b"".join((data / name).read_bytes().splitlines(keepends=True)[:lines]))

    test_a_real_file_comes_in_as_by_the_command(
        app, tmp_path, send, start, work, import_row, counts, rows, settings, path.name
    )


def test_the_history_names_the_person(send, start, work, rows):
    send(file_of(3))
    start()
    work()

    assert {event["by_id"] for event in rows("lead_events")} == {2}
    assert {lead["created_by_id"] for lead in rows("leads")} == {2}


def test_a_person_who_was_deactivated_meanwhile_does_not_stop_it(app, send, start, work, import_row):
    send(file_of(3))
    start()
    with app.app_context():
        db.session.execute(sa.text("UPDATE users SET active = false WHERE id = 2"))
        db.session.commit()
    work()

    assert import_row()["state"] == "done"


def test_the_same_file_again_changes_nothing(send, step, work, counts, client_of):
    for number in (1, 2):
        send(file_of(3))
        work()
        client_of("mia").post(f"/imports/{number}/start", data=AS_FOUND)
        work()

    assert counts() == (0, 0, 3, 0)


def test_a_paused_import_rests_and_goes_on_where_it_was(send, start, step, work, import_row, counts, rows):
    send(file_of(1700))
    start()
    work(yields=3)  # the file is recognised, one block is taken in, and one lost
    paused = step("pause").status_code, import_row()["position"]
    work()
    rested = import_row()["position"]
    step("resume")
    work()

    assert (paused, rested) == ((303, 500), 500)
    assert (import_row()["state"], import_row()["run"], counts()) == ("done", 2, (1700, 0, 0, 0))
    assert len(rows("leads")) == 1700


def test_a_cancelled_import_keeps_what_was_taken_in(send, start, step, work, import_row, rows, settings):
    send(file_of(1700))
    start()
    work(yields=3)
    step("cancel")
    work()

    assert (import_row()["state"], import_row()["file"], kept(settings)) == ("cancelled", "", [])
    assert len(rows("leads")) == import_row()["created"] == 500


def test_an_older_run_does_nothing(app, send, start, step, work, rows, counts):
    send(file_of(1200))
    start()
    with app.app_context():
        older = jobs.take_in({"import_id": 1, "run": 1})
        next(older)
        db.session.commit()
    step("pause")
    step("resume")
    with app.app_context():
        assert list(older) == []
        assert list(jobs.take_in({"import_id": 1, "run": 1})) == []
        db.session.commit()
    work()

    assert (len(rows("leads")), counts()) == (1200, (1200, 0, 0, 0))


def test_a_worker_in_the_middle_stops_at_the_next_block(app, send, start, step, rows, import_row):
    send(file_of(1200))
    start()
    with app.app_context():
        steps = jobs.take_in({"import_id": 1, "run": 1})
        next(steps)
        db.session.commit()
    step("pause")
    with app.app_context():
        assert list(steps) == []
        db.session.commit()

    assert (rows("leads"), import_row()["state"], import_row()["position"]) == ([], "paused", 0)


def test_a_block_that_another_worker_has_taken_in_is_not_counted_twice(app, send, start, work, rows, counts):
    send(file_of(1200))
    start()
    with app.app_context():
        slow = jobs.take_in({"import_id": 1, "run": 1})
        next(slow)
        db.session.commit()
    work(yields=3)  # meanwhile, in another context: the first block
    with app.app_context():
        assert list(slow) == []
        db.session.commit()
    work()

    assert (len(rows("leads")), counts()) == (1200, (1200, 0, 0, 0))


@pytest.mark.parametrize("seed", [1, 4])  # these die several times in a short file too
def test_an_import_that_dies_anywhere_is_exact(send, start, step, work, import_row, counts, rows, size, seed):
    total, dice = size(40_000, 2_000), random.Random(seed)
    refused = {f"row_{number}": ",,nothing known" for number in range(0, total, 97)}
    send(file_of(total, **refused))
    start()

    while import_row()["state"] != "done":
        if dice.random() < 0.2:
            step("pause")
            step("resume")
        work(yields=dice.randint(1, 6))

    bad = len(refused)
    assert counts() == (total - bad, 0, 0, bad)
    assert len(rows("leads")) == len(rows("lead_events")) == total - bad
    assert len(rows("import_refusals")) == min(bad, 1000)


def test_the_first_thousand_refusals_are_kept(send, start, work, counts, rows):
    send(TABLE + ",\n" * 5 + "1,A\n" + ",,x\n" * 1300)
    start()
    work()

    lines = [row["line"] for row in rows("import_refusals")]
    assert (counts(), len(lines), lines[0], lines[-1]) == ((1, 0, 0, 1300), 1000, 8, 1007)


def test_a_file_that_is_gone_is_told(send, start, work, import_row, settings):
    send(file_of(3))
    start()
    kept(settings)[0].unlink()
    work()

    assert (import_row()["state"], "no longer on the server" in import_row()["error"]) == ("failed", True)


def test_what_failed_for_good_is_told_and_what_was_taken_in_stays(
    app, send, start, work, import_row, client_of, settings, rows
):
    send(file_of(1200))
    start()
    work(yields=3)
    with app.app_context():
        jobs.gave_up({"import_id": 1, "run": 1})
        db.session.commit()
    work()

    page = client_of("mia").get("/imports/1").text
    assert (import_row()["state"], kept(settings), len(rows("leads"))) == ("failed", [], 500)
    assert "Something went wrong on our side" in page
    assert "What was taken in stays." in page


def test_a_reading_that_failed_for_good_is_told(app, send, import_row):
    send(file_of(1))
    with app.app_context():
        jobs.gave_up({"import_id": 1})
        db.session.commit()

    assert import_row()["state"] == "failed"


def test_giving_up_an_older_run_leaves_the_newer_alone(app, send, start, step, work, import_row):
    send(file_of(3))
    start()
    step("pause")
    step("resume")
    with app.app_context():
        jobs.gave_up({"import_id": 1, "run": 1})
        db.session.commit()
    work()

    assert import_row()["state"] == "done"


@pytest.mark.parametrize(("days", "state"), [(6, "ready"), (8, "cancelled")])
def test_a_file_that_nobody_starts_is_deleted_after_a_week(app, send, work, import_row, settings, days, state):
    send(file_of(3))
    work()
    with app.app_context():
        db.session.execute(sa.update(Import).values(created_at=utcnow() - timedelta(days=days)))
        enqueue("imports.tidy", {})
        db.session.commit()
    work()

    assert (import_row()["state"], len(kept(settings))) == (state, int(state == "ready"))


def test_a_file_that_no_import_needs_is_deleted_after_a_day(app, send, work, settings):
    send(file_of(3))
    stray, fresh = settings.data_dir / "imports" / "stray", settings.data_dir / "imports" / "fresh"
    for path in (stray, fresh, *kept(settings)):
        path.touch()
        if path != fresh:
            os.utime(path, (time.time() - 90_000,) * 2)
    with app.app_context():
        enqueue("imports.tidy", {})
        db.session.commit()
    work()

    with app.app_context():
        assert {path.name for path in kept(settings)} == {"fresh", *queries.kept_files()}


def test_examples_are_forgotten_with_the_file(send, start, work, import_row):
    send("Last Name,Email\nDupré,zoe@example.org\n")
    start()
    before = str(import_row()["format"])
    work()

    assert "zoe@example.org" in before
    assert "zoe@example.org" not in str(import_row()["format"])
