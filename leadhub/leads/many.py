"""The door for many leads: one change of each in a block, in a fixed number of statements however many they are.

A lead is refused for what a change of it alone would be refused for, in the same words.  Rows of lists are held first,
then the leads in the order of their ids, as every other door does.  Commits nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from leadhub.accounts.models import User
from leadhub.accounts.roles import WRITE_LEADS
from leadhub.accounts.visibility import holders_within, visible
from leadhub.errors import NotAllowed
from leadhub.extensions import db
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import Field
from leadhub.fields.queries import catalogue, forget, may_change_field, shown_fields
from leadhub.leads import many_binned
from leadhub.leads.checks import TAGS_MAX, FieldRefused, problem_of
from leadhub.leads.links import TYPED
from leadhub.leads.many_written import REFUSED, UNCHANGED, Result, touches_keys, write
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.packed import unpack
from leadhub.leads.services import NAMING, TRIES, as_draft, held_value
from leadhub.leads.stages.transitions import STAGE, Transitions
from leadhub.leads.statuses.choices import STATUS, Choices
from leadhub.leads.values import held
from leadhub.lists.models import Tag
from leadhub.lists.services import rows_chosen

SET, ADD, REMOVE, DELETE = "set", "add", "remove", "delete"
TAGS = "tags"
TYPED_ALONE = (kinds.EMAILS, kinds.PHONES, kinds.ADDRESSES)  # what is each lead's own
ALONE = ("customer_since",)  # what is told of one lead at a time: its documents follow
Results = dict[int, Result]


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """What is done: ``set`` (``field`` gets ``value``, as a draft has it), ``add`` or ``remove`` (the tags whose keys
    are the ``value``), ``delete``."""

    act: str
    field: str = ""
    value: Any = None


@dataclass(frozen=True, slots=True)
class Before:
    """What a lead held before a change, packed, and its version after it."""

    old: Any
    version: int


def may_be_changed(user: User) -> dict[str, Field]:
    """Name -> field that this person may give to many leads at once."""
    fields = shown_fields(user)
    return {
        name: field
        for name, field in fields.items()
        if may_change_field(user, field) and name not in ALONE and field.type not in (*TYPED_ALONE, kinds.TAGS)
    }


def change(ids: Sequence[int], act: Act, *, by: User) -> Results:
    """What became of each: ``changed``, ``unchanged`` or ``refused``."""
    return _in_peace(lambda: _change(ids, act, by), ids)


def give_back(before: Mapping[int, Before], act: Act, *, by: User) -> Results:
    """Undo the act on these leads, where nobody has changed the same since; ``refused`` where somebody has."""
    return _in_peace(lambda: _give_back(before, act, by), before)


def _in_peace(work: Any, ids: Collection[int]) -> Results:
    """Where a field or a choice went away meanwhile, look again.  What the whole block is refused for, each lead is."""
    for left in reversed(range(TRIES)):
        try:
            with db.session.begin_nested():
                return dict(work())
        except (FieldRefused, NotAllowed) as error:
            return dict.fromkeys(ids, Result(REFUSED, str(error)))
        except IntegrityError:
            if not left:
                raise
            forget()
    raise AssertionError("a try returns or raises")


def _change(ids: Sequence[int], act: Act, by: User) -> Results:
    if act.act == DELETE:
        _allow(by)
        return many_binned.delete(ids, by=by)
    field = _field_of(act, by)
    if act.act == SET:
        _refuse_unfit(field, act.value)
        value = held_value(field, act.value)
        found = dict.fromkeys(_locked(visible(by, Lead), ids, field), value)
    else:
        tags = _tags(act)
        leads = _locked(visible(by, Lead), ids, field)
        found = {lead: held(lead, field) | tags if act.act == ADD else held(lead, field) - tags for lead in leads}
    return _missing(ids, found) | _written(found, field, by)


def _give_back(before: Mapping[int, Before], act: Act, by: User) -> Results:
    if act.act == DELETE:
        _allow(by)
        versions = {lead_id: it.version for lead_id, it in before.items()}
        return many_binned.restore(versions, by=by)
    field = _field_of(act, by)
    olds = {lead_id: _restored(field, it.old) for lead_id, it in before.items()}
    there = _still_there(field, olds.values())
    leads = _locked(_returnable(by, field, olds), list(before), field)
    results, found = _missing(list(before), leads), {}
    since = _changed_since({lead.id: before[lead.id].version for lead in leads}, field)
    for lead in leads:
        if lead.id in since:
            results[lead.id] = Result(REFUSED, _("This field was changed again since."))
        elif not _ids_in(field, olds[lead.id]) <= there:
            results[lead.id] = Result(REFUSED, _("This choice is no longer there."))
        else:
            found[lead] = olds[lead.id]
    return results | _written(found, field, by, is_undo=True)


def _allow(by: User) -> None:
    if not by.active or not by.may(WRITE_LEADS):
        raise NotAllowed(_("Your role does not allow this. An admin can change it."))


def _field_of(act: Act, by: User) -> Field:
    """Raises ``NotAllowed``, or ``FieldRefused`` for a field that is not there; one that the person may not see is
    none."""
    _allow(by)
    name = act.field if act.act == SET else TAGS
    field = shown_fields(by).get(name)
    if field is None or name in ALONE or field.type in TYPED_ALONE or (act.act == SET and field.type == kinds.TAGS):
        raise FieldRefused(name, _("This field is no longer there."))
    if not may_change_field(by, field):
        raise NotAllowed(_("Your role does not allow this. An admin can change it."))
    return field


def _refuse_unfit(field: Field, value: Any) -> None:
    """What no lead can have, whatever else it has: told once, before any is read."""
    named = {"last_name": "-"}
    problem = problem_of(named | as_draft({field.name: value}), identified=True)
    if problem and problem.field == field.name and field.name not in NAMING:
        raise problem


def _tags(act: Act) -> frozenset[int]:
    """Ids.  A tag that is gone can be taken away from nobody, and given to nobody."""
    keys = tuple(act.value or ())
    rows = rows_chosen(Tag, keys)
    if act.act == ADD and len(rows) < len(set(keys)):
        raise FieldRefused(TAGS, _("This choice is no longer there."))
    return frozenset(row.id for row in rows.values())


def _locked(statement: sa.Select[Lead], ids: Sequence[int], field: Field) -> list[Lead]:
    """Those of the leads that are there, for nobody else to write, with what is looked at."""
    beside: list[Any] = [Lead.tags] if field.type == kinds.TAGS else [Lead.custom_values] if field.is_custom else []
    if touches_keys(field):
        beside = [Lead.reaches, Lead.custom_values]
    wanted = statement.where(Lead.id.in_(ids)).order_by(Lead.id).with_for_update(key_share=True, of=Lead)
    loaded = wanted.options(*map(selectinload, beside)).execution_options(populate_existing=True)
    return list(db.session.scalars(loaded))


def _missing(ids: Sequence[int], leads: Collection[Lead]) -> Results:
    there = {lead.id for lead in leads}
    gone = Result(REFUSED, _("This lead is in the bin, is gone, or is not one that you see."))
    return {lead_id: gone for lead_id in ids if lead_id not in there}


def _written(found: Mapping[Lead, Any], field: Field, by: User, *, is_undo: bool = False) -> Results:
    if field.name == STAGE and found:
        return _staged(found, field, by, is_undo=is_undo)
    results: Results = {}
    wanted = {}
    judge = Choices.of([lead.id for lead in found]) if field.name == STATUS and found and not is_undo else None
    for lead, value in found.items():
        if held(lead, field) == value:
            results[lead.id] = Result(UNCHANGED)
        elif words := _problem(lead, field, value, judge, is_undo=is_undo):
            results[lead.id] = Result(REFUSED, words)
        else:
            wanted[lead] = value
    return results | write(wanted, field, by=by, is_undo=is_undo)


def _staged(found: Mapping[Lead, Any], field: Field, by: User, *, is_undo: bool) -> Results:
    """Into stages, and where a stage gives a status, into that too."""
    results: Results = {}
    rules, judge = Transitions.of(list(found), by), Choices.of([lead.id for lead in found])
    wanted, statuses = {}, {}
    for lead, value in found.items():
        told = rules.with_status(lead, {STAGE: value})
        refusal: FieldRefused | None = None if is_undo else rules.problem(lead, {STAGE: value})
        if not refusal and not is_undo and STATUS in told:
            refusal = judge.problem(lead.id, told[STATUS], has_reason=lead.lost_reason_id is not None)
        if held(lead, field) == value:
            results[lead.id] = Result(UNCHANGED)
        elif refusal:
            results[lead.id] = Result(REFUSED, str(refusal))
        else:
            wanted[lead] = value
            if told.get(STATUS, lead.status_id) != lead.status_id:
                statuses[lead.id] = told[STATUS]
    written = write(wanted, field, by=by, is_undo=is_undo)
    status = catalogue()[STATUS]
    again = {lead: statuses[lead.id] for lead in _locked(sa.select(Lead), list(statuses), status)} if statuses else {}
    moved = write(again, status, by=by, is_undo=is_undo)
    for lead_id, result in moved.items():
        written[lead_id] = replace(written[lead_id], version=result.version)
    return results | written


def _problem(lead: Lead, field: Field, value: Any, judge: Choices | None, *, is_undo: bool) -> str:
    """An undo gives back an empty field too, though an admin wants it filled by now: so it was."""
    if judge and value and (refusal := judge.problem(lead.id, value, has_reason=lead.lost_reason_id is not None)):
        return str(refusal)
    if field.type == kinds.TAGS and len(value) > max(TAGS_MAX, len(lead.tags)):
        return _("At most %(count)d of them.", count=TAGS_MAX)
    changes = {} if field.model or field.type == kinds.PERSON else as_draft({field.name: value})
    current = {name: getattr(lead, name) for name in NAMING}
    if problem := problem_of(current | changes, identified=lead.channel != TYPED):
        return str(problem)
    wanted = (field.required and not is_undo) or field.name in kinds.NEVER_EMPTY
    return _("This field is required.") if wanted and not value and value != 0 else ""


def _returnable(by: User, field: Field, olds: Mapping[int, Any]) -> sa.Select[Lead]:
    """Leads that the person sees; and where it was the owner that changed, those that they saw before they gave them
    away."""
    if field.name != "owner":
        return visible(by, Lead)
    mine = holders_within(by, set(olds.values()))
    given = [lead_id for lead_id, owner_id in olds.items() if owner_id in mine]
    seen = visible(by, Lead).with_only_columns(Lead.id).where(Lead.id.in_(list(olds)))
    return sa.select(Lead).where(Lead.deleted_at.is_(None), sa.or_(Lead.id.in_(given), Lead.id.in_(seen)))


def _restored(field: Field, old: Any) -> Any:
    value = unpack(old)
    return frozenset(value) if isinstance(value, tuple) else value


def _ids_in(field: Field, value: Any) -> set[int]:
    """Of rows and people that the value names."""
    if isinstance(value, frozenset):
        return set(value)
    return {value} if value is not None and (field.model or field.type == kinds.PERSON) else set()


def _still_there(field: Field, olds: Collection[Any]) -> set[int]:
    """Held until the transaction ends, as one choice is."""
    ids = {each for value in olds for each in _ids_in(field, value)}
    if not ids:
        return set()
    model = User if field.type == kinds.PERSON else field.model
    wanted = sa.select(model.id).where(model.id.in_(ids)).order_by(model.id)
    if model is User:
        wanted = wanted.where(User.active)
    return set(db.session.scalars(wanted.with_for_update(read=True)))


def _changed_since(versions: Mapping[int, int], field: Field) -> set[int]:
    """Leads of which a later line of the history names the field."""
    later = sa.select(LeadEvent.lead_id, LeadEvent.version, LeadEvent.changes).where(
        LeadEvent.lead_id.in_(list(versions)), LeadEvent.version > min(versions.values(), default=0)
    )
    return {
        row.lead_id
        for row in db.session.execute(later)
        if row.version > versions[row.lead_id] and any(change["field"] == field.name for change in row.changes)
    }
