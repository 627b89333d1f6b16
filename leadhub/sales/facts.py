"""What documents make of a lead: the facts that its status follows.  A pure function of its documents and customer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from leadhub.leads.statuses.facts import Said
from leadhub.sales import documents
from leadhub.statuses.rules import (
    ACCEPTED,
    CUSTOMER,
    EXPIRED,
    OPPORTUNITY,
    ORDER,
    QUOTATION_LOST,
    SUBMITTED,
    Fact,
)

OF_QUOTATIONS = {
    SUBMITTED: (documents.SUBMITTED,),
    ACCEPTED: (documents.ACCEPTED,),
    QUOTATION_LOST: (documents.LOST,),
    EXPIRED: (documents.EXPIRED,),
}
OF_ORDERS = {ORDER: (documents.CONFIRMED,)}
OF_OPPORTUNITIES = {OPPORTUNITY: (documents.OPEN, documents.WON)}
"""Fact -> the states of a document that make it true.  One that is won changes nothing: an order or a customer does."""


class Named(Protocol):
    @property
    def state(self) -> str: ...

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Documents:
    """Those of a lead that count, each kind with the youngest last.  ``customer``: what the lead's is called, empty
    where it has none."""

    opportunities: Iterable[Named] = field(default=())
    quotations: Iterable[Named] = field(default=())
    orders: Iterable[Named] = field(default=())
    customer: str = ""


def facts_of(its: Documents, about: str = "") -> dict[str, Said]:
    """All of them, true or not; each is named by the document with which something was done just now (``about``), else
    by the youngest."""
    found = {}
    for rows, of in (
        (its.opportunities, OF_OPPORTUNITIES),
        (its.quotations, OF_QUOTATIONS),
        (its.orders, OF_ORDERS),
    ):
        known = list(rows)
        for fact, states in of.items():
            names = [row.name for row in known if row.state in states]
            found[fact] = Said(bool(names), about if about in names else next(reversed(names), ""))
    return found | {CUSTOMER: Said(bool(its.customer), its.customer)}


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
