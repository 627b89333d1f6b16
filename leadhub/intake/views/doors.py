"""Settings > Reception: the doors through which leads come in by themselves."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security import current_user
from markupsafe import Markup

from leadhub.accounts.access import needs, not_there
from leadhub.accounts.notices import address_of
from leadhub.accounts.roles import ADMINISTER
from leadhub.database import ID_MAX
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.intake import services
from leadhub.intake.forms import DoorForm
from leadhub.intake.models import Door
from leadhub.intake.queries import door_offers, doors
from leadhub.names import Names
from leadhub.plugin_settings.forms import SettingsForm, form_for
from leadhub.plugin_settings.stored import Stored
from leadhub.plugins.health import PluginFailed
from leadhub.plugins.host import Offer, current_host
from leadhub.web import respond

bp = Blueprint("doors", __name__, url_prefix="/settings/reception")
DOOR = f"/<int(max={ID_MAX}):id>"
PREFIX = "settings-"  # so that no field of a plugin has the name of one of ours
FORM_SECONDS = 5.0
Result = TypeVar("Result")


class PluginAway(RuleBroken):
    """The plugin is off, rests, or fails: nothing was changed."""

    status = 502


@bp.get("")
@needs(ADMINISTER)
def index():
    host, page = current_host(), "intake/index.html"
    offers = door_offers(host)
    names = {key: Names(offer.value.names) for key, offer in offers.items()}
    addable = {key: offer for key, offer in offers.items() if host.is_on(offer.plugin)}
    return respond(page, partial=page, doors=doors(), offers=offers, addable=addable, names=names)


@bp.get("/new/<path:kind>")
@needs(ADMINISTER)
def new(kind: str):
    return _new_page(_offer(kind))


@bp.post("/new/<path:kind>")
@needs(ADMINISTER)
def create(kind: str):
    offer = _offer(kind)
    form, settings = _new_form(offer), _settings_form(offer, Stored())
    if not _fits(offer, form, settings):
        return _door_page(offer, form, settings, status=422)
    door = services.add_door(offer, form.name.data, form.source_id, settings.to_stored(), by=current_user)
    db.session.commit()
    flash(_("Added."), "success")
    return redirect(url_for("doors.edit", id=door.id), 303)


@bp.get(DOOR)
@needs(ADMINISTER)
def edit(id: int):
    door = _door(id)
    try:
        offer = _present(door)
        return _door_page(offer, DoorForm.over(door), _settings_form(offer, door.stored), door=door)
    except PluginAway as error:
        return _door_page(None, None, None, door=door, away=str(error))


@bp.post(DOOR)
@needs(ADMINISTER)
def update(id: int):
    door = _door(id)
    offer = _present(door)
    form, settings = DoorForm.over(door), _settings_form(offer, door.stored)
    if not _fits(offer, form, settings):
        return _door_page(offer, form, settings, door=door, status=422)
    services.change_door(door, form.name.data, form.source_id, settings.to_stored(), by=current_user)
    return _done(_("Saved."), door.id)


@bp.post(f"{DOOR}/switch")
@needs(ADMINISTER)
def switch(id: int):
    door = _door(id)
    services.switch(door, is_on=bool(request.form.get("on")), by=current_user)
    return _done(_("Saved."), door.id)


@bp.get(f"{DOOR}/address")
@needs(ADMINISTER)
def ask_renew(id: int):
    page = "intake/renew.html"
    return respond(page, partial=page, door=_door(id))


@bp.post(f"{DOOR}/address")
@needs(ADMINISTER)
def renew(id: int):
    door = _door(id)
    services.renew(door, by=current_user)
    return _done(_("The address is a new one."), door.id)


@bp.get(f"{DOOR}/delete")
@needs(ADMINISTER)
def ask(id: int):
    page = "intake/delete.html"
    return respond(page, partial=page, door=_door(id))


@bp.post(f"{DOOR}/delete")
@needs(ADMINISTER)
def delete(id: int):
    services.delete(_door(id), by=current_user)
    return _done(_("Deleted."))


def _new_page(offer: Offer):
    return _door_page(offer, _new_form(offer), _settings_form(offer, Stored()))


def _new_form(offer: Offer) -> DoorForm:
    return DoorForm.over(None, name=str(Names(offer.value.names)), wished=offer.key)


def _settings_form(offer: Offer, stored: Stored) -> SettingsForm:
    """Made while the plugin is watched: its defaults and choices may be code."""
    make = form_for(offer.value.settings_form).of
    return _called(offer, partial(make, stored, prefix=PREFIX, meta={"csrf": False}))


def _fits(offer: Offer, form: DoorForm, settings: SettingsForm) -> bool:
    """Both are looked at, so that everything wrong is told at once."""
    is_good = form.validate_on_submit()
    return bool(_called(offer, settings.validate)) and is_good


def _called(offer: Offer, work: Callable[[], Result]) -> Result:
    """Raises ``PluginAway``."""
    try:
        return current_host().call(offer.plugin, work, seconds=FORM_SECONDS)
    except PluginFailed:
        raise PluginAway(_("The plugin failed. Settings > Plugins says more.")) from None


def _door_page(
    offer: Offer | None, form: Any, settings: Any, *, door: Door | None = None, status: int = 200, **more: Any
):
    page, drawn = "intake/door.html", ""
    if offer:
        drawn = _called(offer, partial(render_template, "plugin_settings/_fields_of.html", form=settings))
    address = address_of("intake.show", token=door.token) if door else ""
    return respond(
        page, partial=page, status=status, offer=offer, form=form, settings=settings, drawn=Markup(drawn), door=door,
        address=address, name=str(Names(offer.value.names)) if offer else "", **more,
    )  # fmt: skip


def _done(told: str, door_id: int | None = None):
    db.session.commit()
    flash(told, "success")
    return redirect(url_for("doors.edit", id=door_id) if door_id else url_for("doors.index"), 303)


def _offer(key: str) -> Offer:
    return door_offers(current_host()).get(key) or abort(404)


def _present(door: Door) -> Offer:
    """What stands behind it.  Raises ``PluginAway``."""
    host = current_host()
    offer = door_offers(host).get(door.offer)
    if offer is None:
        raise PluginAway(_("The plugin “%(name)s” is not installed.", name=door.plugin))
    if not host.is_on(offer.plugin):
        raise PluginAway(_("The plugin “%(name)s” is switched off.", name=offer.plugin))
    return offer


def _door(door_id: int) -> Door:
    return db.session.get(Door, door_id) or not_there("door", door_id)
