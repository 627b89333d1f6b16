"""How long leads wait for a person, counted again by hand."""

import random
from datetime import date, timedelta
from statistics import median

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.reading import reader_for
from leadhub.leads.services import create_leads
from leadhub.plugins.api import LeadDraft, Period
from tests.leads.paths import MIDNIGHT, set_reach

EDGES = (0, 1, 3599, 3600, 3601, 86_400, 86_401, 604_800, 604_801, 10**6)
SOME = Period(start=date(2026, 10, 10), end=date(2026, 11, 3))


@pytest.fixture(params=[31, 32])
def waits(context, person, request):
    """(draft, seconds until the first answer or None) of leads that are there; some were created after they had come,
    some were written to by the hub alone, some answered twice."""
    chance, bob = random.Random(request.param), person("bob").id
    drafts = [
        LeadDraft(
            channel="form", last_name=f"Lead {number}", owner=chance.choice(["bob@example.org", "mia@example.org"]),
            received_at=MIDNIGHT + timedelta(hours=12 * (number - 30), minutes=-1),
        )
        for number in range(60)
    ]  # fmt: skip
    found = []
    for outcome, draft in zip(create_leads(drafts, by=None), drafts, strict=True):
        late = chance.choice([-5, 0, 40]) * timedelta(hours=1)
        begun, seconds = max(draft.received_at, draft.received_at + late), chance.choice([*EDGES, None, None])
        values = {"created_at": draft.received_at + late, "deleted_at": MIDNIGHT if chance.random() < 0.1 else None}
        db.session.execute(sa.update(Lead).where(Lead.id == outcome.lead_id).values(values))
        lines = [("note", None, 0), ("changed", bob, 1), ("file", bob, 2)]  # none of a person, none an answer
        if seconds is not None:
            lines += [("call", bob, seconds + 7), (chance.choice(["note", "call", "meeting"]), bob, seconds)]
        for kind, by_id, after in lines:
            at = begun + timedelta(seconds=after)
            db.session.add(LeadEvent(lead_id=outcome.lead_id, at=at, by_id=by_id, kind=kind, channel="form"))
        if not values["deleted_at"]:
            found.append((draft, seconds))
    db.session.commit()
    return found


@pytest.mark.parametrize(("name", "reach"), [("ada", "all"), ("bob", "own")])
@pytest.mark.parametrize("period", [SOME, Period()])
def test_waiting_times_are_those_of_a_pencil(waits, person, name, reach, period):
    set_reach(reach)
    first, last = period.start or date.min, period.end or date.max
    seen = [
        seconds for draft, seconds in waits
        if (reach == "all" or draft.owner == "bob@example.org")
        and first <= (draft.received_at + timedelta(hours=1)).date() <= last
    ]  # fmt: skip
    told = reader_for(person(name)).responses(period=period)
    known = [each for each in seen if each is not None]

    assert told.within == (
        (3600, sum(each <= 3600 for each in known)),
        (86_400, sum(3600 < each <= 86_400 for each in known)),
        (604_800, sum(86_400 < each <= 604_800 for each in known)),
    )
    assert told.later == sum(each > 604_800 for each in known)
    assert told.waiting == len(seen) - len(known)
    assert told.median == pytest.approx(median(known), abs=0.01)


@pytest.mark.one_database
def test_what_was_done_before_a_lead_came_is_done_at_once(context, person, make_lead):
    lead_id = make_lead(received_at=MIDNIGHT)
    db.session.add(
        LeadEvent(lead_id=lead_id, at=MIDNIGHT - timedelta(days=1), by_id=person("bob").id, kind="call", channel="form")
    )
    db.session.commit()
    reader = reader_for(person("ada"))

    assert reader.responses().within[0] == (3600, 1)
    assert reader.responses().median == 0
    assert reader.responses(period=Period(end=date(2020, 1, 1))).median is None
