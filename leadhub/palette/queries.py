"""What the palette finds of the hub's records.  Nothing here writes."""

from collections.abc import Sequence

from leadhub.accounts.models import User
from leadhub.database import TookTooLong, bounded
from leadhub.extensions import db
from leadhub.leads.listing.models import SavedView
from leadhub.leads.listing.pages import blocks_of
from leadhub.leads.listing.saved import views_seen_by
from leadhub.leads.listing.state import ListState
from leadhub.leads.models import Lead
from leadhub.leads.search import needles_of
from leadhub.palette.actions import fits

LEADS_MAX, VIEWS_MAX = 7, 5


def leads_found(user: User, text: str) -> Sequence[Lead] | None:
    """The newest that the user may see and the text is found in; None where the search took too long."""
    if not needles_of(text):
        return []
    try:
        with bounded(db.session):
            return next(blocks_of(user, ListState(text=text), LEADS_MAX), [])
    except TookTooLong:
        return None


def views_named(user: User, text: str) -> Sequence[SavedView]:
    """Views of the list that the user is offered and whose name the text fits."""
    if not needles_of(text):
        return []
    return [view for view in views_seen_by(user) if fits(text, [view.name])][:VIEWS_MAX]
