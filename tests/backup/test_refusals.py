"""What is no good backup, or has no good place to go, is refused in one line and changes nothing."""

import json
import zipfile

import pytest
import sqlalchemy as sa

from leadhub import upgrade
from leadhub.backup import file
from leadhub.backup.file import BadBackup, opened
from leadhub.backup.restore import NotEmpty
from leadhub.errors import SettingError, UserError
from leadhub.extensions import db
from tests import databases
from tests.backups import (
    backed_up,
    changed_manifest,
    contents,
    files_in,
    first_file,
    first_row_changed,
    resigned,
    restored,
    rewritten,
    tables_of,
)


def test_a_damaged_file_is_refused_in_one_line_and_changes_nothing(hub_zip, empty_app, tmp_path, database):
    damaged = tmp_path / "damaged.zip"
    whole, fresh = hub_zip.read_bytes(), empty_app(database)
    for place in range(0, len(whole), 97):
        for content in (whole[:place], whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]):
            damaged.write_bytes(content)
            try:
                with opened(damaged) as backup:
                    same = {name: b"".join(backup.lines(name)) for name in backup.manifest.tables}
            except UserError as error:
                assert "\n" not in str(error)  # noqa: PT017
            else:  # a byte that says nothing, such as a time in the zip's own directory
                assert len(content) == len(whole)
                assert sum(line.count(b"\n") for line in same.values()) == backup.manifest.rows
    damaged.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(BadBackup):
        restored(fresh, damaged)
    assert tables_of(fresh) == []


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("a row less", "not what was written"),
        ("a row changed", "not what was written"),
        ("a file more", "other files"),
        ("a table less", "other files"),
        ("another format", "newer LeadHub"),
        ("another revision", "newer LeadHub"),
        ("a way out", "a name that is none"),
        ("a way out for a file", "a name that is none"),
        ("a file changed", "not what was written"),
        ("a file less", "other files"),
        ("no manifest", "no backup of LeadHub"),
        ("no zip", "can't be read"),
    ],
)
def test_a_file_that_is_not_what_was_written_is_refused(hub_zip, empty_app, tmp_path, database, what, message):
    with zipfile.ZipFile(hub_zip) as archive:
        lines = archive.read("tables/leads.jsonl").splitlines(keepends=True)
    bad = hub_zip.with_name("changed.zip")
    changes = {
        "a row less": lambda: {"tables/leads.jsonl": b"".join(lines[1:])},
        "a row changed": lambda: {"tables/leads.jsonl": b"".join(lines).replace(b"DROP", b"drop")},
        "a file more": lambda: {"tables/evil.jsonl": b""},
        "a table less": lambda: {"tables/leads.jsonl": None},
        "another format": lambda: {"manifest.json": changed_manifest(hub_zip, format=3)},
        "another revision": lambda: {"manifest.json": changed_manifest(hub_zip, revision="20991231_later")},
        "a way out": lambda: {"manifest.json": changed_manifest(hub_zip, imports={"../x": {"bytes": 0, "sha256": ""}})},
        "a way out for a file": lambda: {
            "manifest.json": changed_manifest(hub_zip, files={"../../secret_key": {"bytes": 0, "sha256": ""}})
        },
        "a file changed": lambda: {f"files/{first_file(hub_zip)}": b"another"},
        "a file less": lambda: {f"files/{first_file(hub_zip)}": None},
        "no manifest": lambda: {"manifest.json": None},
    }
    if what == "no zip":
        bad.write_bytes(b"SQLite format 3\0")
    else:
        rewritten(hub_zip, changes[what]())
    fresh = empty_app(database)

    with pytest.raises(BadBackup, match=message) as error:
        restored(fresh, bad)

    assert "\n" not in str(error.value)
    assert tables_of(fresh) == []


