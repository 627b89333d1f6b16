"""Cards that plugins put on a lead's page.  Nothing here writes."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from leadhub.accounts.models import User
from leadhub.fields.queries import hidden_fields
from leadhub.leads.aside import Unanswered
from leadhub.leads.models import Lead
from leadhub.leads.showing import prepared
from leadhub.leads.statuses.snapshots import snapshot_of
from leadhub.names import Names
from leadhub.plugin_settings.calls import call_for
from leadhub.plugin_settings.context import HubContext
from leadhub.plugins.api.leads import LeadSnapshot
from leadhub.plugins.health import PluginFailed
from leadhub.plugins.host import Offer, current_host

KIND = "panels"
SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Panel:
    """One that there is to ask for.  ``title`` follows the page."""

    key: str
    title: Names


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it: ``shown`` is ready to be drawn, None where there is nothing; ``is_failed``: its plugin did not
    say."""

    shown: Any = None
    is_failed: bool = False


def panels() -> list[Panel]:
    """Those of the plugins that are on, in the order of the plugins."""
    return [_panel(key, offer) for key, offer in current_host().offered(KIND).items()]


def panel_named(key: str) -> Panel | None:
    offer = current_host().offered(KIND).get(key)
    return _panel(key, offer) if offer else None


def told_by(panel: Panel, lead: Lead, user: User) -> Told:
    """What the panel says of a lead that the user may see."""
    offer = current_host().offers[KIND][panel.key]
    work = partial(_loaded, offer, snapshot_of(lead, hidden_fields(user)))
    try:
        return Told(call_for(user, offer.plugin, work, seconds=SECONDS, passes=(Unanswered,)))
    except Unanswered:  # it asked for what is not for this reader
        return Told()
    except PluginFailed:
        return Told(is_failed=True)


def _loaded(offer: Offer, lead: LeadSnapshot, context: HubContext) -> Any:
    shown = offer.value.load(lead, context)
    return None if shown is None else prepared(offer.plugin, shown)


def _panel(key: str, offer: Offer) -> Panel:
    return Panel(key, Names(offer.value.title))
