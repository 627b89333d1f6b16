"""Backups are whole, of one moment, and for their owner's eyes."""

import os
import stat
import threading
import time
import zipfile

import flask_migrate
import pytest
import sqlalchemy as sa

from leadhub import upgrade
from leadhub.backup.file import NoBackup
from leadhub.extensions import db
from leadhub.leads.services import create_leads
from leadhub.plugins.api import LeadDraft
from tests import databases
from tests.backups import backed_up, count, restored


def test_only_the_owner_can_read_a_backup_and_the_keys_are_not_in_it(full, tmp_path):
    backed_up(full, tmp_path / "hub.zip")

    assert stat.S_IMODE((tmp_path / "hub.zip").stat().st_mode) == 0o600
    assert list(tmp_path.glob("hub.zip*")) == [tmp_path / "hub.zip"]
    with zipfile.ZipFile(tmp_path / "hub.zip") as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
    for secret in (databases.SETTINGS.secret_key, *databases.SETTINGS.encryption_keys):
        assert secret.encode() not in whole


def test_a_file_that_is_there_is_replaced_only_by_force(full, tmp_path):
    path = tmp_path / "hub.zip"
    path.write_text("precious")

    with pytest.raises(NoBackup, match="--force"):
        backed_up(full, path)
    assert path.read_text() == "precious"

    backed_up(full, path, force=True)
    assert zipfile.is_zipfile(path)


@pytest.mark.one_database
def test_a_file_of_somebody_beside_the_backup_is_left_alone(full, tmp_path):
    path, precious = tmp_path / "hub.zip", tmp_path / "hub.zip.part"
    precious.write_text("precious")

    backed_up(full, path)

    assert precious.read_text() == "precious"
    assert sorted(tmp_path.glob("hub.zip*")) == [path, precious]


@pytest.mark.one_database
def test_what_is_no_file_is_never_replaced(full, tmp_path):
    pipe, link, ring = tmp_path / "pipe", tmp_path / "link", tmp_path / "ring"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    ring.symlink_to(ring)

    for path in (pipe, link, ring):
        with pytest.raises(NoBackup):
            backed_up(full, path, force=True)

    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert link.is_symlink()


@pytest.mark.one_database
def test_a_link_is_followed_to_the_file_that_is_replaced(full, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    file, link = tmp_path / "elsewhere" / "hub.zip", tmp_path / "hub.zip"
    file.write_text("old")
    link.symlink_to(file)

    backed_up(full, link, force=True)

    assert link.is_symlink()
    assert zipfile.is_zipfile(file)


@pytest.mark.one_database
def test_a_row_that_no_restore_would_read_is_told_at_once(full, tmp_path, monkeypatch):
    monkeypatch.setattr("leadhub.backup.rows.LINE_MAX", 100)

    with pytest.raises(NoBackup, match="too long for a backup"):
        backed_up(full, tmp_path / "hub.zip")
    assert list(tmp_path.glob("hub.zip*")) == []


@pytest.mark.one_database
def test_a_backup_that_can_not_be_written_is_one_line_and_leaves_nothing(full, tmp_path, monkeypatch):
    with pytest.raises(NoBackup, match="can't be written"):
        backed_up(full, tmp_path / "nowhere" / "hub.zip")

    monkeypatch.setattr(
        "leadhub.backup.write._write_imports", lambda *words: (_ for _ in ()).throw(OSError(28, "full"))
    )
    with pytest.raises(NoBackup, match="full"):
        backed_up(full, tmp_path / "hub.zip")
    assert list(tmp_path.glob("hub.zip*")) == []


def test_an_empty_database_is_nothing_to_back_up(empty_app, tmp_path, database):
    with pytest.raises(NoBackup, match="empty"):
        backed_up(empty_app(database), tmp_path / "hub.zip")


def test_a_backup_under_load_is_of_one_moment(app, empty_app, make_app, tmp_path, database):
    other, stop = make_app(), threading.Event()

    def write():
        with other.app_context():
            while not stop.is_set():
                create_leads([LeadDraft(channel="form", last_name=f"Lead {n}") for n in range(20)], by=None)
                db.session.commit()
                time.sleep(0.02)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while count(app, "leads") < 200:
            time.sleep(0.02)
        before = count(app, "leads")
        manifest = backed_up(app, tmp_path / "hub.zip")
        after = count(app, "leads")
    finally:
        stop.set()
        writer.join()
    fresh = empty_app(database)
    restored(fresh, tmp_path / "hub.zip")

    assert before <= manifest.tables["leads"].rows <= after
    assert manifest.tables["leads"].rows % 20 == 0
    assert count(fresh, "leads") == manifest.tables["leads"].rows
    with fresh.app_context(), db.engine.connect() as connection:
        alone = "SELECT count(*) FROM leads WHERE id NOT IN (SELECT lead_id FROM lead_events WHERE kind = 'created')"
        assert connection.scalar(sa.text(alone)) == 0


def test_a_backup_keeps_no_writer_waiting(app, make_lead, tmp_path, monkeypatch):
    make_lead()
    told = []

    def write_meanwhile(archive, folder):
        began = time.monotonic()
        thread = threading.Thread(target=make_lead)
        thread.start()
        thread.join()
        told.append(time.monotonic() - began)
        return iter(())

    monkeypatch.setattr("leadhub.backup.write._write_imports", write_meanwhile)
    manifest = backed_up(app, tmp_path / "hub.zip")

    assert told[0] < 2
    assert manifest.tables["leads"].rows == 1
    assert count(app, "leads") == 2


def test_a_backup_made_before_an_upgrade_needs_no_migration(app, tmp_path, database):
    """The command migrates nothing: what it is for comes before an upgrade."""
    with app.app_context():
        db.session.remove()
        flask_migrate.downgrade(upgrade.MIGRATIONS, "20261122_first")

    result = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "hub.zip")])

    assert result.exit_code == 0, result.output
    with app.app_context():
        assert upgrade.revisions()[0] == "20261122_first"
