"""Taking stages and pipelines away with all that names them; stages back again."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.leads.listing.models import SavedView
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.stages.models import StageMove
from leadhub.lists import guard
from leadhub.lists.guard import NotUndone, SuccessorNeeded, TooManyLeads
from leadhub.pipelines import services
from leadhub.pipelines.deletion import (
    LastStage,
    delete_pipeline,
    delete_stage,
    lead_counts,
    open_deletions,
    others_of,
    undo_deletion,
)
from leadhub.pipelines.models import Pipeline, Stage, StageDeletion
from leadhub.pipelines.queries import counterpart_of, pipelines, stages_of, stages_outside
from leadhub.referrers.registry import use_counts
from leadhub.statuses.deletion import delete_status
from leadhub.statuses.models import Status


@pytest.fixture
def view(ada):
    """``view("stage=sales.lost")``: a saved view that asks for this."""

    def keep(query):
        row = SavedView(name="Hot", owner_id=ada.id, query=query, scope="private")
        db.session.add(row)
        db.session.flush()
        return row

    return keep


@pytest.fixture
def support(add_pipeline):
    return add_pipeline("Support", "support")


@pytest.fixture
def mapping(sales):
    """``mapping(support)``: each stage of it to what comes nearest in the pipeline Sales."""

    def make(of):
        mine, others = stages_of(of), stages_outside(of)
        return {it.id: counterpart_of(it, mine, others).id for it in mine}

    return make


def status_id(key):
    return db.session.query(Status.id).filter_by(key=key).scalar()


def count(model):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


# Stages


def test_what_nothing_uses_goes_without_a_successor(stage, ada):
    delete_stage(stage("sales.in-negotiation").id, None, by=ada)

    assert stage("sales.in-negotiation") is None


def test_leads_go_to_the_successor_with_history_and_path(stage, lead_in, ada):
    lead, old, new = lead_in("sales.in-evaluation"), stage("sales.in-evaluation"), stage("sales.in-negotiation")
    old_id, version = old.id, lead.version

    gone = delete_stage(old.id, new.id, by=ada)

    db.session.refresh(lead)
    move = db.session.scalars(sa.select(StageMove).order_by(StageMove.id.desc())).first()
    assert (lead.stage_id, lead.version) == (new.id, version + 1)
    assert (move.from_id, move.to_id, move.deletion_id) == (old_id, new.id, gone.id)
    assert move.from_names == {"en": "In evaluation", "fr": "En évaluation"}
    assert gone.moved == {"leads.stage": 1}
    assert count(LeadEvent) > 1


def test_what_is_in_use_needs_a_successor(stage, lead_in, ada):
    row = stage("sales.in-evaluation")
    lead_in(row.key)

    with pytest.raises(SuccessorNeeded):
        delete_stage(row.id, None, by=ada)

    assert stage("sales.in-evaluation")


def test_a_saved_view_asks_for_the_successor_and_gets_its_stage_back(stage, view, ada):
    hot, row = view("stage=sales.in-evaluation"), stage("sales.in-evaluation")
    assert use_counts(Stage.__tablename__, [row.id]) == {row.id: 1}

    gone = delete_stage(row.id, stage("sales.first-contact").id, by=ada)
    after = hot.query
    undo_deletion(gone, by=ada)

    assert after == "stage=sales.first-contact"
    assert hot.query == "stage=sales.in-evaluation"


def test_the_last_open_stage_stays(stage, ada):
    for key in ("sales.in-evaluation", "sales.in-negotiation"):
        delete_stage(stage(key).id, None, by=ada)

    with pytest.raises(LastStage):
        delete_stage(stage("sales.first-contact").id, stage("sales.converted").id, by=ada)

    assert stage("sales.first-contact")


def test_its_own_pipelines_stages_are_offered_first(stage, support):
    offered = others_of(stage("sales.lost"))

    assert [it.pipeline.key for it in offered] == ["sales"] * 4 + ["support"] * 5


def test_an_undo_brings_stage_and_leads_back(stage, lead_in, draft, ada):
    row = stage("sales.in-evaluation")
    services.change_stage(row, draft(row, required=["phone"], guidance="Ask.", probability=33), by=ada)
    lead, other = lead_in(row.key), lead_in(row.key)
    row_id, columns = row.id, {name: getattr(row, name) for name in ("key", "names", "position", "colour")}
    gone = delete_stage(row.id, stage("sales.first-contact").id, by=ada)
    lead_goes_on = stage("sales.in-negotiation").id
    db.session.execute(sa.update(Lead).where(Lead.id == other.id).values(stage_id=lead_goes_on))

    back = undo_deletion(gone, by=ada)

    db.session.expire_all()
    assert {name: getattr(back, name) for name in columns} == columns
    assert (back.id, back.required, back.guidance, back.probability) == (row_id, ["phone"], "Ask.", 33)
    assert (lead.stage_id, other.stage_id) == (row_id, lead_goes_on)
    assert gone.kept == ["1 lead has got into another stage since, and stays there."]


def test_an_undo_is_for_an_hour_and_once(sales, stage, ada):
    first = delete_stage(stage("sales.in-evaluation").id, None, by=ada)
    second = delete_stage(stage("sales.in-negotiation").id, None, by=ada)
    assert open_deletions(sales) == [second, first]
    first.at = utcnow() - timedelta(hours=2)
    undo_deletion(second, by=ada)

    assert open_deletions(sales) == []
    for gone in (first, second):
        with pytest.raises(NotUndone):
            undo_deletion(gone, by=ada)


def test_more_leads_than_one_act_moves(stage, lead_in, ada, monkeypatch):
    monkeypatch.setattr(guard, "LEADS_MAX", 1)
    for _n in range(2):
        lead_in("sales.in-evaluation")

    with pytest.raises(TooManyLeads):
        delete_stage(stage("sales.in-evaluation").id, stage("sales.first-contact").id, by=ada)


# The status that a lost stage gives


def test_a_deleted_status_gives_way_in_the_stages_that_give_it(stage, ada):
    row = stage("sales.lost")
    row.status_id = closed = status_id("closed")
    db.session.flush()

    delete_status(closed, status_id("lost-quotation"), by=ada)
    db.session.refresh(row)

    assert row.status_id == status_id("lost-quotation")


def test_a_stage_that_comes_back_gives_what_took_the_place_of_its_status(stage, ada):
    row = stage("sales.lost")
    row.status_id = closed = status_id("closed")
    db.session.flush()
    gone = delete_stage(row.id, None, by=ada)
    delete_status(closed, None, by=ada)

    back = undo_deletion(gone, by=ada)

    assert back.status_id is None


# Pipelines


def test_a_pipeline_goes_with_its_stages_and_its_leads_to_those_of_another_one(
    sales, support, mapping, lead_in, view, ada
):
    leads = {key: lead_in(f"support.{key}") for key in ("new-request", "waiting", "solved", "closed-unsolved")}
    hot, row_id = view("stage=support.waiting"), support.id

    moved = delete_pipeline(support, mapping(support), by=ada)

    db.session.flush()
    db.session.expire_all()
    assert moved == 4
    assert {key: lead.stage.key for key, lead in leads.items()} == {
        "new-request": "sales.first-contact", "waiting": "sales.in-negotiation", "solved": "sales.converted",
        "closed-unsolved": "sales.lost",
    }  # fmt: skip
    assert hot.query == "stage=sales.in-negotiation"
    assert db.session.get(Pipeline, row_id) is None
    assert pipelines() == [sales]
    assert not sales.is_named


def test_what_nothing_uses_needs_no_mapping(support, ada):
    assert delete_pipeline(support, {}, by=ada) == 0


def test_every_stage_in_use_needs_a_stage_of_another_pipeline(support, lead_in, mapping, ada):
    lead_in("support.new-request")
    lead_in("support.waiting")
    ids = {it.key: it.id for it in stages_of(support)}
    told = mapping(support)
    before = count(Stage), count(StageDeletion)

    for wrong in (None, ids["support.new-request"], 999):
        with pytest.raises(SuccessorNeeded) as refused:
            delete_pipeline(support, told | {ids["support.waiting"]: wrong}, by=ada)
        assert refused.value.referrer == str(ids["support.waiting"])

    assert (count(Stage), count(StageDeletion)) == before


def test_the_default_and_the_only_one_stay(sales, support, ada):
    with pytest.raises(RuleBroken):
        delete_pipeline(sales, {}, by=ada)
    delete_pipeline(support, {}, by=ada)
    sales.is_default = False

    with pytest.raises(RuleBroken):
        delete_pipeline(sales, {}, by=ada)

    assert pipelines() == [sales]


def test_a_pipeline_with_more_leads_than_one_act_moves_stays(support, lead_in, mapping, ada, monkeypatch):
    monkeypatch.setattr(guard, "LEADS_MAX", 1)
    lead_in("support.new-request")
    lead_in("support.waiting")

    with pytest.raises(TooManyLeads):
        delete_pipeline(support, mapping(support), by=ada)

    assert len(stages_of(support)) == 5


def test_deletions_of_its_stages_are_undone_no_more(support, stage, ada):
    gone = delete_stage(stage("support.waiting").id, None, by=ada)
    delete_pipeline(support, {}, by=ada)

    with pytest.raises(RuleBroken):
        undo_deletion(gone, by=ada)


def test_leads_are_counted_those_in_the_bin_too(stage, lead_in):
    lead_in("sales.lost").deleted_at = utcnow()
    db.session.flush()

    row = stage("sales.lost")
    assert lead_counts([row.id, stage("sales.converted").id]) == {row.id: 1}
