"""The hooks, and the mark that a plugin puts on its own functions."""

import pluggy

from leadhub.plugins.api.sources import Source
from leadhub.plugins.api.statuses import StatusAction, StatusRule

API_VERSION = (0, 2)
PROJECT = "leadhub"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_sources() -> list[Source]:
    """Offer sources.  Called once, when the app starts; a source that the hub has not met becomes a row of its list."""
    raise AssertionError("a hook specification is never called")


@hookspec
def register_status_rules() -> list[StatusRule]:
    """Offer automatic rules.  Called once, when the app starts."""
    raise AssertionError("a hook specification is never called")


@hookspec
def register_status_actions() -> list[StatusAction]:
    """Offer what can be done when a lead enters a status.  Called once, when the app starts."""
    raise AssertionError("a hook specification is never called")
