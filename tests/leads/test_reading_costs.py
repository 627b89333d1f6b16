"""What sources and campaigns bring and cost, counted again by hand."""

import random
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.fields import services as fields
from leadhub.fields.catalogue import FORM, MANAGERS
from leadhub.fields.drafts import Decision
from leadhub.leads.aside import Unanswered
from leadhub.leads.counters.services import recount
from leadhub.leads.models import Lead
from leadhub.leads.reading import reader_for
from leadhub.leads.services import create_leads
from leadhub.lists.models import Campaign
from leadhub.plugins.api import LeadDraft, Period
from tests.leads.paths import MIDNIGHT, set_reach

SOME = Period(start=date(2026, 10, 17), end=date(2026, 10, 30))
COSTS = {"c1": Decimal("1000.00"), "c2": Decimal("333.33"), "c3": None}


@pytest.fixture(params=["rows", "counters"])
def leads(context, request):
    """Drafts of the leads that are there, not of those in the bin."""
    chance = random.Random(21)
    for key, cost in COSTS.items():
        db.session.add(Campaign(key=key, names={"en": key}, budget=cost and cost * 2, actual_cost=cost))
    db.session.add(Campaign(key="c4", names={"en": "c4"}, actual_cost=Decimal(50)))  # without a lead
    db.session.flush()
    drafts = [
        LeadDraft(
            channel="form", last_name=f"Lead {number}", source=chance.choice(["web-form", "whatsapp", ""]),
            campaign=chance.choice(["c1", "c2", "c3", ""]), owner=chance.choice(["bob@example.org", "mia@example.org"]),
            received_at=MIDNIGHT + timedelta(hours=12 * (number - 40)),
            customer_since=chance.choice([None, None, date(2026, 11, 1)]),
        )
        for number in range(80)
    ]  # fmt: skip
    ids = [outcome.lead_id for outcome in create_leads(drafts, by=None)]
    binned = ids[::9]
    db.session.execute(sa.update(Lead).where(Lead.id.in_(binned)).values(deleted_at=MIDNIGHT))
    if request.param == "counters":
        recount(db.session.connection())
    db.session.commit()
    return [draft for lead_id, draft in zip(ids, drafts, strict=True) if lead_id not in binned]


def in_period(drafts, period):
    first, last = period.start or date.min, period.end or date.max
    return [
        it for it in drafts if first <= (it.received_at + timedelta(hours=2)).date() <= last
    ]  # before midnight: all


def cents(cost):
    return cost.quantize(Decimal("0.01"), ROUND_HALF_EVEN)


@pytest.mark.parametrize("period", [Period(), Period(start=date(2026, 10, 8), end=date(2026, 10, 20))])
@pytest.mark.parametrize("field", ["source", "campaign"])
def test_costs_fall_to_leads_in_equal_parts(leads, person, field, period):
    told = reader_for(person("ada")).efficiency(field, period=period)
    every = {key: sum(it.campaign == key for it in leads) for key in COSTS}
    here = in_period(leads, period)

    assert {it.where[field] for it in told} == {getattr(it, field) or "none" for it in here}
    for it in told:
        its = [each for each in here if (getattr(each, field) or "none") == it.where[field]]
        known = [COSTS[each.campaign] / every[each.campaign] for each in its if COSTS.get(each.campaign)]
        assert it.leads == len(its)
        assert it.customers == sum(each.customer_since is not None for each in its)
        assert it.cost == (pytest.approx(sum(known), abs=Decimal("0.02")) if known else None)
        assert it.budget == (COSTS.get(it.where[field]) and COSTS[it.where[field]] * 2 if field == "campaign" else None)
    if field == "campaign" and period == Period():
        assert {it.where[field]: it.cost for it in told if it.cost} == {"c1": Decimal(1000), "c2": Decimal("333.33")}


def test_amounts_are_for_admins_and_leads_for_those_who_see_them(leads, person):
    set_reach("own")
    for name in ("mia", "bob", "vic"):
        told = reader_for(person(name)).efficiency("campaign")
        assert all(it.cost is None and it.budget is None for it in told)
    bobs = sum(it.leads for it in reader_for(person("bob")).efficiency("source"))
    assert bobs == sum(it.owner == "bob@example.org" for it in leads)


def test_the_page_is_narrowed_but_a_campaign_costs_its_leads_what_it_costs_all(leads, person):
    told = reader_for(person("ada"), within={"owner": ["bob@example.org"]}).efficiency("campaign")
    bobs = [it for it in leads if it.owner == "bob@example.org" and it.campaign == "c1"]
    every = sum(it.campaign == "c1" for it in leads)

    (first,) = [it for it in told if it.where["campaign"] == "c1"]
    assert first.leads == len(bobs)
    assert first.cost == (1000 * Decimal(len(bobs)) / every).quantize(Decimal("0.01"))


@pytest.mark.one_database
def test_who_may_not_see_the_source_hears_nothing_by_it(leads, person):
    hidden = Decision(shown=FORM, required=False, in_list=False, seen_by=MANAGERS, changed_by=MANAGERS)
    fields.decide({"source": hidden}, by=person("ada"))
    db.session.commit()

    with pytest.raises(Unanswered):
        reader_for(person("bob")).efficiency("source")
    with pytest.raises(Unanswered):
        reader_for(person("ada")).efficiency("industry")
    assert reader_for(person("mia")).efficiency("source")
    assert reader_for(person("ada")).currency == "EUR"
