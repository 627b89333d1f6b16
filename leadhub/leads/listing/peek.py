"""A lead seen from the list: a look at it in a drawer, and the leads before and behind it."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from leadhub.accounts.access import needs, not_there
from leadhub.accounts.models import User
from leadhub.accounts.roles import READ_LEADS
from leadhub.database import ID_MAX, TookTooLong, bounded, id_from
from leadhub.extensions import db
from leadhub.fields.catalogue import Field
from leadhub.fields.queries import hidden_fields, shown_fields
from leadhub.leads import facts, queries
from leadhub.leads.listing import pages
from leadhub.leads.listing.filters import FilterRefused
from leadhub.leads.listing.state import VIEW, ListState, state_of
from leadhub.leads.models import Lead
from leadhub.leads.values import held
from leadhub.web import respond, wants_partial

bp = Blueprint("leads_peek", __name__, url_prefix=f"/leads/<int(max={ID_MAX}):id>")
LIST = "list"
FACTS_MAX, LINES_MAX = 10, 5
ABOVE = {
    "is_organisation", "first_name", "last_name", "organisation", "status", "owner", "next_contact_at",
}  # fmt: skip
"""Fields that the head of the drawer tells, or a lead's title."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Addresses of the leads before and behind this one in the list; empty where there is none."""

    before: str
    after: str


@bp.get("/peek")
@needs(READ_LEADS)
def index(id: int) -> ResponseReturnValue:
    lead = facts.whole_lead(current_user, id) or not_there("lead", id)
    lines, _older = queries.history_of(lead, hidden=hidden_fields(current_user))
    page: dict[str, Any] = {"lead": lead, "fields": first_fields(lead, current_user), "lines": lines[:LINES_MAX]}
    return respond("leads/peek.html", partial="leads/_peek.html", address=_lead_address(id, list_asked()), **page)


@bp.get("/around")
@needs(READ_LEADS)
def around(id: int) -> ResponseReturnValue:
    """The way to the leads beside this one; the page of the lead asks for it when it is there."""
    lead = queries.lead_seen_by(current_user, id) or not_there("lead", id)
    state = list_asked()
    if not wants_partial() or state is None:
        return redirect(_lead_address(id, state), 303)
    return render_template("leads/_around.html", lead=lead, beside=_beside(lead, state))


@bp.app_template_global()
def list_asked() -> ListState | None:
    """The list that a lead was opened from, as its address says it; None where it says nothing."""
    if LIST not in request.args:
        return None
    view = request.args.get(VIEW, default=0, type=id_from)
    try:
        return state_of(request.args[LIST], current_user, view=view)
    except (FilterRefused, ValueError):  # nothing that a list would have put there
        return state_of("", current_user, view=view)


@bp.app_template_global()
def list_address(state: ListState, lead: Lead) -> str:
    """Of the list again, at this lead.  One without any words names no view either, or a default view would speak."""
    return url_for("leads.index", **(state.address() or {VIEW: 0}), _anchor=f"lead-{lead.id}")


@bp.app_template_global()
def from_list(state: ListState) -> dict[str, Any]:
    """What the address of a lead carries of the list it is opened from."""
    return {LIST: state.query, VIEW: state.view or None}


def first_fields(lead: Lead, user: User) -> list[Field]:
    """Those with a value that a look at the lead shows, how to reach it first."""
    shown = [field for field in shown_fields(user).values() if field.name not in ABOVE]
    filled = [field for field in shown if not facts.is_nothing(held(lead, field))]
    return sorted(filled, key=lambda field: field.name not in ("email", "phone"))[:FACTS_MAX]


def _beside(lead: Lead, state: ListState) -> Beside:
    try:
        with bounded(db.session):
            before, after = pages.neighbours_of(current_user, state, lead)
    except TookTooLong:
        before, after = None, None
    return Beside(*(_lead_address(lead_id, state) if lead_id else "" for lead_id in (before, after)))


def _lead_address(lead_id: int, state: ListState | None) -> str:
    return url_for("leads.show", id=lead_id, **(from_list(state) if state else {}))