@pytest.mark.parametrize(
    "content",
    [b"{}\n", b"[]\n", b"nonsense\n", b'{"user_id": 999, "role_id": 1}\n', b'{"user_id": "x", "role_id": 1}\n'],
)
def test_rows_that_do_not_fit_leave_the_database_as_empty_as_it_was(hub_zip, empty_app, tmp_path, database, content):
    bad, fresh = resigned(hub_zip, "roles_users", content), empty_app(database)

    with pytest.raises(BadBackup, match="nothing was changed") as error:
        restored(fresh, bad)

    assert "\n" not in str(error.value)
    assert tables_of(fresh) == []
    folder = fresh.extensions["leadhub"]["settings"].data_dir
    assert not (folder / "imports").exists()
    assert not (folder / "files").exists()


def test_a_failed_restore_leaves_a_migrated_hub_as_it_was(full, empty_app, tmp_path, database):
    backed_up(full, tmp_path / "hub.zip")
    bad, fresh = resigned(tmp_path / "hub.zip", "leads", b"{}\n"), empty_app(database)
    with fresh.app_context():
        upgrade.bring_up_to_date(fresh.extensions["leadhub"]["settings"])
    before = contents(fresh)

    with pytest.raises(BadBackup):
        restored(fresh, bad)

    assert contents(fresh) == before
    restored(fresh, tmp_path / "hub.zip")
    assert contents(fresh) == contents(full)


def test_a_hub_that_is_set_up_is_never_overwritten(full, tmp_path):
    backed_up(full, tmp_path / "hub.zip")
    with full.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM workers"))
    before, file = contents(full), tmp_path / "imports" / "abc.csv"

    with pytest.raises(NotEmpty, match="something in this hub"):
        restored(full, tmp_path / "hub.zip")

    assert contents(full) == before
    assert file.read_bytes() == bytes(range(256)) * 10


def test_a_file_of_an_import_that_is_there_is_not_overwritten(full, empty_app, tmp_path, database):
    (tmp_path / "imports" / "aaa.csv").write_text("another")
    backed_up(full, tmp_path / "hub.zip")
    fresh = empty_app(database)
    folder = fresh.extensions["leadhub"]["settings"].data_dir / "imports"
    folder.mkdir()
    (folder / "abc.csv").write_text("precious")

    with pytest.raises(NotEmpty, match="is there already"):
        restored(fresh, tmp_path / "hub.zip")

    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [("abc.csv", "precious")]
    assert tables_of(fresh) == []


def test_a_file_of_a_lead_that_is_there_is_not_overwritten(hub_zip, empty_app, tmp_path, database):
    fresh, name = empty_app(database), first_file(hub_zip)
    folder = fresh.extensions["leadhub"]["settings"].data_dir
    (folder / "files" / name[:2]).mkdir(parents=True)
    (folder / "files" / name[:2] / name).write_text("precious")

    with pytest.raises(NotEmpty, match="is there already"):
        restored(fresh, hub_zip)

    assert files_in(folder) == {f"files/{name[:2]}/{name}": b"precious"}
    assert not (folder / "imports").exists()
    assert tables_of(fresh) == []


ALTERED = {
    "a number beyond all": ("users", {"id": 2**70}),
    "a text for a number": ("users", {"id": "Secret"}),
    "a list for a text": ("users", {"email": ["Secret"]}),
    "a text for a truth": ("users", {"active": "Secret"}),
    "a number for a moment": ("leads", {"created_at": 5}),
    "a text for a moment": ("leads", {"created_at": "Secret"}),
    "a moment with a zone": ("leads", {"created_at": "2026-01-01T00:00:00+05:00"}),
    "half a letter": ("users", {"name": "Secret\ud800"}),
}


@pytest.mark.parametrize("what", ALTERED)
def test_altered_rows_are_refused_in_one_line_without_values(hub_zip, empty_app, tmp_path, database, what):
    table, changes = ALTERED[what]
    bad, fresh = first_row_changed(hub_zip, table, **changes), empty_app(database)

    result = fresh.test_cli_runner().invoke(args=["restore", str(bad)])

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "nothing was changed" in result.stderr
    assert not any(word in result.stderr for word in ("Secret", str(2**70), "+05:00"))
    assert tables_of(fresh) == []


def test_json_that_is_nested_too_deeply_is_no_row(hub_zip, empty_app, tmp_path, database):
    bad, fresh = resigned(hub_zip, "effects", b"[" * 200_000 + b"\n"), empty_app(database)

    with pytest.raises(BadBackup, match="line 1 of effects"):
        restored(fresh, bad)


