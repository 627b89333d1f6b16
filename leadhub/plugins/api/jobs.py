"""What plugins do again and again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from leadhub.plugins.api.context import Context


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """Done by the worker every so often (five minutes at least), counted from midnight UTC plus ``offset``.

    ``run`` has sixty seconds, and is tried again where it fails; turns that nobody was there for are not made up for.
    """

    key: str
    name: Mapping[str, str]
    run: Callable[[Context], Any]
    every: timedelta
    offset: timedelta = timedelta()
