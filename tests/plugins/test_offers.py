"""Rules and actions of a plugin: what they offer is done by the hub, what they break costs them alone."""

import json
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import sqlalchemy as sa
from wtforms import BooleanField, DateField, DecimalField, Form, IntegerField
from wtforms.validators import DataRequired, InputRequired

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.fields import services as fields
from leadhub.fields.drafts import FieldDraft
from leadhub.jobs.models import Effect
from leadhub.jobs.runs import BACK_OFF
from leadhub.leads.models import LeadEvent
from leadhub.leads.statuses import jobs
from leadhub.leads.statuses.effects import NOBODY, PERSON_GONE, WRONG
from leadhub.leads.statuses.facts import Said, tell
from leadhub.leads.statuses.jobs import PLUGIN_FAILED
from leadhub.leads.statuses.models import StatusRun
from leadhub.lists.models import Source
from leadhub.plugin_settings import services as plugin_services
from leadhub.plugins.api import (
    AddNote,
    AssignOwner,
    CallUrl,
    Fact,
    Failed,
    MailOwner,
    PersonField,
    PlanNextContact,
    SetFields,
    Skip,
    Status,
    StatusAction,
    StatusRule,
    hookimpl,
)
from leadhub.plugins.host import BUILTIN, Host
from leadhub.statuses import offers
from leadhub.statuses.action_forms import ActionForm
from leadhub.statuses.health import broken_bindings
from leadhub.statuses.models import StatusAction as ActionRow
from leadhub.statuses.models import StatusRule as RuleRow
from leadhub.statuses.offers import offered
from leadhub.statuses.services import add_action
from leadhub.upgrade import bring_up_to_date
from tests import mail_servers

pytestmark = pytest.mark.one_database  # what effects write is tested on both by the hub's own actions

QUOTATION = Status(key="quotation", names={"en": "Quotation"})
NAMES = {"en": "Act", "fr": "Agir"}


class ActForm(Form):
    person = PersonField("Person", [DataRequired()])
    amount = IntegerField("Amount", [InputRequired()], default=10)
    is_loud = BooleanField("Loud")


class Acme:
    """A plugin that does what a test gives it to do."""

    def __init__(self):
        self.holds = lambda facts: facts.get("opportunity")
        self.run = lambda lead, settings, context: []
        self.summary = lambda settings: f"from {settings.get('amount', 0)} on"
        self.over = threading.Event()
        self.calls = 0

    def hang(self, *arguments):
        self.over.wait(30)

    @hookimpl
    def register_status_rules(self):
        label = {"en": "a sample was sent", "fr": "un échantillon est parti"}
        return [StatusRule(key="sample", label=label, priority=200, holds=self._holds, wished=QUOTATION)]

    @hookimpl
    def register_status_actions(self):
        return [StatusAction(key="act", name=NAMES, form=ActForm, summary=self._summary, run=self._run)]

    def _holds(self, facts):
        self.calls += 1
        return self.holds(facts)

    def _run(self, lead, settings, context):
        self.calls += 1
        return self.run(lead, settings, context)

    def _summary(self, settings):
        return self.summary(settings)


@pytest.fixture
def acme():
    plugin = Acme()
    yield plugin
    plugin.over.set()


@pytest.fixture
def app(make_app, settings, acme):
    app = make_app([("acme", acme)], settings=replace(settings, outgoing_hosts=("127.0.0.1",)))
    with app.app_context():
        bring_up_to_date(settings)
    return app


@pytest.fixture
def host(app):
    return app.extensions["leadhub_host"]


@pytest.fixture
def act(acme, ada, status):
    """``act(run)``: from now on the plugin does this when a lead enters the status Quotation."""

    def act(run, **settings):
        acme.run = run
        row = add_action(status("quotation"), "acme.act", settings, by=ada)
        db.session.commit()
        return row

    return act


@pytest.fixture
def enter(act, new_lead, choose, work):
    """``enter(effects)``: the lead for which the plugin wanted these, after the worker was there."""

    def enter(wanted, **changes):
        act(wanted if callable(wanted) else lambda *arguments: wanted)
        lead = new_lead(**changes)
        choose(lead, "quotation")
        work()
        return lead

    return enter


