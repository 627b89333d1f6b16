"""One's own page: profile, password, second factor, sessions.  Signing in and out is Flask-Security's."""

from flask import Blueprint, abort, flash, redirect, session, url_for
from flask_babel import gettext as _
from flask_babel import refresh
from flask_security import current_user

from leadhub.accounts import services, sessions, two_factor
from leadhub.accounts.access import needs
from leadhub.accounts.failures import one_try
from leadhub.accounts.forms import CodeForm, PasswordForm, ProfileForm, ProofForm
from leadhub.accounts.notices import tell_password_changed
from leadhub.accounts.passwords import WeakPassword, is_password
from leadhub.accounts.roles import READ_LEADS
from leadhub.database import ID_MAX
from leadhub.extensions import db
from leadhub.web import respond

bp = Blueprint("profile", __name__, url_prefix="/profile")
NEW_SECRET = "new_totp"  # in the cookie, encrypted, until the app has shown a code


@bp.get("/")
@needs(READ_LEADS)
def edit():
    return _page(ProfileForm(obj=current_user))


@bp.post("/")
@needs(READ_LEADS)
def update():
    form = ProfileForm()
    if not form.validate_on_submit():
        return _page(form, status=422)
    form.populate_obj(current_user)
    return _done(_("Saved."))


@bp.post("/password")
@needs(READ_LEADS)
def change_password():
    form = PasswordForm()
    if form.validate_on_submit() and _is_proved(form):
        try:
            services.change_password(current_user, form.new.data, session_id=sessions.current_session_id())
        except WeakPassword as error:
            form.new.errors = [str(error)]
        else:
            tell_password_changed(current_user)
            return _done(_("Your password is changed. Other browsers are signed out."))
    return _page(ProfileForm(obj=current_user, formdata=None), password=form, status=422)


@bp.post("/sessions/end")
@needs(READ_LEADS)
def end_others():
    sessions.end_sessions(current_user, but=sessions.current_session_id())
    return _done(_("Every other browser is signed out."))


@bp.post(f"/sessions/<int(max={ID_MAX}):id>/end")
@needs(READ_LEADS)
def end_session(id: int):
    if not sessions.end_sessions(current_user, only=id):
        abort(404)
    return _done(_("That browser is signed out."))


@bp.get("/two-factor")
@needs(READ_LEADS)
def two_factor_page():
    if NEW_SECRET not in session:
        session[NEW_SECRET] = two_factor.new_secret()
    return _two_factor(CodeForm())


@bp.post("/two-factor")
@needs(READ_LEADS)
def two_factor_on():
    form = CodeForm()
    if NEW_SECRET not in session or two_factor.is_on(current_user):
        return redirect(url_for("profile.two_factor_page"), 303)
    if form.validate_on_submit() and _is_proved(form):
        try:
            codes = two_factor.switch_on(
                current_user, session[NEW_SECRET], form.code.data, session_id=sessions.current_session_id()
            )
        except two_factor.WrongCode as error:
            form.code.errors = [str(error)]
        else:
            del session[NEW_SECRET]
            return _codes(codes)
    return _two_factor(form, 422)


@bp.post("/two-factor/codes")
@needs(READ_LEADS)
def two_factor_codes():
    form = ProofForm()
    if not two_factor.is_on(current_user):
        return redirect(url_for("profile.two_factor_page"), 303)
    if form.validate_on_submit() and _is_proved(form):
        return _codes(two_factor.new_codes(current_user))
    return _two_factor(form, 422)


@bp.post("/two-factor/off")
@needs(READ_LEADS)
def two_factor_off():
    form = ProofForm()
    if not two_factor.is_on(current_user):
        return redirect(url_for("profile.two_factor_page"), 303)
    if form.validate_on_submit() and _is_proved(form):
        two_factor.switch_off(current_user, by=current_user)
        return _done(_("Signing in takes your password alone again."))
    return _two_factor(form, 422)


def _is_proved(form: ProofForm | PasswordForm) -> bool:
    """Does the form hold one's own password?  Counted as a try; commits."""
    with one_try("proof", current_user.email) as attempt:
        attempt.user = current_user
        right = is_password(form.old.data, current_user.password)
        if right:
            attempt.succeed()
    if not right:
        form.old.errors = [_("This is not your password.")]
    return right


def _page(form: ProfileForm, *, password: PasswordForm | None = None, status: int = 200):
    return respond(
        "accounts/profile.html",
        partial="accounts/_profile.html",
        status=status,
        form=form,
        password=password or PasswordForm(formdata=None),
        sessions=sessions.sessions_of(current_user),
        this_session=sessions.current_session_id(),
        has_second_factor=two_factor.is_on(current_user),
    )


def _two_factor(form: ProofForm, status: int = 200):
    is_on = two_factor.is_on(current_user)
    app = {} if is_on or NEW_SECRET not in session else two_factor.setup_values(current_user, session[NEW_SECRET])
    page = "accounts/two_factor.html"
    return respond(page, partial=page, status=status, form=form, is_on=is_on, app=app, codes=None)


def _codes(codes: list[str]):
    """The recovery codes, shown this once."""
    db.session.commit()
    page = "accounts/two_factor.html"
    return respond(page, partial=page, form=ProofForm(formdata=None), is_on=True, app={}, codes=codes)


def _done(message: str):
    db.session.commit()
    refresh()
    flash(message, "success")
    return redirect(url_for("profile.edit"), 303)
