"""Pages of plugins, and the files that they bring along."""

from urllib.parse import urlencode

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_security import current_user

from leadhub.accounts.access import needs, refuse
from leadhub.accounts.roles import READ_LEADS
from leadhub.leads.aside import Unanswered
from leadhub.plugin_pages import queries
from leadhub.plugin_pages.answers import Elsewhere, answer_of
from leadhub.plugin_pages.queries import PluginPage
from leadhub.plugin_settings.files import STATIC, TYPES, file_of
from leadhub.plugins.api.parts import Asked
from leadhub.plugins.health import PluginFailed
from leadhub.plugins.host import current_host
from leadhub.web import language, respond

bp = Blueprint("plugin_pages", __name__, url_prefix="/x/<plugin>")
bp.add_app_template_global(lambda: queries.pages_in_menu(current_user), "plugin_pages")
TOKEN = "csrf_token"


@bp.get("/", defaults={"path": ""})
@bp.get("/<path>")
@needs(READ_LEADS)
def show(plugin: str, path: str):
    return _answered(_page(plugin, path))


@bp.post("/", defaults={"path": ""})
@bp.post("/<path>")
@needs(READ_LEADS)
def send(plugin: str, path: str):
    return _answered(_page(plugin, path))


@bp.get("/static/<path:filename>")
@needs(READ_LEADS)
def file(plugin: str, filename: str) -> Response:
    found = file_of(current_host(), plugin, STATIC, filename)
    if found is None or found.suffix not in TYPES:
        abort(404)
    return send_file(found, mimetype=TYPES[found.suffix])


@bp.app_template_global()
def plugin_page_url(page: PluginPage) -> str:
    return url_for("plugin_pages.show", plugin=page.plugin, path=page.path)


def _page(plugin: str, path: str) -> PluginPage:
    page = queries.page_at(plugin, path) or abort(404)
    if not queries.may_open(current_user, page):
        refuse(page.page.role)
    return page


def _answered(page: PluginPage):
    try:
        answer = answer_of(page, _asked(page), current_user._get_current_object())
    except PluginFailed:
        return make_response(render_template("plugin_pages/failed.html", page=page, reason=""), 502)
    except Unanswered as error:
        return make_response(render_template("plugin_pages/failed.html", page=page, reason=str(error)), 403)
    if isinstance(answer, Elsewhere):
        return _gone_to(page, answer)
    return respond("plugin_pages/show.html", partial="plugin_pages/_page.html", page=page, pieces=answer)


def _gone_to(page: PluginPage, to: Elsewhere):
    if to.told:
        flash(to.told, "success")
    address = url_for("plugin_pages.show", plugin=page.plugin, path=to.path)
    return redirect(f"{address}?{urlencode(to.arguments)}" if to.arguments else address, 303)


def _asked(page: PluginPage) -> Asked:
    form = {name: value for name, value in request.form.items() if name != TOKEN}
    return Asked(
        path=page.path,
        arguments=request.args.to_dict(),
        form=form,
        is_posted=request.method == "POST",
        person=current_user.email,
        language=language(),
    )