@pytest.fixture
def serve():
    """``serve(status)``: a server's address and the list of what it was sent, as (method, headers, body)."""
    servers = []

    def start(status=200):
        heard = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                heard.append((self.command, dict(self.headers), body))
                self.send_response(status)
                self.end_headers()

            do_PUT = do_POST  # noqa: N815

            def log_message(self, *arguments):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/hook", heard

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def raiser(error):
    def run(*arguments):
        raise error

    return run


def say(lead, **said):
    tell(lead.id, {name: Said(holds, "O-1") for name, holds in said.items()}, by=None)
    db.session.commit()


def lines_of(lead):
    return db.session.query(LeadEvent).filter_by(lead_id=lead.id, channel="status_action").all()


def calls():
    return db.session.query(Effect).filter_by(kind="statuses.call_url").order_by(Effect.id).all()


def make_due():
    db.session.execute(sa.update(Effect).values(due_at=utcnow() - timedelta(seconds=1)))


# What is offered


def test_keys_carry_the_name_of_the_plugin_but_for_bundled_ones(app):
    with app.app_context():
        there = offered()

    assert {"acme.sample", "customer"} <= set(there.rules)
    assert list(there.actions) == ["assign_owner", "next_contact", "add_note", "mail_owner", "acme.act"]
    assert next(iter(there.rules)) == "acme.sample"  # the strongest first


class DayForm(Form):
    day = DateField("Day")


class ShareForm(ActForm):
    share = DecimalField("Share")


class Offering:
    def __init__(self, *, rules=None, actions=None):
        self.rules, self.actions = rules, actions

    @hookimpl
    def register_status_rules(self):
        return self.rules or []

    @hookimpl
    def register_status_actions(self):
        return self.actions or []


def rule(**changes):
    values = {"key": "sample", "label": {"en": "x"}, "priority": 1, "holds": lambda facts: None, "wished": QUOTATION}
    return Offering(rules=[StatusRule(**values | changes)])


def action(**changes):
    return Offering(actions=[StatusAction(**{"key": "act", "name": {"en": "x"}, "run": lambda *it: []} | changes)])


WRONG_OFFERS = {
    "no rule": (Offering(rules=["sample"]), "'sample' is no StatusRule"),
    "no list": (Offering(rules=5), "TypeError"),
    "rule in the wrong hook": (Offering(actions=rule().rules), "is no StatusAction"),
    "key with a dot": (rule(key="a.b"), "'a.b' is no key"),
    "capital letter": (rule(key="A"), "'A' is no key"),
    "key with a line": (rule(key="a\n"), r"is no key"),
    "empty key": (rule(key=""), "'' is no key"),
    "long key": (rule(key="a" * 49), "is no key"),
    "number as key": (action(key=5), "5 is no key"),
    "text as label": (rule(label="x"), "the label of 'sample' is no text by language"),
    "empty label": (rule(label={}), "the label of 'sample'"),
    "priority as text": (rule(priority="1"), "a whole number as its priority"),
    "holds that is none": (rule(holds=True), "a function as holds"),
    "wished that is none": (rule(wished="quotation"), "the status that 'sample' wishes for"),
    "wished of no kind": (rule(wished=replace(QUOTATION, kind="hot")), "the status that 'sample' wishes for"),
    "no action": (Offering(actions=[None]), "None is no StatusAction"),
    "empty name": (action(name={"en": ""}), "the name of 'act' is no text by language"),
    "run that is none": (action(run="x"), "'act' wants a function as run"),
    "form that is none": (action(form=int), "the form of 'act' is no wtforms.Form"),
    "day as setting": (action(form=DayForm), "the field 'day' of 'act' gives what JSON can't hold"),
    "decimal as setting": (action(form=ShareForm), "the field 'share' of 'act'"),
    "form as object": (action(form=ActForm()), "the form of 'act' is no wtforms.Form"),
}


@pytest.mark.parametrize("what", WRONG_OFFERS)
def test_a_wrong_offer_leaves_its_plugin_out_with_a_line_that_says_what(what):
    plugin, words = WRONG_OFFERS[what]
    host = Host()

    host.load(None, True, [("bad", plugin), ("good", rule())])

    assert words in host.failed["bad"]
    assert host.names == [*BUILTIN, "good"]
    assert [key for key in host.rules if "." in key] == ["good.sample"]


