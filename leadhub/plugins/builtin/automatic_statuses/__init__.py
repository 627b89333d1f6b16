"""The statuses that follow a lead's opportunities, quotations and orders."""

from collections.abc import Callable

from leadhub.plugins.api import Fact, Status, StatusRule, hookimpl
from leadhub.plugins.api.statuses import (
    ACCEPTED,
    CUSTOMER,
    EXPIRED,
    IN_PROGRESS,
    LOST,
    OPPORTUNITY,
    ORDER,
    QUOTATION_LOST,
    SUBMITTED,
    WON,
    Facts,
)

PURPOSE = {
    "en": "The statuses that follow a lead’s opportunities, quotations and orders.",
    "fr": "Les statuts qui suivent les opportunités, devis et commandes d’une piste.",
}
CONVERTED = Status(key="converted", names={"en": "Converted", "fr": "Converti"}, kind=WON, colour="green")
QUOTATION = Status(key="quotation", names={"en": "Quotation", "fr": "Devis"}, kind=IN_PROGRESS, colour="purple")
OPPORTUNE = Status(key="opportunity", names={"en": "Opportunity", "fr": "Opportunité"}, colour="indigo")
LOST_ONE = Status(key="lost-quotation", names={"en": "Lost quotation", "fr": "Devis perdu"}, kind=LOST, colour="orange")


def any_of(*names: str) -> Callable[[Facts], Fact | None]:
    return lambda facts: next((facts[name] for name in names if name in facts and facts[name].holds), None)


RULES = [
    StatusRule(
        key="customer",
        label={"en": "a customer was made of the lead", "fr": "un client a été créé à partir de la piste"},
        priority=100,
        holds=any_of(CUSTOMER),
        wished=CONVERTED,
        is_final=True,
    ),
    StatusRule(
        key="order",
        label={"en": "an order is confirmed", "fr": "une commande est confirmée"},
        priority=90,
        holds=any_of(ORDER),
        wished=CONVERTED,
    ),
    StatusRule(
        key="quotation",
        label={"en": "a quotation is submitted", "fr": "un devis est émis"},
        priority=80,
        holds=any_of(ACCEPTED, SUBMITTED),
        wished=QUOTATION,
    ),
    StatusRule(
        key="opportunity",
        label={"en": "an opportunity exists", "fr": "une opportunité existe"},
        priority=70,
        holds=any_of(OPPORTUNITY),
        wished=OPPORTUNE,
    ),
    StatusRule(
        key="quotation-lost",
        label={
            "en": "a quotation is lost, and nothing else is under way",
            "fr": "un devis est perdu, et rien d’autre n’est en cours",
        },
        priority=60,
        holds=any_of(QUOTATION_LOST),
        wished=LOST_ONE,
    ),
    StatusRule(
        key="quotation-expired",
        label={
            "en": "a quotation has expired, and nothing else is under way",
            "fr": "un devis a expiré, et rien d’autre n’est en cours",
        },
        priority=50,
        holds=any_of(EXPIRED),
        wished=LOST_ONE,
    ),
]


@hookimpl
def register_status_rules() -> list[StatusRule]:
    return RULES
