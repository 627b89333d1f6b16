"""The form that makes or changes one filter of the list.  Nothing here writes.

Its inputs can't be named after what is wanted, since that is chosen in the form itself: they are ``field``, ``op``,
``value``, ``from`` and ``to``, and the address of the list that comes out of them is ``filters``' own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.accounts.queries import active_users, teams
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import NEVER_EMPTY, Field
from leadhub.fields.queries import choices_of
from leadhub.folding import fold
from leadhub.leads import offers
from leadhub.leads.listing import filters, periods
from leadhub.leads.listing.columns import filtered_fields
from leadhub.leads.listing.filters import ANY, DAYS, FROM, HAS, IS, NONE, NOT, NUMBERS, RANGE, TO, Filter, FilterRefused
from leadhub.leads.listing.state import PLACES, Asked, ListState
from leadhub.lists.queries import rows_of
from leadhub.numbers import read_decimal, typed
from leadhub.pipelines.models import Stage
from leadhub.pipelines.queries import stages
from leadhub.web import label

WORDS = ("field", "op", "was", "value", "from", "to", "find", "apply", "show", "move")
"""Names of the inputs of this form and of the choice of columns; every other one is the list's."""
FEW = 12
"""Choices that are all shown; of more the chosen ones, those that are looked for, and ``MOST`` in all."""
MOST = 60


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Editor:
    """What the form shows: ``operator`` as the form has it, the values as somebody types them.

    ``was``: the operator of the filter that is changed, empty for a new one.  ``offered``: (value, label) pairs.
    """

    field: Field
    operator: str
    was: str = ""
    values: tuple[str, ...] = ()
    lower: str = ""
    upper: str = ""
    find: str = ""
    offered: tuple[tuple[str, str], ...] = ()
    error: str = ""

    @property
    def operators(self) -> list[tuple[str, str]]:
        return operators_of(self.field)

    @property
    def kind(self) -> str:
        """Which inputs it has: ``choices``, ``days``, ``numbers``, ``words``, ``answer`` (yes or no) or none."""
        by_type = {
            **dict.fromkeys(filters.CHOSEN, "choices"),
            **dict.fromkeys(DAYS, "days"),
            **dict.fromkeys(NUMBERS, "numbers"),
            **dict.fromkeys(filters.WORDS, "words"),
            kinds.YES_NO: "answer",
        }
        return by_type.get(self.field.type, "")

    @property
    def is_long(self) -> bool:
        """Are there more choices than can be looked over?"""
        return self.field.type in filters.CHOSEN and len(self.offered) > FEW

    @property
    def options(self) -> list[Option]:
        """The chosen ones first, where there are many."""
        every = [Option(value, word, value in self.values) for value, word in self.offered]
        if not self.is_long:
            return every
        wanted = fold(self.find)
        found = [it for it in every if not it.is_chosen and wanted in fold(it.label)]
        return [it for it in every if it.is_chosen] + found[:MOST]

    @property
    def left_out(self) -> int:
        """How many further choices are found and not shown."""
        wanted = fold(self.find)
        return max(0, sum(it[0] not in self.values and wanted in fold(it[1]) for it in self.offered) - MOST)


def state_words(asked: Asked) -> Asked:
    """What the address says of the list, without the place in it and what it says of the forms."""
    return {name: values for name, values in asked.items() if name not in (*WORDS, *PLACES)}


def fields_for(user: User) -> dict[str, Field]:
    """Those that the list can be filtered by."""
    return {name: field for name, field in filtered_fields(user).items() if field.type in filters.OPERATORS}


def operators_of(field: Field) -> list[tuple[str, str]]:
    """(word of the form, label) pairs."""
    words = {
        IS: ("is", _("in the period") if field.type in DAYS else _("is")),
        NOT: ("not", _("is not")),
        HAS: ("has", _("contains")),
        RANGE: ("range", _("between")),
    }
    offered = [words[operator] for operator in filters.OPERATORS[field.type]]
    if field.type == kinds.ADDRESSES:
        offered = []
    if field.type != kinds.YES_NO and field.name not in NEVER_EMPTY:
        offered += [(NONE, _("is empty")), (ANY, _("is not empty"))]
    return offered


def editor_of(field: Field, state: ListState, asked: Asked, error: str = "") -> Editor:
    """As it was filled in; else as the filter is that is to be changed, or that there is of this field; else empty."""
    was = _first(asked, "was")
    held = [it for it in state.filters if it.field.name == field.name and (not was or _word(it) == was)]
    known = tuple(zip(held[0].values, held[0].labels, strict=True)) if held and held[0].operator != RANGE else ()
    blank = Editor(
        field=field, operator=operators_of(field)[0][0], was=was, offered=_offered(field, known), error=error
    )
    if "op" not in asked:
        return _filled(blank, held[0]) if held else blank
    lower, upper, find = (_first(asked, name) for name in ("from", "to", "find"))
    values = tuple(asked.get("value", ()))
    return replace(blank, operator=_first(asked, "op"), values=values, lower=lower, upper=upper, find=find)


