"""Pipelines and stages by their keys, drafts of them, leads that stand in a stage."""

import pytest

from leadhub.extensions import db
from leadhub.leads.services import create_lead
from leadhub.lists.drafts import RowDraft
from leadhub.pipelines import services
from leadhub.pipelines.models import Pipeline, Stage
from leadhub.plugins.api import LeadDraft

EXTRAS = ("kind", "colour", "probability", "days_to_rot", "required", "guidance", "status_id")
NEW = {
    "kind": "open", "colour": "teal", "probability": None, "days_to_rot": None, "required": [], "guidance": "",
    "status_id": None,
}  # fmt: skip


@pytest.fixture
def ada(context, person):
    return person("ada")


@pytest.fixture
def sales(context):
    """The pipeline that is there from the start."""
    return db.session.query(Pipeline).filter_by(key="sales").one()


@pytest.fixture
def stage(context):
    """``stage("sales.lost")``: the row with that key, or None."""
    return lambda key: db.session.query(Stage).filter_by(key=key).one_or_none()


@pytest.fixture
def draft():
    """``draft(row, kind="won")``: what a form says of a stage, with these changes; ``draft("Call")``: of a new one."""

    def draft(of, *, names=None, **changes):
        if isinstance(of, str):
            return RowDraft(names={"en": of}, extras=NEW | changes)
        return RowDraft(names=names or of.names, extras={name: getattr(of, name) for name in EXTRAS} | changes)

    return draft


@pytest.fixture
def add_pipeline(ada):
    """``add_pipeline("Support", "support", team_id=1)``: one more, with the stages of one that is ready."""

    def add(name, ready="", **extras):
        return services.add_pipeline(RowDraft(names={"en": name}, extras=extras), ready=ready, by=ada)

    return add


@pytest.fixture
def lead_in(context):
    """``lead_in("sales.lost")``: a lead that stands there, without the rules of entering."""

    def make(key, **values):
        lead = create_lead(LeadDraft(channel="form", last_name="Dupont", **values), by=None)
        lead.stage_id = db.session.query(Stage.id).filter_by(key=key).scalar()
        db.session.flush()
        return lead

    return make
