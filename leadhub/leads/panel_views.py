"""Cards of plugins on a lead's page: each is asked for by itself once the page is there."""

from flask import Blueprint, Response, abort
from flask_security import current_user

from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import READ_LEADS
from leadhub.database import ID_MAX
from leadhub.leads import facts, panels
from leadhub.web import respond

bp = Blueprint("lead_panels", __name__, url_prefix=f"/leads/<int(max={ID_MAX}):id>/panels")
bp.add_app_template_global(panels.panels, "lead_panels")


@bp.get("/<key>")
@needs(READ_LEADS)
def show(id: int, key: str) -> Response:
    """The card; for htmx nothing at all where the plugin has nothing to say."""
    lead = facts.whole_lead(current_user, id) or not_there("lead", id)
    panel = panels.panel_named(key) or abort(404)
    told = panels.told_by(panel, lead, current_user)
    return respond("leads/panel.html", partial="leads/_panel.html", lead=lead, panel=panel, told=told)
