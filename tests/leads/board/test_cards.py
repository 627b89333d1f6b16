"""Cards that are moved, refused, and added."""

import re
from datetime import date

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.pipelines.models import Stage
from tests.leads.board.conftest import FIRST, LOST, PARTIAL, SECOND, WON, columns_in


def test_a_card_goes_to_the_place_where_it_is_dropped(make_lead, move, shown, rows):
    one, two, three = (make_lead(stage=SECOND) for _number in range(3))
    lead_id = make_lead()

    answer = move(lead_id, SECOND, after=two)

    assert answer.status_code == 200
    assert columns_in(answer.text) == {FIRST: [], SECOND: [three, two, lead_id, one]}
    assert shown()[SECOND] == [three, two, lead_id, one]
    assert [(it["lead_id"], it["cause"]) for it in rows("lead_stage_moves")][-1] == (lead_id, "hand")
    assert "” moved to “In evaluation”." in answer.text


def test_the_order_within_a_column_is_nobodys_change(make_lead, move, shown, rows):
    one, two, three = (make_lead() for _number in range(3))
    told = rows("lead_events"), rows("lead_stage_moves")

    answer = move(one, FIRST, after=0)
    assert columns_in(answer.text) == {FIRST: [one, three, two]}
    move(three, FIRST, after=two)

    assert shown()[FIRST] == [one, two, three]
    assert (rows("lead_events"), rows("lead_stage_moves")) == told
    assert {lead["version"] for lead in rows("leads")} == {1}


def test_what_is_missing_is_named_and_asked_for_at_once(client, make_lead, move, shown):
    lead_id = make_lead()

    answer = move(lead_id, LOST)

    assert answer.status_code == 422
    assert columns_in(answer.text) == {FIRST: [lead_id], LOST: []}
    assert "“Lost” asks for: Lost reason." in answer.text
    assert 'hx-target="#sheet"' in answer.text
    assert 'name="lost_reason"' in answer.text
    assert shown()[FIRST] == [lead_id]

    answer = move(lead_id, LOST, beside="lost_reason", lost_reason="price")
    assert columns_in(answer.text) == {FIRST: [], LOST: [lead_id]}


def test_a_place_is_kept_while_something_is_asked_for(make_lead, move):
    answer = move(make_lead(), WON, after=77)
    assert re.search(r'<input id="after" name="after" type="hidden" value="77">', answer.text)


def test_the_second_of_two_who_move_one_card_is_told(client_of, make_lead, move, shown):
    lead_id = make_lead()
    move(lead_id, SECOND)

    answer = move(lead_id, "sales.in-negotiation", browser=client_of("bob"))

    assert answer.status_code == 409
    assert "Ada changed this lead meanwhile." in answer.text
    assert columns_in(answer.text) == {SECOND: [lead_id], "sales.in-negotiation": []}
    assert shown()[SECOND] == [lead_id]


def test_a_change_of_another_field_is_no_conflict(client, make_lead, move, shown):
    lead_id = make_lead()
    client.post(f"/leads/{lead_id}/fields/first_name", data={"first_name": "Eva", "version": 1})

    assert move(lead_id, SECOND, version=1).status_code == 200
    assert shown()[SECOND] == [lead_id]


def test_a_stage_that_went_meanwhile_takes_nobody_in(app, make_lead, move, shown):
    lead_id = make_lead()
    with app.app_context():
        db.session.execute(sa.delete(Stage).where(Stage.key == "sales.in-negotiation"))
        db.session.commit()

    answer = move(lead_id, "sales.in-negotiation")

    assert answer.status_code == 422
    assert "Not a valid choice" not in answer.text
    assert "Choose one from the list." in answer.text
    assert shown()[FIRST] == [lead_id]


def test_a_lead_that_went_meanwhile_is_not_there(client, make_lead, move):
    lead_id = make_lead()
    client.post(f"/leads/{lead_id}/delete")
    assert move(lead_id, SECOND).status_code == 404


