"""What plugins offer statuses: automatic rules and actions, each under a key that never changes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import Any, cast

from flask import Flask, current_app

from leadhub.names import Names
from leadhub.plugins.api.context import NoAnswer
from leadhub.plugins.api.effects import Failed, Skip
from leadhub.plugins.api.statuses import Fact, Facts, StatusAction, StatusRule
from leadhub.plugins.api.statuses import Status as Wished
from leadhub.plugins.health import PluginFailed
from leadhub.plugins.host import Host, Offer
from leadhub.statuses.action_forms import form_for, person_words
from leadhub.statuses.rules import Holds

RULE_SECONDS = 1.0  # for a plugin to say whether its rule holds: somebody waits for it
WORDS_SECONDS = 1.0
EFFECTS_MAX = 20


@dataclass(frozen=True, kw_only=True)
class RuleOffer:
    """An automatic rule.  ``label`` says when it holds, behind "When"; ``holds`` is safe to call.  ``is_there``: its
    plugin is, and nobody has switched it off."""

    key: str
    label: Any
    priority: int
    holds: Holds
    wished: Wished
    is_final: bool = False
    is_there: Callable[[], bool] = lambda: True


@dataclass(frozen=True, kw_only=True)
class ActionOffer:
    """Something that can be done when a lead enters a status.

    ``form`` makes the form of its settings: ``form.of(settings)`` shows them, ``to_settings()`` gives what is stored.
    ``summary`` puts stored settings into a few words.  ``run`` gets lead, settings and context, and returns the effects
    (``plugins.api.effects``); it raises ``PluginFailed``, or what the contract lets it raise.
    """

    key: str
    name: Any
    form: Any
    summary: Callable[[Mapping[str, Any]], str]
    run: Callable[..., list[Any]]
    plugin: str = ""


@dataclass(frozen=True)
class Offered:
    """Everything that is offered in one app, by key."""

    rules: Mapping[str, RuleOffer] = field(default_factory=dict)
    actions: Mapping[str, ActionOffer] = field(default_factory=dict)


def bind(app: Flask, *, rules: Sequence[RuleOffer] = (), actions: Sequence[ActionOffer] = ()) -> None:
    by_key = Offered({rule.key: rule for rule in rules}, {action.key: action for action in actions})
    app.extensions["leadhub_statuses"] = by_key


def offered() -> Offered:
    return cast(Offered, current_app.extensions["leadhub_statuses"])


def rules_of(host: Host) -> list[RuleOffer]:
    """Those of all plugins, the strongest first."""
    found = [_rule(host, offer, offer.value) for offer in host.rules.values()]
    return sorted(found, key=lambda rule: (-rule.priority, rule.key))


def actions_of(host: Host) -> list[ActionOffer]:
    return [_action(host, offer, offer.value) for offer in host.actions.values()]


def _rule(host: Host, offer: Offer, rule: StatusRule) -> RuleOffer:
    return RuleOffer(
        key=offer.key,
        label=Names(rule.label),
        priority=rule.priority,
        holds=partial(_holds, host, offer.plugin, rule),
        wished=rule.wished,
        is_final=rule.is_final,
        is_there=partial(host.is_on, offer.plugin),
    )


def _holds(host: Host, plugin: str, rule: StatusRule, facts: Facts) -> Fact | None:
    """One that fails does not hold."""
    try:
        told = host.call(plugin, rule.holds, MappingProxyType(facts), seconds=RULE_SECONDS)
    except PluginFailed:
        return None
    return told if _is_fact(told) else None


def _is_fact(told: Any) -> bool:
    """One whose moment can be compared with others."""
    return isinstance(told, Fact) and isinstance(told.at, datetime) and told.at.utcoffset() is not None


def _action(host: Host, offer: Offer, action: StatusAction) -> ActionOffer:
    return ActionOffer(
        key=offer.key,
        name=Names(action.name),
        form=form_for(action.form),
        summary=partial(_summary, host, offer.plugin, action),
        run=partial(_run, host, offer.plugin, action),
        plugin=offer.plugin,
    )


def _summary(host: Host, plugin: str, action: StatusAction, settings: Mapping[str, Any]) -> str:
    if action.summary is None:
        return person_words(action.form, settings)
    try:
        return host.call(plugin, _text, action.summary, settings, seconds=WORDS_SECONDS)
    except PluginFailed:
        return ""


def _run(host: Host, plugin: str, action: StatusAction, *arguments: Any, seconds: float) -> list[Any]:
    """The effects, all of them made while the plugin is watched: it may be a generator.  Not many more than are done:
    one that never ends must not fill the memory."""
    return host.call(plugin, _made, action.run, *arguments, seconds=seconds, passes=(Skip, Failed, NoAnswer))


def _made(run: Callable[..., Any], *arguments: Any) -> list[Any]:
    told = run(*arguments)
    return list(islice(told, EFFECTS_MAX + 1)) if isinstance(told, Iterable) else [told]


def _text(words: Callable[..., Any], settings: Mapping[str, Any]) -> str:
    return str(words(settings))
