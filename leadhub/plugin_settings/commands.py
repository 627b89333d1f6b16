"""``leadhub plugins``: what is there, and whether a plugin keeps to the contract.  Needs no database."""

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from leadhub.plugins.host import Host, current_host, folder_plugins

FINE, BAD = "ok", "problem"


@click.group("plugins")
def plugins() -> None:
    """Look at plugins."""


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
    """Load one plugin (a module, a package's folder, or a folder of plugins) as the hub would, and say what is wrong.

    Exit code 1 where something is.
    """
    if (path is None) == (not installed):
        raise click.UsageError("Name a path, or say --installed.")
    host = current_host() if path is None else _loaded(path)
    wanted = [plugin for plugin in host.plugins.values() if not plugin.is_bundled]
    for plugin in wanted:
        click.echo(
            f"{FINE:8} {plugin.name}: " + "; ".join(f"{kind} {', '.join(keys)}" for kind, keys in plugin.offers.items())
        )
    for name, reason in host.failed.items():
        click.echo(f"{BAD:8} {name}: {reason}")
    if not wanted and not host.failed:
        click.echo("There is no plugin here.")
    if host.failed or (path is not None and not wanted):
        sys.exit(1)


def _loaded(path: Path) -> Host:
    """A host of its own with what is at the path, and the bundled ones."""
    host = Host()
    host.load(None, safe_mode=True)
    path = path.resolve()  # "." has no name
    is_one = path.is_file() or (path / "__init__.py").exists()
    packages = [path] if is_one else folder_plugins(path)
    host.load_paths(packages)
    return host
