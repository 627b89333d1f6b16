"""What the list's page offers beside its filters: orders, and the choice of columns.  Nothing here writes."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.fields.catalogue import GROUPS, PLUGINS, Field
from leadhub.leads.listing import sorts
from leadhub.leads.listing.columns import listed_columns
from leadhub.leads.listing.filters import DAYS, NUMBERS
from leadhub.leads.listing.state import Asked, ListState


def grouped(fields: Iterable[Field]) -> list[tuple[str, list[Field]]]:
    """(group's label, fields) in the order of the catalogue, without empty groups; what plugins compute comes last."""
    every, groups = list(fields), {**GROUPS, PLUGINS: _("From plugins")}
    found = [(str(words), [it for it in every if it.group == group]) for group, words in groups.items()]
    return [(words, its) for words, its in found if its]


def columns_asked(asked: Asked, state: ListState, user: User) -> list[Field]:
    """The columns that are ticked, in their order, after the move that was asked for; those of the list before."""
    if not {"show", "move", "apply"} & set(asked):
        return list(state.columns)
    fields = listed_columns(user)
    names = [name for name in dict.fromkeys(asked.get("show", ())) if name in fields]
    moved, _sign, way = next(iter(asked.get("move", ())), "").partition(":")
    if moved in names:
        place = names.index(moved)
        names.insert(max(0, place + (-1 if way == "up" else 1)), names.pop(place))
    return [fields[name] for name in names]


def next_sort(state: ListState, name: str, type: str) -> str:
    """What a click on the head of a column asks for: the other way round, or first what one looks for first."""
    is_down = not state.sort.descending if state.sort.name == name else type in sorts.DESCENDING_FIRST
    return f"-{name}" if is_down else name


def orders(state: ListState) -> list[tuple[str, str]]:
    """(word of the address, label) pairs of the orders by the columns that are shown, and of the one that there is."""
    found = [(sorts.NAME, _("Name")), (f"-{sorts.NAME}", _("%(field)s, the other way round", field=_("Name")))]
    for field in filter(sorts.may_sort, state.columns):
        found += _both_ways(field)
    is_there = state.sort.word in dict(found)
    return found if is_there else [(state.sort.word, _("As it is now")), *found]


def _both_ways(field: Field) -> list[tuple[str, str]]:
    name, words = field.name, str(field.label)
    if field.type in DAYS:
        up, down = _("%(field)s: oldest first", field=words), _("%(field)s: newest first", field=words)
    elif field.type in NUMBERS:
        up, down = _("%(field)s: smallest first", field=words), _("%(field)s: largest first", field=words)
    else:
        up, down = words, _("%(field)s, the other way round", field=words)
    return (
        [(f"-{name}", down), (name, up)] if field.type in sorts.DESCENDING_FIRST else [(name, up), (f"-{name}", down)]
    )


def unfiltered(state: ListState) -> dict[str, Any]:
    """The address of the same list without its filters."""
    return replace(state, filters=()).address()
