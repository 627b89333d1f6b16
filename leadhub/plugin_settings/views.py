"""Settings > Plugins."""

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import current_user

from leadhub.accounts.access import needs
from leadhub.accounts.roles import ADMINISTER
from leadhub.extensions import db
from leadhub.plugin_settings import plugin_forms, services
from leadhub.plugin_settings.forms import SettingsForm
from leadhub.plugin_settings.queries import plugin_rows, stored_for
from leadhub.plugins.host import current_host
from leadhub.plugins.loaded import BUNDLED, FOLDER, GIVEN, INSTALLED, Loaded
from leadhub.web import respond

bp = Blueprint("plugins", __name__, url_prefix="/settings/plugins")
ORIGINS = {BUNDLED: _l("bundled"), INSTALLED: _l("installed"), FOLDER: _l("from the folder"), GIVEN: _l("given")}
KINDS = {
    "sources": _l("Sources"),
    "statuses": _l("Proposed statuses"),
    "rules": _l("Automatic rules"),
    "actions": _l("Status actions"),
    "widgets": _l("Charts and figures"),
    "panels": _l("Cards on a lead’s page"),
    "columns": _l("Columns of the list"),
    "pages": _l("Pages"),
    "jobs": _l("Regular jobs"),
    "commands": _l("Commands"),
}


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
        is_on=host.is_on,
        safe_mode=safe_mode,
    )


@bp.get("/<name>/settings")
@needs(ADMINISTER)
def edit(name: str):
    return _edit_page(name, _form_of(name))


@bp.post("/<name>/settings")
@needs(ADMINISTER)
def update(name: str):
    form = _form_of(name)
    if not plugin_forms.is_sent_well(name, form):
        return _edit_page(name, form, 422)
    services.set_up(name, form.to_stored(), by=current_user)
    return _done(_("Saved."))


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


def _there(name: str) -> Loaded:
    return current_host().plugins.get(name) or abort(404)


def _form_of(name: str) -> SettingsForm:
    plain = _there(name).settings_form or abort(404)
    return plugin_forms.form_over(name, plain, stored_for(name))


def _edit_page(name: str, form: SettingsForm, status: int = 200):
    page, fields = "plugin_settings/edit.html", plugin_forms.drawn(name, form)
    return respond(page, partial=page, status=status, plugin=_there(name), form=form, drawn=fields)


def _done(told: str):
    db.session.commit()
    current_host().forget_switches()
    flash(told, "success")
    return redirect(url_for("plugins.index"), 303)
