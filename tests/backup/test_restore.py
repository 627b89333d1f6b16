"""A restored hub is the same hub, on either database."""

import json
import os
import re
import stat
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa

from leadhub import upgrade
from leadhub.backup.file import LEFT_OUT
from leadhub.database import insert_many, utcnow
from leadhub.extensions import db
from leadhub.jobs.models import Effect
from leadhub.leads.models import Lead
from leadhub.leads.services import create_leads
from leadhub.plugins.api import LeadDraft
from tests import databases
from tests.backups import backed_up, contents, count, files_in, restored, rewritten

OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}


@pytest.mark.parametrize("to", ["the same", "the other"])
def test_a_restored_hub_is_the_same_value_by_value(full, empty_app, tmp_path, database, to):
    fresh = empty_app(database if to == "the same" else OTHER[database])
    backed_up(full, tmp_path / "hub.zip")

    restored(fresh, tmp_path / "hub.zip")

    assert contents(fresh) == contents(full)
    assert len(contents(full)["leads"]) == 2
    assert files_in(fresh.extensions["leadhub"]["settings"].data_dir) == files_in(tmp_path)
    assert len(files_in(tmp_path)) == 3


def test_there_and_back_again_is_the_same(full, empty_app, tmp_path, database):
    between, back = empty_app(OTHER[database]), empty_app(database)
    backed_up(full, tmp_path / "1.zip")
    restored(between, tmp_path / "1.zip")
    backed_up(between, tmp_path / "2.zip")

    restored(back, tmp_path / "2.zip")

    assert contents(back) == contents(full)
    with zipfile.ZipFile(tmp_path / "1.zip") as first, zipfile.ZipFile(tmp_path / "2.zip") as second:
        names = [name for name in first.namelist() if name.startswith(("tables/", "imports/", "files/"))]
        assert [name for name in names if first.read(name) != second.read(name)] == []


def test_people_sign_in_to_a_restored_hub_anew(full, client_of, empty_app, tmp_path, database):
    client_of("ada").get("/leads/")
    fresh = empty_app(database)
    backed_up(full, tmp_path / "hub.zip")

    restored(fresh, tmp_path / "hub.zip")

    with fresh.app_context(), db.engine.connect() as connection:
        left = {table: connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) for table in LEFT_OUT}  # noqa: S608
        counted = connection.scalar(sa.text("SELECT sum(leads) FROM lead_counts"))
        assert counted == connection.scalar(sa.text("SELECT count(*) FROM leads WHERE deleted_at IS NULL")) > 0
    assert left["sessions"] == left["workers"] == left["lead_deltas"] == 0
    answer = fresh.test_client().post("/login", data={"email": "ada@example.org", "password": databases.PASSWORD})
    assert answer.location == "/"


def test_no_id_is_given_twice(full, empty_app, make_lead, tmp_path, database):
    gone = make_lead()
    with full.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM leads WHERE id = :id"), {"id": gone})
    apps = [empty_app(database), empty_app(OTHER[database])]
    backed_up(full, tmp_path / "hub.zip")

    for app in apps:
        restored(app, tmp_path / "hub.zip")
        with app.app_context():
            (outcome,) = create_leads([LeadDraft(channel="form", last_name="New")], by=None)
            assert outcome.lead_id == gone + 1
            db.session.rollback()


def test_effects_that_were_begun_wait_for_another_worker(full, empty_app, tmp_path, database):
    with full.app_context():
        db.session.add(Effect(kind="a", state="running", claim="w", lease_until=utcnow(), interruptions=1))
        db.session.add(Effect(kind="b", state="done"))
        db.session.commit()
    fresh = empty_app(database)
    backed_up(full, tmp_path / "hub.zip")

    restored(fresh, tmp_path / "hub.zip")

    with fresh.app_context():
        found = {row.kind: row for row in db.session.scalars(sa.select(Effect))}
    assert (found["a"].state, found["a"].interruptions, found["a"].claim, found["a"].lease_until) == (
        "waiting",
        2,
        None,
        None,
    )
    assert (found["b"].state, found["b"].interruptions) == ("done", 0)


