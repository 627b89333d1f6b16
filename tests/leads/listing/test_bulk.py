"""Changes of many leads: the pages, the runs, the worker, the undo."""

import re
from datetime import timedelta
from itertools import count

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role, User
from leadhub.accounts.queries import user_by_email
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.fields.models import FieldRow
from leadhub.jobs.models import DONE, WAITING, Effect
from leadhub.jobs.registry import current_registry
from leadhub.leads import bin, services
from leadhub.leads.listing import bulk, bulk_jobs
from leadhub.leads.listing.models import BulkItem, BulkRun
from leadhub.leads.models import Lead
from leadhub.plugins.api import LeadDraft

COUNTS = ("total", "changed", "unchanged", "refused", "undone", "kept")
TITLE = {"act": "set", "field": "job_title", "job_title": "Boss"}


@pytest.fixture
def leads(app):
    """``leads(5)``: ids of that many leads; further words are of each."""

    def leads(number, **values):
        drafts = [LeadDraft(**{"channel": "form", "last_name": f"L{n:02}", **values}) for n in range(number)]
        with app.app_context():
            ids = [outcome.lead_id for outcome in services.create_leads(drafts, by=None)]
            db.session.commit()
        return ids

    return leads


@pytest.fixture
def act(client_of):
    """``act("?all=1", act="delete")``: the answer to the button of the question."""

    def act(address, by="ada", most=1000, **data):
        return client_of(by).post(f"/leads/bulk/{address}", data={"confirmed": "1", "most": most, **data})

    return act


@pytest.fixture
def by_worker(monkeypatch):
    """The worker does all of it, two leads at a time."""
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    monkeypatch.setattr(bulk, "BLOCK", 2)


@pytest.fixture
def work(app):
    """``work()``: do what waits; ``work(yields=3)``: stop at the third, as a kill would."""

    def work(yields=None):
        with app.app_context():
            waiting = sa.select(Effect).where(Effect.state == WAITING, Effect.kind == bulk.WORK).order_by(Effect.id)
            while effect := db.session.scalar(waiting):
                effect_id, steps = effect.id, current_registry().handlers[effect.kind].run(effect.payload)
                for step in count(1):
                    ended = next(steps, "ended") == "ended"
                    if step == yields:
                        db.session.rollback()
                        return
                    if ended:
                        db.session.execute(sa.update(Effect).where(Effect.id == effect_id).values(state=DONE))
                    db.session.commit()
                    if ended:
                        break

    return work


@pytest.fixture
def counts(rows):
    return lambda: tuple(rows("bulk_runs")[-1][name] for name in COUNTS)


@pytest.fixture
def titles(rows):
    return lambda: [row["job_title"] for row in rows("leads")]


def named(ids):
    return "?" + "&".join(f"lead={each}" for each in ids)


def age(app, time):
    with app.app_context():
        db.session.execute(sa.update(BulkRun).values(finished_at=utcnow() - time, created_at=utcnow() - time))
        db.session.commit()


def test_ticked_leads_are_changed_at_once_and_the_list_offers_the_undo(leads, act, client, counts, titles, rows):
    ids = leads(4)

    answer = act(named(ids[:2]) + "&sort=name", **TITLE)

    assert (answer.status_code, answer.location) == (303, "/leads/?sort=name")
    assert titles() == ["Boss", "Boss", "", ""]
    assert counts() == (2, 2, 0, 0, 0, 0)
    (line,) = [row for row in rows("audit_events") if row["kind"] == "bulk"]
    assert "job_title" in str(line["details"])


def test_the_list_says_what_was_done_and_takes_it_back(leads, client, titles):
    ids = leads(3)
    data = {"confirmed": "1", "most": "2", **TITLE}

    page = client.post("/leads/bulk/" + named(ids[:2]), data=data, follow_redirects=True)
    undo = re.search(r'action="(/leads/bulk/1/undo[^"]*)"', page.text)[1]
    undone = client.post(undo, follow_redirects=True)

    assert "2 leads changed." in page.text
    assert "2 leads are as they were before." in undone.text
    assert "/undo" not in undone.text
    assert titles() == ["", "", ""]


