"""Adding, changing, retiring and ordering pipelines and stages."""

import pytest

from leadhub.accounts import services as accounts
from leadhub.accounts.models import AuditEvent, Team
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.lists import services as lists
from leadhub.lists.drafts import RowDraft
from leadhub.lists.services import ListFieldRefused
from leadhub.pipelines import services
from leadhub.pipelines.models import Pipeline
from leadhub.pipelines.queries import first_stage, pipelines, stages_of, stages_outside
from leadhub.pipelines.ready import READY
from leadhub.statuses.models import Status


@pytest.fixture
def team(context):
    row = Team(name="North")
    db.session.add(row)
    db.session.flush()
    return row


def keys_of(pipeline):
    return [row.key for row in stages_of(pipeline)]


def about(pipeline, **changes):
    extras = {name: getattr(pipeline, name) for name in ("team_id", "is_default", "is_joined")}
    return RowDraft(names=pipeline.names, extras=extras | changes)


# Pipelines


def test_its_name_is_shown_as_soon_as_there_is_another_one(sales, stage, add_pipeline):
    alone = stage("sales.lost").label("en")

    other = add_pipeline("Support", "support")

    assert alone == "Lost"
    assert (sales.is_named, other.is_named) == (True, True)
    assert stage("sales.lost").label("en") == "Sales · Lost"
    assert stage("sales.lost").short("en") == "Lost"


@pytest.mark.parametrize("ready", ["onboarding", "partnership", "support"])
def test_a_ready_one_brings_its_stages(add_pipeline, ready):
    row = add_pipeline("New", ready)

    model = READY[ready]
    assert [it.names for it in stages_of(row)] == [dict(it.names) for it in model.stages]
    assert [it.kind for it in stages_of(row)] == ["open"] * 3 + ["won", "lost"]
    assert not row.is_joined
    assert not row.is_default


def test_one_of_our_own_begins_with_three(add_pipeline):
    assert [row.kind for row in stages_of(add_pipeline("New"))] == ["open", "won", "lost"]


def test_two_like_each_other_have_keys_of_their_own(add_pipeline):
    one, two = add_pipeline("One", "support"), add_pipeline("Two", "support")

    assert not {*keys_of(one)} & {*keys_of(two)}


def test_there_is_an_end_to_pipelines(add_pipeline, monkeypatch):
    monkeypatch.setattr(services, "PIPELINES_MAX", 1)

    with pytest.raises(RuleBroken):
        add_pipeline("New")


def test_no_two_have_one_name(add_pipeline):
    with pytest.raises(ListFieldRefused) as refused:
        add_pipeline("SALES")

    assert refused.value.field == "name_en"


def test_the_default_is_taken_over(sales, add_pipeline, ada):
    other = add_pipeline("Support", "support")

    services.change_pipeline(other, about(other, is_default=True), by=ada)

    db.session.expire_all()
    assert (sales.is_default, other.is_default) == (False, True)
    assert first_stage().pipeline is other


def test_without_a_default_new_leads_are_in_no_stage(sales, ada):
    services.change_pipeline(sales, about(sales, is_default=False), by=ada)

    assert first_stage() is None


def test_the_default_is_not_retired_and_what_is_retired_no_default(sales, add_pipeline, ada):
    other = add_pipeline("Support", "support")
    services.retire_pipeline(other, by=ada)

    with pytest.raises(RuleBroken):
        services.retire_pipeline(sales, by=ada)
    with pytest.raises(ListFieldRefused) as refused:
        services.change_pipeline(other, about(other, is_default=True), by=ada)
    assert refused.value.field == "is_default"
    assert not sales.retired
    assert not other.is_default


def test_a_team_that_is_gone_is_refused(sales, ada):
    with pytest.raises(ListFieldRefused) as refused:
        services.change_pipeline(sales, about(sales, team_id=999), by=ada)

    assert refused.value.field == "team_id"


def test_a_pipeline_is_everybodys_once_its_team_is_deleted(add_pipeline, team, ada):
    row = add_pipeline("Support", "support", team_id=team.id)

    accounts.delete_team(team, by=ada)
    db.session.commit()

    assert db.session.get(Pipeline, row.id).team_id is None
    told = db.session.scalars(db.select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert told.details == {"old": "North", "pipelines": 1}


def test_pipelines_have_an_order(sales, add_pipeline):
    one, two = add_pipeline("One"), add_pipeline("Two")

    lists.reorder(services.LIST, [two.id, sales.id, one.id])

    assert pipelines() == [two, sales, one]


# Stages


def test_an_open_stage_is_added_behind_those_that_are_open(sales, draft, ada):
    row = services.add_stage(sales, draft("Visit"), by=ada)

    assert stages_of(sales).index(row) == 3
    assert row.pipeline is sales


def test_a_closed_one_comes_last(sales, draft, ada):
    row = services.add_stage(sales, draft("Somewhere else", kind="lost"), by=ada)

    assert stages_of(sales)[-1] is row


def test_two_pipelines_may_have_stages_of_one_name(sales, add_pipeline, draft, ada):
    other = add_pipeline("Other")

    services.add_stage(other, draft("First contact"), by=ada)

    with pytest.raises(ListFieldRefused) as refused:
        services.add_stage(sales, draft("First contact"), by=ada)
    assert refused.value.field == "name_en"


def test_there_is_an_end_to_stages(sales, draft, ada, monkeypatch):
    monkeypatch.setattr(services, "STAGES_MAX", 5)

    with pytest.raises(RuleBroken):
        services.add_stage(sales, draft("One too many"), by=ada)


@pytest.mark.parametrize(
    ("extras", "field"),
    [({"kind": "both"}, "kind"), ({"colour": "mauve"}, "colour"), ({"status_id": 999}, "status_id")],
)
def test_what_can_not_be_said_of_a_stage_is_refused(stage, draft, ada, extras, field):
    row = stage("sales.lost")

    with pytest.raises(ListFieldRefused) as refused:
        services.change_stage(row, draft(row, **extras), by=ada)

    assert refused.value.field == field
    assert row.kind == "lost"


def test_a_stage_is_changed(stage, draft, ada):
    row = stage("sales.in-negotiation")
    status_id = db.session.query(Status.id).filter_by(key="closed").scalar()
    told = {"kind": "lost", "probability": 5, "days_to_rot": 3, "required": ["phone"], "guidance": "Ask twice."}

    services.change_stage(row, draft(row, status_id=status_id, **told), by=ada)

    assert {name: getattr(row, name) for name in told} == told
    assert row.status_id == status_id


def test_the_last_open_stage_stays_open_and_offered(sales, stage, draft, ada):
    for key in ("sales.in-evaluation", "sales.in-negotiation"):
        services.retire_stage(stage(key), by=ada)
    last = stage("sales.first-contact")

    with pytest.raises(RuleBroken):
        services.retire_stage(last, by=ada)
    with pytest.raises(ListFieldRefused) as refused:
        services.change_stage(last, draft(last, kind="won"), by=ada)
    assert refused.value.field == "kind"
    assert (last.kind, last.retired) == ("open", False)


def test_what_is_retired_is_offered_to_nobody(sales, stage, add_pipeline, ada):
    other = add_pipeline("Other")
    services.retire_stage(stage("sales.in-evaluation"), by=ada)

    assert stage("sales.in-evaluation") not in stages_outside(other)
    assert len(stages_outside(other)) == 4
