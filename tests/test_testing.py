"""``leadhub.testing``: what authors of plugins test with says what is wrong, and is like the hub where it counts."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from wtforms import BooleanField, Form, IntegerField, StringField
from wtforms.validators import InputRequired, NumberRange

from leadhub.plugin_settings.store import VALUE_MAX
from leadhub.plugins.api import (
    AddNote,
    Amount,
    AssignOwner,
    ChartData,
    Column,
    Documents,
    Job,
    LeadPanel,
    Loss,
    NoAnswer,
    NumberData,
    Page,
    Period,
    PersonField,
    Polled,
    Received,
    Slice,
    Source,
    StatusAction,
    TemplateData,
    Widget,
    hookimpl,
)
from leadhub.testing import Answers, GivenContext, GivenReader, GivenStore, KeepsNot, Odd, check_plugin, open_hub

pytestmark = pytest.mark.one_database
NAMES = {"en": "Acme", "fr": "Acme"}


class Acme:
    """Offers what it is given."""

    def __init__(self, *, news=None, **offers):
        self.offers, self.news = offers, news

    @hookimpl
    def register_sources(self):
        return self.offers.get("sources", [])

    @hookimpl
    def register_status_actions(self):
        return self.offers.get("actions", [])

    @hookimpl
    def register_widgets(self):
        return self.offers.get("widgets", [])

    @hookimpl
    def register_lead_panels(self):
        return self.offers.get("panels", [])

    @hookimpl
    def register_columns(self):
        return self.offers.get("columns", [])

    @hookimpl
    def register_pages(self):
        return self.offers.get("pages", [])

    @hookimpl
    def register_jobs(self):
        return self.offers.get("jobs", [])

    @hookimpl
    def lead_created(self, news, context):
        if self.news:
            self.news(news, context)


class Settings(Form):
    service = StringField("Service", default="https://acme.example")


def source(**does):
    return Acme(sources=[Source(key="acme", names=NAMES, **does)])


def action(run, **more):
    return Acme(actions=[StatusAction(key="act", name=NAMES, run=run, **more)])


def widget(load, title=NAMES):
    return Acme(widgets=[Widget(key="card", title=title, load=load)])


def panel(load):
    return Acme(panels=[LeadPanel(key="card", title=NAMES, load=load)])


def asks(lead, context):
    context.http("GET", "https://acme.example")
    return NumberData(value=1)


def fails(*arguments):
    raise ValueError("boom")


NOT_KEPT = {
    "no plugin": (SimpleNamespace(hookimpl=5, LEADHUB_API=(99, 0)), "99.0"),
    "wrong offer": (Acme(sources=["radio"]), "is no Source"),
    "receive gives none": (source(receive=lambda *it: None), "receive GET: TypeError: wanted Received, got NoneType"),
    "receive gives no drafts": (source(receive=lambda *it: Received(drafts=["x"])), "wanted LeadDraft, got str"),
    "receive fails for nonsense": (source(receive=fails), "ValueError: boom"),
    "poll gives no drafts": (source(poll=lambda *it: Polled(drafts=[5])), "poll: TypeError: wanted LeadDraft"),
    "no effect": (action(lambda *it: ["x"]), "actions 'acme.act': run: TypeError"),
    "effect alone": (action(lambda *it: AddNote(text="x")), "wanted Iterable, got AddNote"),
    "effects without end": (action(lambda *it: iter(lambda: AddNote(text="x"), None)), "more than 1,000"),
    "summary fails": (action(lambda *it: [], summary=fails), "summary: ValueError: boom"),
    "nothing shown": (widget(lambda *it: None), "load of an empty hub: TypeError: NoneType"),
    "empty hub breaks it": (widget(lambda reader, *it: NumberData(value=reader.leads()[0].id)), "IndexError"),
    "no field of the hub": (widget(lambda reader, *it: NumberData(value=len(reader.leads_by("tea")))), "is refused"),
    "bare lead breaks it": (panel(lambda lead, *it: NumberData(value=1 // len(lead.phone))), "nothing but a name"),
    "template that is not there": (panel(lambda *it: TemplateData(template="x.html")), "TemplateNotFound"),
    "column gives a list": (Acme(columns=[Column(key="c", title=NAMES, load=lambda *it: ["x"])]), "wanted Mapping"),
    "page gives a word": (Acme(pages=[Page(key="index", title=NAMES, show=lambda *it: ["x"])]), "str is nothing"),
    "news fail": (Acme(news=fails), "lead_created: PluginFailed"),
}  # fmt: skip


@pytest.mark.parametrize("what", NOT_KEPT)
def test_what_does_not_keep_to_the_contract_is_told(what):
    plugin, words = NOT_KEPT[what]

    with pytest.raises(KeepsNot, match=words):
        check_plugin(plugin, name="acme")


def test_what_keeps_to_it_passes_and_sees_its_settings(recwarn):
    plugin = panel(lambda lead, context: NumberData(value=Decimal(len(context.settings["service"]))))
    plugin.SETTINGS = Settings

    check_plugin(plugin, name="acme", settings={"service": "https://acme.example"})

    assert [warning for warning in recwarn if warning.category is Odd] == []


def test_a_name_that_is_missing_in_a_language_is_odd():
    with pytest.warns(Odd, match="widgets 'acme.card' has no name in fr"):
        check_plugin(widget(lambda *it: NumberData(value=1), title={"en": "Acme"}), name="acme")


def test_no_test_reaches_a_network():
    with pytest.raises(LookupError, match="no answer is recorded for GET https://acme.example"):
        asks(None, GivenContext())


def test_answers_are_what_was_recorded():
    context = GivenContext(http=Answers({"POST https://a": 201, "https://a": {"a": 1}, "*": NoAnswer("too late")}))

    told = [context.http(method, "https://a") for method in ("POST", "GET")]

    assert [(answer.status, answer.body) for answer in told] == [(201, b""), (200, b'{"a": 1}')]
    with pytest.raises(NoAnswer):
        context.http("GET", "https://b")


def test_slices_of_a_reader_open_what_was_asked_as_the_hubs_do():
    period = Period(start=date(2026, 11, 1))
    reader = GivenReader(by={"source": {"web-form": 3, "none": 1}}, over_time={"November": 4})

    parts = reader.leads_by("source", {"status": ["open", "quotation"], "q": "acme"}, period)

    asked = {"status": ("open", "quotation"), "q": "acme", "received_at.from": "2026-11-01"}
    assert [(part.label, part.value) for part in parts] == [("web-form", 3), ("none", 1)]
    assert [part.where for part in parts] == [{**asked, "source": "web-form"}, {**asked, "source": "none"}]
    assert reader.leads_over_time("month", {"q": "a"}, period)[0].where == {"q": "a", "received_at.from": "2026-11-01"}


def test_a_reader_may_answer_by_what_it_is_asked():
    reader = GivenReader(by=lambda field, where: {"acme": 1} if where else {"acme": 5, "none": 2})

    told = [[part.value for part in reader.leads_by("source", where)] for where in ({"status": "converted"}, None)]

    assert told == [[1], [5, 2]]
    assert (reader.language, [question.what for question in reader.asked]) == ("en", ["source", "source"])


def test_a_reader_tells_of_documents_what_it_was_given():
    told = Documents(number=2, amounts=[Amount(value=Decimal(90), currency="EUR")])
    reader = GivenReader(figures={"documents": {"ordered": told}, "losses": [Loss(label="", lost=told)]})

    assert reader.documents("ordered") == told
    assert reader.documents("lost").number == 0
    assert reader.losses()[0].lost == told
    assert reader.documents_over_time("ordered", "month") == reader.expected() == reader.outcomes("source") == []
    assert [it.leads for it in reader.outcomes()] == [0]
    assert [it.what for it in reader.asked][:2] == ["ordered", "lost"]


def test_charts_of_amounts_need_an_amount_in_each_slice():
    def chart(reader, period, options):
        return ChartData(kind="bar", slices=[Slice(label="May", value=1)], unit="EUR", amounts="Value")

    with pytest.raises(KeepsNot, match="a slice of a chart of amounts has none"):
        check_plugin(Acme(widgets=[Widget(key="won", title=NAMES, load=chart)]))


def test_today_is_a_day_on_the_hubs_clock():
    context = GivenContext(moment=datetime(2026, 11, 22, 23, 30, tzinfo=UTC))

    assert context.today() == date(2026, 11, 23)


def test_the_store_has_the_limits_of_the_hubs_own():
    store = GivenStore()
    store.set("key", {"a": [1]}, lead_id=7)

    assert (store.get("key"), store.get("key", lead_id=7)) == (None, {"a": [1]})
    assert store.all(lead_id=7) == {"key": {"a": [1]}}
    for key, value in (("k" * 101, 1), ("", 1), ("key", "x" * VALUE_MAX)):
        with pytest.raises(ValueError, match="at most"):
            store.set(key, value)


def test_a_hub_hears_of_what_its_plugins_do(tmp_path):
    """News, a door, a job, an action that is done by way of the store, and no way out but what was recorded."""
    heard = []
    plugin = Acme(
        news=lambda news, context: heard.append(news.lead.last_name),
        sources=[Source(key="acme", names=NAMES, receive=lambda *it: Received())],
        actions=[StatusAction(key="act", name=NAMES, run=lambda lead, settings, context: _noted(lead, context))],
    )

    with open_hub(tmp_path, {"acme": plugin}, Answers({"https://acme.example": 204})) as hub:
        answer = hub.client().post(hub.open_door("acme"), json={})
        hub.add_action("converted", "acme.act")
        lead_id = hub.new_lead(last_name="Dupont")
        hub.move(lead_id, "converted")
        hub.work()
        seen = hub.client("vic").get(f"/leads/{lead_id}").status_code

    assert (answer.status_code, seen) == (200, 200)
    assert heard == ["Dupont"]
    assert hub.runs(lead_id) == [("acme.act", "done", "")]
    assert [call.url for call in hub.http.calls] == ["https://acme.example"]


def _noted(lead, context):
    context.http("GET", "https://acme.example")
    context.store.set("met", True, lead_id=lead.id)
    return []


def test_an_action_keeps_what_it_set_and_waits_for_an_answer(tmp_path):
    plugin = Acme(
        actions=[StatusAction(key="act", name=NAMES, run=lambda lead, settings, context: _noted(lead, context))],
        panels=[LeadPanel(key="met", title=NAMES, load=_met)],
    )

    with open_hub(tmp_path, {"acme": plugin}, Answers({"*": NoAnswer("too late")})) as hub:
        hub.add_action("converted", "acme.act")
        lead_id = hub.new_lead()
        hub.move(lead_id, "converted")
        hub.work()
        before = (hub.runs(lead_id), hub.plugins.containment.breaker_of("acme").in_a_row)
        hub.http.answers["*"] = 204
        hub.add_action("quotation", "acme.act")
        hub.move(lead_id, "quotation")
        hub.work()
        card = hub.client("ada").get(f"/leads/{lead_id}/panels/acme.met").text

    assert before == ([("acme.act", "waiting", "")], 0)
    assert "met before" in card


class HandForm(Form):
    person = PersonField("Person", [InputRequired()])
    amount = IntegerField("From", [InputRequired(), NumberRange(1)], default=10)
    is_loud = BooleanField("Loud", default=True)


def test_settings_have_the_defaults_of_their_form_and_pass_its_validators(tmp_path):
    seen = []

    def run(lead, settings, context):
        seen.append((settings, dict(context.settings)))
        return [AssignOwner(person=settings["person"])]

    plugin = action(run, form=HandForm)
    plugin.SETTINGS = Settings

    with open_hub(tmp_path, {"acme": plugin}) as hub:
        bob = hub.id_of("bob")
        hub.set_up("acme")
        hub.add_action("converted", "acme.act", person=bob)
        for wrong, words in (({"person": bob, "amount": 0}, "amount: "), ({"person": 999}, "person: ")):
            with pytest.raises(AssertionError, match=f"the form refuses this: {words}"):
                hub.add_action("converted", "acme.act", **wrong)
        lead_id = hub.new_lead()
        hub.move(lead_id, "converted")
        hub.work()
        owner = hub.lead(lead_id).owner

    assert seen == [({"person": bob, "amount": 10, "is_loud": True}, {"service": "https://acme.example"})]
    assert owner == "bob@example.org"


def test_an_owner_whom_nobody_knows_is_no_slip_that_passes(tmp_path):
    with open_hub(tmp_path, {}) as hub:
        with pytest.raises(LookupError, match=r"nobody has the address 'bob': .*bob@example\.org"):
            hub.new_lead(owner="bob")

        assert hub.lead(hub.new_lead(owner="bob@example.org")).owner == "bob@example.org"


def _met(lead, context):
    return NumberData(value=1, label="met before") if context.store.get("met", lead_id=lead.id) else None


def test_a_job_is_called_as_often_as_it_comes():
    calls = []
    with pytest.raises(KeepsNot, match="five minutes"):
        check_plugin(Acme(jobs=[Job(key="j", name=NAMES, run=calls.append, every=None)]), name="acme")

    assert calls == []
