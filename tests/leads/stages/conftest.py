"""Leads that go through stages."""

import pytest

from leadhub.extensions import db
from leadhub.leads.services import create_lead, update_lead
from leadhub.pipelines.models import Stage
from leadhub.plugins.api import LeadDraft


@pytest.fixture
def ada(context, person):
    return person("ada")


@pytest.fixture
def stage(context):
    """``stage("lost")``: the row of the pipeline Sales."""
    return lambda key: db.session.query(Stage).filter_by(key=f"sales.{key}").one()


@pytest.fixture
def new_lead(context):
    """``new_lead(**changes)``: a lead that is committed."""

    def make(**changes):
        lead = create_lead(LeadDraft(**{"channel": "form", "last_name": "Dupré"} | changes), by=None)
        db.session.commit()
        return lead

    return make


@pytest.fixture
def enter(ada):
    """``enter(lead, "in-evaluation", **answers)``: ada moves the lead there."""

    def enter(lead, key, **answers):
        update_lead(lead, {"stage": f"sales.{key}"} | answers, by=ada, version=lead.version)
        db.session.commit()

    return enter
