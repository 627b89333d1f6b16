"""The ``leadhub`` command, thin as views: parse, call one service, commit, print."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import FlaskGroup, with_appcontext
from sqlalchemy.exc import DBAPIError

from leadhub import __version__, dev, doctor, server
from leadhub.accounts.roles import ROLES
from leadhub.accounts.services import create_user
from leadhub.backup import lock
from leadhub.backup import restore as restoring
from leadhub.backup.file import Manifest
from leadhub.backup.write import back_up
from leadhub.errors import UserError
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.imports import services as imports
from leadhub.jobs.worker import Stop, Worker
from leadhub.leads.counters.services import CountedInVain, checked_aside, install
from leadhub.leads.services import remove_samples
from leadhub.plugin_settings.commands import plugins
from leadhub.plugin_settings.commands import run as run_command
from leadhub.settings import Settings
from leadhub.setup.samples import load_samples
from leadhub.upgrade import bring_up_to_date, first_line

RECOUNTS = 3  # tries
TURN = 0.02  # seconds: SQLite's waiting writers poll, and one that begins again at once would never let them in


class Refused(click.ClickException):
    """One line on standard error, exit code 1."""

    def show(self, file: object = None) -> None:
        click.echo(f"leadhub: {self.message}", err=True)


@contextmanager
def _in_one_line() -> Iterator[None]:
    """What the command's caller can put right, or the database can't do, is no traceback."""
    try:
        yield
    except UserError as error:
        raise Refused(str(error)) from None
    except DBAPIError as error:
        raise Refused(f"The database stopped the command: {first_line(error)}.") from None


class Command(click.Command):
    """One of the hub's own."""

    def invoke(self, ctx: click.Context) -> Any:
        with _in_one_line():
            return super().invoke(ctx)


class Commands(FlaskGroup):
    """All commands, those of Flask-Migrate too."""

    def invoke(self, ctx: click.Context) -> Any:
        with _in_one_line():
            return super().invoke(ctx)


def init_app(app: Flask) -> None:
    """Add the hub's commands; ``db`` is Flask-Migrate's."""
    for command in (serve, worker, users, import_, demo, backup, restore, doctor_, version, plugins, run_command):
        app.cli.add_command(command)


@click.command("version", cls=Command)
def version() -> None:
    """Print the version."""
    click.echo(__version__)


