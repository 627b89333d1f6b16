"""The factory: the only module that knows every part."""

import os
import sys
from collections.abc import Sequence
from typing import Any

from flask import Flask, Request, abort, has_request_context, redirect, request, session, url_for
from flask.cli import FlaskGroup
from flask_security import current_user
from werkzeug.wrappers import Response

from leadhub import __version__, assets, cli, database, extensions, logs, security, web
from leadhub.accounts import views as accounts_views
from leadhub.accounts.access import public, to_sign_in
from leadhub.accounts.services import datastore
from leadhub.errors import SettingError
from leadhub.hub import queries as hub_queries
from leadhub.keys import with_keys
from leadhub.leads import views as leads_views
from leadhub.plugins.host import Host
from leadhub.settings import Settings, read_settings
from leadhub.setup import views as setup_views
from leadhub.upgrade import MIGRATIONS

SIGN_IN_LIMIT = "10 per minute"


def create_app(settings: Settings | None = None, *, plugins: Sequence[tuple[str, object]] = (), **config: Any) -> Flask:
    """A hub.  ``plugins`` are (name, plugin) pairs beside the installed ones; ``config`` is Flask's, for tests.

    Raises ``SettingError`` for a wrong setting.
    """
    settings = with_keys(settings or read_settings())
    app = Flask("leadhub", static_folder=None)
    app.config.update(_config(settings) | config)
    app.extensions["leadhub"] = {"settings": settings}
    logs.configure()
    _bind_extensions(app)
    _load_plugins(app, settings, plugins)
    _register_views(app)
    assets.init_app(app)
    security.init_app(app, settings)
    web.init_app(app)
    cli.init_app(app)
    return app


def main() -> None:
    """The ``leadhub`` command.  What it writes is for its own user alone."""
    os.umask(0o077)
    FlaskGroup(
        create_app=_app_for_command, add_default_commands=False, add_version_option=False, load_dotenv=False
    ).main(prog_name="leadhub")


def _app_for_command() -> Flask:
    try:
        return create_app()
    except SettingError as error:
        sys.exit(f"leadhub: {error}")


def _config(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": database.engine_options(settings.database_url),
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_TRANSLATION_DIRECTORIES": "translations",
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_MIMETYPES": ["text/html"],
        "COMPRESS_BR_LEVEL": 4,
        "RATELIMIT_STORAGE_URI": settings.redis_url or "memory://",
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_HEADERS_ENABLED": False,
        "RATELIMIT_STRATEGY": "moving-window",  # ten tries in any minute, not twenty around its turn
        "SECURITY_CLI_USERS_NAME": False,
        "SECURITY_CLI_ROLES_NAME": False,
        "SECURITY_FLASH_MESSAGES": False,
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_PASSWORD_SALT": "unused",  # asked for by the library; argon2 salts each hash itself
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],  # no second key inside: a new SECRET_KEY locks nobody out
        "SECURITY_POST_LOGIN_VIEW": "home",
        "SECURITY_POST_LOGOUT_VIEW": "home",
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "PLUGIN_STRICT": False,
        **security.config_for(settings),
    }


def _bind_extensions(app: Flask) -> None:
    extensions.db.init_app(app)
    with app.app_context():
        database.tune(extensions.db.engine)
    extensions.migrate.init_app(app, extensions.db, directory=MIGRATIONS)
    extensions.csrf.init_app(app)
    extensions.babel.init_app(app, locale_selector=_locale, timezone_selector=_time_zone)
    extensions.security.init_app(app, datastore)
    app.login_manager.request_loader(_nobody)  # type: ignore[attr-defined]  # no tokens yet: a session or nothing
    app.extensions["security"].unauthn_handler(lambda *args, **kwargs: to_sign_in())
    extensions.limiter.init_app(app)
    extensions.compress.init_app(app)
    extensions.htmx.init_app(app)


def _load_plugins(app: Flask, settings: Settings, extra: Sequence[tuple[str, object]]) -> None:
    host = Host(strict=app.config["PLUGIN_STRICT"])
    host.load(settings.plugins_dir, settings.safe_mode, extra)
    app.extensions["leadhub_host"] = host


def _register_views(app: Flask) -> None:
    app.before_request(setup_views.send_first_visit)
    for blueprint in (setup_views.bp, accounts_views.bp, leads_views.bp):
        app.register_blueprint(blueprint)
    app.add_url_rule("/", view_func=home)
    app.add_url_rule("/healthz", view_func=healthz)
    app.view_functions["security.verify"] = _not_here
    sign_in = app.view_functions["security.login"]
    app.view_functions["security.login"] = extensions.limiter.limit(SIGN_IN_LIMIT, methods=["POST"])(sign_in)


def _not_here() -> Response:
    """Flask-Security's page to repeat a password: nothing asks for that yet."""
    abort(404)


@public
def home() -> Response:
    """Where a day begins: the list, until there is a page for the day."""
    return redirect(url_for("leads.index"), 303)


@public
def healthz() -> tuple[dict[str, str], int]:
    """Is this process answering?  Says nothing of the database."""
    return {"status": "ok", "version": __version__}, 200


def _nobody(request: Request) -> None:
    """Who a request without session is of."""


def _locale() -> str:
    """The person's language, else the hub's, else what the browser asks for."""
    if not has_request_context():
        return "en"
    asked = request.args.get("language") or session.get("language")
    if current_user.is_authenticated and current_user.language:
        return str(current_user.language)
    if asked in web.LANGUAGES:
        session["language"] = asked
        return str(asked)
    if hub_queries.hub().set_up_at:
        return hub_queries.hub().language
    return request.accept_languages.best_match(list(web.LANGUAGES), "en") or "en"


def _time_zone() -> str:
    return hub_queries.hub().time_zone


if __name__ == "__main__":
    main()
