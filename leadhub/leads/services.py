"""The only door to leads: whatever enters or changes one comes through here.  Commits nothing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.orm.exc import StaleDataError

from leadhub.accounts.models import User
from leadhub.errors import NotAllowed, RuleBroken
from leadhub.extensions import db
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import Field
from leadhub.fields.models import FieldChoice
from leadhub.fields.queries import catalogue, choices_of, forget, may_change_field
from leadhub.hub.queries import hub
from leadhub.leads.blocks import blocks_of, store_block
from leadhub.leads.checks import FieldRefused, problem_of
from leadhub.leads.file_jobs import forget_files
from leadhub.leads.links import TYPED
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.outcomes import Outcome
from leadhub.leads.stages import transitions
from leadhub.leads.statuses import choices
from leadhub.leads.statuses.facts import Said, tell
from leadhub.leads.updates import apply_changes, remember
from leadhub.leads.values import KINDS, empty_of, exact, held
from leadhub.lists.models import Tag
from leadhub.lists.services import kept, rows_named
from leadhub.news import services as news
from leadhub.pipelines.queries import held_stages
from leadhub.plugins.api.leads import LeadDraft, Reach
from leadhub.statuses.queries import held_statuses
from leadhub.statuses.rules import CUSTOMER

TRIES = 3
LOCK = {"key_share": True, "of": Lead}
NAMING = ("is_organisation", "first_name", "last_name", "organisation", "email", "phone", "external_id")


class StaleLead(RuleBroken):
    """Somebody else has changed some of the same fields since the form was opened; nothing was saved.

    ``fields`` are their names.
    """

    def __init__(self, fields: set[str], who: str) -> None:
        known = _("%(name)s changed this lead meanwhile.", name=who) if who else ""
        super().__init__(known or _("Somebody changed this lead meanwhile."))
        self.fields = fields


class LeadGone(RuleBroken):
    """Somebody else has deleted the lead since the form was opened; nothing was saved."""


def create_lead(draft: LeadDraft, *, by: User | None) -> Lead:
    """Store one lead, whatever door it came through.  Raises ``FieldRefused``; nothing is stored then."""
    (outcome,) = create_leads([draft], by=by)
    if outcome.refusal:
        raise outcome.refusal
    return db.session.get_one(Lead, outcome.lead_id)


def create_leads(drafts: Iterable[LeadDraft], *, by: User | None) -> list[Outcome]:
    """An outcome for each draft, in order.  A draft whose external scope and id are known updates that lead; the same
    draft again is no change, so that a file read twice takes nothing back that a person has put right meanwhile."""
    return [outcome for block in blocks_of(drafts) for outcome in _take_in(block, by)]


def _take_in(block: Sequence[LeadDraft], by: User | None) -> list[Outcome]:
    """Store one block.  Where another process has stored or changed the same meanwhile, look again."""
    for left in reversed(range(TRIES)):
        try:
            with db.session.begin_nested():
                return store_block(block, by)
        except (IntegrityError, StaleDataError):
            if not left:
                raise
            forget()  # a field or a choice may be gone
    raise AssertionError("a try returns or raises")


def update_lead(lead: Lead, changes: Mapping[str, Any], *, by: User, version: int) -> bool:
    """Change some fields of a lead that the person may see.  False: nothing differed.

    ``changes``: name of a field -> value as a draft has it; e-mails and phones as a tuple of ``Reach``, or the first
    one alone as a text.  ``version`` is the lead's as the person saw it.  Raises ``FieldRefused``, ``NotAllowed``, or
    ``StaleLead`` where one of these fields was changed after it; changes of other fields are nobody's conflict.
    ``LeadGone``: it was deleted meanwhile.
    """
    line = change_line(lead, changes, by=by, version=version)
    remember([line] if line else [])
    follow_customer(lead, line, by=by)
    return line is not None


def follow_customer(lead: Lead, line: Mapping[str, Any] | None, *, by: User) -> None:
    """Tell the lead's status, once the line is stored, that it says since when the lead is a customer."""
    if line and any(change["field"] == transitions.SINCE for change in line["changes"]):
        since = lead.customer_since
        tell(lead.id, {CUSTOMER: Said(since is not None, since.isoformat() if since else "")}, by=by)


def change_for_hub(lead: Lead, values: Mapping[str, Any], *, channel: str) -> bool:
    """The hub itself gives a lead held values (``leads.values``), whoever may change the fields.  False: nothing
    differed.  Raises ``LeadGone``."""
    lock(lead)
    line = apply_changes(lead, values, by=None, channel=channel)
    remember([line] if line else [])
    return line is not None


def change_line(lead: Lead, changes: Mapping[str, Any], *, by: User, version: int) -> dict[str, Any] | None:
    """As ``update_lead``, but the line for the history is the caller's to store; None when nothing differed."""
    fields = _changeable(changes, by)
    _check(lead, changes)
    values = {name: _held(fields[name], value, lead) for name, value in changes.items()}
    if {transitions.STAGE, transitions.SINCE} & set(changes):
        held_statuses()
        held_stages()
    lock(lead)  # rows of lists first, then the lead: as deletions do
    _check(lead, changes)
    differing = {name: value for name, value in values.items() if held(lead, fields[name]) != value}
    if transitions.STAGE in differing:
        differing = _with_stage(lead, differing, by)
    for name, value in differing.items():
        wanted = fields[name].required or name in kinds.NEVER_EMPTY
        if wanted and not value and value != 0:
            raise FieldRefused(name, _("This field is required."))
    _check_choice(lead, differing)
    if stale := set(differing) & _changed_since(lead, version):
        raise StaleLead(stale, _last_changer(lead))
    try:
        line = apply_changes(lead, differing, by=by, channel=TYPED)
        db.session.flush()  # a version that moved between load and write is found here
    except StaleDataError:
        raise StaleLead(set(differing), "") from None
    return line