@click.command("serve", cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option("--no-worker", is_flag=True, help="Leave the background work to a leadhub worker of your own.")
@click.option(
    "--dev", "is_dev", is_flag=True, help="Start anew when plugins change, show where they fail; never for a team."
)
@click.option("--dev-anywhere", is_flag=True, help="With --dev: on an address that others can reach too.")
@click.option("--dev-child", is_flag=True, hidden=True, help="What --dev starts.")
@with_appcontext
def serve(
    host: str, port: int, workers: int, no_worker: bool, is_dev: bool, dev_anywhere: bool, dev_child: bool
) -> None:
    """Migrate an empty or SQLite database, then serve pages and do the background work."""
    if is_dev:
        _serve_anew(host, port, workers, no_worker, dev_anywhere)
        return
    if dev_child:
        dev.end_with_parent()
    _hold_hub()
    server.check_address(_settings(), host, port)
    bring_up_to_date(_settings())
    link = server.setup_link(_settings(), host, port)
    db.session.commit()
    if link:
        click.echo(f"\n  Set the hub up with this link, which works once:\n\n      {link}\n")
    db.session.remove()
    db.engine.dispose()
    server.run(host, port, workers, with_worker=not no_worker, is_dev=dev_child)


def _serve_anew(host: str, port: int, workers: int, no_worker: bool, anywhere: bool) -> None:
    dev.check_host(host, anywhere=anywhere)
    click.echo("\n  This is for writing plugins, not for a team: it shows code, and stops work in the middle.\n")
    db.engine.dispose()
    words = ["serve", "--host", host, "--port", str(port), "--workers", str(workers), "--dev-child"]
    plugins_dir = _settings().plugins_dir
    dev.run([*words, *(["--no-worker"] if no_worker else [])], lambda: dev.watched(plugins_dir))


@click.command("worker", cls=Command)
@click.option("--until-eof", is_flag=True, hidden=True, help="End when standard input does.")
@click.option("--id", "worker_id", hidden=True, help="What it calls itself.")
@click.option("--after", hidden=True, help="The worker in whose place it is started, which is dead.")
@with_appcontext
def worker(until_eof: bool, worker_id: str | None, after: str | None) -> None:
    """Do the background work until a signal ends it; leadhub serve starts one by itself."""
    stop = Stop.by_signal(until_eof=until_eof)
    _hold_hub()
    bring_up_to_date(_settings())
    Worker(current_app._get_current_object(), stop, worker_id=worker_id).run(after)  # type: ignore[attr-defined]


@click.group("users")
def users() -> None:
    """Make users."""


@users.command("create", cls=Command)
@click.argument("email")
@click.option("--role", required=True, type=click.Choice(list(ROLES)))
@click.option("--name", default="")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
@with_appcontext
def users_create(email: str, role: str, name: str, password_stdin: bool) -> None:
    """Make a user who can sign in."""
    password = sys.stdin.readline().rstrip("\n")
    bring_up_to_date(_settings())
    user = create_user(email, password, role=role, name=name)
    db.session.commit()
    click.echo(f"{user.email} can sign in as {role}.")


@click.command("demo", cls=Command)
@click.option("--remove", is_flag=True, help="Take the sample leads away again, for good.")
@with_appcontext
def demo(remove: bool) -> None:
    """Bring sample leads in; each is flagged as one."""
    bring_up_to_date(_settings())
    count = remove_samples() if remove else load_samples(by=None)
    db.session.commit()
    click.echo(f"{count} sample leads {'removed' if remove else 'added'}.")


@click.command("import", cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Read and judge every row, store none.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@click.option("--map", "pairs", multiple=True, metavar='"Column=field"', help="Say what a column is; may be repeated.")
@click.option("--id", "id_column", metavar="COLUMN", help="The column that names each lead for ever.")
@with_appcontext
def import_(file: Path, dry_run: bool, as_json: bool, pairs: tuple[str, ...], id_column: str | None) -> None:
    """Take in a CSV file of leads.  The same file again makes no second copy."""
    bring_up_to_date(_settings())
    found = imports.recognise(file, imports.forced_fields(pairs), id_column)
    if not as_json:
        _describe(found)
    report = _run(found, dry_run, show_progress=sys.stderr.isatty())
    click.echo(json.dumps(report.as_dict(), ensure_ascii=False) if as_json else _told(report, dry_run))


def _run(file: imports.FileImport, dry_run: bool, *, show_progress: bool) -> imports.Report:
    """A transaction a block, so that a second run goes on where a killed one stopped."""
    report = imports.Report()
    bar = click.progressbar(length=file.size, label="Taking leads in", file=sys.stderr, hidden=not show_progress)
    with bar:
        for block in imports.blocks(file):
            imports.take_in(file, block, report)
            if dry_run:
                db.session.rollback()
            else:
                db.session.commit()
            bar.update(len(block))
            if _settings().is_sqlite:
                time.sleep(TURN)
    return report


def _describe(file: imports.FileImport) -> None:
    click.echo(f"{file.table.path.name}: {file.table.encoding}, separator {file.table.separator!r}", err=True)
    for column, field in file.mapping.describe():
        click.echo(f"  {column} → {field}", err=True)
    for column in file.mapping.ambiguous_dates:
        click.echo(
            f"  {column}: the dates read as day/month as well as month/day; taken as {file.order_word}", err=True
        )
    if hub().set_up_at is None:
        click.echo("  The hub is not set up yet: times without a zone are read as UTC.", err=True)


def _told(report: imports.Report, dry_run: bool) -> str:
    head = "Would be: " if dry_run else ""
    lines = [
        f"{head}{report.read} read: {report.created} created, {report.updated} updated, "
        f"{report.unchanged} unchanged, {report.refused} refused."
    ]
    lines += [f"  line {error['line']}: {error['reason']}" for error in report.errors[:20]]
    if report.refused > 20:
        lines.append(f"  and {report.refused - 20} more; --json lists the first thousand.")
    return "\n".join(lines)


@click.command("backup", cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@with_appcontext
def backup(file: Path, force: bool) -> None:
    """Write everything in the hub to one file, while it works.  The keys are not in it."""
    began = time.monotonic()
    manifest = back_up(file, _settings().data_dir, force=force)
    click.echo(f"{file}: {_contents(manifest)}, {file.stat().st_size:,} bytes, {time.monotonic() - began:.1f} s.")
    _tell_missing(manifest)
    for table, reason in manifest.left_out.items():
        click.echo(f"Left out: {table} ({reason}).")
    click.echo("Not in it: the secret key and the encryption keys. Keep them elsewhere: without the latter nobody can")
    click.echo("read the secrets that the hub stores, such as the mail server's password.")


@click.command("restore", cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def restore(file: Path) -> None:
    """Fill an empty hub, which nobody serves, from a backup."""
    began = time.monotonic()
    manifest = restoring.restore(file, _settings().data_dir)
    click.echo(f"Restored {_contents(manifest)} of {manifest.made_at} in {time.monotonic() - began:.1f} s.")
    _tell_missing(manifest)
    click.echo("Everybody has to sign in again. leadhub doctor tells whether the encryption keys fit.")


def _contents(manifest: Manifest) -> str:
    imports = f", files of imports: {len(manifest.imports)}" if manifest.imports else ""
    files = f", files of leads: {len(manifest.files):,}" if manifest.files else ""
    return f"{len(manifest.tables)} tables, {manifest.rows:,} rows{imports}{files}"


def _tell_missing(manifest: Manifest) -> None:
    if manifest.missing:
        click.echo(
            f"Missing: files of leads that were not on the disk when this backup was made: {len(manifest.missing):,}."
        )


@click.command("doctor", cls=Command)
@click.option("--recount", is_flag=True, help="Count all leads, and mend the counters of statistics and boards.")
@with_appcontext
def doctor_(recount: bool) -> None:
    """Look the hub over: settings, database, keys, plugins.  Exit code 1 when something must be mended."""
    if recount:
        click.echo(_recounted())
        return
    findings = doctor.examine(_settings())
    for finding in findings:
        click.echo(f"{finding.grade:<8} {finding.text}")
    if any(finding.grade == doctor.PROBLEM for finding in findings):
        sys.exit(1)


def _recounted() -> str:
    """The counters are compared with the leads, and mended.  Raises ``UserError`` where the hub is too busy."""
    for _try in range(RECOUNTS):
        found, wrong = checked_aside(hub().time_zone)
        db.session.rollback()
        if not wrong:
            return f"{len(found.days)} counters agree with the leads."
        try:
            install(db.session.connection(), found)
        except CountedInVain:
            db.session.rollback()
            continue
        db.session.commit()
        return f"{wrong} counters said something else than the leads, and were mended."
    raise UserError("Changes were added while leads were counted. Try again.")


def _hold_hub() -> None:
    """Until the command ends: no backup is restored under it.  Raises ``SettingError`` while one is."""
    click.get_current_context().with_resource(lock.in_use(_settings().data_dir))


def _settings() -> Settings:
    settings: Settings = current_app.extensions["leadhub"]["settings"]
    return settings
