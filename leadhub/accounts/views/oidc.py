"""Sign-in by a provider of OpenID Connect: out to it, and back."""

from typing import Any

import structlog
from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_security import current_user, login_user
from werkzeug.wrappers import Response

from leadhub.accounts import oidc, oidc_people
from leadhub.accounts.access import public
from leadhub.database import begin_writing
from leadhub.errors import UserError
from leadhub.extensions import db
from leadhub.settings import Settings
from leadhub.web import own_path

KEY = "oidc"  # in the session
bp = Blueprint("oidc", __name__, url_prefix="/login/oidc")
log = structlog.get_logger()


@bp.app_context_processor
def button() -> dict[str, Any]:
    """For the sign-in page: the words of the button, empty where there is no provider."""
    return {"oidc_name": _settings().oidc_button}


@bp.get("")
@public
def start():
    if current_user.is_authenticated:
        return redirect(url_for("home"), 303)
    settings = _configured()
    try:
        url, attempt = oidc.begin(settings)
    except UserError as error:
        return _failed(error)
    session[KEY] = attempt | {"back": own_path(request.args.get("next"))}
    return redirect(url, 303)


@bp.get("/callback")
@public
def callback():
    settings = _configured()
    attempt = session.pop(KEY, None)  # one try, however it ends
    try:
        identity = oidc.identify(settings, attempt, request.args)
        begin_writing(db.session())
        user = oidc_people.user_for(settings, identity)
    except UserError as error:
        return _failed(error)
    login_user(user, remember=False, authn_via=["oidc"])
    db.session.commit()
    return redirect(attempt["back"] or url_for("home"), 303)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["leadhub"]["settings"]
    return settings


def _configured() -> Settings:
    """The settings of a hub that has a provider; no transaction is open behind it, since calling out takes long."""
    settings = _settings()
    if not settings.oidc_issuer:
        abort(404)
    db.session.rollback()
    return settings


def _failed(error: UserError) -> Response:
    """The sign-in page with one sentence."""
    db.session.rollback()
    log.warning("sign-in by the provider failed", reason=getattr(error, "reason", type(error).__name__))
    flash(str(error), "danger")
    form = current_app.extensions["security"].forms["login_form"].cls(formdata=None)
    page = render_template("security/login_user.html", login_user_form=form)
    return make_response(page, error.status)
