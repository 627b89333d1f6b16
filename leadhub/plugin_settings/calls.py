"""Calls of plugins in the middle of a request, for the person who looks."""

import secrets
from collections.abc import Callable
from typing import TypeVar

import structlog
from flask import g, request
from sqlalchemy.exc import OperationalError

from leadhub.accounts.models import User
from leadhub.plugin_settings.context import HubContext, context_for
from leadhub.plugin_settings.store import keep_aside
from leadhub.plugins.health import Passes
from leadhub.plugins.host import current_host

Result = TypeVar("Result")
log = structlog.get_logger()


def call_for(
    user: User, plugin: str, work: Callable[[HubContext], Result], *, seconds: float, passes: Passes = ()
) -> Result:
    """What ``work`` makes of the context it is lent, within this time; what the plugin has stored is kept.

    What is wrong with the plugin's answer has to be found inside ``work``, where it counts as its failure.  Raises
    ``PluginFailed``, or one of ``passes``; then nothing is kept.
    """
    context = context_for(plugin, secrets.token_hex(8), user=user)
    result = current_host().call(plugin, work, context, seconds=seconds, passes=passes)
    if context.store.pending:
        _keep(context)
    return result


def _keep(context: HubContext) -> None:
    """Beside the request's own transaction, which reads only: this one queues as a writer from its beginning on."""
    before, g.writes = g.get("writes", False), True
    try:
        keep_aside(context.store)
    except OperationalError:  # SQLite's writer is busy: a page that only shows something does without
        if request.method != "GET":
            raise
        log.warning("values of a plugin were not kept", plugin=context.store.plugin)
    finally:
        g.writes = before
