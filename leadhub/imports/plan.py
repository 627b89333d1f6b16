"""The decision, once per file, which column feeds which field.  Rows are not looked at here, only their survey."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _

from leadhub.imports import headers
from leadhub.imports.dates import DateOrder
from leadhub.imports.files import Table
from leadhub.imports.refusals import UnknownColumn
from leadhub.imports.survey import Survey, survey

OTHER_DATA = "other data"
_WITH_FALLBACKS = frozenset({"email", "phone", "name"})


@dataclass(slots=True)
class Plan:
    """Columns by their place, from 0.

    ``fields``: the column that feeds each field.  ``fallbacks``: further columns of e-mail, phone and name, used
    where the first is empty; they are kept in other data too.  ``known``: all columns whose data counts.
    """

    fields: dict[str, int]
    fallbacks: dict[str, list[int]]
    known: list[int]
    rows: int = 0
    orders: dict[int, DateOrder] = field(default_factory=dict)

    def columns_of(self, name: str) -> list[int]:
        """The column of a field and those that stand in for it."""
        return ([self.fields[name]] if name in self.fields else []) + self.fallbacks.get(name, [])


def make_plan(table: Table, forced: Mapping[str, str], id_column: str | None) -> Plan:
    """Raises ``UnknownColumn`` where the caller names what is not there."""
    told = _places(table, forced, id_column)
    places = headers.candidates(table.headers)
    weak = [index for index in places["name"] if headers.is_weak_name(table.headers[index])]
    nameless = [] if table.header_line else list(range(len(table.columns)))
    dated = [index for index, header in enumerate(table.headers) if headers.is_date(header)]
    arrivals = [*places["received_at"], *(index for index, name in told.items() if name == "received_at")]
    wanted = {*nameless, *told, *(index for indexes in places.values() for index in indexes)}
    facts = survey(table, wanted=wanted, date_columns={*dated, *arrivals}, fact_columns={*weak, *nameless})
    _move_weak_names(places, weak, facts)
    _name_by_content(places, nameless, facts)
    fields, fallbacks = _decide(places, told, facts.filled)
    known = [index for index, header in enumerate(table.headers) if headers.is_known(header)]
    used = {*fields.values(), *(index for indexes in fallbacks.values() for index in indexes)}
    return Plan(
        fields=fields, fallbacks=fallbacks, known=sorted(used.union(known)), rows=facts.rows, orders=facts.orders
    )


def _places(table: Table, forced: Mapping[str, str], id_column: str | None) -> dict[int, str]:
    """What the caller told, by column.  ``OTHER_DATA`` keeps a column out of every field."""
    if id_column in forced:
        raise UnknownColumn(_("The column “%(name)s” is told to be two things.", name=id_column))
    wishes = {**forced, **({id_column: "external_id"} if id_column else {})}
    for name in set(wishes.values()) - {OTHER_DATA}:
        if list(wishes.values()).count(name) > 1:
            raise UnknownColumn(_("Two columns are told to be “%(name)s”.", name=name))
    told = {}
    columns, fields = ", ".join(table.columns), ", ".join(headers.FIELDS)
    for column, name in wishes.items():
        if column not in table.columns:
            raise UnknownColumn(_("There is no column “%(name)s”. There are: %(all)s.", name=column, all=columns))
        if name not in headers.FIELDS and name != OTHER_DATA:
            raise UnknownColumn(_("There is no field “%(name)s”. There are: %(all)s.", name=name, all=fields))
        told[table.columns.index(column)] = name
    return told


def _move_weak_names(places: dict[str, list[int]], weak: list[int], facts: Survey) -> None:
    """A column ``Contact`` holds people, or phones, or e-mails, or just words such as "cellular"."""
    for index in weak:
        meaning = facts.facts[index].means()
        if meaning != "name":
            places["name"].remove(index)
            if meaning:
                places[meaning].append(index)


def _name_by_content(places: dict[str, list[int]], nameless: list[int], facts: Survey) -> None:
    """Without a header line: e-mails are told by what they are, and beside them the one column of phones."""
    found = {index: facts.facts[index].means() for index in nameless}
    emails = [index for index, meaning in found.items() if meaning == "email"]
    phones = [index for index, meaning in found.items() if meaning == "phone" and facts.facts[index].long_phones]
    places["email"] += emails
    if emails and len(phones) == 1:
        places["phone"] += phones


def _decide(
    places: dict[str, list[int]], told: dict[int, str], filled: set[int]
) -> tuple[dict[str, int], dict[str, list[int]]]:
    """The first filled column takes the field; what the caller told comes before what headers say."""
    fields: dict[str, int] = {}
    fallbacks: dict[str, list[int]] = {name: [] for name in _WITH_FALLBACKS}
    for name in headers.FIELDS:
        forced = sorted(index for index, wish in told.items() if wish == name)
        guessed = [index for index in places[name] if index not in told]
        empty = [] if name == "external_id" else [index for index in guessed if index not in filled]
        ordered = forced + [index for index in guessed if index in filled] + empty
        if ordered:
            fields[name] = ordered[0]
        if name in _WITH_FALLBACKS:
            fallbacks[name] = ordered[1:]
    _choose_names(fields, fallbacks, told)
    return fields, fallbacks


def _choose_names(fields: dict[str, int], fallbacks: dict[str, list[int]], told: dict[int, str]) -> None:
    """First and last name come before a full name, unless the caller told of the full name only."""
    parts = [name for name in ("first_name", "last_name") if name in fields]
    if "name" not in fields or not parts:
        return
    if fields["name"] in told and not any(fields[name] in told for name in parts):
        for name in parts:
            del fields[name]
    else:
        fallbacks["name"].insert(0, fields.pop("name"))
