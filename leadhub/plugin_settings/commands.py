"""``leadhub plugins``: what is there, and whether a plugin keeps to the contract.  ``leadhub x``: plugins' own."""

import secrets
import sys
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import click
from flask.cli import with_appcontext

from leadhub.database import reading
from leadhub.extensions import db
from leadhub.plugin_settings import scaffold
from leadhub.plugin_settings.context import HubContext, context_for
from leadhub.plugin_settings.store import keep
from leadhub.plugins.api.effects import Failed
from leadhub.plugins.api.parts import Command
from leadhub.plugins.finding import folder_plugins
from leadhub.plugins.health import PluginFailed
from leadhub.plugins.host import Host, current_host
from leadhub.plugins.projects import project_at

FINE, ODD, BAD = "ok", "warning", "problem"
LINES_MAX = 100_000


@click.group("plugins")
def plugins() -> None:
    """Look at plugins, or begin one."""


@plugins.command("new")
@click.argument("name")
@click.option(
    "--into", default=".", type=click.Path(path_type=Path), help="The folder to write it into; else this one."
)
@with_appcontext
def new(name: str, into: Path) -> None:
    """Write a package that can be installed, with a source, a status action, a chart and tests, to begin from."""
    host = current_host()
    bundled = {plugin.name for plugin in host.plugins.values() if plugin.is_bundled}
    sources = {key for key, offer in host.offers["sources"].items() if offer.plugin in bundled}
    folder = scaffold.write(name, into, bundled | sources)
    click.echo(f"{folder} is there. In the environment of the hub:\n")
    place = folder if folder.is_absolute() else f"./{folder}"
    for command in ("pip install -e", "leadhub plugins check", "pytest"):
        click.echo(f"    {command} {place}")


@plugins.command("list")
@with_appcontext
def list_() -> None:
    """Name, version, where it comes from, what it offers; then those that were left out, and why."""
    host = current_host()
    for plugin in host.plugins.values():
        offers = ", ".join(f"{len(keys)} {kind}" for kind, keys in plugin.offers.items()) or "nothing"
        click.echo(f"{plugin.name:24} {plugin.version or '-':10} {plugin.origin:10} {offers}")
    for name, reason in host.failed.items():
        click.echo(f"{name:24} left out: {reason}")


@plugins.command("check")
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--installed", is_flag=True, help="All that are installed with pip or lie in LEADHUB_PLUGINS_DIR.")
@with_appcontext
def check(path: Path | None, installed: bool) -> None:
    """Load a plugin as the hub would (a module, a package's folder, the folder of a project that can be installed, or
    a folder of plugins), in a process of its own first, and say what is wrong.

    Exit code 1 where something is; what only has to be changed before a later version is a warning.
    """
    if (path is None) == (not installed):
        raise click.UsageError("Name a path, or say --installed.")
    host = current_host() if path is None else _loaded(path)
    wanted = [plugin for plugin in host.plugins.values() if not plugin.is_bundled]
    for plugin in wanted:
        click.echo(
            f"{FINE:8} {plugin.name}: " + "; ".join(f"{kind} {', '.join(keys)}" for kind, keys in plugin.offers.items())
        )
        for told in plugin.warnings:
            click.echo(f"{ODD:8} {plugin.name}: {told}")
    for name, reason in host.failed.items():
        click.echo(f"{BAD:8} {name}: {reason}")
    if not wanted and not host.failed:
        click.echo("There is no plugin here.")
    if host.failed or (path is not None and not wanted):
        sys.exit(1)


@click.command("x", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--dry-run", is_flag=True, help="Only say what would be done; nothing that the plugin keeps is written.")
@click.argument("plugin", required=False)
@click.argument("name", required=False)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@with_appcontext
def run(plugin: str | None, name: str | None, words: tuple[str, ...], dry_run: bool) -> None:
    """Run a plugin's own command; without a name, say which there are."""
    commands = current_host().offered("commands")
    if not name:
        for key, offer in commands.items():
            if plugin in (None, offer.plugin):
                click.echo(f"{key.replace('.', ' '):40} {offer.value.help}")
        return
    found = commands.get(f"{plugin}.{name}")
    if found is None:
        raise click.UsageError(f"The plugin {plugin} has no command {name}, is switched off, or is not installed.")
    with reading(db.session):  # nobody waits for the command
        context = context_for(found.plugin, secrets.token_hex(8), is_dry_run=dry_run)
    try:
        lines = current_host().call(found.plugin, _lines, found.value, words, context, passes=(Failed,))
    except (Failed, PluginFailed) as error:
        sys.exit(f"leadhub: {error}")
    if not dry_run:
        keep(context.store)
        db.session.commit()
    for line in lines:
        click.echo(line)


def _lines(command: Command, words: tuple[str, ...], context: HubContext) -> list[str]:
    told = command.run(words, context)
    return [str(line) for line in islice(told, LINES_MAX)] if isinstance(told, Iterable) else []


def _loaded(path: Path) -> Host:
    """A host of its own with what is at the path, and the bundled ones."""
    host = Host()
    host.load(None, safe_mode=True)
    path = path.resolve()  # "." has no name
    try:
        project = project_at(path)
    except ValueError as error:
        host.failed[path.name] = f"pyproject.toml can't be read: {error}"
        return host
    if project:
        with project.importable():
            host.load_entries(project.entries, project.version)
        return host
    is_one = path.is_file() or (path / "__init__.py").exists()
    packages = [path] if is_one else folder_plugins(path)
    host.load_paths(packages)
    return host
