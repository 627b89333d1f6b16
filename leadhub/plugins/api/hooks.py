"""The hooks, and the mark that a plugin puts on its own functions."""

import pluggy

from leadhub.plugins.api.sources import Source

API_VERSION = (0, 1)
PROJECT = "leadhub"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_sources() -> list[Source]:
    """Offer sources.  Called once, when the app starts; a source that the hub has not met becomes a row of its list."""
    raise AssertionError("a hook specification is never called")
