"""What an action wants done to a lead, done: the hub's own checks, history and mails.  Commits nothing."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.accounts.notices import address_of, language_of
from leadhub.database import ID_MAX, utcnow
from leadhub.errors import UserError
from leadhub.extensions import db
from leadhub.fields.queries import catalogue
from leadhub.hub.queries import time_zone
from leadhub.jobs import mail
from leadhub.jobs.registry import N_, GiveUp, NotNow
from leadhub.jobs.services import enqueue
from leadhub.leads import services
from leadhub.leads.models import Lead, LeadEvent
from leadhub.markdown import LONGEST
from leadhub.plugins.api.effects import AddNote, AssignOwner, CallUrl, MailOwner, PlanNextContact, SetFields
from leadhub.statuses.offers import EFFECTS_MAX

ACTION = "status_action"  # the channel of the lines in the history
CALL = "statuses.call_url"
MORNING = time(9)
DAYS_MAX = 3660
NOBODY = N_("Nobody has this lead.")
HAS_OWNER = N_("Somebody has this lead already.")
IS_PLANNED = N_("A next contact is planned already.")
PERSON_GONE = N_("The person is no longer there.")
WRONG = N_("The plugin wants something that the hub does not do.")
NEVER_SET = ("status", "stage", "customer_since", "received_at", "emails", "phones", "addresses", "tags")


@dataclass(frozen=True)
class Entered:
    """A lead that has entered a status; ``run_id`` tells a repetition, ``names`` are the status's, by language."""

    lead: Lead
    run_id: int
    names: Mapping[str, str]

    def label(self, language: str) -> str:
        return str(self.names.get(language) or next(iter(self.names.values()), ""))


def apply(entered: Entered, effects: Iterable[Any]) -> str:
    """Do all of them, or none.  Returns why there was nothing to do; an empty text where there was something.

    Raises ``GiveUp`` or ``NotNow``.
    """
    wanted = list(effects)
    if len(wanted) > EFFECTS_MAX or any(type(effect) not in DOING for effect in wanted):
        raise GiveUp(WRONG)
    try:
        for effect in wanted:
            HOLDING.get(type(effect), _nothing)(effect)
        services.lock(entered.lead)  # who takes it in this moment was faster
        reasons = [DOING[type(effect)](entered, effect) for effect in wanted]
    except (ArithmeticError, AttributeError, TypeError, ValueError):  # of a value that is no such value
        raise GiveUp(WRONG) from None
    except UserError as error:
        raise GiveUp(str(error)) from None
    return reasons[0] if reasons and all(reasons) else ""


def _nothing(effect: Any) -> None:
    """It names no rows of lists and no people."""


def _hold_rows(effect: SetFields) -> dict[str, Any]:
    """What the lead is to hold; the rows and people that it names stay until the end, and are held before the lead."""
    fields = catalogue()
    for name, value in effect.values.items():
        is_naive = isinstance(value, datetime) and value.utcoffset() is None
        if name not in fields or name in NEVER_SET or is_naive:
            raise GiveUp(WRONG)
    values = {name: services.held_value(fields[name], value) for name, value in effect.values.items()}
    if any(fields[name].required and not value and value != 0 for name, value in values.items()):
        raise GiveUp(WRONG)
    return values


def _hold_person(effect: AssignOwner) -> None:
    """Who is being deactivated takes nothing over."""
    if not 0 < int(effect.person) <= ID_MAX:
        raise GiveUp(PERSON_GONE)
    here = sa.select(User.id).where(User.id == int(effect.person), User.active).with_for_update(read=True)
    if db.session.scalar(here) is None:
        raise GiveUp(PERSON_GONE)


def _set_fields(entered: Entered, effect: SetFields) -> str:
    values = _hold_rows(effect)
    services.check_values(entered.lead, effect.values)
    services.change_for_hub(entered.lead, values, channel=ACTION)
    return ""


def _assign_owner(entered: Entered, effect: AssignOwner) -> str:
    if effect.only_free and entered.lead.owner_id is not None:
        return HAS_OWNER
    services.change_for_hub(entered.lead, {"owner": int(effect.person)}, channel=ACTION)
    return ""


def _plan_next_contact(entered: Entered, effect: PlanNextContact) -> str:
    lead = entered.lead
    if not 0 <= int(effect.days) <= DAYS_MAX:
        raise GiveUp(WRONG)
    if effect.only_free and lead.next_contact_at and lead.next_contact_at > utcnow():
        return IS_PLANNED
    clock = time_zone()
    day = utcnow().astimezone(clock).date() + timedelta(days=int(effect.days))
    moment = datetime.combine(day, MORNING, clock).astimezone(UTC)
    values: dict[str, Any] = {"next_contact_at": moment, "next_contact_by": lead.owner_id}
    if effect.note:
        values["next_contact_note"] = str(effect.note)[:500]
    services.change_for_hub(lead, values, channel=ACTION)
    return ""


def _add_note(entered: Entered, effect: AddNote) -> str:
    text = str(effect.text).strip()
    if not text or len(text) > LONGEST or "\0" in text:
        raise GiveUp(WRONG)
    event = LeadEvent(lead_id=entered.lead.id, kind="note", channel=ACTION, version=0, changes=[], details={})
    event.body = text
    db.session.add(event)
    return ""


def _mail_owner(entered: Entered, effect: MailOwner) -> str:
    lead, owner = entered.lead, entered.lead.owner
    if owner is None or not owner.active:
        return NOBODY
    if not mail.can_send():
        raise NotNow(mail.NO_SERVER)
    language = language_of(owner)
    words = {"lead": lead.title(language), "status": entered.label(language), "text": str(effect.text)[:2000]}
    link, key = address_of("leads.show", id=lead.id), f"status-mail:{entered.run_id}"
    mail.send_mail("status", owner.email, language=language, key=key, link=link, **words)
    return ""


def _call_url(entered: Entered, effect: CallUrl) -> str:
    """An effect of its own: a run that is rolled back has called nobody."""
    told: dict[str, Any] = {"url": str(effect.url), "method": str(effect.method), "headers": dict(effect.headers)}
    told["json"] = effect.json
    mark = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]  # two calls of one run are two
    told["key"] = f"leadhub-{entered.run_id}-{mark}"
    enqueue(CALL, told, key=f"{CALL}:{entered.run_id}:{mark}")
    return ""


DOING: dict[type, Callable[[Entered, Any], str]] = {
    SetFields: _set_fields,
    AssignOwner: _assign_owner,
    PlanNextContact: _plan_next_contact,
    AddNote: _add_note,
    MailOwner: _mail_owner,
    CallUrl: _call_url,
}
"""Kind of effect -> what does it."""
HOLDING: dict[type, Callable[[Any], Any]] = {SetFields: _hold_rows, AssignOwner: _hold_person}
