"""Which pages plugins have, and who may open them.  Nothing here writes."""

from dataclasses import dataclass

from leadhub.accounts.models import User
from leadhub.accounts.roles import is_at_least
from leadhub.names import Names
from leadhub.plugins.api.parts import Page
from leadhub.plugins.host import Offer, current_host

KIND = "pages"
INDEX = "index"  # the key of the page at the plugin's own address


@dataclass(frozen=True, slots=True)
class PluginPage:
    """``path`` is below the plugin's own address; ``title`` follows the page."""

    plugin: str
    page: Page
    title: Names

    @property
    def path(self) -> str:
        return "" if self.page.key == INDEX else self.page.key


def page_at(plugin: str, path: str) -> PluginPage | None:
    """None where there is none, or its plugin is switched off."""
    if path == INDEX:
        return None
    offer = current_host().offered(KIND).get(f"{plugin}.{path or INDEX}")
    return _page(offer) if offer else None


def may_open(user: User, page: PluginPage) -> bool:
    return is_at_least(user.role, page.page.role)


def pages_for(user: User) -> list[PluginPage]:
    """Those that the user may open, in the order of the plugins."""
    return [page for page in map(_page, current_host().offered(KIND).values()) if may_open(user, page)]


def pages_in_menu(user: User) -> list[PluginPage]:
    return [page for page in pages_for(user) if page.page.in_menu]


def _page(offer: Offer) -> PluginPage:
    return PluginPage(offer.plugin, offer.value, Names(offer.value.title))
