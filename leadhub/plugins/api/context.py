"""What the hub lends to a plugin while it calls it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol

from leadhub.plugins.api.reading import Reader

Value = str | int | bool | float | None | list[Any] | dict[str, Any]


class Answer(Protocol):
    """What an HTTP request brought back.  Names of headers in lower case; of a long body only its beginning."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class NoAnswer(Exception):
    """The other side can't be asked, or gave no answer that can be used; the message says why.  A plugin that does not
    catch it is no worse for it: what it was called for is tried again later, or not shown."""


class Http(Protocol):
    """The way out.  Private addresses are refused but for the hosts that the server's settings name.  Raises
    ``NoAnswer``."""

    def __call__(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        json: object = None,
    ) -> Answer: ...


class Log(Protocol):
    def info(self, event: str, **words: Any) -> Any: ...
    def warning(self, event: str, **words: Any) -> Any: ...


class Store(Protocol):
    """Small values that the hub keeps for the plugin: its own, or those of a lead (``lead_id``), which are shown,
    exported and erased with the lead.

    A key has at most 100 characters, a value at most 10,000 bytes as JSON; a plugin has at most 10,000 values of its
    own and 100 of each lead.  What is beyond raises ``ValueError``.  What was set is there for the next call, in each
    process.
    """

    def get(self, key: str, default: Any = None, *, lead_id: int | None = None) -> Any: ...
    def set(self, key: str, value: Value, *, lead_id: int | None = None) -> None: ...
    def delete(self, key: str, *, lead_id: int | None = None) -> None: ...
    def all(self, *, lead_id: int | None = None) -> Mapping[str, Any]:
        """Key -> value, by key."""


class Context(Protocol):
    """``run_id`` is the same when the same is done again.  ``settings`` are the plugin's own, as its form gave them.
    ``is_dry_run``: somebody only wants to see what would be done."""

    @property
    def http(self) -> Http: ...
    @property
    def log(self) -> Log: ...
    @property
    def store(self) -> Store: ...
    @property
    def reader(self) -> Reader: ...
    @property
    def settings(self) -> Mapping[str, Any]: ...
    @property
    def run_id(self) -> str: ...
    @property
    def is_dry_run(self) -> bool: ...
    def now(self) -> datetime:
        """Aware, UTC."""

    def today(self) -> date:
        """On the hub's clock."""

    def _(self, text: str, **words: Any) -> str:
        """The text out of the plugin's folder ``translations``, in the language of the page; the text itself where
        there is none."""
