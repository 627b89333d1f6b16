"""Asks a plugin for its card: options, figures, errors, each where it costs this card alone.  Nothing here writes."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from leadhub.accounts.models import User
from leadhub.dashboard import options
from leadhub.dashboard.options import Words
from leadhub.dashboard.queries import Place
from leadhub.dashboard.scope import Scope
from leadhub.database import TookTooLong
from leadhub.leads.aside import Unanswered
from leadhub.leads.reading import HubReader, reader_for
from leadhub.leads.showing import Prepared, prepared
from leadhub.plugins.api.reading import Period
from leadhub.plugins.health import PluginFailed
from leadhub.plugins.host import current_host

SECONDS = 3.0
READY, EMPTY, REFUSED, ASKING, FAILED = "ready", "empty", "refused", "asking", "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """``state``: READY; EMPTY; REFUSED, since the reader may not know, with ``words`` that say why; ASKING for other
    options; FAILED.  ``inputs`` are those of its options."""

    place: Place
    state: str
    shown: Prepared | None = None
    inputs: Markup = Markup()
    words: str = ""


def card_of(place: Place, user: User, scope: Scope, words: Words) -> Card:
    """``words``: what the address says of its options."""
    reader = reader_for(user, within=scope.within, on_hub_clock=True)
    offered = options.offered_for(place.widget.form, user)
    try:
        return current_host().call(
            place.plugin, _loaded, place, reader, scope.period, words, offered, seconds=SECONDS, passes=(TookTooLong,)
        )
    except PluginFailed:
        return Card(place=place, state=FAILED)
    except TookTooLong:
        return Card(place=place, state=REFUSED, words=_("This takes too long with so many leads."))


def _loaded(place: Place, reader: HubReader, period: Period, words: Words, offered: Any) -> Card:
    """In a thread with a deadline: it reads through the reader alone."""
    chosen: dict[str, Any] = {}
    inputs = Markup()
    if place.widget.form:
        form = options.filled_in(place.widget.form, place.key, words, offered)
        is_right = form.validate() if words else True
        inputs, chosen = options.drawn(form), form.to_options()
        if not is_right:
            return Card(place=place, state=ASKING, inputs=inputs)
    try:
        shown = prepared(place.plugin, place.widget.load(reader, period, chosen))
    except Unanswered as error:
        return Card(place=place, state=REFUSED, inputs=inputs, words=str(error))
    return Card(place=place, state=EMPTY if shown.is_empty else READY, inputs=inputs, shown=shown)
