"""The layout of the statistics page: chosen, ordered and sized by each, shared by managers.

The address says what the statistics page is narrowed to, so that one comes back to the same.
"""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from leadhub.accounts.access import needs
from leadhub.accounts.roles import MANAGE_LEADS, READ_LEADS
from leadhub.dashboard import queries, services
from leadhub.dashboard.forms import LayoutForm
from leadhub.dashboard.layout_words import focus_after, words_of
from leadhub.dashboard.scope import NAMES
from leadhub.dashboard.tabs import tab_of
from leadhub.extensions import db
from leadhub.web import respond, wants_partial

bp = Blueprint("layouts", __name__, url_prefix="/dashboard")
UNDONE_MAX = 1500  # characters of a layout that a message can hold


@bp.app_template_global()
def statistics_words() -> dict[str, Any]:
    """What the address says of the statistics page, and nothing else."""
    return {name: values for name, values in request.args.lists() if name in NAMES or "." in name}


@bp.get("/customise")
@needs(READ_LEADS)
def edit() -> Response:
    page: dict[str, Any] = {"arranged": queries.arrangement_of(current_user, _tab()), "tab": _tab()}
    return respond("dashboard/customise.html", partial="dashboard/_layout.html", **page)


@bp.post("/layout")
@needs(READ_LEADS)
def update() -> Response:
    draft, before = LayoutForm().to_draft(), queries.arrangement_of(current_user, _tab())
    services.save_layout(draft, by=current_user, tab=_tab())
    db.session.commit()
    after = queries.arrangement_of(current_user, _tab())
    page: dict[str, Any] = {"arranged": after, "focus": focus_after(draft, before, after)}
    if wants_partial():
        return Response(render_template("dashboard/_layout_saved.html", told=words_of(draft, before, after), **page))
    if not draft.act:
        flash(_("Your layout is back."), "success")
    return _back(page["focus"])


@bp.post("/layout/reset")
@needs(READ_LEADS)
def reset() -> Response:
    slots = services.reset_layout(by=current_user, tab=_tab()) or []
    db.session.commit()
    is_short = 0 < sum(len(slot.key) + len(slot.size) for slot in slots) < UNDONE_MAX
    flash(Markup(render_template("dashboard/_reset.html", slots=slots if is_short else [])), "success")
    return _back()


@bp.post("/layout/share")
@needs(MANAGE_LEADS)
def share() -> Response:
    services.share_layout(by=current_user, tab=_tab())
    db.session.commit()
    flash(_("Everybody who has no layout of their own sees this one from now on."), "success")
    return _back()


@bp.post("/layout/unshare")
@needs(MANAGE_LEADS)
def unshare() -> Response:
    services.unshare_layout(by=current_user, tab=_tab())
    db.session.commit()
    flash(_("Everybody who has no layout of their own sees the usual one again."), "success")
    return _back()


def _tab() -> str:
    return tab_of(dict(request.args.lists()))


def _back(anchor: str = "") -> Response:
    return redirect(url_for("layouts.edit", _anchor=anchor or None, **statistics_words()), 303)
