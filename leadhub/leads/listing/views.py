"""What stands beside the list: its total."""

from typing import Any

from flask import Blueprint, request
from flask_security import current_user

from leadhub.accounts.access import needs
from leadhub.accounts.roles import READ_LEADS
from leadhub.database import bounded
from leadhub.extensions import db
from leadhub.leads.listing import columns, filters, sorts
from leadhub.leads.listing.asking import asked_state
from leadhub.leads.listing.totals import COUNT_MAX, total_of
from leadhub.web import respond

bp = Blueprint("leads_list", __name__, url_prefix="/leads")
for words in (columns.shown_in, columns.width_of, sorts.may_sort):
    bp.add_app_template_global(words)
bp.add_app_template_filter(columns.day)
bp.add_app_template_filter(filters.sentence)


@bp.get("/total")
@needs(READ_LEADS)
def total():
    """Up to 10,000 exactly, and what is more as soon as somebody asks for it: the piece does by itself."""
    state, is_exact = asked_state(), "exact" in request.args
    with bounded(db.session):
        count = total_of(current_user, state, None if is_exact else COUNT_MAX)
    page: dict[str, Any] = {
        "state": state,
        "count": count,
        "is_exact": is_exact or count <= COUNT_MAX,
        "most": COUNT_MAX,
    }
    return respond("leads/total.html", partial="leads/_total.html", **page)
