"""Leads that go from one status to another, and a worker that does what is to be done then."""

import pytest

from leadhub.extensions import db
from leadhub.jobs.worker import Worker
from leadhub.leads.models import Lead
from leadhub.leads.services import create_lead, update_lead
from leadhub.leads.statuses.models import StatusRun
from leadhub.plugins.api import LeadDraft
from leadhub.statuses.models import Status
from tests.statuses.conftest import in_another_thread  # noqa: F401  # a fixture


@pytest.fixture
def ada(context, person):
    return person("ada")


@pytest.fixture
def status(context):
    """``status("open")``: the row with that key."""
    return lambda key: db.session.query(Status).filter_by(key=key).one()


@pytest.fixture
def new_lead(context):
    """``new_lead(**changes)``: a lead that is committed."""

    def make(**changes):
        lead = create_lead(LeadDraft(**{"channel": "form", "last_name": "Dupré"} | changes), by=None)
        db.session.commit()
        return lead

    return make


@pytest.fixture
def choose(ada):
    """``choose(lead, "quotation")``: ada gives it this status, with a reason if one is named."""

    def choose(lead, key, reason=""):
        changes = {"status": key} | ({"lost_reason": reason} if reason else {})
        update_lead(lead, changes, by=ada, version=lead.version)
        db.session.commit()

    return choose


@pytest.fixture
def work(app):
    """``work()``: everything that is due is done, and the test reads it anew."""

    def work():
        db.session.commit()  # SQLite's one writer is the worker now
        Worker(app).work_off()
        db.session.rollback()

    return work


@pytest.fixture
def runs(context):
    """``runs(lead)``: what became of each action, as (key, state, why)."""

    def read(lead: Lead):
        found = db.session.query(StatusRun).filter_by(lead_id=lead.id).order_by(StatusRun.id)
        return [(run.action, run.state, run.told) for run in found]

    return read