def test_files_of_imports_come_along(hub_zip, empty_app, database):
    fresh = empty_app(database)

    restored(fresh, hub_zip)

    file = fresh.extensions["leadhub"]["settings"].data_dir / "imports" / "abc.csv"
    assert file.read_bytes() == bytes(range(256)) * 10
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_files_of_leads_come_along_and_are_served_again(hub_zip, empty_app, database):
    fresh = empty_app(OTHER[database])

    restored(fresh, hub_zip)

    browser = fresh.test_client()
    browser.post("/login", data={"email": "ada@example.org", "password": databases.PASSWORD})
    answer = browser.get("/leads/files/1")
    folder = fresh.extensions["leadhub"]["settings"].data_dir / "files"
    assert answer.data == b"\x89PNG\r\n\x1a\n" + bytes(range(256))
    assert "Plan%20%C3%A9t%C3%A9%20%F0%9F%98%80.png" in answer.headers["Content-Disposition"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")} == {0o700, 0o600}


def test_a_file_that_the_disk_lost_is_told_and_stops_nothing(full, empty_app, tmp_path, database):
    lost, kept = sorted(
        (path for path in (tmp_path / "files").rglob("*") if path.is_file()), key=lambda path: path.name
    )
    lost.unlink()
    fresh = empty_app(database)

    made = full.test_cli_runner().invoke(args=["backup", str(tmp_path / "hub.zip")])
    back = fresh.test_cli_runner().invoke(args=["restore", str(tmp_path / "hub.zip")])

    for told in (made, back):
        assert told.exit_code == 0, told.output
        assert "files of leads: 1" in told.output
        assert "Missing: files of leads that were not on the disk when this backup was made: 1." in told.output
    with zipfile.ZipFile(tmp_path / "hub.zip") as archive:
        assert json.loads(archive.read("manifest.json"))["missing"] == [lost.name]
    assert contents(fresh) == contents(full)
    restored_files = files_in(fresh.extensions["leadhub"]["settings"].data_dir)
    assert [name for name in restored_files if name.startswith("files/")] == [f"files/{kept.name[:2]}/{kept.name}"]


@pytest.mark.one_database
def test_bytes_that_no_row_names_and_rows_that_name_no_file_of_ours_are_not_in_a_backup(full, tmp_path):
    stray = tmp_path / "files" / "ab" / ("ab" * 32)
    stray.parent.mkdir(exist_ok=True)
    stray.write_text("stray")
    (tmp_path / "secret_key").write_text("precious")
    with full.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE lead_files SET stored = '../secret_key' WHERE id = 1"))

    manifest = backed_up(full, tmp_path / "hub.zip")

    assert (len(manifest.files), manifest.missing) == (1, [])
    with zipfile.ZipFile(tmp_path / "hub.zip") as archive:
        assert not any(archive.read(name) in (b"stray", b"precious") for name in archive.namelist())


def test_a_backup_from_before_files_is_restored(full, empty_app, tmp_path, database):
    with full.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM lead_files"))
    backed_up(full, tmp_path / "hub.zip")
    with zipfile.ZipFile(tmp_path / "hub.zip") as archive:
        told = json.loads(archive.read("manifest.json"))
    old = {name: value for name, value in told.items() if name not in ("files", "missing")} | {"format": 1}
    path, fresh = rewritten(tmp_path / "hub.zip", {"manifest.json": json.dumps(old)}), empty_app(database)

    restored(fresh, path)

    assert contents(fresh) == contents(full)


def test_a_backup_of_an_older_revision_is_brought_up_to_date(app, make_lead, empty_app, tmp_path, database):
    make_lead(last_name="Old")
    with app.app_context():
        db.session.remove()
        flask_migrate.downgrade(upgrade.MIGRATIONS, "20261122_first")
    fresh = empty_app(OTHER[database])

    manifest = backed_up(app, tmp_path / "old.zip")
    restored(fresh, tmp_path / "old.zip")

    assert manifest.revision == "20261122_first"
    assert "effects" not in manifest.tables
    found = contents(fresh)
    assert found["leads"]
    assert found["users"]
    assert [row[1] for row in found["effects"]] == ["leads.keys"]  # what is searched is made anew by the worker
    with fresh.app_context():
        assert upgrade.revisions()[0] == upgrade.revisions()[1]


def test_the_commands_tell_what_they_did(full, empty_app, tmp_path, database):
    path, fresh = tmp_path / "hub.zip", empty_app(database)

    made = full.test_cli_runner().invoke(args=["backup", str(path)])
    again = full.test_cli_runner().invoke(args=["backup", str(path)])
    back = fresh.test_cli_runner().invoke(args=["restore", str(path)])
    twice = fresh.test_cli_runner().invoke(args=["restore", str(path)])

    assert made.exit_code == back.exit_code == 0, made.output + back.output
    assert "encryption keys" in made.output
    assert "files of imports: 1" in back.output
    for refused in (again, twice):
        assert refused.exit_code == 1
        assert refused.stderr.startswith("leadhub: ")
        assert refused.stderr.count("\n") == 1


@pytest.mark.one_database
def test_the_trial_of_the_guide_works(full, tmp_path):
    backed_up(full, tmp_path / "hub.zip")
    guide = (Path(__file__).parents[2] / "docs/backup.md").read_text()
    (block,) = re.findall(r"## Try it.*?```\n(.*?)```", guide, re.S)
    for told, here in (
        ("/backup/leadhub-Mon.zip", tmp_path / "hub.zip"),
        ("/tmp/trial", tmp_path / "trial"),  # noqa: S108
        (" leadhub ", f" {sys.executable} -m leadhub.app "),
    ):
        block = block.replace(told, str(here))
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}

    done = subprocess.run(["sh", "-c", block], env=environ, cwd=tmp_path, capture_output=True, text=True)

    assert re.search(r"Restored \d+ tables", done.stdout), done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("problem")] == [
        "problem  LEADHUB_ENCRYPTION_KEYS lacks the key that this hub was begun with."
    ]
    assert not (tmp_path / "trial").exists()


@pytest.mark.slow
def test_a_large_hub_takes_little_memory(app, empty_app, tmp_path, database, size):
    backed_up(app, tmp_path / "small.zip")
    restored(empty_app(database), tmp_path / "small.zip")  # what is loaded once is loaded
    with app.app_context():
        row = {"status_id": 1, "last_name": "x" * 50, "search_key": "y" * 200, "other_data": {"a": "z" * 100}}
        row |= dict.fromkeys(("first_name", "organisation", "email", "phone", "channel"), "")
        row |= {
            "version": 1,
            "is_organisation": False,
            "is_sample": False,
            "created_at": utcnow(),
            "received_at": utcnow(),
        }
        for _ in range(size(100_000, 5_000) // 1000):
            insert_many(db.session, Lead, [dict(row) for _ in range(1000)])
        db.session.commit()
    fresh = empty_app(database)
    tracemalloc.start()
    try:
        backed_up(app, tmp_path / "hub.zip")
        restored(fresh, tmp_path / "hub.zip")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert count(fresh, "leads") == size(100_000, 5_000)
    assert peak < 30_000_000  # of which twenty are there with a thousand leads too
