"""What people write into a lead's history: notes, calls, meetings, files.  Commits nothing.

Appended and never touched again: there is no function here that changes or removes a line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.fields.queries import catalogue, may_change_field
from leadhub.leads import following
from leadhub.leads.checks import FIRST_YEAR, LAST_YEAR, FieldRefused
from leadhub.leads.files import Stored, attach
from leadhub.leads.kinds import CALL_OUTCOMES
from leadhub.leads.links import TYPED
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.moves import AS_IT_IS
from leadhub.leads.services import change_line, follow_customer
from leadhub.markdown import LONGEST

NOTE, CALL, MEETING, FILE = "note", "call", "meeting", "file"
KINDS = (NOTE, CALL, MEETING, FILE)
NEXT, NEXT_BY = "next_contact_at", "next_contact_by"


@dataclass(frozen=True, kw_only=True)
class Activity:
    """What somebody did or has to say.

    ``body`` is Markdown.  ``outcome``, of a call: one of ``CALL_OUTCOMES``.  ``happens_at``, of a meeting: aware, past
    or to come.  ``files`` are on the disk already.
    """

    kind: str
    body: str = ""
    outcome: str = ""
    happens_at: datetime | None = None
    files: Sequence[Stored] = ()


def log(
    lead: Lead, activity: Activity, *, by: User, version: int = 0, changes: Mapping[str, Any] | None = None, link: str
) -> LeadEvent:
    """One line in the history of a lead that the person may see, with what it changed of the lead.

    ``changes`` and ``version`` are as those of ``services.update_lead``; whoever sets a next contact is the one who
    will make it.  ``link`` is the whole address of the lead's page, for the mails to those who are mentioned or
    follow.  Raises ``FieldRefused``, ``StaleLead`` or ``NotAllowed``; nothing is stored then.
    """
    body = "\n".join(activity.body.splitlines()).strip()
    _check(activity, body)
    mentions = following.mentions_in(body, lead, by=by)
    line = change_line(lead, _completed(changes or {}, by), by=by, version=version) if changes else None
    event = LeadEvent(lead_id=lead.id, by_id=by.id, kind=_kind_of(activity, body), channel=TYPED, body=body)
    event.version = line["version"] if line else 0  # who wrote last is not who changed last
    event.changes = line["changes"] if line else []
    event.details = _details(activity, mentions)
    event.happens_at = activity.happens_at
    db.session.add(event)
    db.session.flush()  # files and mails ask for the event's id
    touch(lead.id)
    follow_customer(lead, line, by=by)
    attach(event, activity.files)
    following.announce(event, mentions, link=f"{link}#event-{event.id}")
    return event


def touch(lead_id: int) -> None:
    """A person was at this lead now.  Nobody's edit is in conflict with that: the version stays."""
    now = sa.update(Lead).where(Lead.id == lead_id).values(touched_at=utcnow())
    db.session.execute(now, execution_options=AS_IT_IS)


def _check(activity: Activity, body: str) -> None:
    if activity.kind not in KINDS:
        raise ValueError(activity.kind)
    if len(body) > LONGEST:
        raise FieldRefused("body", _("At most %(count)d characters.", count=LONGEST))
    if "\0" in body:
        raise FieldRefused("body", _("This text holds a sign that can’t be stored."))
    if activity.kind == NOTE and not body and not activity.files:
        raise FieldRefused("body", _("Write something, or choose a file."))
    if activity.kind == FILE and not activity.files:
        raise FieldRefused("files", _("Choose a file."))
    if activity.kind == CALL and activity.outcome not in CALL_OUTCOMES:
        raise FieldRefused("outcome", _("Choose one from the list."))
    if activity.kind == MEETING:
        _check_moment(activity.happens_at)


def _check_moment(moment: datetime | None) -> None:
    if moment is None:
        raise FieldRefused("happens_at", _("Give a date and a time."))
    if not FIRST_YEAR < moment.year < LAST_YEAR:
        told = {"first": FIRST_YEAR + 1, "last": LAST_YEAR - 1}
        raise FieldRefused("happens_at", _("Give a year between %(first)d and %(last)d.", **told))


def _kind_of(activity: Activity, body: str) -> str:
    """A note that says nothing is the files that came with it."""
    return FILE if activity.kind == NOTE and not body else activity.kind


def _completed(changes: Mapping[str, Any], by: User) -> dict[str, Any]:
    """With who makes the next contact, where that was left open and the person may say it."""
    if NEXT not in changes or NEXT_BY in changes or not may_change_field(by, catalogue()[NEXT_BY]):
        return dict(changes)
    return {**changes, NEXT_BY: by.email if changes[NEXT] else ""}


def _details(activity: Activity, mentions: Sequence[int]) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if activity.kind == CALL:
        details["outcome"] = activity.outcome
    if mentions:
        details["mentions"] = list(mentions)
    return details
