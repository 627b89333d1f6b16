"""The decision, once per file, which column feeds which field.  Rows are not looked at here, only their survey."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _

from leadhub.fields import catalogue as kinds
from leadhub.imports import headers
from leadhub.imports.dates import DateOrder
from leadhub.imports.files import Table
from leadhub.imports.readers import read_choices, read_tags
from leadhub.imports.refusals import UnknownColumn
from leadhub.imports.survey import Survey, WordCount, survey
from leadhub.imports.targets import FURTHER, Targets

OTHER_DATA = "other data"
REACHES = ("email", "phone", "fax")
_WITH_FALLBACKS = frozenset({*REACHES, "name"})


@dataclass(slots=True)
class Plan:
    """Columns by their place, from 0.

    ``fields``: the column that feeds each field.  ``fallbacks``: further columns of e-mail, phone, fax and name.
    Those of a name are used where the first is empty, and kept in other data too; the others are beside the first, and
    stand in for it.  ``known``: all columns whose data counts.  ``filled``: those with a value in any row.  ``types``:
    of an e-mail or phone, where the person told it.  ``labels``: the column that says the type of what is in another,
    or in a block of an address.
    """

    fields: dict[str, int]
    fallbacks: dict[str, list[int]]
    known: list[int]
    rows: int = 0
    orders: dict[int, DateOrder] = field(default_factory=dict)
    filled: set[int] = field(default_factory=set)
    types: dict[int, str] = field(default_factory=dict)
    labels: dict[int | str, int] = field(default_factory=dict)

    def columns_of(self, name: str) -> list[int]:
        """The column of a field and those that stand in for it."""
        return ([self.fields[name]] if name in self.fields else []) + self.fallbacks.get(name, [])


def make_plan(table: Table, targets: Targets, forced: Mapping[str, str], id_column: str | None) -> Plan:
    """Raises ``UnknownColumn`` where the caller names what is not there."""
    told = _places(table, targets, forced, id_column)
    places = headers.candidates(table.headers, targets.own)
    weak = [index for index in places["name"] if headers.is_weak_name(table.headers[index])]
    titles = [index for index in places["job_title"] if headers.is_job_or_courtesy(table.headers[index])]
    nameless = [] if table.header_line else list(range(len(table.columns)))
    dated = {index for index, header in enumerate(table.headers) if headers.is_date(header)}
    dated |= {index for name in targets.dates for index in _columns_of(name, places, told)}
    wanted = {*nameless, *told, *(index for indexes in places.values() for index in indexes)}
    counts = _counts(targets, places, told)
    facts = survey(table, wanted=wanted, date_columns=dated, fact_columns={*weak, *titles, *nameless}, counts=counts)
    _move_weak_names(places, weak, facts)
    _move_courtesies(places, titles, facts)
    _name_by_content(places, nameless, facts)
    known = [index for index, header in enumerate(table.headers) if headers.is_known(header)]
    plan = _decide(targets, places, told, facts)
    used = {*plan.fields.values(), *(index for indexes in plan.fallbacks.values() for index in indexes)}
    plan.known = sorted(used.union(known))
    plan.rows, plan.orders, plan.labels = facts.rows, facts.orders, _labels(table, plan, told)
    return plan


def _places(table: Table, targets: Targets, forced: Mapping[str, str], id_column: str | None) -> dict[int, str]:
    """What the caller told, by column.  ``OTHER_DATA`` keeps a column out of every field."""
    if id_column in forced:
        raise UnknownColumn(_("The column “%(name)s” is told to be two things.", name=id_column))
    wishes = {**forced, **({id_column: "external_id"} if id_column else {})}
    for name in set(wishes.values()) - {OTHER_DATA}:
        if list(wishes.values()).count(name) > 1:
            raise UnknownColumn(_("Two columns are told to be “%(name)s”.", name=name))
    told = {}
    columns, fields = ", ".join(table.columns), ", ".join(targets.names)
    for column, name in wishes.items():
        if column not in table.columns:
            raise UnknownColumn(_("There is no column “%(name)s”. There are: %(all)s.", name=column, all=columns))
        if name not in targets.names and name != OTHER_DATA:
            raise UnknownColumn(_("There is no field “%(name)s”. There are: %(all)s.", name=name, all=fields))
        told[table.columns.index(column)] = name
    return told


def _columns_of(name: str, places: Mapping[str, list[int]], told: Mapping[int, str]) -> list[int]:
    return [*places.get(name, ()), *(index for index, wish in told.items() if wish == name)]


def _counts(targets: Targets, places: Mapping[str, list[int]], told: Mapping[int, str]) -> dict[int, WordCount]:
    """For each column that headers take for a list.  What the person told is not questioned."""
    several = {kinds.TAGS: read_tags, kinds.CHOICES: read_choices}
    return {
        index: WordCount(limit, several.get(targets.fields[name].type))
        for name, limit in targets.limits.items()
        for index in places.get(name, ())
        if index not in told
    }


def _labels(table: Table, plan: Plan, told: Mapping[int, str]) -> dict[int | str, int]:
    """Columns that say the type of what is beside them: ``Phone 1 - Label``, ``Address 1 - Type``."""
    beside, used = headers.labels_beside(table.headers), {*plan.fields.values(), *told}
    labels: dict[int | str, int] = {}
    for index in (index for name in REACHES for index in plan.columns_of(name)):
        key = headers.label_key(table.headers[index])
        if key in beside and beside[key] not in used:
            labels[index] = beside[key]
    for block in {headers.PLACES[name][0] for name in plan.fields if name in headers.PLACES}:
        key = next((key for key in headers.block_keys(block) if key in beside), "")
        if block.startswith("address_") and key and beside[key] not in used:
            labels[block] = beside[key]
    return labels


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


def _move_courtesies(places: dict[str, list[int]], titles: list[int], facts: Survey) -> None:
    """A column ``Title`` holds jobs, or ``Mr`` and ``Mme``."""
    for index in titles:
        if facts.facts[index].is_courtesy():
            places["job_title"].remove(index)
            places["salutation"].append(index)


def _decide(targets: Targets, places: dict[str, list[int]], told: dict[int, str], facts: Survey) -> Plan:
    """The first filled column takes the field; what the caller told comes before what headers say."""
    fields: dict[str, int] = {}
    fallbacks: dict[str, list[int]] = {name: [] for name in _WITH_FALLBACKS}
    for name in targets.names:
        forced = sorted(index for index, wish in told.items() if wish == name)
        guessed = [index for index in places.get(name, ()) if index not in told and index not in facts.crowded]
        empty = [] if name == "external_id" else [index for index in guessed if index not in facts.filled]
        ordered = forced + [index for index in guessed if index in facts.filled] + empty
        if name in FURTHER:
            fallbacks[FURTHER[name][0]] += ordered
        elif ordered:
            fields[name] = ordered[0]
        if name in _WITH_FALLBACKS:
            fallbacks[name] = ordered[1:]
    _choose_names(fields, fallbacks, told)
    types = {index: FURTHER[name][1] for index, name in told.items() if name in FURTHER and FURTHER[name][1]}
    return Plan(fields=fields, fallbacks=fallbacks, known=[], filled=facts.filled, types=types)


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
