"""No backup is restored over a hub that somebody works with."""

import os
import subprocess
import sys

import pytest
import sqlalchemy as sa

from leadhub import upgrade
from leadhub.backup import lock
from leadhub.backup.restore import NotEmpty
from leadhub.database import utcnow
from leadhub.errors import SettingError
from leadhub.extensions import db
from leadhub.jobs.models import Worker
from tests import databases
from tests.backups import backed_up, restored


def test_a_worker_on_another_machine_is_noticed(hub_zip, empty_app, database):
    fresh = empty_app(database)
    with fresh.app_context():
        upgrade.bring_up_to_date(fresh.extensions["leadhub"]["settings"])
        db.session.add(Worker(id="elsewhere", seen_at=utcnow()))
        db.session.commit()

    with pytest.raises(NotEmpty, match="A worker"):
        restored(fresh, hub_zip)

    with fresh.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE workers SET seen_at = '2020-01-01 00:00:00'"))
    restored(fresh, hub_zip)


@pytest.mark.one_database
def test_a_hub_that_another_process_uses_is_left_alone(hub_zip, empty_app, database):
    fresh = empty_app(database)
    folder = fresh.extensions["leadhub"]["settings"].data_dir
    hold = "import sys, pathlib; from leadhub.backup.lock import in_use\n"
    hold += "with in_use(pathlib.Path(sys.argv[1])): print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        other.stdout.readline()
        with pytest.raises(SettingError, match="in use"):
            restored(fresh, hub_zip)
        other.kill()

    restored(fresh, hub_zip)


@pytest.mark.one_database
def test_nobody_serves_a_hub_that_is_being_restored(tmp_path):
    with (
        lock.in_use(tmp_path),
        lock.in_use(tmp_path),
        pytest.raises(SettingError, match="in use"),
        lock.unused(tmp_path),
    ):
        pass
    with lock.unused(tmp_path), pytest.raises(SettingError, match="being restored"), lock.in_use(tmp_path):
        pass


@pytest.mark.one_database
def test_a_served_hub_is_left_alone(full, tmp_path):
    backed_up(full, tmp_path / "hub.zip")
    folder = tmp_path / "served"
    environ = {"PATH": os.environ["PATH"], "LEADHUB_DATA_DIR": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", "from leadhub.app import main; main()"]
    port = databases._free_port()
    with subprocess.Popen(
        [*command, "serve", "--port", str(port)], env=environ, cwd=tmp_path, stdout=subprocess.PIPE
    ) as server:
        try:
            while b"/setup/" not in server.stdout.readline():
                assert server.poll() is None
            asked = subprocess.run(
                [*command, "restore", str(tmp_path / "hub.zip")], env=environ, cwd=tmp_path, capture_output=True
            )
        finally:
            server.terminate()

    assert asked.returncode == 1
    assert asked.stderr.decode().startswith("leadhub: This hub is in use")
    assert asked.stderr.count(b"\n") == 1