def _with_stage(lead: Lead, values: Mapping[str, Any], by: User) -> dict[str, Any]:
    """The values with what comes of the new stage.  Raises ``StageRefused``."""
    rules = transitions.Transitions.of([lead], by)
    if refusal := rules.problem(lead, values):
        raise refusal
    return rules.with_status(lead, values)


def _check_choice(lead: Lead, values: Mapping[str, Any]) -> None:
    if choices.STATUS not in values:
        if choices.REASON in values and not values[choices.REASON] and lead.status.needs_reason:
            raise choices.reason_wanted(lead.status)
        return
    has_reason = bool(values.get(choices.REASON, lead.lost_reason_id))
    status_id = values[choices.STATUS]
    if refusal := choices.Choices.of([lead.id]).problem(lead.id, status_id, has_reason=has_reason):
        raise refusal


def lock(lead: Lead) -> None:
    """Read the lead anew, for nobody else to write.  Raises ``LeadGone``."""
    try:
        db.session.refresh(lead, with_for_update=LOCK)
    except InvalidRequestError:  # no row
        raise LeadGone(_("This lead is in the bin, or is gone.")) from None
    if lead.deleted_at:
        raise LeadGone(_("This lead is in the bin, or is gone."))


def _changeable(changes: Mapping[str, Any], by: User) -> Mapping[str, Field]:
    fields = catalogue()
    for name in changes:
        if name not in fields:
            raise FieldRefused(name, _("This field is no longer there."))
        if not may_change_field(by, fields[name]):
            raise NotAllowed(_("Your role does not allow this. An admin can change it."))
    return fields


def check_values(lead: Lead, changes: Mapping[str, Any]) -> None:
    """Raises ``FieldRefused`` for what no door lets a lead have; values as a draft has them."""
    _check(lead, changes)


def _check(lead: Lead, changes: Mapping[str, Any]) -> None:
    current = {name: getattr(lead, name) for name in NAMING}
    if refusal := problem_of(current | as_draft(changes), identified=lead.channel != TYPED):
        raise refusal


def remove_samples() -> int:
    """Take every sample lead away for good, with its history.  Returns how many there were."""
    ids = db.session.scalars(sa.select(Lead.id).where(Lead.is_sample)).all()
    forget_files(ids)
    news.note_erased(ids)
    removed = db.session.execute(sa.delete(Lead).where(Lead.is_sample))
    return int(removed.rowcount)  # type: ignore[attr-defined]


def as_draft(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes with the names that a draft has for them."""
    values: dict[str, Any] = {"custom": {name: value for name, value in changes.items() if name.startswith("custom_")}}
    for name, value in changes.items():
        if isinstance(value, tuple) and name in KINDS.values():
            first = value[0] if value else Reach(value="")
            values |= {name: first.value, f"{name}_type": first.type, f"{name}s": value[1:]}
        elif not name.startswith("custom_"):
            values[name] = value
    return values


def _changed_since(lead: Lead, version: int) -> set[str]:
    """Names of the fields that changes after this version touched."""
    if lead.version <= version:
        return set()
    later = sa.select(LeadEvent.changes).where(LeadEvent.lead_id == lead.id, LeadEvent.version > version)
    return {change["field"] for changes in db.session.scalars(later) for change in changes}


def _last_changer(lead: Lead) -> str:
    last = sa.select(User).join(LeadEvent, LeadEvent.by_id == User.id).where(LeadEvent.lead_id == lead.id)
    user = db.session.scalar(last.where(LeadEvent.version == lead.version).order_by(LeadEvent.id.desc()).limit(1))
    return user.label if user else ""


def _held(field: Field, value: Any, lead: Lead) -> Any:
    if field.type in KINDS and isinstance(value, str):
        mine = held(lead, field)
        return (Reach(value=value, type=mine[0].type if mine else ""), *mine[1:]) if value else mine[1:]
    return held_value(field, value)


def held_value(field: Field, value: Any) -> Any:
    """What a lead is to hold, for a value as a draft has it.  Raises ``FieldRefused`` for a choice that is no longer
    there; one that is stays there until the transaction ends."""
    if field.type == kinds.TAGS:
        rows = rows_named(Tag, value, language=hub().language) if value else {}
        return frozenset(row.id for row in rows.values())
    if field.is_custom and field.model:
        return frozenset(_choice_id(field, key) for key in ([value] if isinstance(value, str) else value) if key)
    if field.type in (kinds.CHOICE, kinds.PERSON):
        return _row_id(field, value) if value else None
    if value is None or value == "":
        return empty_of(field)
    return exact(field, value)


def _choice_id(field: Field, key: str) -> int:
    for choice in choices_of(field):
        if choice.key == key and kept(FieldChoice, [choice.id]):
            return choice.id
    raise FieldRefused(field.name, _("This choice is no longer there."))


def _row_id(field: Field, word: str) -> int:
    """Held until the transaction ends: who is being deactivated takes nothing over, and a row that is being deleted is
    chosen by nobody."""
    if field.type == kinds.PERSON:
        wanted = sa.select(User.id).where(User.email == word, User.active)
    else:
        wanted = sa.select(field.model.id).where(field.model.key == word)
    row_id = db.session.scalar(wanted.with_for_update(read=True))
    if row_id is None:
        raise FieldRefused(field.name, _("This choice is no longer there."))
    return int(row_id)
