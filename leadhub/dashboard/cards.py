"""Asks a plugin for its card: options, figures, errors, each where it costs this card alone.  Nothing here writes."""

from dataclasses import dataclass, field, replace
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
from leadhub.leads.showing import Prepared, prepared
from leadhub.plugins.api.reading import Period
from leadhub.plugins.health import PluginFailed
from leadhub.plugins.host import current_host
from leadhub.sales.reading import SalesReader, reader_for

SECONDS = 3.0
READY, EMPTY, REFUSED, ASKING, FAILED = "ready", "empty", "refused", "asking", "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """``state``: READY; EMPTY; REFUSED, since the reader may not know, with ``words`` that say why; ASKING for other
    options; FAILED.  ``inputs`` are those of its options, ``told`` what the address says of them; ``switch`` names the
    one that a click turns."""

    place: Place
    state: str
    shown: Prepared | None = None
    inputs: Markup = Markup()
    words: str = ""
    told: Words = field(default_factory=dict)
    switch: str = ""
    is_switched: bool = False


def card_of(place: Place, user: User, scope: Scope, words: Words) -> Card:
    """``words``: what the address says of its options."""
    reader = reader_for(user, within=scope.within, on_hub_clock=True)
    offered = options.offered_for(place.widget.form, user)
    blank = Card(place=place, state=READY, told=words)
    try:
        return current_host().call(
            place.plugin, _loaded, blank, reader, scope.period, offered, seconds=SECONDS, passes=(TookTooLong,)
        )
    except PluginFailed:
        return replace(blank, state=FAILED)
    except TookTooLong:
        told = _("This takes too long with so many leads: choose a shorter period.")
        return replace(blank, state=REFUSED, words=told)


def _loaded(blank: Card, reader: SalesReader, period: Period, offered: Any) -> Card:
    """In a thread with a deadline: it reads through the reader alone."""
    chosen: dict[str, Any] = {}
    card, widget = blank, blank.place.widget
    if widget.form:
        form = options.filled_in(widget.form, blank.place.key, blank.told, offered)
        is_right = form.validate() if blank.told else True
        chosen = form.to_options()
        switch = str(form[widget.switch].label.text) if widget.switch in form else ""
        card = replace(
            blank, inputs=options.drawn(form), switch=switch, is_switched=bool(chosen.get(widget.switch, False))
        )
        if not is_right:
            return replace(card, state=ASKING)
    try:
        shown = prepared(blank.place.plugin, widget.load(reader, period, chosen))
    except Unanswered as error:
        return replace(card, state=REFUSED, words=str(error))
    return replace(card, state=EMPTY if shown.is_empty else READY, shown=shown)
