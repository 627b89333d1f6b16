"""Static files: who serves them, at which URL, and the tags that load them.

A library comes from ``static/vendor/`` where ``make assets`` has put it, else from the CDN; ``static/vendor.json``
names both.  Our own files get a URL with their fingerprint, so a browser keeps them for a year and has no old one.
That URL may lie in another folder than the file: our style sheets and scripts name no other file by a relative URL.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Flask, current_app, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response
from whitenoise import WhiteNoise  # type: ignore[import-untyped]

STATIC = Path(__file__).parent / "static"
PREFIX = "/static/"
FINGERPRINTED = r"\.[0-9a-f]{10}\.[a-z0-9]+$"
SECONDS_KEPT = 60
ICON_HELD = re.compile(r'<symbol id="tabler-([^"]+)"')

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class StaticFiles(WhiteNoise):
    """WhiteNoise, but what never changes is kept for one year instead of ten."""

    FOREVER = 365 * 24 * 60 * 60


class Assets:
    """What is in one static folder.  Looked at once, or at each request when ``debug`` is set."""

    def __init__(self, folder: Path, *, debug: bool) -> None:
        self.folder = folder
        self.debug = debug
        manifest = folder / "vendor.json"
        self.libraries: dict[str, dict[str, str]] = json.loads(manifest.read_bytes()) if manifest.is_file() else {}
        self.local = {name for name, it in self.libraries.items() if folder.joinpath("vendor", it["file"]).is_file()}
        self.own = {} if debug else {path.relative_to(folder).as_posix(): path for path in own_files(folder)}
        self.published = {name: published_name(name, path) for name, path in self.own.items()}
        self.icons = icons_in(folder)

    def serve_before(self, application: Application) -> StaticFiles:
        """Answer everything under ``PREFIX`` here, and leave the rest to the application."""
        server = StaticFiles(
            without_static(application),
            root=str(self.folder),
            prefix=PREFIX,
            autorefresh=self.debug,
            max_age=0 if self.debug else SECONDS_KEPT,
            allow_all_origins=False,
            immutable_file_test=FINGERPRINTED,
            add_headers_function=lambda headers, path, url: headers.setdefault("X-Content-Type-Options", "nosniff"),
        )
        for name, published in self.published.items():
            built = self.folder / "vendor" / published
            if built.is_file():
                self.published[name] = f"vendor/{published}"
            else:
                server.add_file_to_dictionary(PREFIX + published, str(self.own[name]))
        return server

    def has_icon(self, name: str) -> bool:
        if self.debug:
            self.icons = icons_in(self.folder)
        return name in self.icons


def init_app(app: Flask, folder: Path = STATIC) -> None:
    """Serve ``folder`` and give templates ``asset_url``, ``script``, ``stylesheet`` and ``icon``.

    The app has ``static_folder=None``.  Call this before any middleware that takes a prefix off the path is put around
    the app.
    """
    assets = Assets(folder, debug=app.debug)
    app.extensions["assets"] = assets
    app.add_url_rule(f"{PREFIX}<path:filename>", endpoint="static", build_only=True)
    app.wsgi_app = assets.serve_before(app.wsgi_app)  # type: ignore[method-assign]
    app.jinja_env.globals.update(asset_url=asset_url, script=script, stylesheet=stylesheet, icon=icon)


def csp_sources(app: Flask) -> dict[str, list[str]]:
    """The CDN's files that pages of this app load, by directive; one without any is there with an empty list."""
    assets = app.extensions["assets"]
    urls = sorted(library["cdn"] for name, library in assets.libraries.items() if name not in assets.local)
    return {
        "script-src": [url for url in urls if url.endswith(".js")],
        "style-src": [url for url in urls if url.endswith(".css")],
    }


def asset_url(name: str) -> str:
    """The URL of one of our own files, such as ``leadhub.css``, below the path the app is mounted at."""
    assets = current_assets()
    return url_for("static", filename=name if assets.debug else assets.published[name])


def script(name: str, defer: bool = True) -> Markup:
    """The tag that runs a library of ``vendor.json`` or a script of our own."""
    wait = Markup(" defer") if defer else ""
    return Markup('<script src="{}"{}{}></script>').format(*source(name), wait)


def stylesheet(name: str) -> Markup:
    """The tag that applies a library of ``vendor.json`` or a style sheet of our own."""
    return Markup('<link rel="stylesheet" href="{}"{}>').format(*source(name))


def icon(name: str, label: str | None = None) -> Markup:
    """A Tabler icon; without a label it is decoration, which screen readers pass over.

    Raises ``LookupError`` in tests and development when the sprite lacks it; a live page shows an empty square.
    """
    if not current_assets().has_icon(name) and (current_app.debug or current_app.testing):
        raise LookupError(f"icons.svg lacks {name!r}: run make assets")
    spoken = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup(
        '<svg class="icon" width="24" height="24" stroke-width="2" {}><use href="{}#tabler-{}"/></svg>'
    ).format(spoken, asset_url("icons.svg"), name)


def source(name: str) -> tuple[str, Markup]:
    """The URL to load and the attributes that guard it."""
    assets = current_assets()
    library = assets.libraries.get(name)
    if library is None:
        return asset_url(name), Markup("")
    guard = Markup(' integrity="{}"').format(library["integrity"])
    if name in assets.local:
        return url_for("static", filename=f"vendor/{library['file']}"), guard
    return library["cdn"], guard + Markup(' crossorigin="anonymous"')


def current_assets() -> Assets:
    assets: Assets = current_app.extensions["assets"]
    return assets


def fingerprint(content: bytes) -> str:
    """Ten hexadecimal digits, the same as ``tools/assets.py`` puts into names."""
    return hashlib.sha256(content).hexdigest()[:10]


def own_files(folder: Path) -> list[Path]:
    """Every file but those that ``make assets`` made."""
    made = {folder / "vendor.json", folder / "vendor"}
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and not made & {path, *path.parents}]


def published_name(name: str, path: Path) -> str:
    """``leadhub.css`` as ``leadhub.1a2b3c4d5e.css``."""
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}.{fingerprint(path.read_bytes())}{dot}{suffix}"


def icons_in(folder: Path) -> set[str]:
    sprite = folder / "icons.svg"
    return set(ICON_HELD.findall(sprite.read_text("utf-8"))) if sprite.is_file() else set()


def without_static(application: Application) -> Application:
    """Answer a static file that is not there at once, without session, database or error page."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(PREFIX):
            return Response("Not found\n", status=404, mimetype="text/plain")(environ, start_response)
        return application(environ, start_response)

    return answer
