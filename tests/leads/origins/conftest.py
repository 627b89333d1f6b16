"""Fixtures of the tests of leads without a source."""

import pytest

from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.leads.origins import queries
from leadhub.leads.services import create_leads
from leadhub.lists.models import Source
from leadhub.plugins.api import LeadDraft


@pytest.fixture
def make_leads(app):
    """``make_leads({"last_name": "A"}, ...)``: ids of committed leads, all stored at once."""

    def make(*drafts):
        with app.app_context():
            told = [LeadDraft(**{"channel": "csv", "last_name": "Dupont"} | draft) for draft in drafts]
            outcomes = create_leads(told, by=None)
            db.session.commit()
            return [outcome.lead_id for outcome in outcomes]

    return make


@pytest.fixture
def suggested(app, person):
    """``suggested("bob")``: id of a lead on his first page -> key of the source and reason, where there is one."""

    def read(name="ada"):
        with app.app_context():
            found = queries.queue_of(person(name), None).suggested
            return {lead_id: (it.source.key, it.reason) for lead_id, it in found.items()}

    return read


@pytest.fixture
def retire(app):
    """``retire("advertising")``: that source is no longer offered."""

    def change(key):
        with app.app_context():
            db.session.query(Source).filter_by(key=key).one().retired = True
            db.session.commit()

    return change


@pytest.fixture
def sources(app):
    """``sources(ids)``: keys of the sources of these leads, in their order."""

    def read(ids):
        with app.app_context():
            return [lead.source and lead.source.key for lead in (db.session.get(Lead, it) for it in ids)]

    return read
