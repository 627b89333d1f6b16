"""Where leads come from, and how they come in by themselves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leadhub.plugins.api.context import Context
from leadhub.plugins.api.leads import LeadDraft

Settings = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """An HTTP request as it came in, of at most one megabyte.  Names of headers are in lower case; of arguments that
    come several times, the first."""

    method: str
    headers: Mapping[str, str]
    arguments: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What whoever asked gets to read."""

    status: int = 200
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """Drafts that came with a request, and the reply: a challenge is answered with no drafts and a reply."""

    drafts: Sequence[LeadDraft] = ()
    reply: Reply = field(default_factory=Reply)


class Refused(Exception):
    """The request is not from whom it should be (401), or makes no sense (``status=400``).  The message is for logs."""

    def __init__(self, message: str, *, status: int = 401) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, kw_only=True, slots=True)
class Polled:
    """Drafts that were fetched, and where the next time begins; ``has_more``: ask again at once."""

    drafts: Sequence[LeadDraft] = ()
    cursor: str = ""
    has_more: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicForm:
    """A form that anybody may fill in: ``fields`` is a ``wtforms.Form``, ``draft`` makes a draft of its values."""

    title: str
    fields: type[Any]
    draft: Callable[[Mapping[str, Any]], LeadDraft]
    thanks: str = ""
    button: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A source that the hub's list of sources gets.  ``key`` never changes; ``names`` is by language, English first.

    ``is_listed``: it becomes a row of the list; a way in that brings leads of many sources is none itself.

    ``icon`` is the name of one of Tabler's.  Where leads come in by themselves, ``receive`` reads requests to an
    address of its own, ``poll`` fetches every five minutes, ``form`` gives a public form; each has ten seconds and gets
    the settings of ``settings_form``, a ``wtforms.Form`` stored as JSON; what is in a ``SecretField`` is encrypted.
    """

    key: str
    names: Mapping[str, str]
    icon: str = ""
    is_listed: bool = True
    settings_form: type[Any] | None = None
    receive: Callable[[Request, Settings, Context], Received] | None = None
    poll: Callable[[str, Settings, Context], Polled] | None = None
    form: Callable[[Settings, Context], PublicForm] | None = None

    @property
    def is_door(self) -> bool:
        """Do leads come in by themselves?"""
        return bool(self.receive or self.poll or self.form)
