"""What a lead's page says of its status, the reason that some ask for, and what actions have done."""

import re

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.leads.statuses.facts import Said, tell
from leadhub.leads.statuses.models import StatusRun

pytestmark = pytest.mark.one_database  # what it says of the database is said by the services' own tests

PIECE = {"HX-Request": "true", "HX-Request-Type": "partial"}
CALL = {"kind": "call", "outcome": "reached", "version": "1", "status_was": "open"}
RUNS = "/settings/statuses/runs"
HINT = "Your choice holds until something changes in its opportunities, quotations or orders."


@pytest.fixture
def say(app):
    """``say(lead_id, quotation_submitted="Q-12")``: this is so from now on; ``order_confirmed=None``: no longer."""

    def say(lead_id, **facts):
        with app.app_context():
            tell(lead_id, {name: Said(it is not None, it or "") for name, it in facts.items()}, by=None)
            db.session.commit()

    return say


@pytest.fixture
def choose(client, rows):
    """``choose(lead_id, "closed", "price")``: what the form of the status in the lead's page is answered."""

    def choose(lead_id, status, reason=None, **options):
        version = next(row["version"] for row in rows("leads") if row["id"] == lead_id)
        data = {"status": status, "version": str(version)} | ({} if reason is None else {"lost_reason": reason})
        return client.post(f"/leads/{lead_id}/fields/status", data=data, **options)

    return choose


@pytest.fixture
def make_run(app, make_lead):
    """``make_run("failed", owner="bob@example.org")``: the id of a run of an action, on a lead of its own."""

    def make(state, told="", **values):
        lead_id = make_lead(**values)
        with app.app_context():
            row = StatusRun(
                lead_id=lead_id, move_id=1, action_id=1, action="add_note", status_names={"en": "Closed"}, state=state,
                told=told,
            )  # fmt: skip
            db.session.add(row)
            db.session.commit()
            return row.id

    return make


def path_in(page):
    """(label, why) of each status so far, and the label of the one that is marked as the present one."""
    stays = re.findall(r'<li class="stay.*?</li>', page.text, re.DOTALL)
    labels = [re.search(r'<span class="dot[^>]*></span>([^<]*)<', stay)[1] for stay in stays]
    whys = [re.search(r'title="[^"·]*(?:· )?([^"]*)"', stay)[1] for stay in stays]
    now = [label for label, stay in zip(labels, stays, strict=True) if 'aria-current="step"' in stay]
    return list(zip(labels, whys, strict=True)), now


# Path, hint, warning, history


def test_the_path_shows_statuses_as_they_were_called_and_why_they_came(client, make_lead, choose, say):
    lead_id = make_lead()
    choose(lead_id, "opportunity")
    say(lead_id, quotation_submitted="Q-12")
    client.post("/settings/statuses/2", data={"name_en": "Renamed", "kind": "in_progress", "colour": "indigo"})

    stays, now = path_in(client.get(f"/leads/{lead_id}"))

    assert stays == [
        ("Open", ""),
        ("Opportunity", "by hand: Ada"),
        ("Quotation", "automatic: quotation Q-12 submitted"),
    ]
    assert now == ["Quotation"]


def test_a_lead_that_never_moved_has_no_path(client, make_lead):
    assert 'id="status-path"' not in client.get(f"/leads/{make_lead()}").text


@pytest.mark.parametrize(
    ("facts", "hint"),
    [
        ({}, None),
        ({"enquiry": ""}, None),
        ({"quotation_submitted": "Q-12"}, HINT),
        ({"customer": ""}, "This lead has become a customer: only a protected status can be chosen."),
    ],
)
def test_whoever_chooses_a_status_is_told_how_long_it_holds(client, make_lead, say, facts, hint):
    lead_id = make_lead()
    say(lead_id, **facts) if facts else None

    pages = [client.get(f"/leads/{lead_id}/{form}").text for form in ("fields/status/edit", "compose/call")]

    found = [re.search(r'<p class="form-hint"[^>]*>([^<]*)</p>', page) for page in pages]
    assert [it and it[1] for it in found] == [hint, hint]


def test_what_a_customer_can_not_become_is_told_at_the_field(make_lead, say, choose):
    lead_id = make_lead()
    say(lead_id, customer="")

    answer = choose(lead_id, "open", headers=PIECE)

    assert answer.status_code == 422
    assert 'id="status-error1">This lead has become a customer, so it stays “Converted”.<' in answer.text


def test_what_a_protected_status_holds_back_is_told(client, make_lead, say, choose):
    lead_id = make_lead()
    choose(lead_id, "do-not-contact")
    before = client.get(f"/leads/{lead_id}").text

    say(lead_id, quotation_submitted="Q-12")

    assert 'id="held-back"' not in before
    page = client.get(f"/leads/{lead_id}").text
    assert "This lead stays “Do not contact”, although: quotation Q-12 submitted." in page


def test_the_history_says_what_was_automatic_and_why(client, make_lead, say):
    lead_id = make_lead()
    say(lead_id, order_confirmed="SO-7")

    line = re.search(r'<li class="moment".*?</li>\s*</ul>', client.get(f"/leads/{lead_id}").text, re.DOTALL)[0]

    assert "<strong>Automatic</strong>" in line
    assert "<span>order SO-7 confirmed</span>" in line
    assert re.search(r"Status:\s*<del>Open</del> →\s*<ins>Converted</ins>", line)


def test_a_name_in_a_cause_is_escaped(client, make_lead, say):
    lead_id = make_lead()
    say(lead_id, opportunity="<b>Wall</b>")

    assert "<b>Wall" not in client.get(f"/leads/{lead_id}").text


