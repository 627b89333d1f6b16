"""The first visit, and Settings > General."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext, refresh
from flask_security import current_user, login_user
from werkzeug.exceptions import SecurityError
from werkzeug.wrappers import Response

from leadhub.accounts import audit
from leadhub.accounts.access import needs, public
from leadhub.accounts.passwords import WeakPassword
from leadhub.accounts.roles import ADMINISTER
from leadhub.accounts.services import EmailTaken, NotAnAddress
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.leads import services as leads
from leadhub.leads.queries import sample_count
from leadhub.setup import services
from leadhub.setup.forms import HubForm, SettingsForm, SetUpForm
from leadhub.web import language, respond

bp = Blueprint("setup", __name__)
OPEN_ENDPOINTS = frozenset({"static", "healthz", "diagnostic.readyz", "setup.index", "setup.new", "setup.create"})


def send_first_visit() -> Response | None:
    """Until the hub is set up, every page leads to the set-up page."""
    if current_app.extensions["leadhub"].get("is_set_up") or request.endpoint in OPEN_ENDPOINTS:
        return None
    if isinstance(request.routing_exception, SecurityError):
        return None  # a host that is not ours is refused by what comes after
    if hub().set_up_at is None:
        return redirect(url_for("setup.index"), 303)
    current_app.extensions["leadhub"]["is_set_up"] = True  # once true, true for ever: no query on later requests
    return None


@bp.get("/setup")
@public
def index():
    if hub().set_up_at is not None:
        return redirect(url_for("leads.index"), 303)
    return respond("setup/index.html", partial="setup/index.html")


@bp.get("/setup/<token>")
@public
def new(token: str):
    if not services.is_setup_token(token):
        return redirect(url_for("setup.index"), 303)
    french = language() == "fr"
    guess = {"language": language(), "country": "FR" if french else "GB", "currency": "EUR" if french else "GBP"}
    zone = "Europe/Paris" if french else "Europe/London"
    form = SetUpForm(data=guess | {"time_zone": zone, "quotations": "leadhub"})
    return respond("setup/new.html", partial="setup/_form.html", form=form, token=token)


@bp.post("/setup/<token>")
@public
def create(token: str):
    if not services.is_setup_token(token):
        return redirect(url_for("setup.index"), 303)
    form = SetUpForm()
    if form.validate_on_submit():
        try:
            user = services.set_up(_choices(form), _admin(form), with_samples=form.sample_data.data)
        except (EmailTaken, NotAnAddress) as error:
            form.email.errors = [str(error)]
        except WeakPassword as error:
            form.password.errors = [str(error)]
        else:
            db.session.commit()
            login_user(user)
            db.session.commit()  # signing in may write, and comes after the set-up is safe
            return redirect(url_for("leads.index"), 303)
    return respond("setup/new.html", partial="setup/_form.html", status=422, form=form, token=token)


@bp.get("/settings")
@needs(ADMINISTER)
def edit():
    row = hub()
    form = SettingsForm(obj=row, quotations="leadhub" if row.makes_quotations else "elsewhere")
    return _settings(form)


@bp.post("/settings")
@needs(ADMINISTER)
def update():
    form = SettingsForm()
    if not form.validate_on_submit():
        return _settings(form, 422)
    services.keep_choices(hub(), replace(_choices(form), bin_days=form.bin_days.data))
    audit.record("settings", user=current_user, page="general")
    db.session.commit()
    refresh()
    flash(_("Saved."), "success")
    return redirect(url_for("setup.edit"), 303)


@bp.post("/settings/samples/delete")
@needs(ADMINISTER)
def delete_samples():
    count = leads.remove_samples()
    audit.record("samples", user=current_user, removed=count)
    db.session.commit()
    flash(ngettext("%(num)d sample lead removed.", "%(num)d sample leads removed.", count), "success")
    return redirect(url_for("setup.edit"), 303)


def _settings(form: SettingsForm, status: int = 200) -> Any:
    return respond("setup/edit.html", partial="setup/_hub_form.html", status=status, form=form, samples=sample_count())


def _choices(form: HubForm) -> services.HubChoices:
    return services.HubChoices(
        language=form.language.data,
        time_zone=form.time_zone.data,
        country=form.country.data,
        currency=form.currency.data,
        makes_quotations=form.quotations.data == "leadhub",
    )


def _admin(form: SetUpForm) -> services.FirstAdmin:
    return services.FirstAdmin(name=form.name.data, email=form.email.data, password=form.password.data)
