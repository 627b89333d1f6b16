"""Stages of opportunities: the tick, where each stands, the board; leads know nothing of them."""

import re
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.leads.checks import FieldRefused
from leadhub.leads.queries import lead_seen_by
from leadhub.leads.services import update_lead
from leadhub.lists.drafts import RowDraft
from leadhub.lists.models import LossReason
from leadhub.lists.queries import rows_in
from leadhub.lists.services import ListFieldRefused
from leadhub.pipelines import deletion
from leadhub.pipelines.models import OPPORTUNITY, Stage, StageDeletion
from leadhub.pipelines.queries import default_pipeline, pipelines
from leadhub.pipelines.services import add_pipeline, change_stage, list_of, retire_stage
from leadhub.sales.documents import Opportunity
from leadhub.sales.drafts import OpportunityDraft
from leadhub.sales.opportunities import board_queries, queries, services, stages
from leadhub.sales.opportunities.queries import Wanted
from leadhub.sales.parties import NotNow, StaleDocument

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
READY = ["qualification", "proposal", "negotiation", "won", "lost"]


@pytest.fixture
def lead_id(make_lead):
    return make_lead(last_name="Dupont")


@pytest.fixture
def ada(lead_id, context, person):
    return person("ada")


@pytest.fixture
def make(ada, lead_id):
    """``make("Desks", probability=40)``: an opportunity of the lead."""

    def make(title="Desks", **draft):
        told = OpportunityDraft(**{"title": title, "currency": "EUR"} | draft)
        return services.create(lead_seen_by(ada, lead_id), told, by=ada)

    return make


@pytest.fixture
def on(ada):
    stages.switch_on(by=ada)
    return default_pipeline(OPPORTUNITY)


def stage(name):
    return db.session.scalars(sa.select(Stage).where(Stage.key == f"opportunities.{name}")).one()


def key(row):
    return row.stage.key.removeprefix("opportunities.") if row.stage else None


def reason():
    return db.session.scalars(sa.select(LossReason)).first()


# The tick


def test_the_tick_gives_stages_and_places_what_is_there(make, ada):
    opened, won, lost = make(), make(), make()
    services.act(won, "win", by=ada)
    services.act(lost, "lose", by=ada, reason=reason())
    assert stages.offered_stages() == []
    stages.switch_on(by=ada)
    db.session.expire_all()

    assert [row.key.removeprefix("opportunities.") for row in stages.offered_stages()] == READY
    assert [key(row) for row in (opened, won, lost)] == ["qualification", "won", "lost"]
    assert opened.probability is None


def test_without_the_tick_they_are_hidden_and_nothing_is_lost(make, on, ada):
    row = make()
    services.move(row, stage("negotiation"), version=row.version, by=ada)
    stages.switch_off(by=ada)
    assert stages.offered_stages() == []
    other = make("Chairs")
    services.act(other, "win", by=ada)
    assert other.stage is None
    stages.switch_on(by=ada)
    db.session.expire_all()

    assert len(pipelines(OPPORTUNITY)) == 1
    assert (key(row), key(other)) == ("negotiation", "won")


# Where each stands


def test_a_new_one_stands_in_the_first_stage_with_its_probability(make, on):
    assert (key(make()), make().probability, make(probability=25).probability) == ("qualification", 10, 25)


def test_a_move_brings_the_probability_unless_somebody_typed_another(make, on, ada):
    plain, typed = make(), make(probability=25)
    for row in (plain, typed):
        services.move(row, stage("proposal"), version=row.version, by=ada)

    assert (key(plain), plain.probability, plain.state) == ("proposal", 40, "open")
    assert (key(typed), typed.probability) == ("proposal", 25)


