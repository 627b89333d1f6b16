"""What documents make of a lead: the facts that its status follows.  A pure function of its quotations and customer."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from leadhub.leads.statuses.facts import Said
from leadhub.sales import models
from leadhub.statuses.rules import ACCEPTED, CUSTOMER, ORDER, QUOTATION_LOST, SUBMITTED, Fact

FACTS = {
    SUBMITTED: models.SUBMITTED,
    ACCEPTED: models.ACCEPTED,
    QUOTATION_LOST: models.LOST,
    ORDER: models.ORDERED,
}
"""Fact -> the state of a quotation that makes it true."""


class Document(Protocol):
    @property
    def number(self) -> str: ...

    @property
    def state(self) -> str: ...


def facts_of(quotations: Iterable[Document], customer: str) -> dict[str, Said]:
    """All of them, true or not; the youngest document names each.  ``customer``: what the lead's is called, empty where
    it has none."""
    latest = {quotation.state: quotation for quotation in quotations}  # the youngest last
    found = {
        fact: Said(state in latest, latest[state].number if state in latest else "") for fact, state in FACTS.items()
    }
    return found | {CUSTOMER: Said(bool(customer), customer)}


def changes(before: Mapping[str, Fact], now: Mapping[str, Said], about: str = "") -> dict[str, Said]:
    """Those that are otherwise than they were told.  ``about``: what was done to this document just now is told again:
    another one of its kind was submitted."""
    found = {}
    for name, said in now.items():
        known = before.get(name)
        is_news = said.holds and said.about == about != ""
        if (known.holds if known else False) != said.holds or is_news:
            found[name] = said if said.holds or not known else Said(False, known.about)
    return found
