"""What the hub lends to a plugin while it calls it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol


class Answer(Protocol):
    """What an HTTP request brought back.  Names of headers in lower case; of a long body only its beginning."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class Http(Protocol):
    """The way out.  Private addresses are refused but for the hosts that the server's settings name."""

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


class Context(Protocol):
    """``run_id`` is the same when the same is done again."""

    @property
    def http(self) -> Http: ...
    @property
    def log(self) -> Log: ...
    @property
    def run_id(self) -> str: ...
    def now(self) -> datetime:
        """Aware, UTC."""