@pytest.mark.one_database
@pytest.mark.parametrize(
    "changes",
    [
        {"revision": ""},
        {"revision": "head"},
        {"revision": "base"},
        {"revision": 5},
        {"made_at": "\x1b[31mred\na line of its own"},
        {"made_at": None},
        {"leadhub": "\x1b[31m"},
        {"leadhub": None},
        {"left_out": ["sessions", "workers"]},
        {"left_out": {"sessions": "\n"}},
        {"format": True},
        {"format": 0},
        {"tables": {"users": {"bytes": 0, "sha256": "", "\x1b[31m": 0}}},
        {"files": {"/etc/passwd": {"bytes": 0, "sha256": ""}}},
        {"files": {"a" * 64: {"bytes": 0, "sha256": ""}}},
        {"files": ["a" * 64]},
        {"missing": ["../x"]},
        {"missing": {"a" * 64: 1}},
        {"missing": "\x1b[31m"},
        {"missing": None},
        {"\x1b[31m": 0},
    ],
    ids=str,
)
def test_a_manifest_of_a_stranger_is_refused_in_one_plain_line(hub_zip, empty_app, tmp_path, database, changes):
    bad, fresh = rewritten(hub_zip, {"manifest.json": changed_manifest(hub_zip, **changes)}), empty_app(database)

    result = fresh.test_cli_runner().invoke(args=["restore", str(bad)])

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("leadhub: ")
    assert result.stderr.removesuffix("\n").isprintable()


@pytest.mark.one_database
@pytest.mark.parametrize("number", ["x", -1, 2**70, True, 1.5])
def test_a_highest_id_that_is_none_is_refused(hub_zip, empty_app, tmp_path, database, number):
    with zipfile.ZipFile(hub_zip) as archive:
        tables = json.loads(archive.read("manifest.json"))["tables"]
    tables["users"]["highest_id"] = number
    bad = rewritten(hub_zip, {"manifest.json": changed_manifest(hub_zip, tables=tables)})

    with pytest.raises(BadBackup, match="a number that is none"):
        restored(empty_app(database), bad)


def test_a_nul_is_told_with_its_line_where_the_database_takes_none(hub_zip, empty_app, tmp_path, database):
    odd, fresh = first_row_changed(hub_zip, "users", name="a\0b"), empty_app(database)

    if database == "sqlite":
        restored(fresh, odd)
        return
    with pytest.raises(BadBackup, match="line 1 of users has a NUL sign in name"):
        restored(fresh, odd)
    assert tables_of(fresh) == []


@pytest.mark.one_database
def test_a_line_without_end_is_not_read_as_a_whole(hub_zip, empty_app, tmp_path, database, monkeypatch):
    monkeypatch.setattr(file, "LINE_MAX", 5000)
    bad, fresh = resigned(hub_zip, "leads", b"x" * 5001), empty_app(database)

    with pytest.raises(BadBackup, match="longer than any row"):
        restored(fresh, bad)


@pytest.mark.one_database
def test_a_server_that_does_not_answer_is_not_the_files_fault(hub_zip, make_app, tmp_path):
    away = make_app(
        settings=databases.settings_for(tmp_path, f"postgresql+psycopg://u@127.0.0.1:{databases._free_port()}/d")
    )

    with pytest.raises(SettingError, match="can't be reached"):
        restored(away, hub_zip)


@pytest.mark.parametrize("table", ["users", "a stranger's"])
def test_a_database_of_others_is_left_alone(hub_zip, empty_app, tmp_path, database, table):
    fresh = empty_app(database)
    with fresh.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text(f'CREATE TABLE "{table}" (id INTEGER)'))

    if table == "users":
        with pytest.raises(NotEmpty, match="not LeadHub’s"):
            restored(fresh, hub_zip)
        assert tables_of(fresh) == ["users"]
    else:
        restored(fresh, hub_zip)
        assert table in tables_of(fresh)
        assert table not in backed_up(fresh, tmp_path / "again.zip").tables
