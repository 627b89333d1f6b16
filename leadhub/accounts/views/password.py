"""A password chosen through a link: somebody was invited, or has forgotten the old one."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from flask_security import login_user

from leadhub.accounts import links, services
from leadhub.accounts.access import public
from leadhub.accounts.failures import one_try
from leadhub.accounts.forms import ChooseForm, ForgottenForm, JoinForm
from leadhub.accounts.models import AccountLink
from leadhub.accounts.notices import send_link, tell_password_changed
from leadhub.accounts.passwords import WeakPassword
from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db, limiter
from leadhub.jobs.mail import can_send
from leadhub.web import respond

bp = Blueprint("password", __name__, url_prefix="/password")
FLOOD = "30 per minute"  # of one address, whatever it tries; failures are counted beside


@bp.get("/forgotten")
@public
def forgotten():
    return _forgotten(ForgottenForm())


@bp.post("/forgotten")
@public
@limiter.limit(FLOOD)
def send():
    """The same answer for everybody: it tells nobody who has an account here."""
    form = ForgottenForm()
    if not form.validate_on_submit() or not can_send():
        return _forgotten(form, 422)
    with one_try("reset", form.email.data):  # asking is never taken back: it bounds the mails that one person gets
        user = user_by_email(form.email.data.strip())
        if user and user.active:
            send_link(user, by=None)
            services.note_link(user, by=None)
    return _forgotten(form, sent=True)


@bp.get("/<token>")
@public
def show(token: str):
    link = links.link_of(token)
    return _choose(_form_of(link), link, token) if link else _spent()


@bp.post("/<token>")
@public
@limiter.limit(FLOOD)
def choose(token: str):
    with one_try("link") as attempt:
        link = links.link_of(token)
        if link:
            attempt.user = link.user
            attempt.succeed()
    if link is None:
        return _spent()
    form = _form_of(link)
    if form.validate_on_submit():
        try:
            return _chosen(link, form)
        except WeakPassword as error:
            db.session.rollback()
            form.new.errors = [str(error)]
    return _choose(form, link, token, 422)


def _chosen(link: AccountLink, form: ChooseForm):
    """Somebody who joins is signed in; whoever had a password signs in with the new one, second factor and all."""
    user, joins = link.user, link.purpose == links.INVITATION
    if not links.use_link(link):
        return _spent()
    services.join(user, form.new.data)
    if joins:
        user.name = form.name.data.strip()
        login_user(user)
        db.session.commit()
        return redirect(url_for("home"), 303)
    tell_password_changed(user)
    db.session.commit()
    flash(_("Your password is changed. Sign in with it."), "success")
    return redirect(url_for("security.login"), 303)


def _form_of(link: AccountLink) -> ChooseForm:
    return JoinForm(data={"name": link.user.name}) if link.purpose == links.INVITATION else ChooseForm()


def _forgotten(form: ForgottenForm, status: int = 200, *, sent: bool = False):
    page = "accounts/forgotten.html"
    return respond(page, partial=page, status=status, form=form, sent=sent, can_send=can_send())


def _choose(form: ChooseForm, link: AccountLink, token: str, status: int = 200):
    page = "accounts/choose.html"
    return respond(page, partial=page, status=status, form=form, link=link, token=token)


def _spent():
    page = "accounts/spent.html"
    return respond(page, partial=page, status=410)
