"""Words for what becomes of documents."""

from flask_babel import force_locale, pgettext
from flask_babel import gettext as _

from leadhub.hub.queries import hub

# none of the catalogue's fields
CONTACTS, OPPORTUNITIES, QUOTATIONS, ORDERS = "contacts", "opportunities", "quotations", "orders"


def quotation_state(state: str) -> str:
    return {
        "draft": _("Draft"),
        "submitted": _("Submitted"),
        "accepted": _("Accepted"),
        "lost": _("Lost"),
        "cancelled": _("Cancelled"),
        "expired": _("Expired"),
    }.get(state, "")


def order_state(state: str) -> str:
    cancelled = pgettext("order", "Cancelled")
    return {"draft": _("Draft"), "confirmed": _("Confirmed"), "cancelled": cancelled}.get(state, "")


def opportunity_state(state: str) -> str:
    won, lost = pgettext("opportunity", "Won"), pgettext("opportunity", "Lost")
    return {"open": _("In progress"), "won": won, "lost": lost}.get(state, "")


def contact_change(name: str, old: str, new: str) -> dict[str, str]:
    """For a line of the history, in the hub's language; empty: there is none."""
    with force_locale(hub().language):
        return {"field": CONTACTS, "label": _("Contact %(name)s", name=name), "old": old, "new": new}


def quotation_change(number: str, old: str, new: str) -> dict[str, str]:
    """For a line of the history, in the hub's language; an empty state is none."""
    with force_locale(hub().language):
        label = _("Quotation %(number)s", number=number) if number else _("Quotation")
        return {"field": QUOTATIONS, "label": label, "old": quotation_state(old), "new": quotation_state(new)}


def answer_change(number: str, name: str, note: str) -> dict[str, str]:
    """Who of the customer answered, and in which words."""
    with force_locale(hub().language):
        label = _("Quotation %(number)s, answered by", number=number)
        return {"field": QUOTATIONS, "label": label, "old": "", "new": f"{name}: {note}" if note else name}


def order_change(number: str, old: str, new: str) -> dict[str, str]:
    with force_locale(hub().language):
        label = _("Order %(number)s", number=number) if number else pgettext("purchase", "Order")
        return {"field": ORDERS, "label": label, "old": order_state(old), "new": order_state(new)}


def opportunity_change(title: str, old: str, new: str) -> dict[str, str]:
    with force_locale(hub().language):
        label = _("Opportunity “%(title)s”", title=title)
        return {"field": OPPORTUNITIES, "label": label, "old": opportunity_state(old), "new": opportunity_state(new)}
