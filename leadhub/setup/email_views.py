"""Settings > E-mail: which server sends the hub's mail, and a test of it."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, url_for
from flask_babel import gettext as _
from flask_security import current_user

from leadhub.accounts import audit
from leadhub.accounts.access import needs
from leadhub.accounts.roles import ADMINISTER
from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.jobs import mail, mail_server, smtp
from leadhub.jobs.mail_server import current_settings
from leadhub.jobs.models import WAITING, Effect
from leadhub.jobs.registry import NotNow
from leadhub.setup.email_forms import EmailForm
from leadhub.web import language, respond

bp = Blueprint("email", __name__, url_prefix="/settings/email")
SOON = timedelta(seconds=20)


@bp.get("")
@needs(ADMINISTER)
def edit():
    return _page(_form())


@bp.post("")
@needs(ADMINISTER)
def update():
    _refuse_where_fixed()
    form = _form()
    if form.validate_on_submit():
        db.session.commit()  # ends the transaction: nobody waits until the name of the server is looked up
        try:
            smtp.check(form.to_server())
        except NotNow as error:
            field = form.port if str(error) == smtp.PORT else form.host
            field.errors = [_(str(error))]
        else:
            return _saved(form)
    return _page(form, 422)


@bp.post("/delete")
@needs(ADMINISTER)
def delete():
    _refuse_where_fixed()
    mail_server.forget_server()
    audit.record("settings", user=current_user, page="email", host="")
    db.session.commit()
    flash(_("LeadHub sends no mail any more."), "success")
    return redirect(url_for("email.edit"), 303)


@bp.post("/test")
@needs(ADMINISTER)
def send_test():
    token = mail.send_test(current_user.email, language=language())
    db.session.commit()
    return redirect(url_for("email.show_test", token=token), 303)


@bp.get("/test/<token>")
@needs(ADMINISTER)
def show_test(token: str):
    test = mail.test_of(token) or abort(404)
    return _page(
        _form(), partial="setup/_email_test.html", test=test, token=token, reason=_reason(test), is_late=_is_late(test)
    )


def _form() -> EmailForm:
    return EmailForm(mail_server.kept_server(), sender=current_settings().mail_from)


def _saved(form: EmailForm):
    mail_server.keep_server(form.to_server())
    audit.record("settings", user=current_user, page="email", host=form.host.data)
    db.session.commit()
    flash(_("Saved."), "success")
    return redirect(url_for("email.edit"), 303)


def _page(form: EmailForm, status: int = 200, *, partial: str = "setup/_email_form.html", **context: Any):
    server = mail_server.current_server()
    context |= {"form": form, "server": server, "can_send": mail.can_send()}
    return respond("setup/email.html", partial=partial, status=status, **context)


def _reason(test: Effect) -> str:
    return _(test.error) if test.error else ""


def _is_late(test: Effect) -> bool:
    return test.state == WAITING and utcnow() - test.created_at > SOON


def _refuse_where_fixed() -> None:
    if current_settings().smtp_url:
        raise RuleBroken(_("The mail server is set on the server itself, and can only be changed there."))
