"""Pipelines that are ready to be added: names in both languages, stages with their kinds."""

from collections.abc import Mapping
from dataclasses import dataclass

from leadhub.pipelines.models import LOST, OPEN, WON


@dataclass(frozen=True, slots=True)
class ReadyStage:
    key: str
    names: Mapping[str, str]
    colour: str
    kind: str = OPEN
    probability: int | None = None
    days_to_rot: int | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """``is_joined``: do its won and lost stages give statuses?  Only where it is about selling."""

    key: str
    names: Mapping[str, str]
    stages: tuple[ReadyStage, ...]
    is_joined: bool = False


def _names(english: str, french: str) -> dict[str, str]:
    return {"en": english, "fr": french}


SALES = Ready("sales", _names("Sales", "Ventes"), (
    ReadyStage("first-contact", _names("First contact", "Premier contact"), "blue", OPEN, 10, 14),
    ReadyStage("in-evaluation", _names("In evaluation", "En évaluation"), "indigo", OPEN, 30, 21),
    ReadyStage("in-negotiation", _names("In negotiation", "En négociation"), "purple", OPEN, 60, 21),
    ReadyStage("converted", _names("Converted", "Converti"), "green", WON, 100),
    ReadyStage("lost", _names("Lost", "Perdu"), "gray", LOST, 0),
), is_joined=True)  # fmt: skip
ONBOARDING = Ready("onboarding", _names("Onboarding", "Accueil client"), (
    ReadyStage("kick-off", _names("Kick-off", "Lancement"), "blue", OPEN, None, 7),
    ReadyStage("set-up", _names("Set-up", "Mise en place"), "indigo", OPEN, None, 14),
    ReadyStage("training", _names("Training", "Formation"), "purple", OPEN, None, 14),
    ReadyStage("live", _names("Live", "En service"), "green", WON),
    ReadyStage("given-up", _names("Given up", "Abandonné"), "gray", LOST),
))  # fmt: skip
PARTNERSHIP = Ready("partnership", _names("Partnership", "Partenariat"), (
    ReadyStage("approached", _names("Approached", "Approché"), "blue", OPEN, None, 30),
    ReadyStage("in-discussion", _names("In discussion", "En discussion"), "indigo", OPEN, None, 30),
    ReadyStage("agreement", _names("Agreement in preparation", "Accord en préparation"), "purple", OPEN, None, 30),
    ReadyStage("partner", _names("Partner", "Partenaire"), "green", WON),
    ReadyStage("no-partnership", _names("No partnership", "Sans partenariat"), "gray", LOST),
))  # fmt: skip
SUPPORT = Ready("support", _names("Support", "Support commercial"), (
    ReadyStage("new-request", _names("New request", "Nouvelle demande"), "blue", OPEN, None, 2),
    ReadyStage("in-progress", _names("In progress", "En cours"), "indigo", OPEN, None, 5),
    ReadyStage("waiting", _names("Waiting for an answer", "En attente de réponse"), "yellow", OPEN, None, 7),
    ReadyStage("solved", _names("Solved", "Résolu"), "green", WON),
    ReadyStage("closed-unsolved", _names("Closed unsolved", "Clos sans solution"), "gray", LOST),
))  # fmt: skip
PLAIN = Ready("own", {}, (
    ReadyStage("to-do", _names("To do", "À faire"), "blue"),
    ReadyStage("won", _names("Won", "Gagné"), "green", WON),
    ReadyStage("lost", _names("Lost", "Perdu"), "gray", LOST),
))  # fmt: skip
"""What a pipeline begins with that is like none of these."""
OPPORTUNITIES = Ready("opportunities", _names("Opportunities", "Opportunités"), (
    ReadyStage("qualification", _names("Qualification", "Qualification"), "blue", OPEN, 10),
    ReadyStage("proposal", _names("Proposal", "Proposition"), "indigo", OPEN, 40),
    ReadyStage("negotiation", _names("Negotiation", "Négociation"), "purple", OPEN, 70),
    ReadyStage("won", _names("Won", "Gagnée"), "green", WON, 100),
    ReadyStage("lost", _names("Lost", "Perdue"), "gray", LOST, 0),
))  # fmt: skip
"""What opportunities go through that have stages of their own."""
READY = {ready.key: ready for ready in (SALES, ONBOARDING, PARTNERSHIP, SUPPORT)}