def test_the_stage_follows_the_state_and_the_state_the_stage(make, on, ada):
    row = make()
    services.move(row, stage("proposal"), version=row.version, by=ada)
    services.act(row, "win", by=ada)
    assert (key(row), row.state, row.probability) == ("won", "won", 100)
    services.act(row, "reopen", by=ada)
    assert (key(row), row.state, row.probability) == ("proposal", "open", 40)
    services.move(row, stage("lost"), version=row.version, by=ada, reason=reason(), competitor="Acme")
    assert (row.state, row.competitor, row.loss_reason_id) == ("lost", "Acme", reason().id)
    services.move(row, stage("won"), version=row.version, by=ada)
    assert (row.state, row.loss_reason_id, row.closed_on is None) == ("won", None, False)
    services.move(row, stage("negotiation"), version=row.version, by=ada)
    assert (row.state, row.closed_on) == ("open", None)

    path = [move.to_names["en"] for move in reversed(queries.moves_of(row))]
    assert path == ["Qualification", "Proposal", "Won", "Proposal", "Lost", "Won", "Negotiation"]


def test_what_is_no_longer_so_is_refused(make, on, ada):
    row = make()
    with pytest.raises(StaleDocument):
        services.move(row, stage("proposal"), version=row.version + 1, by=ada)
    stage("proposal").retired = True
    db.session.flush()
    with pytest.raises(NotNow):
        services.move(row, stage("proposal"), version=row.version, by=ada)
    assert key(row) == "qualification"


def test_a_deleted_stage_hands_over_and_its_undo_gives_back(make, on, ada):
    stayed, went = make(), make()
    for row in (stayed, went):
        services.move(row, stage("proposal"), version=row.version, by=ada)
    assert {it.pipeline.subject for it in deletion.others_of(stage("proposal"))} == {OPPORTUNITY}
    with pytest.raises(deletion.SuccessorNeeded):
        deletion.delete_stage(stage("proposal").id, None, by=ada)
    gone = deletion.delete_stage(stage("proposal").id, stage("negotiation").id, by=ada)
    db.session.expire_all()
    assert (key(stayed), key(went)) == ("negotiation", "negotiation")
    services.move(went, stage("qualification"), version=went.version, by=ada)
    services.move(went, stage("negotiation"), version=went.version, by=ada)
    deletion.undo_deletion(db.session.get_one(StageDeletion, gone.id), by=ada)
    db.session.expire_all()

    assert (key(stayed), key(went)) == ("proposal", "negotiation")
    assert gone.kept == ["1 opportunity: changed since, and not given back."]


# What leads know of them


def test_leads_know_nothing_of_stages_of_opportunities(client, on, ada, make, lead_id):
    lead = lead_seen_by(ada, lead_id)
    with pytest.raises(FieldRefused):
        update_lead(lead, {"stage": "opportunities.won"}, by=ada, version=lead.version)
    db.session.commit()
    for path in (
        "/leads/", "/leads/filter?field=stage", "/leads/new", "/dashboard/",
        f"/leads/{lead_id}", f"/leads/{lead_id}/fields/stage/edit", "/leads/board/",
        f"/leads/board/leads/{lead_id}/stage", f"/leads/bulk/new?lead={lead_id}&act=set&field=stage",
    ):  # fmt: skip
        page = client.get(path, follow_redirects=True)
        assert page.status_code == 200, path
        assert "Negotiation" not in page.text, path
        assert "opportunities.negotiation" not in page.text, path
    assert client.get("/leads/board/?pipeline=opportunities").status_code == 404
    assert "Sales · " not in client.get("/leads/new").text  # one pipeline of leads has no name still


def test_pipelines_of_leads_are_ordered_and_named_among_themselves(on, ada):
    other = add_pipeline(RowDraft(names={"en": "Opportunities"}), by=ada)  # a name that none of leads' has

    assert [row.key for row in pipelines()] == ["sales", other.key]
    assert other.key == "opportunities#2"
    assert all(row.is_named for row in pipelines())
    assert not on.is_named
    assert rows_in(list_of(OPPORTUNITY)) == [on]


