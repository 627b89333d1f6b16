"""What an address of the list asks for, field by field, and how it reads.  Nothing here writes.

Each field stands under its name, with what is wanted of it behind a dot: ``source=fair&source=web`` is one of both,
``source.not=fair`` anything else, ``job_title.has=baker`` contains it, ``employees.from=10&employees.to=50`` lies
between.  ``none`` is an empty field, ``any`` one that is not; people are e-mails, ``me``, ``my-team`` or ``team-3``;
days are ``2026-11-22`` or a word of ``periods``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.accounts.queries import teams
from leadhub.errors import UserError
from leadhub.extensions import db
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import Field
from leadhub.fields.queries import choices_of
from leadhub.folding import fold
from leadhub.leads.listing import conditions, periods
from leadhub.leads.listing.columns import SETS, day, filtered_fields, fixed_label, one_of
from leadhub.numbers import read_decimal
from leadhub.pipelines.models import Stage
from leadhub.pipelines.queries import stages
from leadhub.web import label, zone

NONE, ANY, ME, MY_TEAM, YES, NO = "none", "any", "me", "my-team", "yes", "no"
TEAM = "team-"  # before the id of one, where a person is wanted
IS, NOT, HAS, RANGE = "", "not", "has", "range"
FROM, TO = "from", "to"
CHOSEN = (kinds.CHOICE, kinds.CHOICES, kinds.TAGS, kinds.PERSON, kinds.FIXED)
WORDS = (kinds.TEXT, kinds.LINK, kinds.EMAILS, kinds.PHONES)
NUMBERS = (kinds.NUMBER, kinds.AMOUNT)
DAYS = (kinds.DAY, kinds.MOMENT)
OPERATORS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(CHOSEN, (IS, NOT)),
    **dict.fromkeys(WORDS, (HAS, IS, NOT)),
    **dict.fromkeys(NUMBERS, (RANGE, IS)),
    **dict.fromkeys(DAYS, (IS, RANGE)),
    kinds.YES_NO: (IS,),
    kinds.ADDRESSES: (IS,),
}
"""Type of a field -> what can be wanted of it, the usual thing first."""
VALUES_MAX = 50
VALUE_LENGTH = 200
NUMBER_MAX = 9 * 10**14  # with four places it still is a whole number of 64 bits
Known = dict[str, tuple[str, Any]]  # value of an address -> label, and what the database has for it


class FilterRefused(UserError):
    """The address asks for what can't be asked for."""


@dataclass(frozen=True, slots=True)
class Filter:
    """``values`` as the address has them (of a range: from and to), ``labels`` as people read them, ``stored`` as the
    database has them, but for a range (``conditions.EMPTY``, ``FILLED`` and selects among them)."""

    field: Field
    operator: str
    values: tuple[str, ...]
    labels: tuple[str, ...]
    condition: sa.ColumnElement[bool]
    stored: tuple[Any, ...] = ()

    @property
    def words(self) -> str:
        """The filter as a sentence."""
        return sentence(self)

    def address(self) -> dict[str, list[str]]:
        name = self.field.name
        if self.operator == RANGE:
            return {f"{name}.{edge}": [value] for edge, value in zip((FROM, TO), self.values, strict=True) if value}
        return {f"{name}.{self.operator}".rstrip("."): list(self.values)}


def filters_from(asked: Mapping[str, Sequence[str]], user: User | None, clock: ZoneInfo | None = None) -> list[Filter]:
    """What the address asks for, in the order of the catalogue.  ``user``: whose ``me`` it is; None: nobody's.
    ``clock``: on which days begin; None: on that of the page.

    Raises ``FilterRefused`` for a field that is none, and alike for one that the user may not see; for what can't be
    wanted of it, and for a value that it can't have.
    """
    fields = filtered_fields(user)
    wanted: dict[tuple[str, str], tuple[str, ...]] = {}
    for key, told in asked.items():
        values = tuple(dict.fromkeys(value.strip() for value in told if value.strip()))
        name, _dot, operator = key.partition(".")
        if not values:
            continue
        if name not in fields or (operator or IS) not in operators_of(fields[name]):
            raise FilterRefused(_("Leads can’t be filtered by “%(name)s”.", name=key[:50]))
        if operator in (FROM, TO):
            lower, upper = wanted.get((name, RANGE), ("", ""))
            wanted[name, RANGE] = (values[0], upper) if operator == FROM else (lower, values[0])
        else:
            wanted[name, operator] = values
    order = {name: place for place, name in enumerate(fields)}
    found = sorted(wanted.items(), key=lambda item: (order[item[0][0]], item[0][1]))
    here = clock or zone()
    return [_filter(fields[name], operator, values, user, here) for (name, operator), values in found]


def address_of(filters: Iterable[Filter], without: Filter | None = None) -> dict[str, list[str]]:
    """The filters as an address has them, but for one of them."""
    return {key: values for each in filters if each is not without for key, values in each.address().items()}


def sentence(chosen: Filter) -> str:
    name, labels = str(chosen.field.label), chosen.labels
    if chosen.values in ((NONE,), (ANY,)) and chosen.operator != HAS:
        is_empty = (chosen.values == (NONE,)) != (chosen.operator == NOT)
        return _("%(field)s is empty", field=name) if is_empty else _("%(field)s is not empty", field=name)
    if chosen.operator == NOT:
        return _("%(field)s is not %(values)s", field=name, values=one_of(labels))
    if chosen.operator == HAS:
        return _("%(field)s contains %(values)s", field=name, values=one_of(labels))
    if chosen.operator == RANGE:
        return _range_sentence(name, *labels)
    if chosen.field.type in (*DAYS, kinds.YES_NO):
        return _("%(field)s: %(values)s", field=name, values=one_of(labels))
    return _("%(field)s is %(values)s", field=name, values=one_of(labels))


