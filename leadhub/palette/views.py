"""The command palette and the page of keys: pages of their own, and pieces of a dialog."""

from typing import Any

from flask import Blueprint, current_app, request
from flask_security import current_user

from leadhub.accounts.access import needs
from leadhub.accounts.roles import READ_LEADS
from leadhub.leads.listing.state import TEXT_LENGTH
from leadhub.palette import queries
from leadhub.palette.actions import GROUPS, actions_for
from leadhub.palette.keys import GROUPS as KEYS
from leadhub.web import respond

bp = Blueprint("palette", __name__)


@bp.get("/palette")
@needs(READ_LEADS)
def index():
    text = " ".join(request.args.get("q", "").split())[:TEXT_LENGTH]
    leads, views = queries.leads_found(current_user, text), queries.views_named(current_user, text)
    actions = actions_for(current_user, text, current_app.view_functions)
    page: dict[str, Any] = {"text": text, "leads": leads, "views": views, "actions": actions, "groups": GROUPS}
    return respond("palette/index.html", partial="palette/_found.html", **page)


@bp.get("/keyboard")
@needs(READ_LEADS)
def keys():
    return respond("palette/keys.html", partial="palette/_keys.html", groups=KEYS)
