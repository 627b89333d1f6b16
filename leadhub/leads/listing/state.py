"""What one address of the list asks for: the text, the filters, the order, the columns.  Nothing here writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlencode
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.fields.catalogue import Field
from leadhub.hub.queries import time_zone
from leadhub.leads.listing import sorts
from leadhub.leads.listing.columns import listed_columns, usual_columns
from leadhub.leads.listing.computed import is_computed
from leadhub.leads.listing.filters import Filter, FilterRefused, address_of, filters_from
from leadhub.leads.listing.sorts import Sort, SortRefused

TEXT, SORT, COLUMNS, VIEW, PIPELINE, CLOCK = "q", "sort", "columns", "view", "pipeline", "clock"
HUB = "hub"  # on whose clock days begin, if not on the reader's
PLACES = ("after", "before")
BESIDE = ("exact", "seen", "deep", "origin")  # words of pieces of the page, none of the list's own
TEXT_LENGTH = KEY_LENGTH = 200
COLUMNS_MAX = 30
Asked = Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class ListState:
    """``columns`` are those beside the name; ``chose_columns``: the address names them.  ``pipeline`` is the key of the
    one whose board shows these leads, empty where a list does.  ``on_hub_clock``: days begin when the hub's do.

    ``view`` is the id of the saved view that it began with, 0 for none; ``is_viewless``: the address says that there is
    none, since without a word the reader's usual view would open.  ``dropped`` are words on what a saved view asks for
    and is no longer there, or not for this reader: they name nothing that he may not see.
    """

    text: str = ""
    filters: tuple[Filter, ...] = ()
    sort: Sort = field(default_factory=sorts.usual)
    columns: tuple[Field, ...] = ()
    chose_columns: bool = False
    pipeline: str = ""
    on_hub_clock: bool = False
    view: int = 0
    is_viewless: bool = False
    dropped: tuple[str, ...] = ()

    @property
    def is_narrowed(self) -> bool:
        """Are there leads that the reader may see and the list leaves out?"""
        return bool(self.text or self.filters)

    def address(self, **changes: Any) -> dict[str, Any]:
        """The arguments of ``url_for`` that give this state again; ``changes`` go before them, None takes one away.

        >>> list_url(state.address(sort="name"))
        """
        told: dict[str, Any] = {
            PIPELINE: self.pipeline or None,
            VIEW: self.view or (0 if self.is_viewless else None),
            TEXT: self.text or None,
            **address_of(self.filters),
            CLOCK: HUB if self.on_hub_clock and self.filters else None,
            SORT: None if self.sort.is_usual else self.sort.word,
            COLUMNS: ",".join(it.name for it in self.columns) if self.chose_columns else None,
        }
        told = {name: value for name, value in (told | changes).items() if value is not None}
        if told.get(VIEW) and is_plain(told):  # nothing that the view asks for is left: said, or it would speak again
            told[TEXT] = ""
        return told

    def without(self, chosen: Filter) -> dict[str, Any]:
        """The address of the same list without one of its filters."""
        return replace(self, filters=tuple(it for it in self.filters if it is not chosen)).address()

    def of_view(self, view: int) -> dict[str, Any]:
        """The address of what a saved view shows, in the same place; 0: all leads."""
        return {VIEW: view} | ({PIPELINE: self.pipeline} if self.pipeline else {})

    @property
    def query(self) -> str:
        """The state as the part of an address behind the question mark, without the view and the pipeline: what a saved
        view keeps."""
        return urlencode(sorted(self.address(view=None, pipeline=None).items()), doseq=True)


def state_from(asked: Asked, user: User, *, lenient: bool = False) -> ListState:
    """Raises ``FilterRefused`` or ``SortRefused``.  ``lenient``: what is refused is dropped instead, and told.

    Whatever is none of the list's own words is a filter.
    """
    listed = listed_columns(user)
    fields = {name: field for name, field in listed.items() if not is_computed(name)}
    asked = {name: [value.replace("\0", "") for value in values] for name, values in asked.items()}
    first = {name: values[0] for name, values in asked.items() if values}
    own = (TEXT, SORT, COLUMNS, VIEW, PIPELINE, CLOCK, *PLACES, *BESIDE)
    clock = time_zone() if first.get(CLOCK) == HUB else None
    told = {name: values for name, values in asked.items() if name not in own}
    filters, dropped = _leniently(told, user, fields, clock) if lenient else (filters_from(told, user, clock), [])
    sort = _sort(first.get(SORT, ""), fields, lenient)
    if lenient and first.get(SORT) and sort.word != first[SORT]:
        dropped.append(_("Its order is gone, or not for you to see: the newest come first."))
    columns = _columns(first.get(COLUMNS, ""), listed)
    if lenient and any(is_computed(name) and name not in listed for name in first.get(COLUMNS, "").split(",")):
        dropped.append(_("A column was left out: its plugin is switched off, or not installed."))
    return ListState(
        text=" ".join(first.get(TEXT, "").split())[:TEXT_LENGTH],
        filters=tuple(filters),
        sort=sort,
        columns=tuple(columns or usual_columns(user)),
        chose_columns=bool(columns),
        pipeline=first.get(PIPELINE, "")[:KEY_LENGTH],
        on_hub_clock=clock is not None,
        view=_view(first.get(VIEW, "")),
        is_viewless=VIEW in first and not _view(first[VIEW]),
        dropped=tuple(dropped),
    )


def state_of(query: str, user: User, *, view: int = 0) -> ListState:
    """That of an address which was kept: whatever it asks for that is no longer there, or was never this reader's to
    see, is dropped."""
    state = state_from(parse_qs(query, max_num_fields=1000), user, lenient=True)
    return replace(state, view=view)


def is_plain(asked: Iterable[str]) -> bool:
    """Does the address ask for nothing of its own, so that a saved view may speak?"""
    return not any(name not in (VIEW, PIPELINE, CLOCK, *PLACES, *BESIDE) for name in asked)


def _leniently(
    told: Asked, user: User, fields: Mapping[str, Field], clock: ZoneInfo | None
) -> tuple[list[Filter], list[str]]:
    filters: list[Filter] = []
    dropped: list[str] = []
    for name in sorted({key.partition(".")[0] for key in told}):
        its = {key: values for key, values in told.items() if key.partition(".")[0] == name}
        try:
            filters += filters_from(its, user, clock)
        except FilterRefused as error:
            hidden = _("A filter was left out: its field is gone, or not for you to see.")
            dropped.append(str(error) if name in fields else hidden)
    order = list(fields)
    return sorted(filters, key=lambda it: order.index(it.field.name)), list(dict.fromkeys(dropped))


def _sort(word: str, fields: Mapping[str, Field], lenient: bool) -> Sort:
    try:
        return sorts.sort_from(word, fields)
    except SortRefused:
        if lenient:
            return sorts.usual()
        raise


def _columns(word: str, fields: Mapping[str, Field]) -> list[Field]:
    """Those that are there; what is none is left out, since a link may be older than a field."""
    names = dict.fromkeys(word.split(",")[: COLUMNS_MAX * 2])
    return [fields[name] for name in names if name in fields][:COLUMNS_MAX]


def _view(word: str) -> int:
    if word and (not word.isdecimal() or len(word) > 10):
        raise FilterRefused(_("There is no such view."))
    return int(word or 0)