# The reason that some statuses ask for


def test_the_reason_stands_beside_the_status_for_those_that_ask(client, make_lead):
    page = client.get(f"/leads/{make_lead()}/fields/status/edit", headers=PIECE).text

    beside = re.search(r'<div data-with="status" data-values="([^"]*)">(.*?)</select>', page, re.DOTALL)
    assert beside[1] == "closed"
    assert 'name="lost_reason"' in beside[2]
    assert ">Price<" in beside[2]


def test_without_a_reason_a_status_that_asks_for_one_is_not_given(make_lead, rows, choose):
    answer = choose(make_lead(), "closed", "", headers=PIECE)

    assert answer.status_code == 422
    assert 'id="lost_reason-error1">“Closed without result” asks for a reason.<' in answer.text
    assert re.search(r'selected value="closed"', answer.text)
    assert rows("leads")[0]["status_id"] == 1
    assert rows("status_moves") == []


def test_with_a_reason_it_is_and_the_page_shows_both(client, make_lead, choose):
    lead_id = make_lead()

    piece = choose(lead_id, "closed", "price", headers=PIECE)

    assert piece.status_code == 200
    reason = re.search(r'hx-target="#fact-lost_reason".*?</hx-partial>', piece.text, re.DOTALL)[0]
    assert ">Price<" in reason
    page = client.get(f"/leads/{lead_id}").text
    assert re.search(r'id="fact-lost_reason".*?>Price<', page, re.DOTALL)
    assert path_in(client.get(f"/leads/{lead_id}"))[1] == ["Closed without result"]


def test_a_lead_that_has_a_reason_is_asked_for_none(make_lead, choose):
    lead_id = make_lead(lost_reason="price")

    assert choose(lead_id, "closed").status_code == 303


def test_a_call_asks_for_the_reason_too(client, make_lead, rows):
    lead_id = make_lead()
    url, data = f"/leads/{lead_id}/activities", CALL | {"status": "closed", "body": "No money"}

    refused = client.post(url, data=data)
    saved = client.post(url, data=data | {"lost_reason": "no-budget"})

    assert refused.status_code == 422
    assert 'id="lost_reason-error1">“Closed without result” asks for a reason.<' in refused.text
    assert "No money" in refused.text
    assert saved.status_code == 303
    (lead,) = rows("leads")
    assert (lead["status_id"], lead["lost_reason_id"]) == (6, 3)
    assert [row["kind"] for row in rows("lead_events")] == ["created", "call"]


def test_where_no_status_asks_for_a_reason_the_call_has_no_room_for_one(app, client, make_lead):
    with app.app_context():
        db.session.execute(sa.text("UPDATE statuses SET needs_reason = FALSE"))
        db.session.commit()

    assert 'name="lost_reason"' not in client.get(f"/leads/{make_lead()}/compose/call").text


# What actions have done


def test_runs_are_listed_with_lead_action_and_what_went_wrong(client, make_run):
    run = make_run("failed", "The person is no longer there.", last_name="Dupont")

    page = client.get(RUNS).text

    line = re.search(rf'id="run-{run}".*?</tr>', page, re.DOTALL)[0]
    assert all(words in line for words in ("Dupont", "Add a note", "Closed", "The person is no longer there."))
    assert "Try again now" in line


def test_runs_of_one_state(client, make_run):
    shown, hidden = make_run("skipped"), make_run("done")

    page = client.get(f"{RUNS}?state=skipped").text

    assert f'id="run-{shown}"' in page
    assert f'id="run-{hidden}"' not in page
    assert f'id="run-{hidden}"' in client.get(f"{RUNS}?state=nonsense").text


def test_fifty_runs_a_page(app, client, make_run, count_queries):
    first = make_run("done")
    with count_queries() as one:
        client.get(RUNS)
    with app.app_context():
        rows = [{"lead_id": 1, "move_id": 1, "action_id": 1, "action": "gone", "status_names": {"en": "X"}}] * 50
        db.session.execute(sa.insert(StatusRun), rows)
        db.session.commit()
    with count_queries() as fifty:
        page = client.get(RUNS).text

    assert page.count('<tr id="run-') == 50
    assert f'id="run-{first}"' not in page
    assert len(fifty) == len(one)
    older = re.search(r'rel="next" href="([^"]+)"', page)[1]
    assert client.get(older).text.count('<tr id="run-') == 1


def test_managers_see_runs_of_leads_within_their_reach(app, client_of, make_run):
    runs = [make_run("failed", owner=f"{name}@example.org") for name in ("mia", "bob")]
    with app.app_context():
        db.session.execute(sa.update(Role).values(reach="own"))
        db.session.commit()
    mia = client_of("mia")

    page = mia.get(RUNS).text

    assert [f'id="run-{run}"' in page for run in runs] == [True, False]
    assert [mia.post(f"{RUNS}/{run}/retry").status_code for run in runs] == [303, 404]


def test_runs_of_what_is_in_the_bin_are_not_shown(app, client, make_run):
    run = make_run("failed")
    with app.app_context():
        db.session.execute(sa.update(Lead).values(deleted_at=sa.func.now()))
        db.session.commit()

    assert f'id="run-{run}"' not in client.get(RUNS).text


def test_what_failed_is_tried_again_once(client, make_run, rows):
    run = make_run("failed", "It failed again and again.")

    answers = [client.post(f"{RUNS}/{run}/retry").status_code for _ in range(2)]

    assert answers == [303, 409]
    assert (rows("status_runs")[0]["state"], rows("status_runs")[0]["told"]) == ("waiting", "")
    assert [row["kind"] for row in rows("effects")] == ["statuses.run"]
