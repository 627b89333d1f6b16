"""Which lists there are.  One implementation serves all; higher features add lists of their own with ``bind``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Flask, current_app
from flask_babel import lazy_gettext as _l

from leadhub.lists.models import (
    Campaign,
    Industry,
    LeadType,
    ListRow,
    LossReason,
    MarketSegment,
    OpportunityType,
    RequestType,
    Salutation,
    Source,
    Tag,
    Territory,
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One list.  ``slug`` is its word in addresses; ``purpose`` says what it is for, where it is empty.

    ``within`` narrows the model to some rows by the values of columns, which new rows get too: the choices of one
    field.  ``single`` names one row.
    """

    slug: str
    model: type[ListRow]
    plural: Any
    single: Any
    purpose: Any
    within: Mapping[str, int | str] = field(default_factory=dict)

    @property
    def table(self) -> str:
        return str(self.model.__tablename__)  # type: ignore[attr-defined]


Resolver = Callable[[str], Kind | None]

KINDS: dict[str, Kind] = {
    kind.slug: kind
    for kind in (
        Kind(
            slug="sources", model=Source, plural=_l("Sources"), single=_l("Source"),
            purpose=_l("Where leads come from: the website, a fair, a recommendation."),
        ),
        Kind(
            slug="campaigns", model=Campaign, plural=_l("Campaigns"), single=_l("Campaign"),
            purpose=_l("What you do to be known, with what it costs: a fair, a mailing, an advertisement."),
        ),
        Kind(
            slug="lead-types", model=LeadType, plural=_l("Lead types"), single=_l("Lead type"),
            purpose=_l("What a lead is to you: a prospect, an existing customer, a partner."),
        ),
        Kind(
            slug="request-types", model=RequestType, plural=_l("Request types"), single=_l("Request type"),
            purpose=_l("What leads ask for: information, a quotation, an appointment."),
        ),
        Kind(
            slug="industries", model=Industry, plural=_l("Industries"), single=_l("Industry"),
            purpose=_l("What organisations do."),
        ),
        Kind(
            slug="market-segments", model=MarketSegment, plural=_l("Market segments"), single=_l("Market segment"),
            purpose=_l("The parts of your market: individuals, small companies, the public sector."),
        ),
        Kind(
            slug="territories", model=Territory, plural=_l("Territories"), single=_l("Territory"),
            purpose=_l("The parts of the world that you sell in, such as regions or countries."),
        ),
        Kind(
            slug="salutations", model=Salutation, plural=_l("Salutations"), single=_l("Salutation"),
            purpose=_l("How people are addressed: Mr, Ms, Dr."),
        ),
        Kind(
            slug="loss-reasons", model=LossReason, plural=_l("Lost reasons"), single=_l("Lost reason"),
            purpose=_l("Why a lead came to nothing: too expensive, too late, no answer."),
        ),
        Kind(
            slug="opportunity-types", model=OpportunityType, plural=_l("Opportunity types"),
            single=_l("Opportunity type"),
            purpose=_l("What opportunities are about: a first sale, a renewal, maintenance."),
        ),
        Kind(
            slug="tags", model=Tag, plural=_l("Tags"), single=_l("Tag"),
            purpose=_l("Words that you put on leads to find them again. A lead can have several."),
        ),
    )
}  # fmt: skip
"""In the order of the page."""


def bind(app: Flask, resolver: Resolver) -> None:
    """Have one more place know lists, by the slug; it answers None to what is none of its own."""
    app.extensions.setdefault("leadhub_lists", []).append(resolver)


def kind_of(slug: str) -> Kind | None:
    if slug in KINDS:
        return KINDS[slug]
    resolvers = cast(list[Resolver], current_app.extensions.get("leadhub_lists", []))
    return next((kind for resolver in resolvers if (kind := resolver(slug))), None)
