"""Where leads come from."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A source that the hub's list of sources gets.  ``key`` never changes; ``names`` is by language, English first."""

    key: str
    names: Mapping[str, str]