def filter_from(field: Field, asked: Asked, user: User, clock: ZoneInfo | None = None) -> Filter:
    """What the form asks for, days on this clock.  Raises ``FilterRefused`` with words for the field."""
    word = _first(asked, "op")
    if word not in dict(operators_of(field)):
        raise FilterRefused(_("Choose one of these."))
    if word in (NONE, ANY):
        return filters.filters_from({field.name: [word]}, user)[0]
    if word == "range":
        lower, upper = (_plain(field, _first(asked, edge)) for edge in (FROM, TO))
        if field.type in DAYS and any(edge and not periods.day_of(edge) for edge in (lower, upper)):
            raise FilterRefused(_("Give a day, such as 2026-11-22."))
        if lower and upper and _is_behind(field, lower, upper):
            raise FilterRefused(_("The range ends before it begins."))
        told = {f"{field.name}.{FROM}": [lower], f"{field.name}.{TO}": [upper]}
    else:
        values = [_plain(field, value) for value in asked.get("value", ())]
        told = {field.name if word == "is" else f"{field.name}.{word}": values}
    found = filters.filters_from(told, user, clock)
    if not found:
        raise FilterRefused(_missing(field, word))
    return found[0]


def changed(state: ListState, new: Filter, was: str) -> ListState:
    """The list with this filter, instead of the one that it was and of one that asks the same of the field."""
    kept = [it for it in state.filters if it.field.name != new.field.name or _word(it) not in (_word(new), was)]
    return replace(state, filters=(*kept, new))


def _first(asked: Asked, name: str) -> str:
    return next(iter(asked.get(name, ())), "").strip()


def _word(held: Filter) -> str:
    return held.operator or "is"


def _filled(blank: Editor, held: Filter) -> Editor:
    field, values = held.field, held.values
    if values in ((NONE,), (ANY,)):
        is_empty = (values == (NONE,)) != (held.operator == NOT)
        return replace(blank, operator=NONE if is_empty else ANY)
    if held.operator == RANGE:
        lower, upper = (_typed(field, value) for value in values)
        return replace(blank, operator="range", lower=lower, upper=upper)
    if field.type in DAYS and len(values) == 1 and periods.day_of(values[0]):
        return replace(blank, operator="range", lower=values[0], upper=values[0], was=blank.was and "is")
    shown = tuple(_typed(field, value) for value in values)
    return replace(blank, operator=_word(held), values=shown)


def _typed(field: Field, value: str) -> str:
    number = read_decimal(value, "en") if field.type in NUMBERS and value else None
    return value if number is None else typed(number, len(value.partition(".")[2]))


def _plain(field: Field, text: str) -> str:
    """As the address has it."""
    text = text.strip()
    if field.type in NUMBERS and text:
        number = read_decimal(text)
        if number is None or abs(number) >= filters.NUMBER_MAX:
            raise FilterRefused(_("Give a number."))
        return f"{number.normalize():f}"
    return text


def _is_behind(field: Field, lower: str, upper: str) -> bool:
    return Decimal(lower) > Decimal(upper) if field.type in NUMBERS else lower > upper


def _missing(field: Field, word: str) -> str:
    if field.type in NUMBERS:
        return _("Give a number.")
    if field.type in DAYS:
        return _("Give a day.") if word == "range" else _("Choose a period.")
    return _("Choose at least one.") if field.type not in filters.WORDS else _("Type what to look for.")


def _offered(field: Field, known: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """(value, label) pairs; ``known`` are those of a filter that there is, which may be offered to nobody else."""
    found: list[tuple[str, str]] = []
    if field.type in DAYS:
        found = periods.kinds()
    elif field.type == kinds.YES_NO:
        found = [(filters.YES, _("yes")), (filters.NO, _("no"))]
    elif field.type in filters.CHOSEN:
        found = _choices(field)
    values = {value for value, _label in found}
    return (*found, *(pair for pair in known if pair[0] not in values))


def _choices(field: Field) -> list[tuple[str, str]]:
    if field.type == kinds.PERSON:
        return [(filters.ME, _("me")), (filters.MY_TEAM, _("my team")), (NONE, _("nobody")), *_teams(), *_people()]
    if field.type == kinds.FIXED:
        pairs: Sequence[Any] = offers.countries() if field.name == "country" else offers.FIXED[field.name]()
        found = [(value, str(words)) for value, words in pairs if value]
    else:
        rows = choices_of(field) if field.is_custom else stages() if field.model is Stage else rows_of(field.model)
        found = [(row.key, _called(row)) for row in sorted(rows, key=lambda row: row.retired)]
    return found if field.name in NEVER_EMPTY else [*found, (NONE, _("none"))]


def _people() -> list[tuple[str, str]]:
    return [(user.email, user.label) for user in active_users()]


def _teams() -> list[tuple[str, str]]:
    """None as long as there is one alone: all are of it."""
    rows = teams()
    return [(f"{filters.TEAM}{row.id}", _("team %(name)s", name=row.name)) for row in rows] if len(rows) > 1 else []


def _called(row: Any) -> str:
    return _("%(name)s (retired)", name=label(row)) if row.retired else label(row)