# Settings


def test_settings_have_the_tick_and_the_stages_without_what_is_the_leads(client, rows):
    page = client.get("/settings/pipelines/").text
    assert 'name="on"' in page
    assert "Stages of opportunities" not in page
    client.post("/settings/pipelines/opportunities/", data={"on": "y"})
    (row,) = [row for row in rows("pipelines") if row["subject"] == OPPORTUNITY]
    page = client.get("/settings/pipelines/").text
    assert f"/settings/pipelines/{row['id']}" in page
    page = client.get(f"/settings/pipelines/{row['id']}").text
    assert "Negotiation" in page
    assert "0 opportunities" in page
    for lead_only in ("Fields that must be filled", "get the status", "Stagnates", "Add a pipeline", "0 leads"):
        assert lead_only not in page
    (first,) = [it for it in rows("stages") if it["key"] == "opportunities.qualification"]
    form = {"name_en": "Sorting", "name_fr": "Tri", "kind": "open", "colour": "teal", "probability": "15"}
    assert client.post(f"/settings/pipelines/stages/{first['id']}", data=form).status_code == 303
    client.post(f"/settings/pipelines/{row['id']}/stages", data=form | {"name_en": "More", "name_fr": ""})
    stored = [(str(it["names"]), it["probability"]) for it in rows("stages") if it["pipeline_id"] == row["id"]]
    assert any("Sorting" in names and probability == 15 for names, probability in stored)
    assert len(stored) == 6
    for path in ("", "/retire", "/move", "/delete"):
        assert client.post(f"/settings/pipelines/{row['id']}{path}", data={}).status_code == 404
    assert client.get(f"/settings/pipelines/{row['id']}/leads").status_code == 404
    client.post("/settings/pipelines/opportunities/")
    assert "Stages of opportunities" not in client.get("/settings/pipelines/").text
    assert client.get("/opportunities/board").location == "/opportunities/"


# The board


def test_columns_have_counts_sums_and_cards_in_their_order(make, on, ada, monkeypatch):
    monkeypatch.setattr(board_queries, "CARDS", 2)
    for title, close, amount in (("b", date(2027, 2, 1), 1), ("c", None, 2), ("a", date(2027, 1, 1), 4)):
        make(title, expected_close=close, amount=Decimal(amount))
    won = make("won", amount=Decimal(7))
    services.act(won, "win", by=ada)
    first, *_others, won_column, lost = board_queries.columns_of(ada, Wanted(), stages.offered_stages())

    assert ([row.title for row in first.cards], first.count, first.sums) == (["a", "b"], 3, {"EUR": 7})
    assert ([row.title for row in won_column.cards], won_column.sums) == (["won"], {"EUR": 7})
    assert (lost.cards, lost.count, lost.sums) == ([], 0, {})
    assert board_queries.columns_of(None, Wanted(), stages.offered_stages())[0].count == 0


@pytest.fixture
def card(make, on):
    """The id of a committed opportunity of the first stage."""
    row_id = make(amount=Decimal(1250)).id
    db.session.commit()
    return row_id


def test_the_board_shows_columns_and_says_when_nothing_is_new(client, card):
    page = client.get("/opportunities/board").text
    assert page.count('class="board-column"') == 5
    assert "€1,250.00" in page
    seen = re.search(r'data-seen="(\w+)"', page).group(1)
    assert client.get(f"/opportunities/board?seen={seen}").status_code == 204
    assert client.get("/opportunities/board?seen=other").status_code == 200
    assert 'id="card-' not in client.get("/opportunities/board?q=nobody").text


def move(client, card, name, **data):
    form = {"stage": f"opportunities.{name}", "version": "2"} | data
    return client.post(f"/opportunities/{card}/stage", data=form, headers=PARTIAL)


def state_of(card):
    db.session.rollback()
    row = db.session.get_one(Opportunity, card)
    return key(row), row.state