def test_the_question_says_the_exact_number(leads, client, titles):
    leads(3, organisation="Firm")
    leads(2)

    step = client.get("/leads/bulk/new?all=1&organisation=Firm&act=set&field=job_title")
    question = client.post("/leads/bulk/?all=1&organisation=Firm", data={**TITLE, "most": "3"})

    assert "Change 3 leads" in step.text
    assert 'name="job_title"' in step.text
    assert "Job title becomes “Boss” on 3 leads." in question.text
    assert 'name="job_title" value="Boss"' in question.text
    assert titles() == [""] * 5


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"act": "set", "field": "job_title", "job_title": ""}, "Give a value."),
        ({"act": "set", "field": "unsubscribed", "unsubscribed": ""}, "Choose one from the list."),
        ({"act": "set", "field": "expected_value", "expected_value": "much"}, "Give a number."),
        ({"act": "remove", "tags": "unknown"}, "There is no tag “unknown”."),
        ({"act": "set", "field": "email"}, "What to do"),
        ({"act": "empty", "field": "status"}, "What to do"),
        ({"act": "burn"}, "What to do"),
    ],
)
def test_what_is_not_well_said_is_asked_again(leads, act, rows, data, words):
    answer = act(named(leads(1)), **data)

    assert answer.status_code == 422
    assert words in answer.text
    assert rows("bulk_runs") == []


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"act": "set", "field": "unsubscribed", "unsubscribed": "yes"}, "Unsubscribed becomes “Yes” on 2 leads."),
        ({"act": "set", "field": "owner", "owner": "bob@example.org"}, "Owner becomes “Bob” on 2 leads."),
        ({"act": "set", "field": "next_contact_at", "next_contact_at": "2030-01-02T03:04"}, "“2 Jan 2030, 03:04”"),
        ({"act": "set", "field": "expected_value", "expected_value": "1,200.50"}, "“1,200.5”"),
        ({"act": "empty", "field": "job_title"}, "Job title is emptied on 2 leads."),
        ({"act": "add", "tags": "Hot, New"}, "2 leads get “Hot, New”."),
        ({"act": "delete"}, "2 leads move to the bin."),
    ],
)
def test_the_question_is_in_words_and_the_run_keeps_them(leads, client, act, rows, data, words):
    ids = leads(2)

    question = client.post("/leads/bulk/" + named(ids), data=data)
    done = act(named(ids), most=2, **data)

    assert words in question.text
    assert (question.status_code, done.status_code) == (200, 303)
    (run,) = rows("bulk_runs")
    assert words in run["words"]
    assert run["changed"] == (0 if data["act"] == "empty" else 2)


def test_the_same_form_twice_is_done_once(leads, act, counts, rows):
    ids = leads(2)

    first = act(named(ids), once="key", **TITLE)
    second = act(named(ids), once="key", **TITLE)

    assert (first.status_code, second.status_code, second.location) == (303, 303, "/leads/bulk/1")
    assert len(rows("bulk_runs")) == 1


def test_more_leads_than_were_told_are_asked_about_again(leads, act, titles, rows):
    leads(3)

    answer = act("?all=1", most=2, **TITLE)

    assert answer.status_code == 409
    assert "More leads match by now." in answer.text
    assert "on 3 leads." in answer.text
    assert (titles(), rows("bulk_runs"), rows("bulk_items")) == ([""] * 3, [], [])


def test_all_that_match_are_those_that_one_sees(app, leads, act, titles):
    leads(2, owner="bob@example.org", organisation="Firm")
    leads(1, owner="mia@example.org", organisation="Firm")
    leads(1, owner="bob@example.org")
    with app.app_context():
        db.session.execute(sa.update(Role).values(reach="own"))
        db.session.commit()

    act("?all=1&organisation=Firm", by="bob", **TITLE)

    assert titles() == ["Boss", "Boss", "", ""]


