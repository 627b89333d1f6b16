"""What plugins are lent and may do beside: store, settings with secrets, regular jobs, commands."""

import json
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from wtforms import Form, StringField
from wtforms.validators import DataRequired

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.jobs.models import Effect
from leadhub.jobs.registry import EPOCH
from leadhub.jobs.worker import Worker
from leadhub.leads.models import Lead
from leadhub.plugin_settings import jobs
from leadhub.plugin_settings.context import context_for
from leadhub.plugin_settings.store import OF_LEAD_MAX, VALUE_MAX, keep, keep_aside
from leadhub.plugins.api import Command, Failed, Job, SecretField, hookimpl
from leadhub.plugins.host import Offer

SETTINGS = "/settings/plugins/busy/settings"


class Busy:
    """Does things now and then."""

    class SETTINGS(Form):  # noqa: N801
        where = StringField("Where", [DataRequired()])
        key = SecretField("Key", [DataRequired()])

    def __init__(self):
        self.runs = []

    @hookimpl
    def register_jobs(self):
        return [Job(key="tick", name={"en": "Tick"}, run=self.tick, every=timedelta(minutes=5))]

    @hookimpl
    def register_commands(self):
        return [Command(key="say", help="Says it.", run=self.say), Command(key="fail", help="Fails.", run=self.fail)]

    def tick(self, context):
        self.runs.append((context.run_id, dict(context.settings)))
        context.store.set("runs", context.store.get("runs", 0) + 1)
        yield

    def say(self, words, context):
        context.store.set("said", list(words))
        yield " ".join(words)
        yield str(context.is_dry_run)

    def fail(self, words, context):
        raise Failed("There is nothing to say.")


class Asleep(Busy):
    STARTS_OFF = True


@pytest.fixture
def busy():
    return Busy()


@pytest.fixture
def asleep():
    return Asleep()


@pytest.fixture
def app(make_app, busy, asleep):
    return make_app([("busy", busy), ("asleep", asleep)])


@pytest.fixture
def store(app, context):
    store = context_for("busy", "run").store
    db.session.rollback()  # SQLite has one writer
    return store


@pytest.fixture
def values(rows):
    return lambda: {
        (row["plugin"], row["scope"], row["key"]): json.loads(row["value"]) for row in rows("plugin_values")
    }


def test_what_is_set_is_there_at_once_and_kept_by_whoever_called(store, values, make_lead):
    lead_id = make_lead()
    store.set("a", {"b": [1, None]})
    store.set("a", "of a lead", lead_id=lead_id)
    assert (store.get("a"), store.get("a", lead_id=lead_id), store.get("c", 7)) == ({"b": [1, None]}, "of a lead", 7)
    assert values() == {}

    keep(store)
    db.session.commit()

    assert values() == {("busy", "", "a"): {"b": [1, None]}, ("busy", str(lead_id), "a"): "of a lead"}
    assert (store.all(), store.all(lead_id=lead_id)) == ({"a": {"b": [1, None]}}, {"a": "of a lead"})


def test_values_of_a_lead_go_with_it(store, values, make_lead):
    lead_id = make_lead()
    store.set("a", 1, lead_id=lead_id)
    store.set("a", 1, lead_id=999_999)  # never there
    keep_aside(store)
    assert values() == {("busy", str(lead_id), "a"): 1}

    db.session.delete(db.session.get_one(Lead, lead_id))
    db.session.commit()  # the database's own rule takes them

    assert values() == {}


def test_a_value_can_be_replaced_and_taken_away(store, values):
    store.set("a", 1)
    keep_aside(store)
    store.set("a", 2)
    keep_aside(store)
    assert values() == {("busy", "", "a"): 2}
    store.delete("a")
    assert store.get("a", "gone") == "gone"
    keep_aside(store)

    assert values() == {}


def test_a_plugin_can_not_fill_the_store(store, make_lead):
    lead_id = make_lead()
    for number in range(OF_LEAD_MAX):
        store.set(f"key {number}", number, lead_id=lead_id)

    with pytest.raises(ValueError, match="100 values"):
        store.set("one more", 1, lead_id=lead_id)
    with pytest.raises(ValueError, match="bytes"):
        store.set("large", "x" * VALUE_MAX)
    with pytest.raises(ValueError, match="key"):
        store.set("k" * 101, 1)
    with pytest.raises(ValueError, match="JSON"):
        store.set("number", float("nan"))


def work(app, monkeypatch=None):
    db.session.commit()
    Worker(app).work_off()
    db.session.rollback()