def test_of_two_offers_with_one_key_the_last_of_a_plugin_stands_and_plugins_keep_their_own():
    host = Host()

    host.load(None, True, [("one", rule()), ("two", rule())])

    assert [key for key in host.rules if "." in key] == ["one.sample", "two.sample"]


@pytest.mark.parametrize("form", [None, Form])
def test_an_action_may_have_no_settings(make_app, form):
    offering = make_app([("bare", action(form=form))])
    with offering.app_context():
        made = offered().actions["bare.act"].form

    assert issubclass(made, ActionForm)


# Rules


def test_a_rule_of_a_plugin_is_bound_and_moves_leads(app, new_lead):
    lead = new_lead()

    say(lead, opportunity=True)

    row = db.session.query(RuleRow).filter_by(rule="acme.sample").one()
    assert (row.is_on, row.status_id) == (True, lead.status_id)
    assert lead.status.key == "quotation"


def nonsense(holds, at):
    return lambda facts: Fact(holds, at)


BROKEN_RULES = {
    "raises": raiser(ValueError("boom")),
    "leaves": raiser(SystemExit(0)),
    "true": lambda facts: True,
    "text": lambda facts: "opportunity",
    "no moment": nonsense(True, None),
    "moment without a zone": nonsense(True, datetime(2026, 1, 1)),
    "changes the facts": lambda facts: facts.clear(),
    "does not hold": nonsense(False, utcnow()),
}


@pytest.mark.parametrize("how", BROKEN_RULES)
def test_a_rule_that_breaks_does_not_hold_and_the_others_do(acme, new_lead, how):
    acme.holds = BROKEN_RULES[how]
    lead = new_lead()

    say(lead, opportunity=True)
    say(lead, enquiry=True)

    assert lead.status.key == "opportunity"


def test_a_rule_that_never_returns_does_not_hold_and_is_asked_once(acme, new_lead, monkeypatch):
    monkeypatch.setattr(offers, "RULE_SECONDS", 0.2)
    acme.holds = acme.hang
    lead = new_lead()

    say(lead, opportunity=True)
    say(lead, opportunity=True)

    assert lead.status.key == "opportunity"
    assert acme.calls == 1


def test_a_rule_whose_plugin_is_gone_keeps_its_row_and_is_told(app, make_app):
    with make_app().app_context():
        (told,) = [it for it in broken_bindings() if it.kind == "rule" and "acme" in it.text]

        assert "“acme.sample” comes from a plugin that is not installed" in told.text
        assert db.session.query(RuleRow).filter_by(rule="acme.sample").one().is_on


# Effects


def test_fields_get_values_with_lines_in_the_history(enter, runs):
    values = {"job_title": "Boss", "expected_value": Decimal("12.50"), "source": "whatsapp", "owner": "bob@example.org"}

    lead = enter([SetFields(values=values)])

    assert (lead.job_title, lead.expected_value, lead.owner.name) == ("Boss", Decimal("12.50"), "Bob")
    assert db.session.get(Source, lead.source_id).key == "whatsapp"
    (line,) = lines_of(lead)
    assert {change["field"] for change in line.changes} == set(values)
    assert line.by_id is None
    assert runs(lead) == [("acme.act", "done", "")]


@pytest.mark.parametrize(("type", "value"), [("text", "Thatch"), ("number", Decimal(5)), ("choice", "Red")])
def test_fields_of_the_team_get_values_too(enter, runs, ada, type, value):
    draft = FieldDraft(
        type=type, names={"en": "Roof"}, shown="form", choices=("Red", "Blue") if type == "choice" else ()
    )
    field = fields.add_field(draft, by=ada)
    db.session.commit()
    if type == "choice":
        value = fields.choices_named(field, ["Red"])["Red"].key

    lead = enter([SetFields(values={field.name: value})])

    assert runs(lead) == [("acme.act", "done", "")]
    assert len(lead.custom_values) == 1


