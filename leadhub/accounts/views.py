"""One's own page.  Signing in and out is Flask-Security's, with our templates."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import refresh
from flask_security import current_user

from leadhub.accounts.access import needs
from leadhub.accounts.forms import ProfileForm
from leadhub.accounts.roles import READ_LEADS
from leadhub.extensions import db
from leadhub.web import respond

bp = Blueprint("profile", __name__, url_prefix="/profile")


@bp.get("/")
@needs(READ_LEADS)
def edit():
    form = ProfileForm(obj=current_user)
    return respond("accounts/profile.html", partial="accounts/_profile.html", form=form)


@bp.post("/")
@needs(READ_LEADS)
def update():
    form = ProfileForm()
    if form.validate_on_submit():
        form.populate_obj(current_user)
        db.session.commit()
        refresh()
        flash(_("Saved."), "success")
        return redirect(url_for("profile.edit"), 303)
    return respond("accounts/profile.html", partial="accounts/_profile.html", status=422, form=form)