def test_who_may_only_read_moves_nothing(client_of, make_lead, move, stage_id):
    vic, lead_id = client_of("vic"), make_lead()
    assert move(lead_id, SECOND, browser=vic).status_code == 403
    assert vic.get(f"/leads/board/leads/{lead_id}/stage").status_code == 403
    assert vic.get(f"/leads/board/stages/{stage_id(FIRST)}/new").status_code == 403


@pytest.mark.parametrize("after", ["-1", "x", "1" * 11])
def test_a_place_that_is_none_is_refused(make_lead, move, after):
    assert move(make_lead(), SECOND, after=after).status_code == 422


def test_without_script_a_page_moves_the_card(client, make_lead, move, shown):
    lead_id = make_lead(last_name="Roye")
    page = client.get(f"/leads/board/leads/{lead_id}/stage?pipeline=sales&source=none").text
    assert "Move “Roye” to…" in page
    assert re.findall(r'name="stage" value="([^"]*)" (disabled)?', page)[0] == (FIRST, "disabled")

    refused = move(lead_id, WON, headers={}, after="")
    assert refused.status_code == 422
    assert "Customer since" in refused.text
    assert "<title>" in refused.text

    address = "?pipeline=sales&source=none"
    answer = move(
        lead_id, WON, headers={}, after="", address=address, beside="customer_since", customer_since="2026-11-30"
    )
    assert (answer.status_code, answer.location) == (303, f"/leads/board/{address}")
    assert shown()[WON] == [lead_id]


def test_somebody_faster_is_told_without_script_too(client, make_lead, move):
    lead_id = make_lead()
    move(lead_id, SECOND)
    answer = move(lead_id, "sales.in-negotiation", headers={}, after="")
    assert answer.status_code == 303
    assert "changed this lead meanwhile" in client.get("/leads/board/").text


def test_a_lead_is_added_to_a_stage(app, client, shown, stage_id):
    address = f"/leads/board/stages/{stage_id(SECOND)}/new"
    assert 'name="last_name"' in client.get(address).text
    refused = client.post(address, data={"first_name": " "}, headers=PARTIAL)
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text

    answer = client.post(address, data={"last_name": "Roye", "expected_value": "1,200.50"}, headers=PARTIAL)

    assert answer.headers["HX-Redirect"] == "/leads/board/?pipeline=sales"
    (lead_id,) = shown()[SECOND]
    with app.app_context():
        lead = db.session.get(Lead, lead_id)
        assert (lead.last_name, lead.owner.email, str(lead.expected_value)) == ("Roye", "ada@example.org", "1200.50")


def test_the_same_form_adds_one_lead(client, shown, stage_id):
    address = f"/leads/board/stages/{stage_id(FIRST)}/new"
    for _time in range(2):
        client.post(address, data={"last_name": "Roye", "once": "abc"})
    assert len(shown()[FIRST]) == 1


def test_a_lost_stage_asks_a_new_lead_for_the_reason(app, client, shown, stage_id):
    address = f"/leads/board/stages/{stage_id(LOST)}/new"
    refused = client.post(address, data={"last_name": "Roye"})
    assert refused.status_code == 422
    assert "“Lost” asks for: Lost reason." in refused.text

    client.post(address, data={"last_name": "Roye", "lost_reason": "price"})
    (lead_id,) = shown()[LOST]
    with app.app_context():
        assert db.session.get(Lead, lead_id).status.kind == "lost"


def test_a_won_stage_makes_a_new_lead_a_customer(app, client, shown, stage_id):
    client.post(f"/leads/board/stages/{stage_id(WON)}/new", data={"last_name": "Roye", "customer_since": "2026-11-30"})
    (lead_id,) = shown()[WON]
    with app.app_context():
        lead = db.session.get(Lead, lead_id)
        assert (lead.customer_since, lead.status.kind) == (date(2026, 11, 30), "won")
