"""Which cards there are, and for whom.  Nothing here writes."""

from dataclasses import dataclass

from leadhub.accounts.models import User
from leadhub.accounts.roles import is_at_least
from leadhub.names import Names
from leadhub.plugins.api.widgets import Widget
from leadhub.plugins.host import Offer, current_host

KIND = "widgets"


@dataclass(frozen=True, slots=True)
class Place:
    """A card that there is to ask for.  ``title`` follows the page; ``id`` can stand in an element's id."""

    key: str
    plugin: str
    widget: Widget
    title: Names

    @property
    def id(self) -> str:
        return f"widget-{self.key.replace('.', '-')}"


def place_of(key: str) -> Place | None:
    """None where there is none, or its plugin is switched off."""
    offer = current_host().offered(KIND).get(key)
    return _place(key, offer) if offer else None


def may_see(user: User, place: Place) -> bool:
    return is_at_least(user.role, place.widget.role)


def places_for(user: User) -> list[Place]:
    """Those that the user may see, in the order of the plugins."""
    found = (_place(key, offer) for key, offer in current_host().offered(KIND).items())
    return [place for place in found if may_see(user, place)]


def _place(key: str, offer: Offer) -> Place:
    return Place(key, offer.plugin, offer.value, Names(offer.value.title))