def test_a_hidden_field_is_not_offered_and_not_taken(app, leads, client_of, act, rows):
    with app.app_context():
        db.session.add(FieldRow(name="gender", type="", names={}, shown="more", seen_by="managers"))
        db.session.commit()
    ids = leads(1)

    page = client_of("bob").get(f"/leads/bulk/new{named(ids)}&act=set")
    answer = act(named(ids), by="bob", act="set", field="gender", gender="female")

    assert "Gender" not in page.text
    assert "Job title" in page.text
    assert answer.status_code == 422
    assert rows("bulk_runs") == []


def test_many_are_the_workers(leads, act, by_worker, work, client, counts, titles):
    leads(5)
    leads(1, job_title="Boss")

    answer = act("?all=1", **TITLE)
    waiting = client.get(answer.location).text
    work()
    done = client.get(answer.location).text

    assert answer.location == "/leads/bulk/1"
    assert 'hx-trigger="every 1s"' in waiting
    assert "every 1s" not in done
    assert "5 leads changed. 1 had it already." in done
    assert counts() == (6, 5, 1, 0, 0, 0)
    assert set(titles()) == {"Boss"}


@pytest.mark.parametrize("yields", [1, 2, 3, 4])
def test_a_killed_worker_goes_on_where_it_was(leads, act, by_worker, work, client, counts, rows, yields):
    leads(6)
    act("?all=1", **TITLE)

    work(yields)
    work()
    client.post("/leads/bulk/1/undo")
    work(yields)
    work()

    assert counts() == (6, 6, 0, 0, 6, 0)
    assert [row["version"] for row in rows("leads")] == [3] * 6
    assert len(rows("lead_events")) == 18
    assert rows("bulk_runs")[0]["state"] == "undone"


def test_a_stopped_run_keeps_what_it_did_and_can_be_undone(leads, act, by_worker, work, client, counts, titles, rows):
    leads(6)
    act("?all=1", **TITLE)
    work(yields=3)
    still = client.post("/leads/bulk/1/undo")

    client.post("/leads/bulk/1/stop")
    work()
    done = counts()
    client.post("/leads/bulk/1/undo")
    work()

    assert still.status_code == 409
    assert done == (6, 2, 0, 0, 0, 0)
    assert counts() == (6, 2, 0, 0, 2, 0)
    assert client.post("/leads/bulk/1/stop").status_code == 409
    assert titles() == [""] * 6


def test_rights_that_are_lost_on_the_way_are_lost(app, leads, act, by_worker, work, client, counts):
    leads(4)
    act("?all=1", by="bob", **TITLE)
    work(yields=3)
    with app.app_context():
        user = user_by_email("bob@example.org")
        user.roles = [db.session.scalar(sa.select(Role).where(Role.name == "viewer"))]
        db.session.commit()
    work()

    assert counts() == (4, 2, 0, 2, 0, 0)
    page = client.get("/leads/bulk/1").text
    assert page.count("Your role does not allow this. An admin can change it.") == 2


def test_leads_that_go_for_good_meanwhile_count_as_refused(app, leads, act, by_worker, work, counts, rows):
    ids = leads(3)
    act("?all=1", **TITLE)
    with app.app_context():
        ada = user_by_email("ada@example.org")
        bin.delete(db.session.get_one(Lead, ids[1]), by=ada)
        bin.remove([ids[1]], by=ada)
        db.session.commit()

    work()

    assert counts() == (3, 2, 0, 1, 0, 0)
    assert rows("bulk_runs")[0]["state"] == "done"


def test_a_run_that_gave_up_says_so_and_can_be_undone(app, leads, act, by_worker, work, client, titles):
    leads(4)
    act("?all=1", **TITLE)
    work(yields=3)
    with app.app_context():
        bulk_jobs.gave_up({"run_id": 1})
        db.session.execute(sa.delete(Effect))
        db.session.commit()

    page = client.get("/leads/bulk/1").text
    client.post("/leads/bulk/1/undo")
    work()

    assert "Something went wrong on our side" in page
    assert titles() == [""] * 4