@pytest.mark.parametrize(
    ("key", "value", "lead_id"),
    [("\ud800", 1, None), ("k", ["\ud83d"], None), ("k", 1, "abc"), ("k", 1, 2**40), ("k", 1, True)],
)
def test_what_no_row_can_hold_is_refused_while_the_plugin_is_called(store, key, value, lead_id):
    with pytest.raises(ValueError, match="lead_id|surrogates"):
        store.set(key, value, lead_id=lead_id)
    if value == 1:
        with pytest.raises(ValueError, match="lead_id|surrogates"):
            store.delete(key, lead_id=lead_id)
    assert store.pending == {}


@pytest.mark.parametrize(("begun", "times"), [(timedelta(days=1), 1), (timedelta(days=8), 0)])
def test_a_rare_job_is_done_once_although_keys_are_forgotten(app, context, monkeypatch, begun, times):
    rare = Job(key="rare", name={"en": "Rare"}, run=print, every=timedelta(days=30), offset=utcnow() - EPOCH - begun)
    monkeypatch.setattr(jobs.current_host(), "offered", lambda kind: {"busy.rare": Offer("busy", "busy.rare", rare)})

    jobs.look({})
    jobs.look({})

    assert db.session.scalar(sa.select(sa.func.count(Effect.id)).where(Effect.kind == jobs.RUN)) == times


def test_a_job_is_done_once_in_its_turn_and_what_is_off_is_not(app, context, busy, asleep, values):
    jobs.look({})
    jobs.look({})
    work(app)

    assert [run_id.split("@")[0] for run_id, _settings in busy.runs] == ["periodic:plugins.job:busy.tick"]
    assert asleep.runs == []
    assert values() == {("busy", "", "runs"): 1}


@pytest.mark.one_database
def test_settings_are_kept_with_their_secrets_hidden(app, client, busy, rows):
    page = client.get(SETTINGS).text
    assert "Where" in page

    refused = client.post(SETTINGS, data={"where": "there", "key": ""})
    assert refused.status_code == 422
    assert 'value="there"' in refused.text
    assert client.post(SETTINGS, data={"where": "there", "key": "s3cret"}).status_code == 303

    (row,) = (row for row in rows("plugins") if row["name"] == "busy")
    assert "s3cret" not in row["settings"] + row["secrets"]
    assert "s3cret" not in client.get(SETTINGS).text
    assert client.post(SETTINGS, data={"where": "here", "key": ""}).status_code == 303  # it stays
    with app.app_context():
        assert context_for("busy", "run").settings == {"where": "here", "key": "s3cret"}


@pytest.mark.one_database
def test_settings_are_for_admins_and_for_plugins_that_have_some(client, client_of):
    assert client_of("bob").get(SETTINGS).status_code == 403
    assert client_of().get(SETTINGS).status_code == 303
    assert client.get("/settings/plugins/status_actions/settings").status_code == 404
    assert client.get("/settings/plugins/nothing/settings").status_code == 404


@pytest.mark.one_database
def test_what_starts_off_is_off_until_somebody_switches_it_on(app, client, asleep):
    host = app.extensions["leadhub_host"]
    assert not host.is_on("asleep")
    assert "Where" in client.get("/settings/plugins/asleep/settings").text  # it is set up first
    saved = client.post("/settings/plugins/asleep/settings", data={"where": "there", "key": "s3cret"})
    assert saved.status_code == 303
    assert not host.is_on("asleep")

    client.post("/settings/plugins/asleep/switch", data={"on": "y"})

    assert host.is_on("asleep")
    shown = client.get("/settings/plugins/").text
    assert "Switch off: asleep" in shown


@pytest.mark.one_database
def test_a_command_of_a_plugin_says_its_lines(app, values):
    run = app.test_cli_runner().invoke
    assert run(args=["x", "busy", "say", "hello", "--you"]).output == "hello --you\nFalse\n"
    assert values() == {("busy", "", "said"): ["hello", "--you"]}

    assert run(args=["x", "--dry-run", "busy", "say", "bye"]).output == "bye\nTrue\n"
    assert values() == {("busy", "", "said"): ["hello", "--you"]}
    assert re.search(r"busy say +Says it\.", run(args=["x"]).output)
    failed = run(args=["x", "busy", "fail"])
    assert (failed.exit_code, failed.output) == (1, "leadhub: There is nothing to say.\n")
    assert run(args=["x", "asleep", "say"]).exit_code == 2
