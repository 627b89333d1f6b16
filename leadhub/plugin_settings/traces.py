"""Where a plugin failed, on the page that it failed on: under ``leadhub serve --dev``, for admins."""

import traceback
from types import TracebackType

from flask import Flask, current_app, g, has_request_context
from flask_security import current_user

from leadhub.accounts.roles import ADMINISTER
from leadhub.plugins.health import PluginFailed
from leadhub.plugins.host import Host

SHOWS = "PLUGIN_TRACES"
LENGTH_MAX = 20_000
OURS = ("leadhub.plugins.host", "leadhub.plugins.health")


def init_app(app: Flask, host: Host) -> None:
    app.jinja_env.globals["plugin_trace"] = trace
    if app.config[SHOWS]:
        host.noticed = _keep


def trace() -> str:
    """Of the plugin that failed in this request; empty where none did, or nobody may read it."""
    if not current_app.config[SHOWS] or not current_user.is_authenticated or not current_user.may(ADMINISTER):
        return ""
    return str(g.get("plugin_trace", ""))


def _keep(failed: PluginFailed) -> None:
    if not has_request_context():
        return
    try:
        error = failed.__cause__ or failed
        told = "".join(traceback.format_exception(type(error), error, _without_ours(error)))
    except Exception:  # the text of an error is the plugin's code
        told = str(failed)
    g.plugin_trace = told[-LENGTH_MAX:]


def _without_ours(error: BaseException) -> TracebackType | None:
    """From where the call has left the host's own hands, which are the same each time."""
    trace = error.__traceback__
    while trace and trace.tb_next and trace.tb_frame.f_globals.get("__name__") in OURS:
        trace = trace.tb_next
    return trace
