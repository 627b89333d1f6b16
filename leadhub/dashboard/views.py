"""Statistics: the page, and each of its cards."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, abort, make_response, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from leadhub.accounts.access import needs, note_export, refuse
from leadhub.accounts.roles import EXPORT_LEADS, READ_LEADS
from leadhub.dashboard import cards, figures, options, origin, queries
from leadhub.dashboard.cards import Card
from leadhub.dashboard.scope import NAMES, Scope, ScopeForm, words_of
from leadhub.dashboard.tabs import LEADS, QUOTATIONS, TAB, tab_of
from leadhub.extensions import db
from leadhub.hub.queries import hub, time_zone
from leadhub.leads.counters.tallies import version_for
from leadhub.leads.listing.periods import today_in
from leadhub.leads.models import LeadEvent
from leadhub.lists.queries import names_print
from leadhub.sales import reading_leads
from leadhub.tables import as_csv
from leadhub.web import language, respond, wants_partial

bp = Blueprint("dashboard", __name__, url_prefix="/dashboard")
WHOLE = "whole"  # in an address: all cards at once, for whoever has no script
bp.add_app_template_global(options.own_words, "widget_words")
bp.add_app_template_global(options.switched, "switched_words")
bp.add_app_template_global(lambda: time_zone().key.replace("_", " "), "clock_zone")
bp.add_app_template_global(words_of, "period_words")
bp.add_app_template_global(origin.word_of, "origin_word")
bp.add_app_template_global(lambda: origin.origin_of(request.args.get("origin", ""), current_user), "list_origin")
bp.add_app_template_test(lambda shown: figures.may_take(current_user, shown), "to_be_taken")


@bp.get("/")
@needs(READ_LEADS)
def index():
    """No plugin is called for the page itself: each card is asked for when it is there."""
    form, scope = _asked()
    status = 422 if form.errors else 200
    tab, has_documents = _tab(), reading_leads.has_documents()
    places = queries.places_for(current_user, tab) if tab != QUOTATIONS or has_documents else []
    page: dict[str, Any] = {"places": places, "form": form, "scope": scope, "version": _version(), "tab": tab}
    page |= {"tabs": _tabs(tab, has_documents), "has_documents": has_documents}
    page["cards"] = {place.key: _card(place, scope) for place in places} if WHOLE in request.args else {}
    response = respond("dashboard/index.html", partial="dashboard/_page.html", status=status, **page)
    if wants_partial() and status == 200:
        told = {name: values for name, values in request.args.lists() if "." in name}
        response.headers["HX-Push-Url"] = url_for("dashboard.index", **scope.beside(told))  # without what is empty
    return response


@bp.get("/version")
@needs(READ_LEADS)
def version():
    """Another text as soon as something that this person sees may read otherwise."""
    return make_response(_version(), 200, {"Content-Type": "text/plain; charset=utf-8"})


@bp.get("/widgets/<key>")
@needs(READ_LEADS)
def show(key: str):
    """A card: for a page of its own too, which is the way without script."""
    place, scope = _place(key), _scope()
    card = _card(place, scope)
    status = 422 if card.state == cards.ASKING else 200
    is_chosen = request.headers.get("HX-Source", "").startswith("form")  # else the page has asked for it
    page: dict[str, Any] = {"card": card, "scope": scope, "again": is_chosen and request.headers["HX-Source"]}
    response = respond("dashboard/show.html", partial="dashboard/_card.html", status=status, **page)
    if is_chosen and status == 200:
        response.headers["HX-Replace-Url"] = _address_with(card, scope)
    return response


@bp.get("/widgets/<key>/figures.csv")
@needs(READ_LEADS)
def download(key: str) -> Response:
    """The figures of a card, as it shows them."""
    card = _card(_place(key), _scope())
    if card.shown is None or not figures.has_rows(card.shown):
        abort(422 if card.state == cards.REFUSED else 404)
    if not figures.may_take(current_user, card.shown):
        refuse(EXPORT_LEADS)
    rows, name = figures.rows_of(card.shown, str(card.place.title)), f"{key.replace('.', '-')}.csv"
    note_export(name, rows=len(rows) - 1, query=request.query_string.decode()[:500] or None)
    answer = make_response(as_csv(rows, separator=";" if language() == "fr" else ","), 200)
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _place(key: str) -> queries.Place:
    place = queries.place_of(key, current_user, _tab()) or abort(404)
    if not queries.may_see(current_user, place):
        refuse(place.widget.role)
    return place


def _card(place: queries.Place, scope: Scope) -> Card:
    if scope.error:
        return Card(place=place, state=cards.REFUSED, words=scope.error)
    return cards.card_of(place, current_user, scope, options.own_words(place.key, dict(request.args.lists())))


def _version() -> str:
    said = db.session.scalar(sa.select(sa.func.max(LeadEvent.id))) or 0  # notes and calls change no lead
    documents = reading_leads.version()
    return f"{version_for(current_user)}-{said}-{documents}-{names_print()}-{today_in(time_zone())}"


def _scope() -> Scope:
    """For a card: where the address says nothing of the bar, nothing is read for it."""
    if any(name in request.args for name in NAMES if name != TAB):
        return _asked()[1]
    return Scope(address={TAB: _tab()} if _tab() else {})


def _tab() -> str:
    return tab_of(dict(request.args.lists()))


def _tabs(current: str, has_documents: bool) -> bool:
    """Are there any to choose from?  A hub that neither makes quotations nor has any knows one page."""
    return current != LEADS or has_documents or hub().makes_quotations


def _asked() -> tuple[ScopeForm, Scope]:
    """The bar, and what it says."""
    form = ScopeForm.asked(dict(request.args.lists()), current_user)
    if form.validate():
        return form, form.to_scope()
    told = [_("%(field)s:", field=field.label.text) + f" {error}" for field in form for error in field.errors]
    return form, Scope(error=" ".join(told), address={TAB: _tab()} if _tab() else {})


def _address_with(card: Card, scope: Scope) -> str:
    """Of the page that the browser shows, with these options of the card."""
    current, told = request.headers.get("HX-Current-URL", ""), scope.beside(card.told)
    if options.path_of(current) != url_for("dashboard.index"):
        return url_for("dashboard.show", key=card.place.key, **told)
    return url_for("dashboard.index", **options.words_beside(current, card.place.key) | told)