def test_what_was_changed_since_is_kept_and_listed(app, leads, act, client, counts, titles):
    ids = leads(3)
    act(named(ids), **TITLE)
    with app.app_context():
        bob, first, second = user_by_email("bob@example.org"), *(db.session.get_one(Lead, each) for each in ids[:2])
        services.update_lead(first, {"job_title": "=Chief"}, by=bob, version=2)
        services.update_lead(second, {"last_name": "=Lee"}, by=bob, version=2)
        db.session.commit()

    client.post("/leads/bulk/1/undo")

    assert titles() == ["=Chief", "", ""]
    assert counts() == (3, 3, 0, 0, 2, 1)
    assert "This field was changed again since." in client.get("/leads/bulk/1").text
    file = client.get("/leads/bulk/1/refusals.csv")
    assert f'"{ids[0]}","L00","This field was changed again since."' in file.text


def test_deleted_leads_come_back(leads, act, client, rows):
    ids = leads(3)

    act(named(ids), act="delete")
    binned = [row["deleted_at"] is not None for row in rows("leads")]
    client.post("/leads/bulk/1/undo")

    assert binned == [True] * 3
    assert [row["deleted_at"] for row in rows("leads")] == [None] * 3


def test_an_undo_is_done_once_and_within_an_hour(app, leads, act, client, titles):
    act(named(leads(1)), **TITLE)
    age(app, timedelta(minutes=61))
    late, page = client.post("/leads/bulk/1/undo"), client.get("/leads/bulk/1")
    age(app, timedelta(minutes=59))
    in_time, again = client.post("/leads/bulk/1/undo"), client.post("/leads/bulk/1/undo")

    assert (late.status_code, in_time.status_code, again.status_code) == (409, 303, 409)
    assert "more than an hour old" in late.text
    assert "undo" not in page.text.lower().replace("undone", "")
    assert "undone already" in again.text
    assert titles() == [""]


def test_a_choice_that_went_away_while_it_waited_is_refused_in_words(leads, act, by_worker, work, client, counts, app):
    leads(2)
    act("?all=1", act="set", field="owner", owner="bob@example.org")
    with app.app_context():
        db.session.execute(sa.update(User).where(User.email == "bob@example.org").values(active=False))
        db.session.commit()

    work()

    assert counts() == (2, 0, 0, 2, 0, 0)
    assert "This choice is no longer there." in client.get("/leads/bulk/1").text


def test_what_a_run_remembers_goes_after_a_week_and_itself_after_ninety_days(app, leads, act, rows):
    act(named(leads(2)), **TITLE)

    for days, left in ((6, (1, 2)), (8, (1, 0)), (91, (0, 0))):
        age(app, timedelta(days=days))
        with app.app_context():
            for _step in bulk_jobs.purge({}):
                db.session.commit()
            db.session.commit()
        assert (len(rows("bulk_runs")), len(rows("bulk_items"))) == left


def test_an_admin_sees_the_runs_of_others_and_nobody_else_does(leads, act, client_of):
    act(named(leads(1)), by="bob", **TITLE)

    seen = {name: client_of(name).get("/leads/bulk/1").status_code for name in ("ada", "bob", "mia")}

    assert seen == {"ada": 200, "bob": 200, "mia": 404}


@pytest.mark.one_database
def test_only_who_may_write_is_offered_to_choose(leads, client_of):
    leads(1)

    assert 'name="lead"' in client_of("bob").get("/leads/").text
    assert 'name="lead"' not in client_of("vic").get("/leads/").text


@pytest.mark.one_database
def test_all_that_match_are_counted_for_the_bar(leads, client):
    leads(3, organisation="Firm")
    leads(1)
    piece = {"HX-Request": "true", "HX-Request-Type": "partial"}

    answer = client.get("/leads/bulk/all?all=1&organisation=Firm", headers=piece)

    assert "Choose all 3 that match" in answer.text
    assert 'data-words="3 leads chosen"' in answer.text


@pytest.mark.one_database
def test_nothing_chosen_is_said(client):
    assert "No lead is chosen." in client.get("/leads/bulk/new?lead=999&lead=x").text


def test_items_go_with_their_run(app, leads, act, rows):
    act(named(leads(1)), **TITLE)

    with app.app_context():
        db.session.execute(sa.delete(BulkRun))
        db.session.commit()
        assert db.session.scalar(sa.select(sa.func.count()).select_from(BulkItem)) == 0
