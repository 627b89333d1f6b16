"""Settings > Plugins."""

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import current_user

from leadhub.accounts.access import needs
from leadhub.accounts.roles import ADMINISTER
from leadhub.extensions import db
from leadhub.plugin_settings import services
from leadhub.plugin_settings.queries import plugin_rows
from leadhub.plugins.host import BUNDLED, FOLDER, GIVEN, INSTALLED, current_host
from leadhub.web import respond

bp = Blueprint("plugins", __name__, url_prefix="/settings/plugins")
ORIGINS = {BUNDLED: _l("bundled"), INSTALLED: _l("installed"), FOLDER: _l("from the folder"), GIVEN: _l("given")}
KINDS = {"sources": _l("Sources"), "rules": _l("Automatic rules"), "actions": _l("Status actions")}


@bp.get("/")
@needs(ADMINISTER)
def index():
    host, page = current_host(), "plugin_settings/index.html"
    services.flush_tallies(host)
    db.session.rollback()  # this request began to read before that was written
    safe_mode = current_app.extensions["leadhub"]["settings"].safe_mode
    return respond(
        page,
        partial=page,
        plugins=list(host.plugins.values()),
        failed=host.failed,
        rows=plugin_rows(),
        origins=ORIGINS,
        kinds=KINDS,
        safe_mode=safe_mode,
    )


@bp.post("/<name>/switch")
@needs(ADMINISTER)
def switch(name: str):
    _there(name)
    services.switch(name, is_on=bool(request.form.get("on")), by=current_user)
    return _done(_("Saved. Every part of the hub knows within five seconds."))


@bp.post("/<name>/retry")
@needs(ADMINISTER)
def retry(name: str):
    _there(name)
    services.retry(name, by=current_user)
    return _done(_("The plugin is called again."))


def _there(name: str) -> None:
    if name not in current_host().plugins:
        abort(404)


def _done(told: str):
    db.session.commit()
    current_host().forget_switches()
    flash(told, "success")
    return redirect(url_for("plugins.index"), 303)
