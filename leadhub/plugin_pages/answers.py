"""Asks a plugin for what is on its page.  Nothing here writes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from leadhub.accounts.models import User
from leadhub.leads.aside import Unanswered
from leadhub.leads.showing import prepared
from leadhub.plugin_pages.queries import PluginPage, page_at
from leadhub.plugin_settings.calls import call_for
from leadhub.plugin_settings.context import HubContext
from leadhub.plugins.api.parts import Asked, GoTo
from leadhub.plugins.shown import text

SECONDS = 5.0
PIECES_MAX = 50
TOLD_MAX = 500
ARGUMENTS_MAX, ARGUMENT_MAX = 20, 500


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another page of the same plugin, and what is told there."""

    path: str
    arguments: Mapping[str, str]
    told: str


def answer_of(page: PluginPage, asked: Asked, user: User) -> Elsewhere | list[Any]:
    """What is on the page, ready to be drawn, or where to go instead.  Raises ``PluginFailed``, or ``Unanswered`` where
    it asks for leads by what the user may not see."""
    return call_for(user, page.plugin, partial(_answer, page, asked), seconds=SECONDS, passes=(Unanswered,))


def _answer(page: PluginPage, asked: Asked, context: HubContext) -> Elsewhere | list[Any]:
    answer: Any = page.page.show(asked, context)
    if isinstance(answer, GoTo):
        return _elsewhere(page, answer)
    if not isinstance(answer, Iterable) or isinstance(answer, str | bytes | Mapping):
        raise TypeError(f"the page {page.page.key!r} gave neither a list nor a GoTo")
    pieces = list(islice(answer, PIECES_MAX + 1))
    if len(pieces) > PIECES_MAX:
        raise TypeError(f"more than {PIECES_MAX} things are on the page {page.page.key!r}")
    return [prepared(page.plugin, piece) for piece in pieces]


def _elsewhere(page: PluginPage, answer: GoTo) -> Elsewhere:
    if not isinstance(answer.path, str) or page_at(page.plugin, answer.path) is None:
        raise TypeError(f"it has no page {answer.path!r}")
    if not isinstance(answer.arguments, Mapping) or len(answer.arguments) > ARGUMENTS_MAX:
        raise TypeError(f"the arguments of a GoTo are at most {ARGUMENTS_MAX} texts by name")
    arguments = {
        text("the name of an argument", name, ARGUMENT_MAX): text(f"the argument {name!r}", value, ARGUMENT_MAX)
        for name, value in answer.arguments.items()
    }
    return Elsewhere(answer.path, arguments, text("what a GoTo tells", answer.told, TOLD_MAX))
