"""The hooks, and the mark that a plugin puts on its own functions.

``register_...`` collects what a plugin offers, once, when the app starts.  What is named in the past tense is news.
"""

import pluggy

from leadhub.plugins.api.context import Context
from leadhub.plugins.api.jobs import Job
from leadhub.plugins.api.news import LeadChanged, LeadCreated, LeadDeleted, LeadStatusChanged, StatusReplaced
from leadhub.plugins.api.parts import Column, Command, LeadPanel, Page
from leadhub.plugins.api.sources import Source
from leadhub.plugins.api.statuses import Status, StatusAction, StatusRule
from leadhub.plugins.api.widgets import Widget

API_VERSION = (0, 7)
PROJECT = "leadhub"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_sources() -> list[Source]:
    """Offer sources.  A source that the hub has not met becomes a row of its list."""
    raise AssertionError("a hook specification is never called")


@hookspec
def register_statuses() -> list[Status]:
    """Propose statuses.  An admin adds one, says which of the hub's own it is, or declines."""
    raise AssertionError("a hook specification is never called")


@hookspec
def register_status_rules() -> list[StatusRule]:
    """Offer automatic rules."""
    raise AssertionError("a hook specification is never called")


@hookspec
def register_status_actions() -> list[StatusAction]:
    """Offer what can be done when a lead enters a status."""
    raise AssertionError("a hook specification is never called")


@hookspec
def register_widgets() -> list[Widget]:
    """Offer cards of the dashboard."""
    raise AssertionError("a hook specification is never called")


@hookspec
def register_lead_panels() -> list[LeadPanel]:
    """Offer cards on a lead's page."""
    raise AssertionError("a hook specification is never called")


@hookspec
def register_columns() -> list[Column]:
    """Offer columns of the list."""
    raise AssertionError("a hook specification is never called")


@hookspec
def register_pages() -> list[Page]:
    """Offer pages."""
    raise AssertionError("a hook specification is never called")


@hookspec
def register_jobs() -> list[Job]:
    """Offer what is done again and again."""
    raise AssertionError("a hook specification is never called")


@hookspec
def register_commands() -> list[Command]:
    """Offer commands of the shell."""
    raise AssertionError("a hook specification is never called")


@hookspec
def lead_created(news: LeadCreated, context: Context) -> None:
    """A lead came in."""
    raise AssertionError("a hook specification is never called")


@hookspec
def lead_changed(news: LeadChanged, context: Context) -> None:
    """Fields of a lead have changed."""
    raise AssertionError("a hook specification is never called")


@hookspec
def lead_status_changed(news: LeadStatusChanged, context: Context) -> None:
    """A lead has another status."""
    raise AssertionError("a hook specification is never called")


@hookspec
def lead_deleted(news: LeadDeleted, context: Context) -> None:
    """A lead went into the bin, or is gone for good."""
    raise AssertionError("a hook specification is never called")


@hookspec
def status_replaced(news: StatusReplaced, context: Context) -> None:
    """A status was deleted, and another one took its place; or that was undone."""
    raise AssertionError("a hook specification is never called")
