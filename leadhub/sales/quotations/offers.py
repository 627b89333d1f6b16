"""What pages offer to do with a quotation that LeadHub writes.  Nothing here writes."""

from collections.abc import Sequence

from leadhub.sales.documents import ACCEPTED, DRAFT, EXPIRED, SUBMITTED, Quotation
from leadhub.sales.quotations.queries import standing_orders
from leadhub.sales.quotations.services import acts_on


def near_acts(row: Quotation) -> list[str]:
    """What comes next; needs no query where the orders are loaded."""
    if row.state == DRAFT:
        return ["submit"]
    if row.state in (SUBMITTED, EXPIRED):
        return ["accept", "lose"]
    return ["order"] if row.state == ACCEPTED and not standing_orders(row) else []


def more_acts(row: Quotation, versions: Sequence[Quotation], *, manages: bool) -> list[str]:
    """The rest.  ``versions``: of its number; ``manages``: may the person delete what has a number?"""
    near = near_acts(row)
    found = [name for name in acts_on(row) if name not in near]
    if standing_orders(row):
        return found
    is_last = versions[-1] is row
    if row.state != DRAFT and (is_last or versions[-1].state == DRAFT):
        found.insert(0, "revise")
    return [*found, "delete"] if manages or not row.number else found
