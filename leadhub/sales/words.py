"""Words for what becomes of a quotation."""

from flask_babel import force_locale
from flask_babel import gettext as _

from leadhub.hub.queries import hub


def state_of(state: str) -> str:
    return {
        "submitted": _("Submitted"),
        "accepted": _("Accepted"),
        "ordered": _("Ordered"),
        "lost": _("Lost"),
        "cancelled": _("Cancelled"),
    }.get(state, "")


def change_of(number: str, old: str, new: str) -> dict[str, str]:
    """For a line of the history, in the hub's language; an empty state is none."""
    with force_locale(hub().language):
        label = _("Quotation %(number)s", number=number)
        return {"field": FIELD, "label": label, "old": state_of(old), "new": state_of(new)}


FIELD = "quotations"  # none of the catalogue's