def test_all_other_effects_are_done(enter, runs, person):
    bob = person("bob").id

    lead = enter([AssignOwner(person=bob), PlanNextContact(days=2, note="Ask."), AddNote(text="**Called.**")])

    assert lead.owner.name == lead.next_contact_by.name == "Bob"
    assert lead.next_contact_note == "Ask."
    assert [line.body for line in lines_of(lead) if line.kind == "note"] == ["**Called.**"]
    assert len(lines_of(lead)) == 3
    assert runs(lead) == [("acme.act", "done", "")]


def test_effects_may_come_from_a_generator_and_see_the_lead(enter, runs):
    def run(lead, settings, context):
        yield AddNote(text=f"{lead.title} {lead.status} {context.run_id} {context.now().tzinfo}")

    lead = enter(run)

    (note,) = lines_of(lead)
    assert note.body == f"Dupré quotation statuses.run:{db.session.query(StatusRun).one().id} UTC"


def test_an_email_to_the_owner_is_sent(app, enter, runs, work):
    with mail_servers.running(auth_require_tls=False) as inbox:
        server = {"smtp_url": f"smtp://127.0.0.1:{inbox.port}", "mail_from": "hub@example.org"}
        known = app.extensions["leadhub"]
        known["settings"] = replace(known["settings"], base_url="https://crm.example.org", **server)

        lead = enter([MailOwner(text="Call them.")], owner="bob@example.org")
        work()

    (message,) = inbox.mails
    assert message["To"] == "bob@example.org"
    assert runs(lead) == [("acme.act", "done", "")]


def test_an_effect_that_has_nothing_to_do_says_why(enter, runs):
    assert runs(enter([MailOwner()])) == [("acme.act", "skipped", NOBODY)]


WRONG_EFFECTS = {
    "unknown field": SetFields(values={"shoe_size": 5}),
    "the status": SetFields(values={"status": "open"}),
    "text as amount": SetFields(values={"expected_value": "much"}),
    "no amount": SetFields(values={"expected_value": Decimal("NaN")}),
    "large amount": SetFields(values={"expected_value": Decimal("1e40")}),
    "number as text": SetFields(values={"job_title": 5}),
    "long text": SetFields(values={"job_title": "x" * 5000}),
    "list as text": SetFields(values={"job_title": ["x"]}),
    "text as moment": SetFields(values={"next_contact_at": "tomorrow"}),
    "moment without a zone": SetFields(values={"next_contact_at": datetime(2026, 1, 1)}),
    "nobody": SetFields(values={"owner": "nobody@example.org"}),
    "source that is not there": SetFields(values={"source": "telepathy"}),
    "email that is none": SetFields(values={"email": "x"}),
    "no name left": SetFields(values={"last_name": ""}),
    "no values": SetFields(values=None),
    "list of values": SetFields(values=["job_title"]),
    "person that is none": AssignOwner(person="bob"),
    "number too large": AssignOwner(person=10**30),
    "days": PlanNextContact(days=-1),
    "endless days": PlanNextContact(days=float("inf")),
    "empty note": AddNote(text=" "),
    "note with NUL": AddNote(text="a\0b"),
    "json that is none": CallUrl(url="http://127.0.0.1/", json={"at": utcnow()}),
    "headers that are none": CallUrl(url="http://127.0.0.1/", headers=5),
}


@pytest.mark.parametrize("what", WRONG_EFFECTS)
def test_what_no_lead_can_have_fails_with_words_and_keeps_nothing(enter, runs, what):
    lead = enter([AddNote(text="Before"), WRONG_EFFECTS[what]])

    ((_key, state, told),) = runs(lead)
    assert state == "failed"
    assert told
    assert lines_of(lead) == []
    assert lead.status.key == "quotation"
    assert calls() == []


def test_nobody_who_is_gone_gets_a_lead(enter, runs):
    assert runs(enter([AssignOwner(person=4711)])) == [("acme.act", "failed", PERSON_GONE)]


def endless(*arguments):
    while True:
        yield AddNote(text="Again")


WRONG_ANSWERS = {
    "nothing": None,
    "a text": "AddNote",
    "a number": 5,
    "texts": ["AddNote"],
    "a class": [AddNote],
    "an effect among others": [AddNote(text="x"), None],
    "too many": [AddNote(text="x")] * 21,
    "endless": endless,
}


