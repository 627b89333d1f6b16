"""What plugins bring along beside their code: templates, and files for browsers.  Nothing here writes."""

from collections.abc import Callable
from pathlib import Path

from flask import Flask
from jinja2 import BaseLoader, ChoiceLoader, Environment, TemplateNotFound
from werkzeug.security import safe_join

from leadhub.plugins.host import Host

TEMPLATES, STATIC = "templates", "static"
PREFIX = "plugins"  # of the names of all of them; no template of the hub's own begins so
ESCAPED = ".html"  # Flask escapes what goes into these
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
    ".ico": "image/x-icon",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
"""What is handed out, and as what: nothing that a browser would show as a page of the hub's own."""


class PluginTemplates(BaseLoader):
    """``plugins/<plugin>/card.html`` is ``card.html`` out of the folder ``templates`` beside the plugin's code.

    Under that name alone: one that is called as one of the hub's own takes no place of it.
    """

    def __init__(self, host: Host) -> None:
        self.host = host

    def list_templates(self) -> list[str]:
        """The hub's own are what is listed."""
        return []

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        prefix, _slash, rest = template.partition("/")
        plugin, _slash, name = rest.partition("/")
        path = file_of(self.host, plugin, TEMPLATES, name) if prefix == PREFIX else None
        if path is None or path.suffix != ESCAPED:
            raise TemplateNotFound(template)
        written = path.stat().st_mtime_ns
        return path.read_text("utf-8"), str(path), lambda: path.is_file() and path.stat().st_mtime_ns == written


def file_of(host: Host, plugin: str, folder: str, name: str) -> Path | None:
    """A file in this folder of a plugin that is on; None for what is none, and for what lies outside, by links too."""
    there = host.plugins.get(plugin)
    if there is None or there.folder is None or not host.is_on(plugin):
        return None
    root = (there.folder / folder).resolve()
    found = safe_join(str(root), name)
    path = Path(found).resolve() if found else root
    return path if path.is_file() and path.is_relative_to(root) else None


def init_app(app: Flask, host: Host) -> None:
    """Let the app's templates be found as before, and those of the plugins under their names."""
    own = app.jinja_env.loader
    app.jinja_env.loader = ChoiceLoader([*([own] if own else []), PluginTemplates(host)])
