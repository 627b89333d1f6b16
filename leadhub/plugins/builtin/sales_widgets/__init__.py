"""Cards on quotations, orders and opportunities: what becomes of leads, what is won, lost and to come."""

from typing import Any

from leadhub.plugins.api import Widget, hookimpl
from leadhub.plugins.builtin.sales_widgets import charts, figures, tables
from leadhub.plugins.builtin.sales_widgets.about import ABOUT, TITLES

PURPOSE = {
    "en": "Cards of the tab Quotations: what becomes of leads, what is won, why it is lost, what is to come.",
    "fr": "Les cartes de l’onglet Devis : ce que deviennent les pistes, ce qui est gagné, pourquoi c’est perdu, ce qui "
    "est attendu.",
}


def card(key: str, load: Any, goes_by: str, **options: Any) -> Widget:
    (english, french), (told, told_in_french) = TITLES[key], ABOUT[key]
    title, about = {"en": english, "fr": french}, {"en": told, "fr": told_in_french}
    return Widget(key=key, title=title, about=about, load=load, goes_by=goes_by, **options)  # type: ignore[arg-type]


@hookimpl
def register_widgets() -> list[Widget]:
    return [
        card("quotations_submitted", figures.quotations_submitted, "submitted", size="small"),
        card("accepted_rate", figures.accepted_rate, "settled", size="small"),
        card("orders_confirmed", figures.orders_confirmed, "ordered", size="small"),
        card("value_won", figures.value_won, "ordered", size="small"),
        card("leads_to_quotations", tables.leads_to_quotations, "received"),
        card("value_over_time", charts.value_over_time, "ordered", form=charts.StepForm),
        card("losses", charts.losses, "settled", size="large"),
        card("forecast", tables.forecast, "now", size="large"),
        card("sources_to_orders", tables.sources_to_orders, "received", size="large"),
        card("campaigns_to_orders", tables.campaigns_to_orders, "received", size="large"),
    ]
