"""Where a list comes from that a card has opened: told above it, with the way back to the same figures."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode

from flask import url_for

from leadhub.accounts.models import User
from leadhub.dashboard import queries
from leadhub.dashboard.options import Words
from leadhub.dashboard.queries import Place
from leadhub.dashboard.scope import NAMES, Scope
from leadhub.dashboard.tabs import tab_of

LENGTH_MAX, WORDS_MAX = 1000, 50


@dataclass(frozen=True, slots=True)
class Origin:
    title: str
    address: str


def word_of(place: Place, scope: Scope, told: Words) -> str:
    """As the address of the list carries it; ``told`` are the options of the card."""
    return f"{place.key}?{urlencode(scope.beside(told), doseq=True)}".rstrip("?")


def origin_of(word: str, user: User) -> Origin | None:
    """None for what names no card that this person may see."""
    key, _mark, query = word[:LENGTH_MAX].partition("?")
    try:
        told = parse_qs(query, max_num_fields=WORDS_MAX)
    except ValueError:
        told = {}
    place = queries.place_of(key, user, tab_of(told)) if key else None
    if place is None or not queries.may_see(user, place):
        return None
    address: dict[str, Any] = {name: its for name, its in told.items() if name in NAMES or name.startswith(f"{key}.")}
    return Origin(str(place.title), url_for("dashboard.index", **address, _anchor=place.id))
