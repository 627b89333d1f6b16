"""Cards of the dashboard."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from leadhub.plugins.api.data import Shown
from leadhub.plugins.api.reading import Period, Reader

Options = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Widget:
    """A card of the dashboard.

    ``title`` is by language, English first; ``size`` is how much room it takes.  ``form`` is a ``wtforms.Form`` of its
    options, each with a default; None: it has none.  ``load`` is called while somebody waits, and has three seconds.
    ``role`` is the least that somebody must be to see it.  ``about`` says in a few words what is counted and what to do
    about it; ``goes_by``, by which date.  ``switch`` names a ``BooleanField`` of the form that one click turns on and
    off.
    """

    key: str
    title: Mapping[str, str]
    load: Callable[[Reader, Period, Options], Shown]
    size: Literal["small", "medium", "large"] = "medium"
    form: type[Any] | None = None
    role: Literal["viewer", "agent", "manager", "admin"] = "viewer"
    about: Mapping[str, str] = field(default_factory=dict)
    goes_by: Literal["received", "left", "now", "submitted", "settled", "ordered"] = "received"
    switch: str = ""
