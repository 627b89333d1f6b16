"""The only door to leads: whatever enters, changes or removes one comes through here.  Commits nothing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from leadhub.accounts.models import User
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.leads.blocks import TYPED, blocks_of, store_block
from leadhub.leads.checks import FieldRefused, problem_of
from leadhub.leads.fields import FIELDS
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.outcomes import Outcome
from leadhub.leads.updates import apply_changes, remember
from leadhub.lists.models import LeadType, Source
from leadhub.plugins.api.leads import LeadDraft
from leadhub.statuses.models import Status

LIST_FIELDS = {"source": Source, "type": LeadType, "status": Status, "owner": User}
TRIES = 3


class StaleLead(RuleBroken):
    """Somebody else has changed the same field since the form was opened; nothing was saved."""


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
    raise AssertionError("a try returns or raises")


def update_lead(lead: Lead, changes: Mapping[str, Any], *, by: User, version: int) -> bool:
    """Change some fields (names of ``fields.FIELDS``) of a lead that the person may see.  False: nothing differed.

    ``version`` is the lead's as the person saw it.  Raises ``FieldRefused``, or ``StaleLead`` where one of these
    fields was changed after it; changes of other fields are nobody's conflict.
    """
    values = _resolved(changes)
    current = {name: getattr(lead, field.column) for name, field in FIELDS.items() if name not in LIST_FIELDS}
    identified = lead.channel != TYPED
    if refusal := problem_of({**current, **changes, "external_id": lead.external_id}, identified=identified):
        raise refusal
    if not any(getattr(lead, column) != value for column, value in values.items()):
        return False
    if set(changes) & _changed_since(lead, version):
        raise StaleLead(_("Somebody changed this lead meanwhile."))
    try:
        line = apply_changes(lead, values, by=by, channel=TYPED)
        remember([line] if line else [])
        db.session.flush()  # a version that moved between load and write is found here
    except StaleDataError:
        raise StaleLead(_("Somebody changed this lead meanwhile.")) from None
    return True


def remove_samples() -> int:
    """Take every sample lead away for good, with its history.  Returns how many there were."""
    removed = db.session.execute(sa.delete(Lead).where(Lead.is_sample))
    return int(removed.rowcount)  # type: ignore[attr-defined]


def _changed_since(lead: Lead, version: int) -> set[str]:
    """Names of the fields that changes after this version touched."""
    later = sa.select(LeadEvent.changes).where(LeadEvent.lead_id == lead.id, LeadEvent.version > version)
    return {change["field"] for changes in db.session.scalars(later) for change in changes}


def _resolved(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Column -> value: keys of list rows and e-mails of owners become ids.  Raises ``FieldRefused``."""
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name in LIST_FIELDS:
            value = _row_id(name, value) if value else None
        values[FIELDS[name].column] = value
    return values


def _row_id(name: str, word: str) -> int:
    model: Any = LIST_FIELDS[name]
    column = User.email if model is User else model.key
    row_id = db.session.scalar(sa.select(model.id).where(column == word))
    if row_id is None:
        raise FieldRefused(name, _("This choice is no longer there."))
    return int(row_id)
