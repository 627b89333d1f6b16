"""Asks the plugins behind doors.  What they answer is looked at while they are watched: it is theirs to be right."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from wtforms import FileField
from wtforms import Form as PlainForm
from wtforms.fields.core import UnboundField

from leadhub.intake.queries import Opened
from leadhub.outgoing import OutgoingError
from leadhub.plugins.api.context import Context
from leadhub.plugins.api.effects import Failed
from leadhub.plugins.api.forms import PersonField, SecretField
from leadhub.plugins.api.leads import LeadDraft
from leadhub.plugins.api.sources import Polled, PublicForm, Received, Refused, Reply, Request
from leadhub.plugins.host import Host

SECONDS = 10.0
RECEIVED_MAX = 100
POLLED_MAX = 500
CURSOR_MAX = 10_000
REPLY_MAX = 100_000
WORDS_MAX = 2000
TYPES = ("text/plain", "application/json", "application/xml")
RESERVED = ("once", "csrf_token", "fax_again")
NOT_ASKED = (FileField, PersonField, SecretField)  # of strangers: files, and who works here


def receive(host: Host, opened: Opened, context: Context, request: Request) -> Received:
    """What came with a request.  Raises ``Refused`` as the plugin did, or ``PluginFailed``."""

    def work() -> Received:
        told: Any = opened.source.receive(request, opened.settings, context)  # type: ignore[misc]
        _want(told, Received)
        return Received(drafts=_listed(told.drafts, RECEIVED_MAX), reply=_reply(told.reply))

    return host.call(opened.plugin, work, seconds=SECONDS, passes=(Refused,))


def poll(host: Host, opened: Opened, context: Context) -> Polled:
    """What is there to fetch behind the cursor.

    Raises ``PluginFailed``; ``Failed`` as the plugin did, or ``OutgoingError`` where the other side could not be asked:
    neither says anything against the plugin.
    """

    def work() -> Polled:
        told: Any = opened.source.poll(opened.cursor, opened.settings, context)  # type: ignore[misc]
        _want(told, Polled)
        cursor = _text(told.cursor, CURSOR_MAX)
        return Polled(drafts=_listed(told.drafts, POLLED_MAX), cursor=cursor, has_more=bool(told.has_more))

    return host.call(opened.plugin, work, seconds=SECONDS, passes=(Failed, OutgoingError))


def public_form(host: Host, opened: Opened, context: Context) -> PublicForm:
    """The form that a stranger fills in.  Raises ``PluginFailed``."""

    def work() -> PublicForm:
        told: Any = opened.source.form(opened.settings, context)  # type: ignore[misc]
        _want(told, PublicForm)
        _check_fields(told.fields)
        if not callable(told.draft):
            raise TypeError("the draft of a form is a function")
        words = {name: _text(str(getattr(told, name)), WORDS_MAX) for name in ("title", "thanks", "button")}
        return PublicForm(fields=told.fields, draft=told.draft, **words)

    return host.call(opened.plugin, work, seconds=SECONDS)


def draft_of(host: Host, opened: Opened, told: PublicForm, values: Mapping[str, Any]) -> LeadDraft:
    """What a form that was filled in makes.  Raises ``PluginFailed``."""

    def work() -> LeadDraft:
        draft = told.draft(values)
        _want(draft, LeadDraft)
        return draft

    return host.call(opened.plugin, work, seconds=SECONDS)


def _want(told: Any, model: type[Any]) -> None:
    if not isinstance(told, model):
        raise TypeError(f"wanted {model.__name__}, got {type(told).__name__}")


def _listed(drafts: Any, most: int) -> Sequence[Any]:
    """All of them made here, where a generator that fails or never ends costs the plugin alone."""
    found = list(islice(drafts, most + 1))
    if len(found) > most:
        raise TypeError(f"more than {most} drafts at once")
    return found


def _reply(reply: Any) -> Reply:
    _want(reply, Reply)
    if not isinstance(reply.status, int) or isinstance(reply.status, bool) or not 200 <= reply.status < 500:
        raise TypeError("the status of a reply is a number from 200 to 499")
    kind = _text(reply.content_type, 100).partition(";")[0].strip().lower()
    if kind not in TYPES:
        raise TypeError(f"a reply is one of {', '.join(TYPES)}")
    return Reply(status=int(reply.status), body=_text(reply.body, REPLY_MAX), content_type=f"{kind}; charset=utf-8")


def _text(text: Any, most: int) -> str:
    """One that can be sent and stored."""
    if not isinstance(text, str) or len(text) > most or "\0" in text:
        raise TypeError(f"wanted a text of at most {most} characters")
    text.encode()
    return text


def _check_fields(fields: Any) -> None:
    if not isinstance(fields, type) or not issubclass(fields, PlainForm):
        raise TypeError("the fields of a form are a wtforms.Form")
    made = {name: getattr(fields, name, None) for name in dir(fields)}
    asked = {name: field for name, field in made.items() if isinstance(field, UnboundField)}
    if not asked:
        raise TypeError("a form has fields")
    for name, field in asked.items():
        if name in RESERVED:
            raise TypeError(f"the name {name!r} is taken by the hub")
        if issubclass(field.field_class, NOT_ASKED):
            raise TypeError(f"the field {name!r} can't be asked of strangers")


__all__ = ["POLLED_MAX", "RECEIVED_MAX", "SECONDS", "draft_of", "poll", "public_form", "receive"]
