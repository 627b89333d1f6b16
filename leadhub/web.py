"""The habits of every view: page or partial, messages, errors, words for dates."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from flask import Flask, Response, abort, make_response, render_template, url_for
from flask_babel import format_datetime, format_decimal, get_locale, get_timezone, ngettext, to_user_timezone
from flask_babel import gettext as _
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from htmx_flask import request
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from leadhub import logs
from leadhub.database import TookTooLong
from leadhub.errors import UserError
from leadhub.extensions import db
from leadhub.numbers import amount, typed
from leadhub.plugins.health import PluginFailed

LANGUAGES = {"en": "English", "fr": "Français"}
OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x7e]*")
log = structlog.get_logger()


def wants_partial() -> bool:
    """Did htmx ask for a piece?  A boosted link, a step back in history and a plain request want the page."""
    asked = request.htmx
    whole = asked.boosted or asked.history_restore_request or request.headers.get("HX-Request-Type") != "partial"
    return bool(asked) and not whole


def respond(page: str, /, *, partial: str, status: int = 200, **context: Any) -> Response:
    """One URL, two forms: the page, or the piece of it that htmx asked for, with the same context."""
    template = partial if wants_partial() else page
    return make_response(render_template(template, **context), status)


def language() -> str:
    """Two letters, of the page being made."""
    locale = get_locale()
    return locale.language if locale else "en"


def init_app(app: Flask) -> None:
    """Bind error pages, filters and the headers that go with partials."""
    app.log_exception = _log_exception  # type: ignore[method-assign]
    app.register_error_handler(UserError, _show_user_error)
    app.register_error_handler(CSRFError, _show_csrf_error)
    app.register_error_handler(HTTPException, _show_http_error)
    for error in (IntegrityError, StaleDataError):
        app.register_error_handler(error, _show_conflict)
    app.register_error_handler(OperationalError, _show_busy)
    app.register_error_handler(TookTooLong, _show_too_long)
    app.register_error_handler(PluginFailed, _show_failed_plugin)
    app.before_request(_refuse_nul)
    app.after_request(_cache_headers)
    app.jinja_env.globals.update(language=language, languages=LANGUAGES, wants_partial=wants_partial)
    app.jinja_env.filters.update(moment=moment, own_path=own_path, ago=ago, label=label, number=format_decimal)
    app.jinja_env.filters.update(amount=amount, typed=typed)


def own_path(target: str | None) -> str | None:
    """The target if it is a path of this hub; None for whatever a browser may read as another site."""
    return target if target and OWN_PATH.fullmatch(target) else None


def moment(value: datetime) -> str:
    """22/11/2026 09:05 in French, 22 Nov 2026, 09:05 in English; on the clock of ``zone``."""
    return str(format_datetime(value, "dd/MM/yyyy HH:mm" if language() == "fr" else "d MMM yyyy, HH:mm"))


def ago(value: datetime) -> str:
    """Short and relative for what is near: ``09:05``, ``yesterday``, ``3 days ago``; else the date alone."""
    here = to_user_timezone(value)
    days = (to_user_timezone(datetime.now(UTC)).date() - here.date()).days
    if days == 0:
        return str(format_datetime(value, "HH:mm"))
    if days == 1:
        return _("yesterday")
    if 1 < days < 7:
        return ngettext("%(num)d day ago", "%(num)d days ago", days)
    return str(format_datetime(value, "dd/MM/yyyy" if language() == "fr" else "d MMM yyyy"))


def zone() -> ZoneInfo:
    """Of the clock on the pages: the person's own, else the hub's."""
    return ZoneInfo(str(get_timezone()))


def label(row: Any) -> str:
    """A list row in the page's language."""
    return row.label(language()) if row else ""


def _cache_headers(response: Response) -> Response:
    if request.endpoint == "static":
        return response
    response.vary.update(["HX-Request", "HX-Request-Type", "Cookie"])
    response.headers["Cache-Control"] = "no-store"  # ASVS 5.0, 14.3.2: nothing of a hub is kept by anybody
    return response


def _log_exception(exc_info: Any) -> None:
    log.error("unexpected error", exc_info=exc_info, endpoint=request.endpoint)  # a path may hold a link's token


def _show_user_error(error: UserError) -> Response:
    response = _show(error.status, str(error))
    if error.retry_after:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _show_csrf_error(error: CSRFError) -> Response:
    if wants_partial() and not current_user.is_authenticated:  # the session ended, and its token with it
        return make_response("", 401, {"HX-Redirect": url_for("security.login")})
    return _show(400, _("The page was open for too long. Load it again and repeat the last step."))


def _show_conflict(error: IntegrityError | StaleDataError) -> Response:
    db.session.rollback()  # before any word is asked for: whose language it is, the session could not say
    log.warning(
        "refused by the database", error=type(getattr(error, "orig", error)).__name__
    )  # its text holds values of people
    return _show(409, _("Somebody else was faster. Nothing was changed: try again."))


def _show_busy(error: OperationalError) -> Response:
    """SQLite's one writer had no turn in time; every other trouble of a database is an unexpected error."""
    if "database is locked" not in str(error.orig):
        raise error
    db.session.rollback()
    response = _show(503, _("LeadHub is busy at the moment. Nothing was saved: try again."))
    response.headers["Retry-After"] = "2"
    return response


def _show_too_long(error: TookTooLong) -> Response:
    return _show(503, _("This took too long and was stopped. Ask for less: one more filter, or a longer word."))


def _show_failed_plugin(error: PluginFailed) -> Response:
    """Its name is for those who can do something about it; the log has it."""
    return _show(
        502,
        _("The plugin that this comes from failed. Nothing was changed. An admin finds more under Settings > Plugins."),
    )


def _refuse_nul() -> None:
    """PostgreSQL takes no NUL in a text, and nobody types one."""
    typed = [request.args, *([request.form] if request.method == "POST" else [])]
    texts = [text for values in typed for pair in values.items(multi=True) for text in pair]
    if any("\0" in text for text in (request.path, *texts)):
        abort(400)


def _show_http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    if isinstance(error, SecurityError):  # a host that is not ours: no page of ours can be built for it
        return make_response(_words(400), 400, {"Content-Type": "text/plain; charset=utf-8"})
    try:
        response = _show(error.code, _words(error.code))
    except SQLAlchemyError:  # the page asks the database who is signed in, and the database is what failed
        response = make_response(str(error), error.code, {"Content-Type": "text/plain; charset=utf-8"})
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _words(code: int) -> str:
    return {
        403: _("Your role does not allow this. An admin can change it."),
        404: _("There is nothing here, or nothing that you may see."),
        405: _("This address does not take what was sent."),
        413: _("That is too much at once."),
        429: _("Too many tries. Wait a minute."),
        500: _("Something went wrong on our side. Nothing was changed. The server’s log says more."),
    }.get(code, _("This request can’t be answered."))


def _show(status: int, message: str) -> Response:
    """The error page; for htmx the message alone, put where messages go, so that no row is lost to it."""
    db.session.rollback()
    number = logs.request_id() if status == 500 else ""
    if wants_partial():
        told = f"{message} {_('Say this number to your admin: %(number)s', number=number)}" if number else message
        response = make_response(render_template("_message.html", message=told, kind="danger"), status)
        response.headers["HX-Retarget"] = "#messages"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    return make_response(render_template("error.html", message=message, status=status, number=number), status)
