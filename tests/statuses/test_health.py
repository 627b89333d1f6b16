"""What has lost its status or its plugin: nothing fails, it is listed, and each mend works."""

import pytest

from leadhub.doctor import PROBLEM, examine
from leadhub.extensions import db
from leadhub.jobs.worker import Worker
from leadhub.leads.services import create_lead, update_lead
from leadhub.leads.statuses.facts import Said, standing_of, tell
from leadhub.leads.statuses.jobs import NOT_OFFERED
from leadhub.leads.statuses.models import StatusRun
from leadhub.plugins.api import LeadDraft
from leadhub.plugins.api.statuses import Status as Wished
from leadhub.plugins.host import current_host
from leadhub.statuses import offers, services
from leadhub.statuses.deletion import delete_status
from leadhub.statuses.health import NothingToMend, broken_bindings, mend, waiting_actions
from leadhub.statuses.models import StatusAction, StatusRule
from leadhub.statuses.offers import RuleOffer, actions_of, rules_of
from leadhub.statuses.queries import bound_rules, statuses
from leadhub.upgrade import bring_up_to_date

DEMO = RuleOffer(
    key="demo", label="a demonstration was given", priority=85, holds=lambda facts: facts.get("demo"),
    wished=Wished(key="closed", names={"en": "Shown", "fr": "Montré"}, kind="in_progress", colour="pink"),
)  # fmt: skip
"""A rule of a newer version."""
LOST = "When a demonstration was given, no status is given: the one that it gave is not there."


@pytest.fixture
def newer(app, status, ada):
    """A hub whose newer version has a rule for a status that somebody has deleted: the row of the rule."""
    delete_status(status("closed").id, status("open").id, by=ada, but={"stages.status": None})
    offers.bind(app, rules=[*rules_of(current_host()), DEMO], actions=actions_of(current_host()))
    services.adopt_rules()
    db.session.commit()
    return db.session.query(StatusRule).filter_by(rule="demo").one()


@pytest.fixture
def new_lead(context):
    def make():
        lead = create_lead(LeadDraft(channel="form", last_name="Roye"), by=None)
        db.session.commit()
        return lead

    return make


def show(lead, by):
    tell(lead.id, {"demo": Said(True)}, by=by)
    db.session.commit()


def listed():
    return [(it.kind, it.text, it.mends) for it in broken_bindings()]


def test_nothing_is_broken_in_a_new_hub(context):
    assert broken_bindings() == []
    assert waiting_actions() == []


def test_a_hub_starts_and_leads_are_saved_whatever_is_missing(newer, make_app, settings, new_lead, ada):
    lead = new_lead()
    show(lead, ada)
    update_lead(lead, {"job_title": "Boss"}, by=ada, version=lead.version)
    db.session.commit()

    assert lead.status.key == "open"
    assert standing_of(lead)[1].status.id == lead.status_id
    db.session.rollback()
    bring_up_to_date(settings)
    assert make_app().test_client().get("/login").status_code == 200


def test_what_is_missing_is_listed_with_what_can_be_done(newer):
    (broken,) = broken_bindings()

    assert (broken.kind, broken.id, broken.text, broken.wished) == ("rule", newer.id, LOST, "Shown")
    assert broken.mends == ("choose", "recreate", "off")


def test_another_status_is_chosen(newer, new_lead, status, ada):
    mend("rule", newer.id, "choose", status=status("quotation"), by=ada)
    db.session.commit()
    lead = new_lead()
    show(lead, ada)

    assert broken_bindings() == []
    assert lead.status.key == "quotation"


def test_the_missing_status_is_made_again(newer, new_lead, ada):
    mend("rule", newer.id, "recreate", status=None, by=ada)
    db.session.commit()
    lead = new_lead()
    show(lead, ada)

    assert broken_bindings() == []
    assert (lead.status.key, lead.status.names, lead.status.kind) == ("closed", DEMO.wished.names, "in_progress")
    assert statuses()[-1] is lead.status


def test_the_rule_is_switched_off(newer, new_lead, ada):
    mend("rule", newer.id, "off", status=None, by=ada)
    db.session.commit()
    lead = new_lead()
    show(lead, ada)

    assert broken_bindings() == []
    assert not newer.is_on
    assert lead.status.key == "open"


@pytest.mark.parametrize(
    ("kind", "row_id", "how"), [("rule", 999_999, "off"), ("action", None, "off"), ("rule", None, "choose")]
)
@pytest.mark.one_database
def test_what_is_not_broken_or_not_told_is_not_mended(newer, ada, kind, row_id, how):
    with pytest.raises(NothingToMend):
        mend(kind, row_id or newer.id, how, status=None, by=ada)

    assert len(broken_bindings()) == 1