@pytest.mark.parametrize("what", WRONG_ANSWERS)
def test_an_answer_that_is_no_list_of_effects_fails_and_the_status_stands(enter, runs, what):
    lead = enter(WRONG_ANSWERS[what])

    assert runs(lead) == [("acme.act", "failed", WRONG)]
    assert lead.status.key == "quotation"
    assert lines_of(lead) == []


@pytest.mark.parametrize(("error", "end"), [(Skip("Too small."), "skipped"), (Failed("Too small."), "failed")])
def test_what_the_plugin_says_stands_in_the_log(enter, runs, error, end):
    assert runs(enter(raiser(error))) == [("acme.act", end, "Too small.")]


@pytest.mark.parametrize("error", [Skip(), Failed()])
def test_who_says_nothing_gets_words(enter, runs, error):
    ((_key, _state, told),) = runs(enter(raiser(error)))

    assert told


def fail_in_the_middle(*arguments):
    yield AddNote(text="Before")
    raise ValueError("boom")


BROKEN_ACTIONS = {
    "raises": raiser(ValueError("boom")),
    "raises in the middle": fail_in_the_middle,
    "leaves": raiser(SystemExit(0)),
    "interrupts": raiser(KeyboardInterrupt()),
}


@pytest.mark.parametrize("how", BROKEN_ACTIONS)
def test_an_action_that_breaks_is_tried_again_and_costs_itself_alone(enter, runs, work, acme, ada, status, how):
    add_action(status("quotation"), "add_note", {"text": "Call them."}, by=ada)

    lead = enter(BROKEN_ACTIONS[how])

    assert runs(lead) == [("add_note", "done", ""), ("acme.act", "waiting", "")]
    assert [line.body for line in lines_of(lead)] == ["Call them."]
    assert lead.status.key == "quotation"

    acme.run = lambda *arguments: [AddNote(text="At last.")]
    make_due()
    work()
    assert runs(lead) == [("add_note", "done", ""), ("acme.act", "done", "")]


def test_an_action_that_never_returns_is_called_once(enter, runs, work, acme, new_lead, choose, monkeypatch):
    monkeypatch.setattr(jobs, "ACTION_SECONDS", 0.2)

    first = enter(acme.hang)
    second = new_lead()
    choose(second, "quotation")
    work()

    assert runs(first) == runs(second) == [("acme.act", "waiting", "")]
    assert acme.calls == 1


def test_one_that_fails_for_hours_has_failed(enter, runs, work):
    lead = enter(raiser(ValueError("boom")))

    for _try in BACK_OFF:
        make_due()
        work()

    assert runs(lead) == [("acme.act", "failed", PLUGIN_FAILED)]


# Calls


def test_a_call_is_sent_once_with_a_key(enter, runs, work, serve):
    url, heard = serve()

    lead = enter([CallUrl(url=url, json={"lead": 1}, headers={"X-Acme": "yes"})])
    work()

    ((method, headers, body),) = heard
    assert (method, json.loads(body), headers["X-Acme"]) == ("POST", {"lead": 1}, "yes")
    assert headers["Idempotency-Key"].startswith(f"leadhub-{db.session.query(StatusRun).one().id}")
    assert runs(lead) == [("acme.act", "done", "")]


def test_two_calls_of_one_run_are_two_with_keys_of_their_own(enter, work, serve):
    url, heard = serve()

    enter([CallUrl(url=url, json={"number": number}, method="PUT") for number in (1, 2)])
    work()

    assert sorted(json.loads(body)["number"] for _method, _headers, body in heard) == [1, 2]
    assert len({headers["Idempotency-Key"] for _method, headers, _body in heard}) == 2


def test_a_call_that_was_not_taken_is_sent_again_with_the_same_key(enter, work, serve):
    url, heard = serve(500)

    enter([CallUrl(url=url)])
    make_due()
    work()

    assert len(heard) == 2
    assert len({headers["Idempotency-Key"] for _method, headers, _body in heard}) == 1


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "http://169.254.169.254/", "file:///etc/passwd", "http://localhost/"]
)
def test_a_call_into_a_private_network_is_refused(enter, work, url):
    enter([CallUrl(url=url)])
    work()

    (effect,) = calls()
    assert effect.state == "gave_up"
    assert "address" in effect.error


