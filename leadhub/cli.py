"""The ``leadhub`` command, thin as views: parse, call one service, commit, print."""

import json
import sys
import time
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError

from leadhub import __version__, doctor, server
from leadhub.accounts.roles import ROLES
from leadhub.accounts.services import create_user
from leadhub.errors import UserError
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.imports import services as imports
from leadhub.leads.services import remove_samples
from leadhub.settings import Settings
from leadhub.setup.samples import load_samples
from leadhub.upgrade import bring_up_to_date

TURN = 0.02  # seconds: SQLite's waiting writers poll, and one that begins again at once would never let them in


class Refused(click.ClickException):
    """One line on standard error, exit code 1."""

    def show(self, file: object = None) -> None:
        click.echo(f"leadhub: {self.message}", err=True)


def init_app(app: Flask) -> None:
    """Add the hub's commands; ``db`` is Flask-Migrate's."""
    for command in (serve, users, import_, demo, doctor_, version):
        app.cli.add_command(command)


@click.command("version")
def version() -> None:
    """Print the version."""
    click.echo(__version__)


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@with_appcontext
def serve(host: str, port: int, workers: int) -> None:
    """Migrate an empty or SQLite database, then serve pages."""
    try:
        server.check_address(_settings(), host, port)
        bring_up_to_date(_settings())
        link = server.setup_link(_settings(), host, port)
    except UserError as error:
        raise Refused(str(error)) from None
    db.session.commit()
    if link:
        click.echo(f"\n  Set the hub up with this link, which works once:\n\n      {link}\n")
    db.session.remove()
    db.engine.dispose()
    server.run(host, port, workers)


@click.group("users")
def users() -> None:
    """Make users."""


@users.command("create")
@click.argument("email")
@click.option("--role", required=True, type=click.Choice(list(ROLES)))
@click.option("--name", default="")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
@with_appcontext
def users_create(email: str, role: str, name: str, password_stdin: bool) -> None:
    """Make a user who can sign in."""
    password = sys.stdin.readline().rstrip("\n")
    try:
        bring_up_to_date(_settings())
        user = create_user(email, password, role=role, name=name)
    except UserError as error:
        raise Refused(str(error)) from None
    db.session.commit()
    click.echo(f"{user.email} can sign in as {role}.")


@click.command("demo")
@click.option("--remove", is_flag=True, help="Take the sample leads away again, for good.")
@with_appcontext
def demo(remove: bool) -> None:
    """Bring sample leads in; each is flagged as one."""
    try:
        bring_up_to_date(_settings())
    except UserError as error:
        raise Refused(str(error)) from None
    count = remove_samples() if remove else load_samples(by=None)
    db.session.commit()
    click.echo(f"{count} sample leads {'removed' if remove else 'added'}.")


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Read and judge every row, store none.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@click.option("--map", "pairs", multiple=True, metavar='"Column=field"', help="Say what a column is; may be repeated.")
@click.option("--id", "id_column", metavar="COLUMN", help="The column that names each lead for ever.")
@with_appcontext
def import_(file: Path, dry_run: bool, as_json: bool, pairs: tuple[str, ...], id_column: str | None) -> None:
    """Take in a CSV file of leads.  The same file again makes no second copy."""
    try:
        bring_up_to_date(_settings())
        found = imports.recognise(file, imports.forced_fields(pairs), id_column)
        if not as_json:
            _describe(found)
        report = _run(found, dry_run, show_progress=sys.stderr.isatty())
    except UserError as error:
        raise Refused(str(error)) from None
    except DBAPIError as error:  # without the statement: its values are people
        raise Refused(f"The database stopped the import: {str(error.orig).strip().splitlines()[0]}") from None
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


@click.command("doctor")
@with_appcontext
def doctor_() -> None:
    """Look the hub over: settings, database, keys, plugins.  Exit code 1 when something must be mended."""
    findings = doctor.examine(_settings())
    for finding in findings:
        click.echo(f"{finding.grade:<8} {finding.text}")
    if any(finding.grade == doctor.PROBLEM for finding in findings):
        sys.exit(1)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["leadhub"]["settings"]
    return settings
