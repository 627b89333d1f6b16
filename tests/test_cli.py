"""The ``leadhub`` command: what it prints, how it ends."""

import dataclasses
import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.exc import IntegrityError

from leadhub import cli, server
from leadhub.errors import SettingError
from tests import databases
from tests.databases import PASSWORD


@pytest.fixture
def run(app):
    """``run("demo")``: the finished command."""
    runner = app.test_cli_runner()
    return lambda *words, **kwargs: runner.invoke(args=words, **kwargs)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "leads.csv"
    path.write_text("LEADID,Last Name,Email\n1,Dupré,zoe@example.org\n2,Élan,tom@example.org\n3,,broken\n")
    return str(path)


def test_import_tells_its_counts_as_json(run, file):
    told = json.loads(run("import", file, "--json").stdout)

    assert {name: told[name] for name in ("read", "created", "updated", "unchanged", "refused")} == {
        "read": 3,
        "created": 3,
        "updated": 0,
        "unchanged": 0,
        "refused": 0,
    }
    assert told["errors"] == []


def test_a_dry_run_judges_all_and_stores_nothing(run, file, rows):
    told = json.loads(run("import", file, "--json", "--dry-run").stdout)

    assert told["created"] == 3
    assert rows("leads") == []


def test_import_tells_people_what_it_understood(run, file):
    result = run("import", file)

    assert "3 read: 3 created" in result.stdout
    assert "Last Name → " in result.stderr


def test_no_progress_bar_in_a_pipe(run, file):
    assert "Taking leads in" not in run("import", file).output


@pytest.mark.parametrize(
    "words", [["--map", "Nom=last_name"], ["--map", "Email=shoe"], ["--map", "x"], ["--id", "Nope"]]
)
def test_a_wrong_mapping_is_one_line(run, file, words, rows):
    result = run("import", file, *words)

    assert result.exit_code == 1
    assert result.stderr.startswith("leadhub: ")
    assert rows("leads") == []


def test_a_file_that_is_no_table_is_refused_in_words(run, data):
    result = run("import", str(data / "01_x_education/Leads_html_page_named_csv.csv"))

    assert result.exit_code == 1
    assert "Traceback" not in result.output


def test_a_user_is_made_and_can_sign_in(run, app):
    made = run("users", "create", "New@Example.org", "--role", "agent", "--password-stdin", input=PASSWORD + "\n")

    answer = app.test_client().post("/login", data={"email": "new@example.org", "password": PASSWORD})
    assert made.exit_code == 0
    assert answer.location == "/"


@pytest.mark.parametrize(
    ("email", "password"), [("ada@example.org", PASSWORD), ("nonsense", PASSWORD), ("new@example.org", "short")]
)
def test_a_user_that_can_not_be_is_one_line(run, rows, email, password):
    before = rows("users")

    result = run("users", "create", email, "--role", "agent", "--password-stdin", input=password)

    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert rows("users") == before


def test_sample_data_comes_once_and_goes(run, rows):
    run("demo")
    run("demo")
    assert len(rows("leads")) == 60

    run("demo", "--remove")
    assert rows("leads") == []


def test_doctor_finds_a_healthy_hub_healthy(run):
    result = run("doctor")

    assert result.exit_code == 0, result.output
    assert "problem" not in result.output


def test_doctor_finds_a_wrong_key(run, make_app, settings):
    run("doctor")
    other = dataclasses.replace(settings, encryption_keys=("b3RoZXIgb3RoZXIgb3RoZXIgb3RoZXIgb3RoZXIgb3Q=",))

    result = make_app(settings=other).test_cli_runner().invoke(args=["doctor"])

    assert result.exit_code == 1
    assert "LEADHUB_ENCRYPTION_KEYS" in result.output


def test_serving_to_others_needs_the_hubs_address(settings):
    with pytest.raises(SettingError, match="LEADHUB_BASE_URL"):
        server.check_address(settings, "0.0.0.0", 8000)


def test_a_port_that_is_taken_is_one_line_and_voids_no_link(run, rows):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        before = rows("hub")

        result = run("serve", "--port", str(other.getsockname()[1]))

    assert result.exit_code == 1
    assert result.stderr.startswith("leadhub: Nothing can listen on 127.0.0.1")
    assert rows("hub") == before


def test_a_host_that_is_none_is_one_line(settings):
    with pytest.raises(SettingError, match="Nothing can listen"):
        server.check_address(dataclasses.replace(settings, base_url="http://x.example"), "no.such.host.invalid", 8000)


def test_every_command_is_documented(app):
    text = (Path(__file__).parents[1] / "docs/commands.md").read_text()
    ours = [
        command
        for command in app.cli.commands.values()
        if command.callback and command.callback.__module__ == cli.__name__
    ]

    assert ours
    assert [command.name for command in ours if f"### `leadhub {command.name}" not in text] == []


COMMANDS = [
    ["serve", "--port", "8999"],
    ["worker"],
    ["doctor"],
    ["demo"],
    ["backup", "out.zip"],
    ["import", "leads.csv"],
    ["users", "create", "new@example.org", "--role", "agent", "--password-stdin"],
    ["db", "upgrade"],
]


@pytest.mark.one_database
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("kind", ["no database", "no server"])
def test_a_database_that_is_none_is_one_line(make_app, tmp_path, file, monkeypatch, kind, words):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "leadhub.sqlite3").write_bytes(b"no database at all" * 100)
    url = "" if kind == "no database" else f"postgresql+psycopg://u@127.0.0.1:{databases._free_port()}/d"
    commands = cli.Commands(create_app=lambda: make_app(settings=databases.settings_for(folder, url)))

    result = CliRunner().invoke(commands, words, input=PASSWORD)

    told = [line for line in result.output.splitlines() if not line.startswith(("ok", "warning"))]
    assert (result.exit_code, len(told)) == (1, 1), result.output
    assert ("not a database" if kind == "no database" else "failed") in told[0]


@pytest.mark.one_database
def test_a_trouble_of_the_database_is_told_without_values(run, monkeypatch):
    error = IntegrityError("INSERT", {}, Exception("Key (email)=(zoe@example.org) exists"))
    monkeypatch.setattr(cli, "load_samples", lambda **words: (_ for _ in ()).throw(error))

    result = run("demo")

    assert (result.exit_code, result.stderr) == (1, "leadhub: The database stopped the command: Exception.\n")


def test_sample_data_a_second_time_changes_nothing(run, rows):
    run("demo")
    before = rows("leads"), rows("lead_events")

    assert run("demo").output == "0 sample leads added.\n"
    assert (rows("leads"), rows("lead_events")) == before
