"""Does a plugin keep to the contract?  Everything that it offers is called once, with samples, as the hub would."""

import json
import re
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from leadhub.plugins.api import Asked as PageAsked
from leadhub.plugins.api import (
    Failed,
    FieldChange,
    GoTo,
    LeadChanged,
    LeadCreated,
    LeadDeleted,
    LeadDraft,
    LeadSnapshot,
    LeadStatusChanged,
    Period,
    Polled,
    PublicForm,
    Received,
    Refused,
    Request,
    Skip,
    StatusReplaced,
)
from leadhub.plugins.api.effects import Effect
from leadhub.plugins.api.statuses import Fact
from leadhub.plugins.host import Host
from leadhub.plugins.loaded import Loaded
from leadhub.plugins.shown import checked
from leadhub.testing.hubs import Hub, open_hub
from leadhub.testing.lent import ANY, NOW, Answers, GivenContext, GivenReader, sample_lead

LANGUAGES = ("en", "fr")
WORDS = {"sources": "names", "statuses": "names", "rules": "label", "actions": "name", "jobs": "name"}  # else: title
FACTS = ("opportunity", "quotation_submitted", "quotation_accepted", "order_confirmed", "customer")
MOST = 1000
STATE = re.compile(r'data-state="(\w+)"')
STATES = {
    "failed": "it failed",
    "refused": "it is refused, since it asks the reader for what the hub does not know",
    "asking": "the options of its form are not as the form itself wants them",
}
"""Of a card: what is wrong with it."""


class KeepsNot(AssertionError):
    """It does not keep to the contract; each line says where."""


class Odd(UserWarning):
    """It keeps to the contract, and could do better."""


def check_plugin(
    plugin: object,
    *,
    name: str = "",
    lead: LeadSnapshot | None = None,
    settings: Mapping[str, Any] | None = None,
    http: Answers | None = None,
) -> None:
    """Raises ``KeepsNot`` with a line for each offer that does not, and warns of what is only odd.

    ``settings`` are the plugin's own, where those of its form do not do.  ``http`` answers in place of the network,
    else everything with ``{}``.  Commands are not called.
    """
    name = name or str(getattr(plugin, "__name__", type(plugin).__name__)).rpartition(".")[2].removeprefix("leadhub_")
    host = Host(strict=True)
    try:
        host.load(None, True, [(name, plugin)])
    except Exception as error:
        raise KeepsNot(f"{name}: {error}") from error
    loaded = host.plugins[name]
    _warn(host, loaded)
    answers = http or Answers({ANY: {}})
    context = GivenContext(http=answers, folder=loaded.folder)
    context.settings = {**_defaults(loaded.settings_form), **(settings or {})}
    problems = list(_tried(host, loaded, lead or sample_lead(), context))
    if not problems:
        problems = list(_seen(name, plugin, loaded, settings or {}, answers))
    if problems:
        raise KeepsNot("\n".join(f"{name}: {problem}" for problem in problems))


def _warn(host: Host, loaded: Loaded) -> None:
    for told in loaded.warnings:
        warnings.warn(told, Odd, stacklevel=3)
    for kind, keys in loaded.offers.items():
        for key in keys:
            names = getattr(host.offers[kind][key].value, WORDS.get(kind, "title"), {})
            if missing := [language for language in LANGUAGES if names and not names.get(language)]:
                warnings.warn(f"{kind} {key!r} has no name in {', '.join(missing)}", Odd, stacklevel=3)


def _tried(host: Host, loaded: Loaded, lead: LeadSnapshot, context: GivenContext) -> Iterator[str]:
    """Each offer called by itself."""
    for kind, keys in loaded.offers.items():
        for key in keys:
            for what, work in CALLS.get(kind, _nothing)(host.offers[kind][key].value, lead, context):
                yield from _problem(f"{kind} {key!r}: {what}", work)
    for hook in loaded.news:
        told = {"context": context, "news": SAMPLES[hook](lead)}
        yield from _problem(hook, partial(host.tell, loaded.name, hook, 10, **told))


def _problem(what: str, work: Callable[[], Any]) -> Iterator[str]:
    """What the contract lets a plugin raise is no problem."""
    try:
        work()
    except (Skip, Failed, Refused):
        return
    except Exception as error:
        yield f"{what}: {type(error).__name__}: {error}"


Tries = Iterator[tuple[str, Callable[[], Any]]]


def _nothing(offer: Any, lead: LeadSnapshot, context: GivenContext) -> Tries:
    yield from ()


def _source(offer: Any, lead: LeadSnapshot, context: GivenContext) -> Tries:
    settings = _defaults(offer.settings_form)
    yield "settings", lambda: json.dumps(settings)
    if offer.receive:
        for method, body in (("GET", b""), ("POST", b""), ("POST", b"{}"), ("POST", b"\xff")):
            request = Request(method=method, headers={}, arguments={}, body=body)
            yield f"receive {method}", partial(_received, offer.receive, request, settings, context)
    if offer.poll:
        yield "poll", lambda: _drafts(_want(offer.poll("", settings, context), Polled).drafts)
    if offer.form:
        yield "form", lambda: _want(offer.form(settings, context), PublicForm).fields()


def _rule(offer: Any, lead: LeadSnapshot, context: GivenContext) -> Tries:
    for holds in (True, False):
        facts = {name: Fact(holds, NOW, "No. 1") for name in FACTS}
        yield "holds", partial(_fact, offer.holds, facts)
    yield "holds of no facts", partial(_fact, offer.holds, {})


