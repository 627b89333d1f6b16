"""What may enter which stage, through every door, and what is written then."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from leadhub.accounts.models import Team
from leadhub.extensions import db
from leadhub.leads import many
from leadhub.leads.activities import NOTE, Activity, log
from leadhub.leads.checks import FieldRefused
from leadhub.leads.many import Act, Before
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.services import StaleLead, create_leads, update_lead
from leadhub.leads.stages.history import bar_of, moves_of
from leadhub.leads.stages.stagnation import stagnating
from leadhub.leads.stages.transitions import StageRefused
from leadhub.pipelines.queries import default_pipeline
from leadhub.plugins.api import LeadDraft

FIRST, SECOND, WON, LOST = "sales.first-contact", "sales.in-evaluation", "sales.converted", "sales.lost"


def in_bulk(lead_ids, key, by):
    results = many.change(lead_ids, Act(act="set", field="stage", value=key), by=by)
    db.session.commit()
    return results


def test_a_new_lead_begins_in_the_first_stage_and_its_path_says_so(new_lead):
    lead = new_lead()

    (move,) = moves_of(lead)
    assert (lead.stage.key, move.from_id, move.to_id, move.cause) == (FIRST, None, lead.stage_id, "begun")
    assert move.to_names == {"en": "First contact", "fr": "Premier contact"}


def test_without_a_default_pipeline_it_begins_in_none(new_lead):
    default_pipeline().is_default = False

    lead = new_lead()

    assert (lead.stage, moves_of(lead), lead.stage_rank) == (None, [], "")


def test_a_move_is_one_line_one_version_and_one_step_of_the_path(new_lead, enter, ada):
    lead = new_lead()

    enter(lead, "lost", lost_reason="price")

    line = db.session.query(LeadEvent).filter_by(lead_id=lead.id, kind="changed").one()
    assert {change["field"]: change["new"] for change in line.changes} == {
        "stage": "Lost", "lost_reason": "Price", "status": "Closed without result",
    }  # fmt: skip
    begun, move = moves_of(lead)
    assert (lead.version, move.from_id, move.to_id, move.by_id, move.cause) == (
        2, begun.to_id, lead.stage_id, ada.id, "hand",
    )  # fmt: skip
    assert (move.since, move.at) == (begun.at, lead.stage_since)


def test_required_fields_are_named_and_may_come_along(new_lead, enter, stage):
    stage("in-evaluation").required = ["expected_value", "phone", "gone"]
    lead = new_lead()

    with pytest.raises(StageRefused, match="“In evaluation” asks for: Expected value, Phone.") as refused:
        enter(lead, "in-evaluation")
    db.session.rollback()
    enter(lead, "in-evaluation", expected_value=Decimal(500), phone="+33 1 23 45 67 89")

    assert set(refused.value.missing) == {"expected_value", "phone"}
    assert (lead.stage.key, lead.version) == (SECOND, 2)


def test_what_is_retired_is_entered_no_longer(new_lead, enter, stage):
    stage("in-evaluation").retired = True

    with pytest.raises(StageRefused, match="no longer there"):
        enter(new_lead(), "in-evaluation")


def test_a_pipeline_of_a_team_is_for_that_team_and_managers(new_lead, person, stage):
    team = Team(name="North")
    db.session.add(team)
    db.session.flush()
    default_pipeline().team_id = team.id
    lead = new_lead()

    with pytest.raises(StageRefused, match="belongs to the team “North”"):
        update_lead(lead, {"stage": SECOND}, by=person("bob"), version=1)
    db.session.rollback()
    default_pipeline().team_id = team.id if db.session.merge(team) else None
    update_lead(lead, {"stage": SECOND}, by=person("mia"), version=1)

    assert lead.stage.key == SECOND


def test_of_two_who_move_one_card_the_second_is_told(new_lead, enter, ada):
    lead = new_lead()
    enter(lead, "in-evaluation")

    with pytest.raises(StaleLead) as stale:
        update_lead(lead, {"stage": "sales.in-negotiation"}, by=ada, version=1)

    assert stale.value.fields == {"stage"}


def test_who_is_a_customer_is_not_lost(new_lead, enter):
    lead = new_lead()
    enter(lead, "converted", customer_since=date(2026, 11, 1))

    with pytest.raises(FieldRefused, match="has become a customer"):
        enter(lead, "lost", lost_reason="price")


def test_the_day_alone_makes_the_customer_and_moves_the_card_and_without_it_there_is_none(new_lead, ada):
    lead = new_lead()
    update_lead(lead, {"customer_since": date(2026, 11, 1)}, by=ada, version=1)
    db.session.commit()
    assert (lead.status.key, lead.stage.key) == ("converted", WON)

    update_lead(lead, {"customer_since": None}, by=ada, version=lead.version)
    db.session.commit()
    assert (lead.status.key, lead.stage.key) == ("open", WON)


def test_drafts_ask_for_a_stage_by_name_and_are_refused_for_the_same(context, ada):
    drafts = [
        LeadDraft(channel="import", last_name="A", stage="En évaluation"),
        LeadDraft(channel="import", last_name="B", stage=WON),
        LeadDraft(channel="import", last_name="C", stage="Lost", lost_reason="Price"),
        LeadDraft(channel="import", last_name="D", stage="Whatever"),
        LeadDraft(channel="import", last_name="E", stage=WON, customer_since=date(2026, 1, 1)),
    ]

    outcomes = create_leads(drafts, by=ada)
    db.session.commit()

    found = {lead.last_name: (lead.stage.key, lead.status.key) for lead in db.session.query(Lead)}
    assert found == {"A": (SECOND, "open"), "C": (LOST, "closed"), "D": (FIRST, "open"), "E": (WON, "converted")}
    assert outcomes[1].refusal.missing == ("customer_since",)
    assert db.session.query(Lead).filter_by(last_name="D").one().other_data == {"Stage": "Whatever"}


def test_a_draft_of_a_known_lead_moves_it(context, ada):
    named = {"channel": "import", "last_name": "A", "external_scope": "file", "external_id": "7"}
    create_leads([LeadDraft(**named)], by=ada)

    first = create_leads([LeadDraft(**named, stage=SECOND)], by=ada)
    second = create_leads([LeadDraft(**named, stage=LOST)], by=ada)
    db.session.commit()

    lead = db.session.query(Lead).one()
    assert (first[0].result, second[0].refusal.missing, lead.stage.key) == ("updated", ("lost_reason",), SECOND)
    assert len(moves_of(lead)) == 2


def test_many_are_moved_refused_and_given_back_with_their_statuses(new_lead, ada):
    closable, other, done = new_lead(lost_reason="price"), new_lead(), new_lead(stage=LOST, lost_reason="price")
    ids = [closable.id, other.id, done.id]

    results = in_bulk(ids, LOST, ada)

    assert [results[it].state for it in ids] == ["changed", "refused", "unchanged"]
    assert results[other.id].reason == "“Lost” asks for: Lost reason."
    assert (closable.stage.key, closable.status.key) == (LOST, "closed")
    before = {closable.id: Before(results[closable.id].old, results[closable.id].version)}
    many.give_back(before, Act(act="set", field="stage", value=LOST), by=ada)
    db.session.commit()
    assert (closable.stage.key, closable.status.key) == (FIRST, "open")
    assert len(moves_of(closable)) == 3


def test_many_take_as_many_statements_as_two(new_lead, ada, count_queries):
    few, lots = [new_lead().id for _ in range(2)], [new_lead().id for _ in range(12)]
    in_bulk([new_lead().id], SECOND, ada)

    counts = []
    for ids in (few, lots):
        with count_queries() as statements:
            in_bulk(ids, SECOND, ada)
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_the_bar_adds_up_the_visits(new_lead, enter):
    lead = new_lead()
    for key in ("in-evaluation", "first-contact", "in-evaluation"):
        enter(lead, key)
    moves = moves_of(lead)
    start = datetime(2026, 11, 1, tzinfo=UTC)
    for move, day in zip(moves, (0, 2, 5, 6), strict=True):
        move.at = start + timedelta(days=day)
    db.session.commit()

    spans = bar_of(lead, start + timedelta(days=10))

    days = [(span.stage.key.removeprefix("sales."), span.seconds / 86_400, span.is_now) for span in spans]
    assert days[:3] == [("first-contact", 3, False), ("in-evaluation", 7, True), ("in-negotiation", 0, False)]


def test_only_a_person_touches_a_lead(new_lead, ada, stage):
    lead, day = new_lead(), timedelta(days=1)
    long_ago = lead.created_at - 30 * day
    lead.touched_at = long_ago
    db.session.commit()
    assert lead.stagnating
    assert db.session.scalars(db.select(Lead.id).where(stagnating())).all() == [lead.id]

    create_leads([LeadDraft(channel="x", last_name="Dupré", external_scope="s", external_id="1")], by=None)
    db.session.refresh(lead)
    assert lead.touched_at == long_ago
    log(lead, Activity(kind=NOTE, body="Called"), by=ada, link="https://hub.example/leads/1")
    db.session.commit()

    assert not lead.stagnating
    assert lead.stage.rotten_at(lead.touched_at + 14 * day) == lead.touched_at