def test_a_card_moves_and_both_columns_are_the_answer(client, card):
    version = re.search(r'data-version="(\d)"', client.get("/opportunities/board").text).group(1)
    answer = move(client, card, "proposal", version=version)
    assert answer.status_code == 200
    assert answer.text.count('class="board-column"') == 2
    assert "moved to “Proposal”" in answer.text
    assert state_of(card) == ("proposal", "open")
    late = move(client, card, "negotiation", version=version)
    assert late.status_code == 409
    assert "Somebody changed this meanwhile." in late.text
    assert move(client, card, "nowhere", version=version).status_code == 422


def test_a_lost_stage_asks_for_the_reason(client, card):
    version = re.search(r'data-version="(\d)"', client.get("/opportunities/board").text).group(1)
    asked = move(client, card, "lost", version=version)
    assert asked.status_code == 422
    assert "data-open" in asked.text
    assert "Choose one." not in asked.text
    assert "Choose one." in move(client, card, "lost", version=version, reason="").text
    assert state_of(card) == ("qualification", "open")
    move(client, card, "lost", version=version, reason="price", competitor="Acme")
    assert state_of(card) == ("lost", "lost")


def test_without_script_a_page_moves_it(client, card):
    page = client.get(f"/opportunities/{card}/stage").text
    version = re.search(r'name="version"[^>]*value="(\d+)"', page).group(1)
    data = {"version": version, "stage": "opportunities.lost"}
    asked = client.post(f"/opportunities/{card}/stage", data=data)
    assert asked.status_code == 422
    assert 'name="reason"' in asked.text
    answer = client.post(f"/opportunities/{card}/stage", data=data | {"reason": "price"})
    assert answer.location == "/opportunities/board"
    assert state_of(card) == ("lost", "lost")
    page = client.get(f"/opportunities/{card}").text
    assert "Qualification → Lost" in page


def test_the_board_reads_the_same_number_of_statements_whatever_its_length(client, make, on, count_queries):
    counts = []
    for many in (1, 6):
        for _each in range(many):
            make()
        db.session.commit()
        with count_queries() as statements:
            client.get("/opportunities/board")
        counts.append(len(statements))

    assert counts[0] == counts[1]


# Stages that change under what stands there


def test_only_a_stage_of_the_same_kind_takes_the_place_of_another(make, on, ada):
    row = make()
    services.move(row, stage("proposal"), version=row.version, by=ada)
    others = {it.key.removeprefix("opportunities.") for it in deletion.others_of(stage("proposal"))}
    assert others == {"qualification", "negotiation"}
    with pytest.raises(deletion.SuccessorNeeded):
        deletion.delete_stage(stage("proposal").id, stage("won").id, by=ada)
    assert deletion.others_of(stage("won")) == []
    deletion.delete_stage(stage("won").id, None, by=ada)  # nothing is there


def test_a_stage_where_some_are_keeps_its_kind(make, on, ada):
    row = make()
    services.move(row, stage("proposal"), version=row.version, by=ada)
    other = RowDraft(names={"en": "Agreed"}, extras={"kind": "won", "colour": "green", "probability": 90})
    with pytest.raises(ListFieldRefused):
        change_stage(stage("proposal"), other, by=ada)
    change_stage(stage("negotiation"), other, by=ada)
    assert stage("negotiation").kind == "won"


def test_a_retired_stage_is_shown_as_long_as_some_are_left(client, card, ada):
    retire_stage(stage("qualification"), by=ada)
    db.session.commit()
    assert 'data-stage="opportunities.qualification"' in client.get("/opportunities/board").text
    version = db.session.get_one(Opportunity, card).version
    answer = move(client, card, "proposal", version=version)
    assert answer.status_code == 200
    assert 'data-stage="opportunities.qualification"' in answer.text
    assert 'data-stage="opportunities.qualification"' not in client.get("/opportunities/board").text