def _action(offer: Any, lead: LeadSnapshot, context: GivenContext) -> Tries:
    settings = _defaults(offer.form)
    yield "settings", lambda: json.dumps(settings)
    yield "run", lambda: [_want(effect, Effect) for effect in _all(offer.run(lead, settings, context))]
    if offer.summary:
        yield "summary", lambda: _want(str(offer.summary(settings)), str)


def _widget(offer: Any, lead: LeadSnapshot, context: GivenContext) -> Tries:
    options = _defaults(offer.form)
    yield "options", lambda: json.dumps(options)
    yield "load of an empty hub", lambda: checked(offer.load(GivenReader(), Period(), options))


def _panel(offer: Any, lead: LeadSnapshot, context: GivenContext) -> Tries:
    bare = LeadSnapshot(id=lead.id, version=1, title=lead.title, status=lead.status)
    for what, one in (("load", lead), ("load of a lead with nothing but a name", bare)):
        yield what, partial(_shown_or_none, offer.load, one, context)


def _column(offer: Any, lead: LeadSnapshot, context: GivenContext) -> Tries:
    yield "load", lambda: _cells(offer.load([lead], context))
    yield "load of no leads", lambda: _cells(offer.load([], context))


def _page(offer: Any, lead: LeadSnapshot, context: GivenContext) -> Tries:
    yield "show", lambda: _pieces(offer.show(PageAsked(person="ada@example.org"), context))


def _job(offer: Any, lead: LeadSnapshot, context: GivenContext) -> Tries:
    yield "run", lambda: _all(offer.run(context) or ())


CALLS: dict[str, Callable[[Any, LeadSnapshot, GivenContext], Tries]] = {
    "sources": _source, "rules": _rule, "actions": _action, "widgets": _widget, "panels": _panel, "columns": _column,
    "pages": _page, "jobs": _job,
}  # fmt: skip
SAMPLES: dict[str, Callable[[LeadSnapshot], Any]] = {
    "lead_created": lambda lead: LeadCreated(lead=lead, version=1, at=NOW, channel="form"),
    "lead_changed": lambda lead: LeadChanged(
        lead=lead, version=2, at=NOW, changes=[FieldChange(field="city", old="", new="Paris")]
    ),
    "lead_status_changed": lambda lead: LeadStatusChanged(
        lead=lead, version=2, at=NOW, old="Open", new="Converted", cause="hand"
    ),
    "lead_deleted": lambda lead: LeadDeleted(lead_id=lead.id, at=NOW),
    "status_replaced": lambda lead: StatusReplaced(old="interested", new="open", at=NOW, leads=1),
}


def _seen(name: str, plugin: object, loaded: Loaded, settings: Mapping[str, Any], http: Answers) -> Iterator[str]:
    """What somebody finds in a hub that has one lead."""
    with (
        tempfile.TemporaryDirectory(prefix="leadhub-check-") as folder,
        open_hub(Path(folder), {name: plugin}, http) as hub,
    ):
        if settings:
            hub.set_up(name, **settings)
        lead_id = hub.new_lead(last_name="Dupont", organisation="Acme", email="jeanne@acme.example")
        client = hub.client("ada")
        for address in _addresses(hub, loaded, lead_id):
            answer = client.get(address)
            state = STATE.search(answer.text)
            if answer.status_code >= 400 or (state and state[1] in STATES):
                told = hub.plugins.containment.breaker_of(name).last_error
                yield f"{address}: {told or STATES.get(state[1] if state else '', answer.status)}"


def _addresses(hub: Hub, loaded: Loaded, lead_id: int) -> Iterator[str]:
    for key in loaded.offers.get("widgets", ()):
        yield f"/dashboard/widgets/{key}"
    for key in loaded.offers.get("panels", ()):
        yield f"/leads/{lead_id}/panels/{key}"
    for key in loaded.offers.get("pages", ()):
        own = hub.plugins.offers["pages"][key].value.key
        yield f"/x/{loaded.name}/" + ("" if own == "index" else own)
    if loaded.settings_form:
        yield f"/settings/plugins/{loaded.name}/settings"


def _defaults(form: type[Any] | None) -> dict[str, Any]:
    """As the hub would store a form that nobody has touched."""
    return {field.short_name: field.data for field in form()} if form else {}


def _want(told: Any, model: Any) -> Any:
    if not isinstance(told, model):
        raise TypeError(f"wanted {getattr(model, '__name__', model)}, got {type(told).__name__}")
    return told


def _all(told: Iterable[Any]) -> list[Any]:
    found = []
    for each in _want(told, Iterable):
        found.append(each)
        if len(found) > MOST:
            raise ValueError(f"more than {MOST:,} at once")
    return found


def _received(receive: Callable[..., Any], *arguments: Any) -> None:
    _drafts(_want(receive(*arguments), Received).drafts)


def _drafts(told: Any) -> None:
    for draft in _all(told):
        _want(draft, LeadDraft)


def _fact(holds: Callable[..., Any], facts: Mapping[str, Fact]) -> None:
    if (told := holds(facts)) is not None:
        _want(told, Fact)


def _shown_or_none(load: Callable[..., Any], *arguments: Any) -> None:
    if (told := load(*arguments)) is not None:
        checked(told)


def _cells(told: Any) -> None:
    for cell in _want(told, Mapping).values():
        _want(cell, str | int | Decimal | date)


def _pieces(told: Any) -> None:
    if not isinstance(told, GoTo):
        for piece in _all(told):
            checked(piece)


__all__ = ["KeepsNot", "Odd", "check_plugin"]
