"""Fields that the team adds, and what admins decide about all.  Commits nothing."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _

from leadhub.accounts import audit
from leadhub.accounts.models import User
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.fields.catalogue import CHOICE, CHOICES, CUSTOM_TYPES, FIELDS, MANAGERS, OFF, TEXT_MAX, Field
from leadhub.fields.drafts import Decision, FieldDraft
from leadhub.fields.models import FieldChoice, FieldRow
from leadhub.fields.queries import (
    CUSTOM,
    catalogue,
    choices_of,
    custom_fields,
    forget,
    names_of,
    searched_fields,
    uses_of_field,
)
from leadhub.folding import fold
from leadhub.hub.queries import hub
from leadhub.jobs.services import enqueue
from leadhub.lists.services import key_of, one_at_a_time
from leadhub.referrers.registry import move_all

FIELDS_MAX = 100
CHOICES_MAX = 500
NAME_MAX = 100
RENEW_KEYS = "leads.keys"  # the effect that has leads found by what is searched from now on


class DefinitionRefused(RuleBroken):
    """Something that a field can't be.  ``field`` names where it was typed."""

    status = 422

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def choices_named(field: Field, words: Iterable[str], *, also: Iterable[str] = ()) -> dict[str, FieldChoice]:
    """Word -> the choice of this field whose key or name it is, or whose first name it was.  One of ``words`` that is
    none becomes one; one of ``also`` is only looked up."""
    known: dict[str, FieldChoice] = {}
    choices = sorted(choices_of(field), key=lambda choice: choice.retired)  # what is offered goes before what is not
    for choice in choices:
        for name in (choice.key, *choice.names.values()):
            known.setdefault(fold(name), choice)
    by_key = {choice.key: choice for choice in choices}
    place = max((choice.position for choice in choices), default=-1)
    new = set(words)
    fresh: list[FieldChoice] = []
    for word in (*words, *also):
        folded = fold(word)
        key = key_of(f"{field.row_id}:{folded}")
        if folded and folded not in known and key in by_key:
            known[folded] = by_key[key]
        elif folded and folded not in known and word in new:
            row: Any = {"key": key, "names": {hub().language: word}, "position": place + 1 + len(fresh)}
            known[folded] = FieldChoice(field_id=field.row_id, **row)
            fresh.append(known[folded])
    if fresh:
        db.session.add_all(fresh)
        db.session.flush()  # the new rows' ids are asked for
        forget()
    return {word: known[fold(word)] for word in (*words, *also) if fold(word) in known}


def decide(decisions: Mapping[str, Decision], *, by: User) -> int:
    """What holds from now on for the fields of these names; one that is gone counts nothing.  Returns how many changed.

    What can't be is left out: a core field is always there, for everybody; what is off is neither required nor in the
    list; a yes or no, and what no lead lacks, is never required.
    """
    fields = catalogue()
    wanted = {name: _possible(fields[name], decision) for name, decision in decisions.items() if name in fields}
    changed = {name: decision for name, decision in wanted.items() if decision != Decision.of(fields[name])}
    if not changed:
        return 0
    rows = {row.name: row for row in db.session.scalars(sa.select(FieldRow).where(FieldRow.name.in_(changed)))}
    searched = _searched()
    for name, decision in changed.items():
        _write(fields[name], decision, rows.get(name))
        _note_decision(fields[name], decision, by)
    db.session.flush()  # names are unique, in the database's own opinion too
    forget()
    if _searched() != searched:
        enqueue(RENEW_KEYS, {})
    return len(changed)


def reset(name: str, *, by: User) -> None:
    """A built-in field as it was in the beginning."""
    decide({name: Decision.of(FIELDS[name])}, by=by)


def add_field(draft: FieldDraft, *, by: User) -> Field:
    """A field behind the others that the team added.  Raises ``DefinitionRefused``; nothing is stored then."""
    _name_alone()
    mine = custom_fields()
    if len(mine) >= FIELDS_MAX:
        raise DefinitionRefused("type", _("There can be at most %(count)d fields of your own.", count=FIELDS_MAX))
    if draft.type not in CUSTOM_TYPES:
        raise DefinitionRefused("type", _("Choose one from the list."))
    names = _checked_names(draft.names, None)
    choices = _checked_choices(draft)
    place = (db.session.scalar(sa.select(sa.func.max(FieldRow.position))) or 0) + 1
    temporary = f"new_{secrets.token_hex(8)}"
    row = FieldRow(name=temporary, type=draft.type, names=names, position=place, shown=draft.shown)
    db.session.add(row)
    db.session.flush()  # its name holds its id
    row.name = f"{CUSTOM}{row.id}"
    db.session.flush()  # the catalogue is read from the database
    forget()
    field = catalogue()[row.name]
    choices_named(field, choices)
    _note(by, new=_called(field))
    return field


