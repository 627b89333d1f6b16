"""How long each lead has had its status, as a column of the list."""

from collections.abc import Mapping, Sequence

from leadhub.plugins.api import Column, Context, LeadSnapshot, hookimpl

PURPOSE = {
    "en": "A column of the list: for how many days a lead has had its status.",
    "fr": "Une colonne de la liste : depuis combien de jours une piste a son statut.",
}


def days(leads: Sequence[LeadSnapshot], context: Context) -> Mapping[int, int]:
    now = context.now()
    return {lead.id: (now - lead.status_since).days for lead in leads if lead.status_since}


@hookimpl
def register_columns() -> list[Column]:
    title = {"en": "Days in this status", "fr": "Jours à ce statut"}
    return [Column(key="days_in_status", title=title, load=days)]
