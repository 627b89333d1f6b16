"""Statistics: the page, and each of its cards."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, render_template, request, url_for
from flask_security import current_user

from leadhub.accounts.access import needs, refuse
from leadhub.accounts.roles import READ_LEADS
from leadhub.dashboard import cards, options, queries
from leadhub.plugins.api.reading import Period
from leadhub.web import respond

bp = Blueprint("dashboard", __name__, url_prefix="/dashboard")
bp.add_app_template_global(options.own_words, "widget_words")


@bp.get("/")
@needs(READ_LEADS)
def index():
    """No plugin is called for the page itself: each card is asked for when it is there."""
    return render_template("dashboard/index.html", places=queries.places_for(current_user))


@bp.get("/widgets/<key>")
@needs(READ_LEADS)
def show(key: str):
    """A card: for a page of its own too, which is the way without script."""
    place = queries.place_of(key) or abort(404)
    if not queries.may_see(current_user, place):
        refuse(place.widget.role)
    words = options.own_words(key, dict(request.args.lists()))
    card = cards.card_of(place, current_user, Period(), words)
    status = 422 if card.state == cards.ASKING else 200
    is_chosen = request.headers.get("HX-Source", "").startswith("form")  # else the page has asked for it
    response = respond("dashboard/show.html", partial="dashboard/_card.html", status=status, card=card, again=is_chosen)
    if is_chosen and status == 200:
        response.headers["HX-Replace-Url"] = _address_with(key, words)
    return response


def _address_with(key: str, words: options.Words) -> str:
    """Of the page that the browser shows, with these options of the card."""
    current, told = request.headers.get("HX-Current-URL", ""), dict[str, Any](words)
    if urlsplit(current).path != url_for("dashboard.index"):
        return url_for("dashboard.show", key=key, **told)
    return url_for("dashboard.index", **options.words_beside(current, key) | told)
