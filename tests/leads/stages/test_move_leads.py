"""All leads of a pipeline go to another one, stage by stage."""

import pytest
import sqlalchemy as sa

from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.leads.counters.queries import sums_for
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.stages.models import StageMove
from leadhub.leads.stages.referrers import move_leads
from leadhub.lists import guard
from leadhub.lists.drafts import RowDraft
from leadhub.lists.guard import SuccessorNeeded, TooManyLeads
from leadhub.pipelines import services
from leadhub.pipelines.models import Pipeline, Stage
from leadhub.pipelines.queries import stages_of


def add_support():
    draft = RowDraft(names={"en": "Support", "fr": "Support"}, extras={"team_id": None})
    support = services.add_pipeline(draft, ready="support", by=user_by_email("ada@example.org"))
    db.session.commit()
    return db.session.query(Pipeline).filter_by(key="sales").one(), support


@pytest.fixture
def pair(context):
    """The pipelines Sales and Support."""
    return add_support()


def test_leads_go_stage_by_stage_and_those_without_a_choice_stay(app, pair, make_lead, person):
    sales, support = pair
    first, second, *_rest = (row.id for row in stages_of(sales))
    to = stages_of(support)[1].id
    db.session.commit()
    moved, stays = make_lead(), make_lead(stage="sales.in-evaluation")

    assert move_leads(sales, {first: to}, by=person("ada")) == 1
    db.session.commit()

    known = {lead.id: lead for lead in db.session.scalars(sa.select(Lead))}
    assert (known[moved].stage_id, known[stays].stage_id) == (to, second)
    assert (known[moved].version, known[moved].status.key) == (2, "open")
    step = db.session.scalars(sa.select(StageMove).order_by(StageMove.id.desc())).first()
    assert (step.lead_id, step.from_id, step.to_id, step.cause, step.by_id) == (
        moved,
        first,
        to,
        "hand",
        person("ada").id,
    )
    line = db.session.scalars(sa.select(LeadEvent).order_by(LeadEvent.id.desc())).first()
    assert [(it["field"], it["new"]) for it in line.changes] == [("stage", db.session.get_one(Stage, to).label("en"))]
    assert {row.stage_id: row.leads for row in sums_for(person("ada"))} == {to: 1, second: 1}


def test_only_stages_of_other_pipelines_take_them_in(pair, person):
    sales, support = pair
    first, second, *_rest = (row.id for row in stages_of(sales))
    for mapping in ({first: second}, {first: 9999}, {stages_of(support)[0].id: second}):
        with pytest.raises(SuccessorNeeded):
            move_leads(sales, mapping, by=person("ada"))


def test_too_many_are_moved_in_steps(pair, person, make_lead, monkeypatch):
    monkeypatch.setattr(guard, "LEADS_MAX", 0)
    sales, support = pair
    mapping = {stages_of(sales)[0].id: stages_of(support)[0].id}
    db.session.commit()
    make_lead()
    with pytest.raises(TooManyLeads):
        move_leads(sales, mapping, by=person("ada"))


def test_the_page_proposes_the_nearest_stage(app, client, client_of, make_lead):
    with app.app_context():
        sales, support = add_support()
        first, to = stages_of(sales)[0].id, stages_of(support)[0].id
        address = f"/settings/pipelines/{sales.id}/leads"
    assert "There are no leads in this pipeline." in client.get(address).text
    make_lead()

    page = client.get(address).text
    assert f'<option selected value="{to}">' in page
    answer = client.post(address, data={f"stage_{first}": to})

    assert answer.status_code == 303
    assert "1 lead moved." in client.get(answer.location).text
    assert client.post(address, data={f"stage_{first}": "x"}).status_code == 303  # nothing is left to be asked for
    assert client_of("bob").get(address).status_code == 403
