"""Which cards there are, and for whom.  Nothing here writes."""

from dataclasses import dataclass

from leadhub.accounts.models import User
from leadhub.accounts.roles import is_at_least
from leadhub.dashboard.layouts import Kept, Slot, kept_for
from leadhub.dashboard.tabs import LEADS, USUAL
from leadhub.names import Names
from leadhub.plugins.api.widgets import Widget
from leadhub.plugins.host import Offer, current_host

KIND = "widgets"


@dataclass(frozen=True, slots=True)
class Place:
    """A card that there is to ask for.  ``title`` and ``about`` follow the page; ``size`` is the one that the reader
    has chosen."""

    key: str
    plugin: str
    widget: Widget
    title: Names
    size: str

    @property
    def id(self) -> str:
        return id_of(self.key)

    @property
    def about(self) -> Names:
        """What the card shows, in a sentence; empty where its plugin says nothing."""
        return Names(self.widget.about)


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """A card of a layout.  ``place`` is None where it is not there now, ``title`` where the reader may not know it."""

    key: str
    size: str
    place: Place | None
    title: Names | str | None

    @property
    def id(self) -> str:
        return id_of(self.key)


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrangement:
    """What can be done with the layout of one person: ``seats`` are the cards that it has, ``spare`` those that it has
    not."""

    kept: Kept
    seats: list[Seat]
    spare: list[Place]


def id_of(key: str) -> str:
    """What can stand in an element's id."""
    return f"widget-{key.replace('.', '-')}"


def place_of(key: str, user: User, tab: str = LEADS) -> Place | None:
    """None where there is none, or its plugin is switched off."""
    offer = current_host().offered(KIND).get(key)
    sizes = {slot.key: slot.size for slot in kept_for(user, tab).used or ()}
    return _place(key, offer, sizes.get(key)) if offer else None


def may_see(user: User, place: Place) -> bool:
    return is_at_least(user.role, place.widget.role)


def places_for(user: User, tab: str = LEADS) -> list[Place]:
    """The cards of this tab of the user's page that they may see, in their order."""
    return [seat.place for seat in _seats(slots_for(user, tab), user) if seat.place]


def slots_for(user: User, tab: str = LEADS) -> list[Slot]:
    """The layout of this tab of the user's page: their own, the one for everybody, or the usual one."""
    used = kept_for(user, tab).used
    return _usual(user, tab) if used is None else used


def arrangement_of(user: User, tab: str = LEADS) -> Arrangement:
    kept = kept_for(user, tab)
    seats = _seats(_usual(user, tab) if kept.used is None else kept.used, user)
    taken = {seat.key for seat in seats}
    return Arrangement(kept=kept, seats=seats, spare=[it for it in offered_to(user, tab) if it.key not in taken])


def offered_to(user: User, tab: str = LEADS) -> list[Place]:
    """Every card that there is for them: the usual ones first, then in the order of the plugins."""
    found = [_place(key, offer) for key, offer in current_host().offered(KIND).items()]
    order = {key: number for number, key in enumerate(USUAL[tab])}
    return sorted((it for it in found if may_see(user, it)), key=lambda place: order.get(place.key, len(order)))


def _usual(user: User, tab: str = LEADS) -> list[Slot]:
    found = offered_to(user, tab)
    return [Slot(it.key, it.size) for it in found if it.key in USUAL[tab] or (tab == LEADS and "." in it.key)]


def _seats(slots: list[Slot], user: User) -> list[Seat]:
    host = current_host()
    offers, offered = host.offers[KIND], host.offered(KIND)
    seats = []
    for slot in slots:
        known = _place(slot.key, offers[slot.key], slot.size) if slot.key in offers else None
        is_for_them = known is None or may_see(user, known)
        title = (known.title if known else slot.key) if is_for_them else None
        place = known if is_for_them and slot.key in offered else None
        seats.append(Seat(key=slot.key, size=slot.size, place=place, title=title))
    return seats


def _place(key: str, offer: Offer, size: str | None = None) -> Place:
    return Place(key, offer.plugin, offer.value, Names(offer.value.title), size or offer.value.size)