def _range_sentence(name: str, lower: str, upper: str) -> str:
    if not upper:
        return _("%(field)s: from %(lower)s", field=name, lower=lower)
    if not lower:
        return _("%(field)s: up to %(upper)s", field=name, upper=upper)
    return _("%(field)s: from %(lower)s to %(upper)s", field=name, lower=lower, upper=upper)


def operators_of(field: Field) -> set[str]:
    """As an address has them."""
    operators = OPERATORS[field.type]
    return {operator for operator in operators if operator != RANGE} | ({FROM, TO} if RANGE in operators else set())


def _filter(field: Field, operator: str, values: tuple[str, ...], user: User | None, here: ZoneInfo) -> Filter:
    if len(values) > VALUES_MAX:
        raise FilterRefused(ngettext("At most %(num)d value at once.", "At most %(num)d values at once.", VALUES_MAX))
    if operator == RANGE:
        edges = [_edge(field, value) for value in values]
        return Filter(field, RANGE, values, tuple(_edge_label(field, it) for it in edges), _range(field, edges, here))
    known = _known(field, operator, values, user, here)
    stored = [_stored(field, known, value) for value in values]
    labels = tuple(known[value][0] for value in values)
    return Filter(field, operator, values, labels, conditions.of(field, operator, stored), tuple(stored))


def _stored(field: Field, known: Known, value: str) -> Any:
    if value not in known:
        raise _no_such(field, value)
    return known[value][1]


def _no_such(field: Field, value: str) -> FilterRefused:
    words = _("There is no “%(value)s” in the field “%(field)s”.", value=value[:50], field=str(field.label))
    return FilterRefused(words)


def _known(field: Field, operator: str, values: Sequence[str], user: User | None, here: ZoneInfo) -> Known:
    """Those of the values that can be wanted of the field."""
    if field.type == kinds.YES_NO:
        return {YES: (_("yes"), True), NO: (_("no"), False)}
    empty: Known = {NONE: (_("none"), conditions.EMPTY), ANY: (_("any"), conditions.FILLED)}
    if field.type == kinds.ADDRESSES:
        return empty
    if operator == HAS:
        return {value: (_("“%(text)s”", text=value), value) for value in values if _is_text(value)}
    return _values_of(field, values, user, here) | empty


def _people(values: Sequence[str], user: User | None) -> Known:
    people = db.session.scalars(sa.select(User).where(User.email.in_(values)))
    known: Known = {person.email: (person.label, person.id) for person in people}
    for team in teams() if any(value.startswith(TEAM) for value in values) else ():
        members = sa.select(User.id).where(User.team_id == team.id)
        known[f"{TEAM}{team.id}"] = (_("team %(name)s", name=team.name), members)
    if user is None:
        return known
    mates = sa.select(User.id).where(User.team_id == user.team_id) if user.team_id else sa.select(User.id)
    return known | {ME: (_("me"), user.id), MY_TEAM: (_("my team"), mates)}


def _values_of(field: Field, values: Sequence[str], user: User | None, here: ZoneInfo) -> Known:
    if field.type == kinds.PERSON:
        return _people(values, user)
    if field.type == kinds.FIXED:
        return {value: (fixed_label(field, value), value) for value in values if value in SETS[field.name]}
    if field.type in WORDS:
        return {value: (value, value) for value in values if _is_text(value)}
    if field.type in NUMBERS:
        numbers = {value: _number(value) for value in values}
        return {value: (str(format_decimal(it)), it) for value, it in numbers.items() if it is not None}
    if field.type in DAYS:
        return {value: known_day for value in values if (known_day := _span(field, value, here))}
    if field.is_custom:
        return {choice.key: (label(choice), choice.id) for choice in choices_of(field)}
    if field.model is Stage:  # those of leads alone
        return {row.key: (label(row), row.id) for row in stages() if row.key in values}
    rows = db.session.scalars(sa.select(field.model).where(field.model.key.in_(values)))
    return {row.key: (label(row), row.id) for row in rows}


def _is_text(value: str) -> bool:
    """What folds to nothing would be in every text."""
    return len(value) <= VALUE_LENGTH and bool(fold(value))


def _span(field: Field, value: str, here: ZoneInfo) -> tuple[str, Any] | None:
    span = periods.span_of(value, periods.today_in(here))
    if span is None:
        return None
    exact = periods.day_of(value)
    edges = span.moments(here) if field.type == kinds.MOMENT else (span.start, span.end)
    return day(exact) if exact else periods.label_of(value), edges


def _edge(field: Field, value: str) -> Any:
    """A number or a day; None for an edge that is open.  Numbers are as programs write them: ``1234.5``."""
    found: Any = None
    if value:
        found = _number(value) if field.type in NUMBERS else periods.day_of(value)
        if found is None:
            raise _no_such(field, value)
    return found


def _number(value: str) -> Decimal | None:
    number = read_decimal(value, "en")
    return number if number is not None and abs(number) < NUMBER_MAX else None


def _edge_label(field: Field, edge: Any) -> str:
    if edge is None:
        return ""
    return str(format_decimal(edge)) if field.type in NUMBERS else day(edge)


def _range(field: Field, edges: Sequence[Any], here: ZoneInfo) -> sa.ColumnElement[bool]:
    """Both edges are in it."""
    lower, upper = edges
    if field.type in NUMBERS:
        return conditions.between(field, lower, upper)
    span = periods.Span(lower, upper + periods.DAY if upper else None)
    start, end = span.moments(here) if field.type == kinds.MOMENT else (span.start, span.end)
    return conditions.within(field, start, end)
