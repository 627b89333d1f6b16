"""Fixtures of the list's tests."""

import pytest

from leadhub.extensions import db
from leadhub.fields import services as fields
from leadhub.fields.drafts import FieldDraft
from leadhub.leads.listing import periods
from leadhub.leads.listing.pages import Place, page_of
from leadhub.leads.listing.state import state_from
from leadhub.leads.services import create_leads
from leadhub.plugins.api import LeadDraft
from tests.leads.listing.oracle import TODAY

OWN = ("text", "link", "number", "day", "choice", "choices", "yes_no")


@pytest.fixture
def today(monkeypatch):
    """A fixed day in Paris."""
    monkeypatch.setattr(periods, "today_in", lambda zone: TODAY)
    return TODAY


@pytest.fixture
def own(context, person):
    """Type -> name of a field of the team's own, one of each type."""
    names = {}
    for type in OWN:
        choices = ("Blue", "Red", "Été") if type.startswith("choice") else ()
        draft = FieldDraft(type=type, names={"en": f"Own {type}"}, shown="form", choices=choices)
        names[type] = fields.add_field(draft, by=person("ada")).name
    db.session.commit()
    return names


@pytest.fixture
def make_leads(context):
    """``make_leads({"last_name": "A"}, ...)``: ids of committed leads, all stored at once."""

    def make(*drafts):
        outcomes = create_leads([LeadDraft(**{"channel": "form"} | draft) for draft in drafts], by=None)
        db.session.commit()
        assert not [outcome.refusal for outcome in outcomes if outcome.refusal]
        return [outcome.lead_id for outcome in outcomes]

    return make


@pytest.fixture
def state_for(context, person):
    """``state_for("bob", source=["fair", "web"], sort="name")``: what an address of bob's list asks for."""

    def read(name, **asked):
        lists = {key: [value] if isinstance(value, str) else list(value) for key, value in asked.items()}
        return state_from(lists, person(name))

    return read


@pytest.fixture
def listed(state_for, person):
    """``listed("bob", q="baker")``: ids of the leads of the whole list, page after page."""

    def read(name, **asked):
        state, user = state_for(name, **asked), person(name)
        ids, place = [], None
        while True:
            page = page_of(user, state, after=place)
            ids += [lead.id for lead in page.leads]
            if page.after is None:
                return ids
            place = Place.read(str(page.after), state.sort)

    return read
