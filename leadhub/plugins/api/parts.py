"""What plugins add to pages of the hub, and pages of their own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from leadhub.plugins.api.context import Context
from leadhub.plugins.api.data import Shown
from leadhub.plugins.api.leads import LeadSnapshot

Role = Literal["viewer", "agent", "manager", "admin"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadPanel:
    """A card on a lead's page, loaded after the page.  ``load`` returns None where there is nothing to show; it has
    three seconds."""

    key: str
    title: Mapping[str, str]
    load: Callable[[LeadSnapshot, Context], Shown | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column of the list.  ``load`` gets all leads of a page at once and answers by their ids; who is left out has
    an empty cell.  It has one second."""

    key: str
    title: Mapping[str, str]
    load: Callable[[Sequence[LeadSnapshot], Context], Mapping[int, str | int | Decimal | date]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a page is asked for.  ``arguments`` are those of the address, ``form`` what was posted (empty: nothing
    was); of what is there several times, the first."""

    path: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    is_posted: bool = False
    person: str = ""  # e-mail address
    language: str = "en"


@dataclass(frozen=True, kw_only=True, slots=True)
class GoTo:
    """Show another page instead: ``path`` is below the plugin's own, ``""`` its first one; ``told`` is shown there."""

    path: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)
    told: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A page at ``/x/<plugin>/<key>``; the key ``index`` is ``/x/<plugin>/`` itself.

    ``role`` is the least that somebody must be to open it.  ``show`` returns what is on it, from top to bottom; it has
    five seconds.  ``in_menu``: the rail leads there.
    """

    key: str
    title: Mapping[str, str]
    show: Callable[[Asked, Context], Sequence[Shown] | GoTo]
    role: Role = "viewer"
    in_menu: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """``leadhub x <plugin> <key> words...``: ``run`` gets the words and gives the lines that are printed; ``Failed``
    ends it with exit code 1."""

    key: str
    help: str
    run: Callable[[Sequence[str], Context], Any]
