"""Statistics: the page, and each of its cards."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, request, url_for
from flask_security import current_user

from leadhub.accounts.access import needs, refuse
from leadhub.accounts.roles import READ_LEADS
from leadhub.dashboard import cards, options, queries
from leadhub.dashboard.scope import Scope, ScopeForm, words_of
from leadhub.hub.queries import time_zone
from leadhub.web import respond, wants_partial

bp = Blueprint("dashboard", __name__, url_prefix="/dashboard")
bp.add_app_template_global(options.own_words, "widget_words")
bp.add_app_template_global(lambda: time_zone().key.replace("_", " "), "clock_zone")
bp.add_app_template_global(words_of, "period_words")


@bp.get("/")
@needs(READ_LEADS)
def index():
    """No plugin is called for the page itself: each card is asked for when it is there."""
    form, scope = _asked()
    status = 422 if form.errors else 200
    page: dict[str, Any] = {"places": queries.places_for(current_user), "form": form, "scope": scope}
    response = respond("dashboard/index.html", partial="dashboard/_page.html", status=status, **page)
    if wants_partial() and status == 200:
        cards_words = {name: values for name, values in request.args.lists() if "." in name}
        response.headers["HX-Push-Url"] = url_for(
            "dashboard.index", **scope.beside(cards_words)
        )  # without what is empty
    return response


@bp.get("/widgets/<key>")
@needs(READ_LEADS)
def show(key: str):
    """A card: for a page of its own too, which is the way without script."""
    place = queries.place_of(key, current_user) or abort(404)
    if not queries.may_see(current_user, place):
        refuse(place.widget.role)
    words = options.own_words(key, dict(request.args.lists()))
    scope = _asked()[1]
    card = cards.card_of(place, current_user, scope, words)
    status = 422 if card.state == cards.ASKING else 200
    is_chosen = request.headers.get("HX-Source", "").startswith("form")  # else the page has asked for it
    page: dict[str, Any] = {"card": card, "scope": scope, "again": is_chosen}
    response = respond("dashboard/show.html", partial="dashboard/_card.html", status=status, **page)
    if is_chosen and status == 200:
        response.headers["HX-Replace-Url"] = _address_with(key, words, scope)
    return response


def _asked() -> tuple[ScopeForm, Scope]:
    """The bar, and what it says; all leads where that can't be understood."""
    form = ScopeForm.asked(dict(request.args.lists()), current_user)
    return form, form.to_scope() if form.validate() else Scope()


def _address_with(key: str, words: options.Words, scope: Scope) -> str:
    """Of the page that the browser shows, with these options of the card."""
    current, told = request.headers.get("HX-Current-URL", ""), scope.beside(words)
    if urlsplit(current).path != url_for("dashboard.index"):
        return url_for("dashboard.show", key=key, **told)
    return url_for("dashboard.index", **options.words_beside(current, key) | told)