@pytest.mark.parametrize("headers", [{"X-Acme": "a\r\nHost: b"}, {"": "x"}, {"X Acme": "é\ud800"}])
def test_headers_that_are_none_never_reach_the_other_side(enter, work, serve, headers):
    url, heard = serve()

    enter([CallUrl(url=url, headers=headers)])
    work()

    assert heard == []


def test_a_run_that_fails_calls_nobody(enter, work, serve):
    url, heard = serve()

    enter([CallUrl(url=url), AddNote(text="")])
    work()

    assert (calls(), heard) == ([], [])


# Settings


@pytest.fixture
def new_act(status):
    return f"/settings/statuses/{status('quotation').id}/actions/new/acme.act"


def test_the_form_of_a_plugin_is_shown_with_people_and_stored(client, new_act, person):
    bob = person("bob").id
    page = client.get(new_act)
    assert f'<option value="{bob}">Bob</option>' in page.text
    assert 'value="10"' in page.text

    answer = client.post(new_act, data={"person": bob, "amount": "25", "is_loud": "y"}, follow_redirects=True)

    assert "from 25 on" in answer.text
    assert db.session.query(ActionRow).one().settings == {"person": bob, "amount": 25, "is_loud": True}


@pytest.mark.parametrize("wrong", [{"amount": "many"}, {"person": "0"}, {"person": "4711"}, {"person": "x"}])
def test_wrong_settings_are_refused(client, new_act, person, wrong):
    answer = client.post(new_act, data={"person": person("bob").id, "amount": "25"} | wrong)

    assert answer.status_code == 422
    assert db.session.query(ActionRow).all() == []


@pytest.mark.parametrize("summary", [raiser(ValueError("boom")), lambda settings: None, lambda settings: Unspeakable()])
def test_a_summary_that_breaks_costs_its_words_alone(client, acme, act, summary, status):
    act(acme.run, amount=5)
    acme.summary = summary

    page = client.get(f"/settings/statuses/{status('quotation').id}/actions")

    assert page.status_code == 200
    assert "Act" in page.text


class Unspeakable:
    def __str__(self):
        raise ValueError("no words")


# Switched off


def test_one_that_is_switched_off_is_not_called_until_it_is_on_again(
    app,
    host,
    acme,
    act,
    new_lead,
    choose,
    work,
    runs,
    ada,
):
    act(lambda *arguments: [AddNote(text="Here.")])
    lead, other = new_lead(), new_lead()
    plugin_services.switch("acme", is_on=False, by=ada)
    db.session.commit()
    host.forget_switches()

    say(lead, opportunity=True)
    choose(other, "quotation")
    work()

    assert (lead.status.key, acme.calls) == ("opportunity", 0)
    assert runs(other) == [("acme.act", "waiting", "")]
    (effect,) = db.session.query(Effect).filter_by(kind="statuses.run")
    assert effect.error == PLUGIN_FAILED

    plugin_services.switch("acme", is_on=True, by=ada)
    db.session.commit()
    host.forget_switches()
    make_due()
    work()
    assert runs(other) == [("acme.act", "done", "")]


def test_another_process_knows_what_was_switched_off(app, make_app, settings, acme, ada):
    other = make_app([("acme", acme)]).extensions["leadhub_host"]
    other.switch_seconds = 0
    assert other.is_on("acme")

    plugin_services.switch("acme", is_on=False, by=ada)
    db.session.commit()

    assert not other.is_on("acme")
    assert other.is_on("status_actions")


def test_another_process_knows_that_one_is_to_be_tried_again(app, make_app, acme, ada):
    other = make_app([("acme", acme)]).extensions["leadhub_host"]
    other.switch_seconds = 0
    breaker = other.containment.breaker_of("acme")
    for _failure in range(5):
        breaker.failed("boom")
    assert breaker.is_open

    plugin_services.retry("acme", by=ada)
    db.session.commit()

    assert other.is_on("acme")
    assert not breaker.is_open