def test_of_two_who_mend_the_same_one_is_told(newer, status, ada, in_another_thread):
    row_id = newer.id
    mend("rule", row_id, "off", status=None, by=ada)

    answer = in_another_thread(lambda mia: mend("rule", row_id, "recreate", status=None, by=mia))
    db.session.commit()

    assert isinstance(answer(), NothingToMend)
    db.session.rollback()
    assert status("closed") is None


@pytest.mark.one_database
def test_a_newer_rule_gets_the_status_it_would_like_where_that_is_there(app, status, ada):
    offers.bind(app, rules=[*rules_of(current_host()), DEMO], actions=actions_of(current_host()))

    assert services.adopt_rules() == 1
    assert next(it.row.status_id for it in bound_rules() if it.offer is DEMO) == status("closed").id
    assert broken_bindings() == []


@pytest.mark.one_database
def test_what_somebody_switched_off_is_no_news(newer, ada):
    services.bind_rule("opportunity", None, is_on=False, by=ada)

    assert [it.id for it in broken_bindings()] == [newer.id]


def test_a_rule_that_nothing_offers_any_more_does_nothing_and_can_be_switched_off(newer, app, new_lead, status, ada):
    services.bind_rule("demo", status("quotation").id, is_on=True, by=ada)
    offers.bind(app, rules=rules_of(current_host()), actions=actions_of(current_host()))
    db.session.commit()
    lead = new_lead()
    show(lead, ada)

    assert lead.status.key == "open"
    assert listed() == [
        ("rule", "The rule “demo” comes from a plugin that is not installed. It does nothing.", ("off",))
    ]
    mend("rule", newer.id, "off", status=None, by=ada)
    assert broken_bindings() == []


def test_an_action_that_nothing_offers_fails_with_words_and_the_status_stands(app, new_lead, status, ada):
    action = services.add_action(status("quotation"), "add_note", {"text": "Call them."}, by=ada)
    action.action = "telepathy"
    db.session.commit()
    lead = new_lead()
    update_lead(lead, {"status": "quotation"}, by=ada, version=lead.version)
    db.session.commit()
    Worker(app).work_off()

    run = db.session.query(StatusRun).one()
    assert (run.state, run.told, lead.status.key) == ("failed", NOT_OFFERED, "quotation")
    assert listed() == [
        ("action", "The action “telepathy” comes from a plugin that is not installed. It does nothing.", ("off",))
    ]
    mend("action", action.id, "off", status=None, by=ada)
    assert broken_bindings() == []


def test_an_action_that_lost_its_status_waits_for_another(status, ada):
    action = services.add_action(status("closed"), "add_note", {"text": "Call them."}, by=ada)
    db.session.flush()
    gone = status("closed").id

    delete_status(gone, status("open").id, by=ada, but={"statuses.actions": None})

    assert waiting_actions() == [action]
    assert broken_bindings() == []
    services.give_action(action, status("open"), by=ada)
    assert waiting_actions() == []


@pytest.mark.parametrize("how", ["choose", "off"])
def test_an_action_that_is_on_without_a_status_is_mended(status, ada, how):
    action = StatusAction(status_id=None, action="add_note", settings={"text": "Hi"}, position=0, is_on=True)
    db.session.add(action)
    db.session.flush()
    assert listed() == [("action", "The action “Add a note” has no status.", ("choose", "off"))]

    mend("action", action.id, how, status=status("open"), by=ada)

    assert broken_bindings() == []
    assert (action.status, action.is_on) == ((status("open"), True) if how == "choose" else (None, False))


@pytest.mark.one_database
def test_all_of_it_is_listed_in_a_few_queries(newer, ada, count_queries):
    costs = []
    for keys in (["open"], ["open", "opportunity", "quotation", "converted"]):
        rows = [row for row in statuses() if row.key in keys]
        for status_id in (None, *(row.id for row in rows)):
            for action in ("add_note", "gone"):
                db.session.add(StatusAction(status_id=status_id, action=action, settings={}, position=0, is_on=True))
        db.session.commit()
        del rows
        with count_queries() as statements:
            found = len(broken_bindings())
        costs.append((found, len(statements)))

    assert costs == [(4, costs[0][1]), (10, costs[0][1])]


@pytest.mark.one_database
def test_the_diagnosis_calls_it_a_problem(newer, settings):
    db.session.rollback()  # it looks for itself whether the database can be reached

    assert [it.text for it in examine(settings) if it.grade == PROBLEM and it.broken] == [LOST]
