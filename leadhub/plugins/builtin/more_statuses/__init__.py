"""Statuses that many teams add: proposed, and there once somebody wants one."""

from leadhub.plugins.api import Status, hookimpl
from leadhub.plugins.api.statuses import IN_PROGRESS, LOST, OPEN

PURPOSE = {
    "en": "Proposes statuses that many teams add.",
    "fr": "Propose des statuts que beaucoup d’équipes ajoutent.",
}


@hookimpl
def register_statuses() -> list[Status]:
    return [
        Status(key="to-call-back", names={"en": "To call back", "fr": "À rappeler"}, kind=OPEN, colour="yellow"),
        Status(key="interested", names={"en": "Interested", "fr": "Intéressé"}, kind=IN_PROGRESS, colour="teal"),
        Status(key="not-reachable", names={"en": "Not reachable", "fr": "Injoignable"}, kind=LOST, colour="slate"),
    ]
