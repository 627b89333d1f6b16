"""What is done when a lead enters a status: each of the hub's actions, and what becomes of it when it can't be."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from leadhub.accounts.handover import hand_over, held_by
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.jobs.models import Effect
from leadhub.jobs.runs import BACK_OFF
from leadhub.leads import bin, many
from leadhub.leads.many import Act
from leadhub.leads.models import LeadEvent
from leadhub.leads.services import update_lead
from leadhub.leads.statuses import jobs
from leadhub.leads.statuses.effects import HAS_OWNER, IS_PLANNED, PERSON_GONE, WRONG
from leadhub.leads.statuses.facts import Said, tell
from leadhub.leads.statuses.jobs import IN_BIN, KEPT, NOT_OFFERED, SWITCHED_OFF, NotFailed
from leadhub.leads.statuses.models import StatusRun
from leadhub.plugins.api import AddNote, Failed, SetFields
from leadhub.plugins.host import current_host
from leadhub.statuses import offers
from leadhub.statuses.action_forms import ActionForm
from leadhub.statuses.models import StatusAction
from leadhub.statuses.offers import ActionOffer, actions_of, rules_of
from leadhub.statuses.services import add_action, remove_action, switch_action


@pytest.fixture
def action(ada, status):
    """``action("add_note", text="Call them.")``: what is done when a lead enters the status Quotation."""

    def add(key, **settings):
        row = add_action(status("quotation"), key, settings, by=ada)
        db.session.commit()
        return row

    return add


@pytest.fixture
def offer(app):
    """``offer("boom", run)``: one more action that this hub offers."""

    def offer(key, run):
        def called(lead, settings, context, seconds):
            return run(lead, settings) or []

        extra = ActionOffer(key=key, name=key, form=ActionForm, summary=lambda settings: "", run=called)
        with app.app_context():
            host = current_host()
        offers.bind(app, rules=rules_of(host), actions=[*actions_of(host), extra])

    return offer


def notes_of(lead):
    lines = db.session.query(LeadEvent).filter_by(lead_id=lead.id, kind="note").order_by(LeadEvent.id)
    return [line.body for line in lines]


def fail(entered, settings):
    raise ValueError("Zoe Dupré")


def hopeless(entered, settings):
    raise Failed("Nobody answers there.")


def make_due():
    db.session.execute(sa.update(Effect).values(due_at=utcnow() - timedelta(seconds=1)))


def test_the_owner_is_assigned(action, new_lead, choose, work, runs, person):
    action("assign_owner", person=person("bob").id, only_free=True)
    lead = new_lead()

    choose(lead, "quotation")
    work()

    line = db.session.query(LeadEvent).filter_by(lead_id=lead.id, channel="status_action").one()
    assert lead.owner.name == "Bob"
    assert runs(lead) == [("assign_owner", "done", "")]
    assert (line.by_id, line.changes) == (None, [{"field": "owner", "old": "", "new": "Bob"}])


@pytest.mark.parametrize(
    ("only_free", "owner", "end"), [(True, "Mia", ("skipped", HAS_OWNER)), (False, "Bob", ("done", ""))]
)
def test_whoever_has_the_lead_keeps_it_if_so_wanted(
    action, new_lead, choose, work, runs, person, only_free, owner, end
):
    action("assign_owner", person=person("bob").id, only_free=only_free)
    lead = new_lead(owner="mia@example.org")

    choose(lead, "quotation")
    work()

    assert lead.owner.name == owner
    assert runs(lead) == [("assign_owner", *end)]


def test_who_takes_a_lead_in_the_same_moment_keeps_it(action, new_lead, choose, runs, person, in_another_thread):
    action("assign_owner", person=person("bob").id, only_free=True)
    lead = new_lead()
    choose(lead, "quotation")
    run_id = db.session.scalar(sa.select(StatusRun.id))
    update_lead(lead, {"owner": "mia@example.org"}, by=person("mia"), version=lead.version)
    db.session.flush()

    answer = in_another_thread(lambda mia: list(jobs.run({"run": run_id})) and None)
    db.session.commit()

    assert answer() is None
    db.session.rollback()
    assert lead.owner.name == "Mia"
    assert runs(lead) == [("assign_owner", "skipped", HAS_OWNER)]


def test_nobody_who_is_gone_gets_a_lead(action, new_lead, choose, work, runs, person):
    action("assign_owner", person=person("bob").id, only_free=True)
    lead = new_lead()
    choose(lead, "quotation")
    person("bob").active = False

    work()

    assert lead.owner is None
    assert runs(lead) == [("assign_owner", "failed", PERSON_GONE)]


def test_the_next_contact_is_planned_for_nine_in_the_morning_on_the_hubs_clock(action, new_lead, choose, work, runs):
    action("next_contact", days=3, note="Ask for the roof.", only_free=True)
    lead = new_lead(owner="mia@example.org")

    choose(lead, "quotation")
    work()

    paris = ZoneInfo("Europe/Paris")
    moment = lead.next_contact_at.astimezone(paris)
    assert moment.date() == datetime.now(paris).date() + timedelta(days=3)
    assert (moment.hour, moment.minute) == (9, 0)
    assert (lead.next_contact_by.name, lead.next_contact_note) == ("Mia", "Ask for the roof.")
    assert runs(lead) == [("next_contact", "done", "")]


@pytest.mark.parametrize(("days", "is_kept"), [(1, True), (-1, False)])
@pytest.mark.one_database
def test_a_next_contact_that_is_to_come_stays_if_so_wanted(action, new_lead, choose, work, runs, days, is_kept):
    action("next_contact", days=3, note="", only_free=True)
    before = (utcnow() + timedelta(days=days)).replace(microsecond=0)
    lead = new_lead(next_contact_at=before, next_contact_note="Mine")

    choose(lead, "quotation")
    work()

    assert (lead.next_contact_at == before) is is_kept
    assert lead.next_contact_note == "Mine"
    assert runs(lead) == [("next_contact", "skipped", IS_PLANNED) if is_kept else ("next_contact", "done", "")]


def test_notes_are_added_in_the_order_of_the_actions(action, new_lead, choose, work, runs):
    for text in ("First", "Then", "Last"):
        action("add_note", text=text)
    lead = new_lead()

    choose(lead, "quotation")
    assert runs(lead) == [("add_note", "waiting", "")] * 3
    work()

    assert notes_of(lead) == ["First", "Then", "Last"]
    assert runs(lead) == [("add_note", "done", "")] * 3


def test_a_rule_that_moves_a_lead_starts_actions_too(action, new_lead, work, ada):
    action("add_note", text="Call them.")
    lead = new_lead()

    tell(lead.id, {"quotation_submitted": Said(True, "Q-1")}, by=ada)
    work()

    assert notes_of(lead) == ["Call them."]


def test_many_leads_that_are_moved_at_once_each_get_theirs(action, new_lead, work, ada):
    action("add_note", text="Call them.")
    leads = [new_lead() for _ in range(3)]

    many.change([lead.id for lead in leads], Act(act="set", field="status", value="quotation"), by=ada)
    work()

    assert [notes_of(lead) for lead in leads] == [["Call them."]] * 3


@pytest.mark.one_database
def test_a_status_that_is_left_and_entered_again_starts_them_again(action, new_lead, choose, work):
    action("add_note", text="Call them.")
    lead = new_lead()

    for key in ("quotation", "open", "quotation"):
        choose(lead, key)
    work()

    assert notes_of(lead) == ["Call them."] * 2


@pytest.mark.one_database
def test_what_is_switched_off_is_not_started(action, new_lead, choose, runs, ada):
    switch_action(action("add_note", text="Call them."), is_on=False, by=ada)
    lead = new_lead()

    choose(lead, "quotation")

    assert runs(lead) == []
    assert db.session.query(Effect).filter_by(kind="statuses.run").all() == []


@pytest.mark.parametrize("how", ["switched off", "removed"])
def test_what_is_taken_away_after_its_start_is_skipped(action, new_lead, choose, work, runs, ada, how):
    row = action("add_note", text="Call them.")
    lead = new_lead()
    choose(lead, "quotation")
    switch_action(row, is_on=False, by=ada) if how == "switched off" else remove_action(row, by=ada)

    work()

    assert notes_of(lead) == []
    assert runs(lead) == [("add_note", "skipped", SWITCHED_OFF)]


def test_a_lead_that_went_to_the_bin_is_left_alone(action, new_lead, choose, work, runs, ada):
    action("add_note", text="Call them.")
    lead = new_lead()
    choose(lead, "quotation")
    bin.delete(lead, by=ada)

    work()

    assert notes_of(lead) == []
    assert runs(lead) == [("add_note", "skipped", IN_BIN)]


def test_one_that_fails_is_tried_again_and_costs_itself_alone(offer, action, new_lead, choose, work, runs):
    offer("boom", fail)
    action("boom")
    action("add_note", text="Call them.")
    lead = new_lead()
    choose(lead, "quotation")

    for _try in BACK_OFF:
        work()
        assert runs(lead) == [("boom", "waiting", ""), ("add_note", "done", "")]
        make_due()
    work()

    assert runs(lead) == [("boom", "failed", "ValueError"), ("add_note", "done", "")]
    assert lead.status.key == "quotation"
    assert notes_of(lead) == ["Call them."]


def test_one_that_knows_it_is_hopeless_has_failed_at_once(offer, action, new_lead, choose, work, runs):
    offer("boom", hopeless)
    action("boom")
    lead = new_lead()

    choose(lead, "quotation")
    work()

    assert runs(lead) == [("boom", "failed", "Nobody answers there.")]
    assert lead.status.key == "quotation"


def test_what_a_failed_one_had_written_is_not_kept(offer, action, new_lead, choose, work, runs):
    def write_and_fail(lead, settings):
        return [SetFields(values={"job_title": "Boss"}), AddNote(text="")]

    offer("boom", write_and_fail)
    action("boom")
    lead = new_lead()

    choose(lead, "quotation")
    work()

    assert lead.job_title == ""
    assert runs(lead) == [("boom", "failed", WRONG)]


def test_one_that_nothing_offers_any_more_fails_with_words(action, new_lead, choose, work, runs):
    action("add_note", text="Call them.").action = "telepathy"
    lead = new_lead()

    choose(lead, "quotation")
    work()

    assert runs(lead) == [("telepathy", "failed", NOT_OFFERED)]
    assert lead.status.key == "quotation"


def test_done_twice_is_done_once(action, new_lead, choose, work, runs):
    action("add_note", text="Call them.")
    lead = new_lead()
    choose(lead, "quotation")
    work()

    jobs.run({"run": db.session.scalar(sa.select(StatusRun.id))})
    db.session.commit()

    assert notes_of(lead) == ["Call them."]


def test_what_has_failed_can_be_tried_again(offer, action, new_lead, choose, work, runs, ada):
    offer("boom", hopeless)
    action("boom")
    lead = new_lead()
    choose(lead, "quotation")
    work()
    offer("boom", lambda entered, settings: "")

    jobs.try_again(db.session.query(StatusRun).one(), by=ada)
    assert runs(lead) == [("boom", "waiting", "")]
    work()

    assert runs(lead) == [("boom", "done", "")]
    with pytest.raises(NotFailed):
        jobs.try_again(db.session.query(StatusRun).one(), by=ada)


@pytest.mark.one_database
def test_another_try_that_wears_out_tells_its_own_reason(offer, action, new_lead, choose, work, runs, ada):
    offer("boom", hopeless)
    action("boom")
    lead = new_lead()
    choose(lead, "quotation")
    work()
    offer("boom", fail)
    jobs.try_again(db.session.query(StatusRun).one(), by=ada)

    for _try in range(len(BACK_OFF) + 1):
        work()
        make_due()

    assert runs(lead) == [("boom", "failed", "ValueError")]


@pytest.mark.one_database
def test_what_is_rolled_back_starts_nothing(action, new_lead, runs, ada):
    action("add_note", text="Call them.")
    lead = new_lead()

    update_lead(lead, {"status": "quotation"}, by=ada, version=lead.version)
    db.session.rollback()

    assert runs(lead) == []
    assert db.session.query(Effect).all() == []


def test_an_email_waits_for_a_mail_server(action, new_lead, choose, work, runs):
    action("mail_owner", text="")
    lead = new_lead(owner="bob@example.org")

    choose(lead, "quotation")
    work()

    (effect,) = db.session.query(Effect).filter_by(kind="statuses.run")
    assert (effect.state, effect.error) == ("waiting", "No mail server is set up.")
    assert runs(lead) == [("mail_owner", "waiting", "")]


@pytest.mark.parametrize("taker", ["mia", None])
def test_who_leaves_hands_over_the_leads_they_would_have_got(action, person, taker):
    theirs = action("assign_owner", person=person("bob").id, only_free=True)
    others = action("assign_owner", person=person("vic").id, only_free=True)
    assert held_by(person("bob")) == ["1 status action that gives them leads"]

    moved = hand_over(person("bob"), person(taker) if taker else None, person("ada"))
    db.session.commit()

    assert moved["status_actions"] == 1
    assert (theirs.settings["person"], theirs.is_on) == ((person(taker) if taker else person("bob")).id, bool(taker))
    assert (others.settings["person"], others.is_on) == (person("vic").id, True)


@pytest.mark.one_database
def test_old_runs_are_tidied_up(action, new_lead, choose, runs):
    action("add_note", text="1")
    action("add_note", text="2")
    lead = new_lead()
    choose(lead, "quotation")
    old = db.session.query(StatusRun).order_by(StatusRun.id).first()
    old.at = utcnow() - KEPT - timedelta(minutes=1)

    jobs.purge({})
    db.session.commit()

    assert len(runs(lead)) == 1
    assert db.session.query(StatusAction).count() == 2


def test_a_lead_that_is_deleted_for_good_takes_its_runs_along(action, new_lead, choose, work, ada):
    action("add_note", text="Call them.")
    lead = new_lead()
    choose(lead, "quotation")
    bin.delete(lead, by=ada)
    bin.delete_for_good(lead, by=ada)

    work()

    assert db.session.query(StatusRun).all() == []
    assert [row.state for row in db.session.query(Effect).filter_by(kind="statuses.run")] == ["done"]