def rename_field(field: Field, names: Mapping[str, str], *, by: User) -> None:
    """Its type stays what it is.  Raises ``DefinitionRefused``."""
    _name_alone()
    row = db.session.get_one(FieldRow, field.row_id)
    told = _checked_names(names, field)
    if told == row.names:
        return
    old, row.names = _called(field), told
    db.session.flush()  # the catalogue is read from the database
    forget()
    _note(by, old=old, new=_called(catalogue()[field.name]))


def move_by_one(field: Field, *, up: bool) -> None:
    """Before the one above or behind the one below, of those that the team added; the first and the last stay."""
    mine = sa.select(FieldRow).where(FieldRow.type != "").order_by(FieldRow.position, FieldRow.id)
    rows = list(db.session.scalars(mine))
    place = next(number for number, row in enumerate(rows) if row.id == field.row_id)
    other = place - 1 if up else place + 1
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
    for number, row in enumerate(rows, start=1):
        row.position = number
    db.session.flush()  # the catalogue is read from the database
    forget()


def delete_field(field: Field, *, typed: str, by: User) -> int:
    """Take the field away for good, with its choices and what leads have in it.  Returns how many leads had something.

    Whoever is about to write a value waits till this transaction ends.  Raises ``DefinitionRefused`` where leads have a
    value and ``typed`` is not the field's name; nothing is changed then.
    """
    row_id, called, searched = field.row_id, _called(field), _searched()
    db.session.execute(sa.select(FieldRow.id).where(FieldRow.id == row_id).with_for_update())
    used = uses_of_field(field)
    if used and fold(typed) not in names_of(field):
        raise DefinitionRefused("name", _("Type the name of the field: %(name)s", name=called))
    if any(use.referrer.blocks for use in used):
        raise DefinitionRefused("name", _("This can’t be deleted while it is used there."))
    moved = sum(move_all(FieldRow.__tablename__, int(row_id or 0), None, by).values())
    db.session.execute(sa.delete(FieldChoice).where(FieldChoice.field_id == row_id))
    db.session.execute(sa.delete(FieldRow).where(FieldRow.id == row_id))
    forget()
    if field.name in searched:
        enqueue(RENEW_KEYS, {})
    _note(by, removed=called, leads=moved)
    return moved


def _searched() -> set[str]:
    return {field.name for field in searched_fields()}


def _name_alone() -> None:
    one_at_a_time()
    forget()  # what somebody else has named meanwhile counts


def _possible(field: Field, decision: Decision) -> Decision:
    if field.core:
        always = Decision.of(FIELDS[field.name])
        decision = replace(always, required=decision.required, in_list=decision.in_list)
    is_there = decision.shown != OFF
    return replace(
        decision,
        required=decision.required and is_there and field.may_be_required,
        in_list=decision.in_list and is_there,
        searchable=decision.searchable and field.may_be_searchable,
        changed_by=MANAGERS if decision.seen_by == MANAGERS else decision.changed_by,
    )


def _write(field: Field, decision: Decision, row: FieldRow | None) -> None:
    if not field.is_custom and decision == Decision.of(FIELDS[field.name]):
        db.session.delete(row)
    elif row is None:
        db.session.add(FieldRow(name=field.name, **asdict(decision)))
    else:
        for name, value in asdict(decision).items():
            setattr(row, name, value)


def _checked_names(names: Mapping[str, str], own: Field | None) -> dict[str, str]:
    """Without the empty ones.  No two fields are called alike, in whatever language."""
    told = {language: " ".join(name.split()) for language, name in names.items() if fold(name)}
    if not told.get(hub().language):
        raise DefinitionRefused(f"name_{hub().language}", _("Give a name."))
    taken = {name for other in catalogue().values() if not own or other.name != own.name for name in names_of(other)}
    for language, name in told.items():
        if len(name) > NAME_MAX:
            raise DefinitionRefused(f"name_{language}", _("At most %(max)d characters.", max=NAME_MAX))
        if fold(name) in taken:
            raise DefinitionRefused(f"name_{language}", _("Another field has this name."))
    return told


def _checked_choices(draft: FieldDraft) -> list[str]:
    """Each once; none of a type that has no choices."""
    if draft.type not in (CHOICE, CHOICES):
        return []
    named: dict[str, str] = {}
    for word in draft.choices:
        if fold(word):
            named.setdefault(fold(word), " ".join(word.split()))
    if len(named) > CHOICES_MAX:
        raise DefinitionRefused("choices", _("At most %(count)d of them.", count=CHOICES_MAX))
    if any(len(word) > TEXT_MAX for word in named.values()):
        raise DefinitionRefused("choices", _("At most %(max)d characters a line.", max=TEXT_MAX))
    return list(named.values())


def _called(field: Field) -> str:
    """In the hub's language."""
    with force_locale(hub().language):
        return str(field.label)


def _note_decision(field: Field, decision: Decision, by: User) -> None:
    old, new = (asdict(each) for each in (Decision.of(field), decision))
    told = {name: value == MANAGERS if name.endswith("_by") else value for name, value in new.items()}
    _note(by, field=_called(field), **{name: told[name] for name in told if old[name] != new[name]})


def _note(by: User | None, **details: str | int | bool | None) -> None:
    audit.record("fields", user=by, **details)
