"""How the status of a lead, its path and its causes read on a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint
from flask_babel import format_timedelta, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from leadhub.database import utcnow
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.statuses.facts import live_facts, standing_of
from leadhub.leads.statuses.history import Stay, path_of
from leadhub.leads.statuses.models import DONE, FAILED, SKIPPED, WAITING, StatusMove
from leadhub.statuses.queries import statuses
from leadhub.statuses.rules import CUSTOMER, HAND
from leadhub.web import label, language

CAUSES: dict[str, Any] = {
    "begun": _l("back to the beginning"),
    "replaced": _l("the status before was deleted"),
    "restored": _l("the deletion was undone"),
    "undone": _l("the change of many leads was undone"),
    "enquiry": _l("a new enquiry"),
    "opportunity": _l("opportunity created"),
    "opportunity.ended": _l("opportunity lost or deleted"),
    "quotation_submitted": _l("quotation submitted"),
    "quotation_submitted.ended": _l("quotation withdrawn"),
    "quotation_accepted": _l("quotation accepted"),
    "quotation_accepted.ended": _l("accepted quotation withdrawn"),
    "quotation_lost": _l("quotation lost"),
    "quotation_lost.ended": _l("lost quotation deleted"),
    "quotation_expired": _l("quotation expired"),
    "quotation_expired.ended": _l("expired quotation deleted"),
    "order_confirmed": _l("order confirmed"),
    "order_confirmed.ended": _l("order cancelled"),
    "customer": _l("customer made"),
    "customer.ended": _l("customer unlinked"),
}
ABOUT: dict[str, Any] = {
    "replaced": _l("the status “%(about)s” was deleted"),
    "restored": _l("the deletion of “%(about)s” was undone"),
    "opportunity": _l("opportunity “%(about)s” created"),
    "opportunity.ended": _l("opportunity “%(about)s” lost or deleted"),
    "quotation_submitted": _l("quotation %(about)s submitted"),
    "quotation_submitted.ended": _l("quotation %(about)s withdrawn"),
    "quotation_accepted": _l("quotation %(about)s accepted"),
    "quotation_accepted.ended": _l("accepted quotation %(about)s withdrawn"),
    "quotation_lost": _l("quotation %(about)s lost"),
    "quotation_lost.ended": _l("lost quotation %(about)s deleted"),
    "quotation_expired": _l("quotation %(about)s expired"),
    "quotation_expired.ended": _l("expired quotation %(about)s deleted"),
    "order_confirmed": _l("order %(about)s confirmed"),
    "order_confirmed.ended": _l("order %(about)s cancelled"),
}
RUN_STATES: dict[str, Any] = {
    WAITING: _l("Waiting"),
    DONE: _l("Done"),
    SKIPPED: _l("Not needed"),
    FAILED: _l("Failed"),
}


@dataclass(frozen=True, slots=True)
class Picker:
    """What whoever chooses a status should know.  ``reason_for``: keys of the statuses that ask for a reason."""

    hint: str
    reason_for: tuple[str, ...]


def register(bp: Blueprint) -> None:
    """Give every template these words."""
    for each in (held_back, picker_of, status_path):
        bp.add_app_template_global(each)
    for words in (automatic_cause, lasted, stay_cause, stay_label):
        bp.add_app_template_filter(words)


def cause_words(key: str, arguments: Mapping[str, Any]) -> str:
    """``quotation DEV-2026-0012 lost``; the key itself for one that comes from elsewhere."""
    if arguments.get("about") and key in ABOUT:
        return str(ABOUT[key]) % {"about": arguments["about"]}
    return str(CAUSES.get(key, key))


def automatic_cause(event: LeadEvent) -> str:
    """Why the hub changed the status in this line of the history; empty where a person did."""
    key = event.details.get("cause", "")
    return cause_words(key, event.details.get("arguments", {})) if key else ""


def status_path(lead: Lead) -> list[Stay]:
    return path_of(lead)


def stay_label(stay: Stay) -> str:
    """As it was called at the time."""
    return str(stay.names.get(language()) or next(iter(stay.names.values()), "") or label(stay.status))


def stay_cause(stay: Stay) -> str:
    """``by hand: Ada``, ``automatic: quotation Q-12 lost``; empty where nobody knows."""
    move = stay.move
    if move is None:
        return ""
    return (
        _by_hand(move)
        if move.cause == HAND
        else _("automatic: %(cause)s", cause=cause_words(move.cause, move.arguments))
    )


def _by_hand(move: StatusMove) -> str:
    return _("by hand: %(name)s", name=move.by.label) if move.by else _("by hand")


def lasted(stay: Stay) -> str:
    """How long the lead had the status: ``3 days``; empty below a minute."""
    span = (stay.left or utcnow()) - stay.entered
    if span.total_seconds() < 60:
        return ""
    return str(format_timedelta(span, granularity="minute", threshold=1.5)) if get_locale() else ""


def held_back(lead: Lead) -> str:
    """What a protected status kept from moving the lead, in words; empty: nothing."""
    if not lead.status.is_lock:
        return ""
    _facts, verdict = standing_of(lead)
    cause = verdict.held_back
    return cause_words(cause.key, cause.arguments) if cause else ""


def picker_of(lead: Lead) -> Picker:
    """For the form that chooses a status."""
    asking = tuple(row.key for row in statuses() if row.needs_reason)
    facts, _verdict = standing_of(lead)
    live = live_facts(facts)
    if CUSTOMER in live:
        return Picker(_("This lead has become a customer: only a protected status can be chosen."), asking)
    if live:
        hint = _("Your choice holds until something changes in its opportunities, quotations or orders.")
        return Picker(hint, asking)
    return Picker("", asking)
