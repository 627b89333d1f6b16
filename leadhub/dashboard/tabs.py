"""The tabs of the statistics page: each has cards and layouts of its own."""

from collections.abc import Mapping, Sequence

LEADS, QUOTATIONS = "", "quotations"
TABS = (LEADS, QUOTATIONS)
TAB = "tab"  # in an address; of the first one it says nothing
USUAL: Mapping[str, tuple[str, ...]] = {
    LEADS: (
        "new_leads", "open_leads", "won_leads", "lost_leads", "leads_by_source", "leads_by_type", "leads_by_stage",
        "leads_over_time",
    ),
    QUOTATIONS: (
        "quotations_submitted", "accepted_rate", "orders_confirmed", "value_won", "leads_to_quotations",
        "value_over_time", "losses", "forecast", "sources_to_orders", "campaigns_to_orders",
    ),
}  # fmt: skip
"""Cards that come with the hub and that a tab has until somebody says otherwise, in this order.  On the first, those of
further plugins come behind them."""


def tab_of(told: Mapping[str, Sequence[str]]) -> str:
    """The first one for what is none."""
    word = next(iter(told.get(TAB, ())), LEADS)
    return word if word in TABS else LEADS
