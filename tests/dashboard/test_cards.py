"""Cards of the statistics page: each by itself, and what fails costs its card."""

import re
import time
from decimal import Decimal

import pytest
import sqlalchemy as sa
from markupsafe import Markup
from wtforms import BooleanField, Form, IntegerField
from wtforms.validators import InputRequired, NumberRange

from leadhub.accounts.models import Role
from leadhub.dashboard import cards
from leadhub.dashboard.tabs import LEADS, USUAL
from leadhub.extensions import db
from leadhub.plugins.api import (
    ChartData,
    NumberData,
    PersonField,
    Row,
    Slice,
    TableData,
    TemplateData,
    TextData,
    Widget,
    hookimpl,
)
from leadhub.plugins.api.data import whole_percents

pytestmark = pytest.mark.one_database  # what is read of the database is said by tests/leads/test_reading.py
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
BY_FORM = {**PARTIAL, "HX-Source": "form#widget-asking-card-options"}
ONE = Slice(label="One", value=1)


class AskForm(Form):
    days = IntegerField("Days", [InputRequired(), NumberRange(1, 9)], default=7)
    loud = BooleanField("Loud", default=True)
    person = PersonField("Person")


def chart(kind="pie", **changes):
    return ChartData(**{"kind": kind, "slices": [ONE]} | changes)


def slices(number):
    return (Slice(label=str(place), value=place) for place in range(number))


HOSTILE = {
    "raises": lambda *_: 1 / 0,
    "exits": lambda *_: exit(3),
    "none": lambda *_: None,
    "text": lambda *_: "<b>words</b>",
    "no_template": lambda *_: TemplateData(template="missing.html"),
    "core_template": lambda *_: TemplateData(template="../../../templates/base.html"),
    "a_million": lambda *_: chart(slices=slices(10**6)),
    "late_error": lambda *_: chart(slices=(1 / (3 - each.value) and each for each in slices(9))),
    "below_nothing": lambda *_: chart(slices=[Slice(label="x", value=-1)]),
    "half": lambda *_: chart(slices=[Slice(label="x", value=0.5)]),
    "yes": lambda *_: NumberData(value=True),
    "nan": lambda *_: NumberData(value=Decimal("NaN")),
    "huge": lambda *_: NumberData(value=10**400),
    "kind": lambda *_: chart("pizza"),
    "colour": lambda *_: chart(slices=[Slice(label="x", value=1, colour='x" onload="')]),
    "long": lambda *_: chart(slices=[Slice(label="x" * 300, value=1)]),
    "where": lambda *_: NumberData(value=1, where="source"),
    "crooked": lambda *_: TableData(heads=["a", "b"], rows=[Row(cells=["a"])]),
    "rows": lambda *_: TableData(heads=["a"], rows=[Row(cells=["a"])] * 201),
}
GOOD = {
    "number": lambda *_: NumberData(value=1234567, label=Markup("<b>large</b>"), where={"owner": "none"}),
    "unknown": lambda *_: NumberData(value=5, where={"shoe_size": "5"}),
    "everything": lambda *_: NumberData(value=5, where={}),
    "table": lambda *_: TableData(heads=["Name", "Leads"], rows=[Row(cells=["<i>A", 3], lead=7), Row(cells=[None, 4])]),
    "words": lambda *_: TextData(text="**bold** <script>alert(1)</script>"),
    "nothing": lambda *_: chart(slices=[]),
    "gone": lambda reader, period, options: NumberData(value=reader.count({"source": "moon"})),
}


class Cards:
    """Offers what it was given."""

    def __init__(self, loads, **options):
        self.loads, self.options = loads, options

    @hookimpl
    def register_widgets(self):
        title = {"en": "The card", "fr": "La carte"}
        return [Widget(key=key, title=title, load=load, **self.options) for key, load in self.loads.items()]


@pytest.fixture
def app(make_app):
    hostile = [(f"bad_{name}", Cards({"card": load})) for name, load in HOSTILE.items()]
    asking = Cards({"card": lambda reader, period, options: TextData(text=f"{options}")}, form=AskForm)
    return make_app([*hostile, ("acme", Cards(GOOD)), ("asking", asking), ("bosses", Cards(GOOD, role="manager"))])


def get(client, key, **options):
    return client.get(f"/dashboard/widgets/{key}", **{"headers": PARTIAL} | options)


def state(answer):
    return re.search(r'data-state="(\w+)"', answer.text)[1]


def test_the_page_calls_nobody_and_asks_for_each_card(client, count_queries, app):
    page = client.get("/dashboard/?asking.card.days=3")

    for key in ("leads_by_source", "acme.number", "bad_raises.card", "bosses.number"):
        assert f'hx-get="/dashboard/widgets/{key}" hx-trigger="load"' in page.text
    assert "/dashboard/widgets/asking.card?asking.card.days=3" in page.text  # and a link, for who has no script
    assert app.extensions["leadhub_host"].containment.tallies == {}


def test_a_card_is_a_page_and_a_piece_of_one(client):
    page, piece = get(client, "acme.number", headers={}), get(client, "acme.number")

    assert "<html" in page.text
    assert page.text.count("<h1") == 1
    assert piece.text.lstrip().startswith("<section")
    assert state(page) == state(piece) == "ready"


def test_numbers_lead_to_their_leads_and_words_are_escaped(client):
    number = get(client, "acme.number").text

    assert '<a class="break" href="/leads/?origin=acme.number&amp;owner=none">1,234,567</a>' in number
    assert "&lt;b&gt;large&lt;/b&gt;" in number
    assert 'href="/leads' not in get(client, "acme.unknown").text  # words that the list does not know are no link
    assert (
        'href="/leads/?origin=acme.everything&amp;view=0"' in get(client, "acme.everything").text
    )  # a bare address opens one's usual view


def test_tables_and_words_are_drawn(client):
    table, words = get(client, "acme.table").text, get(client, "acme.words").text

    assert '<a class="break" href="/leads/7">&lt;i&gt;A</a>' in table
    assert '<td class="numbers text-end">4</td>' in table
    assert "<strong>bold</strong>" in words
    assert "<script>" not in words


def test_a_card_without_data_says_so(client):
    answer = get(client, "acme.nothing")

    assert state(answer) == "empty"
    assert "Nothing to show yet." in answer.text


def test_what_the_reader_refuses_is_told_and_is_no_failure_of_the_plugin(client, app):
    for _time in range(6):
        answer = get(client, "acme.gone")

    assert state(answer) == "refused"
    assert "There is no “moon” in the field “Source”." in answer.text
    assert state(get(client, "acme.number")) == "ready"


@pytest.mark.parametrize("what", HOSTILE)
def test_a_card_that_fails_says_so_in_its_place_and_admins_hear_whose_it_is(client, client_of, app, what):
    answer = get(client, f"bad_{what}.card")

    assert answer.status_code == 200
    assert state(answer) == "failed"
    assert f"Plugin: bad_{what}" in answer.text
    assert "Plugin:" not in get(client_of("bob"), f"bad_{what}.card").text
    assert app.extensions["leadhub_host"].containment.tallies[f"bad_{what}"].failures == 2
    assert client.get("/dashboard/").status_code == 200
    assert state(get(client, "acme.number")) == "ready"


def test_a_card_that_never_comes_back_costs_its_deadline_once(make_app, client_of, monkeypatch):
    monkeypatch.setattr(cards, "SECONDS", 0.2)

    def hang(reader, period, options):
        time.sleep(2)

    client = client_of("ada")
    client.application = make_app([("slow", Cards({"card": hang}))])
    begun = time.monotonic()
    states = [state(get(client, "slow.card")) for _time in range(3)]

    assert states == ["failed"] * 3
    assert time.monotonic() - begun < 2


def test_options_come_out_of_the_address_and_stay_in_it(client):
    usual = get(client, "asking.card").text
    words = {"asking.card.days": "3", "asking.card._set": "1", "asking.card.person": "2"}
    current = {"HX-Current-URL": "http://localhost/dashboard/?other.days=5&asking.card.days=1&endpoint=x&_scheme=x"}
    chosen = get(client, "asking.card", query_string=words, headers=BY_FORM | current)

    assert "{'days': 7, 'loud': True, 'person': 0}" in usual.replace("&#39;", "'").replace("’", "'")
    assert "{'days': 3, 'loud': False, 'person': 2}" in chosen.text.replace("&#39;", "'")
    assert ">Bob</option>" in usual
    address = chosen.headers["HX-Replace-Url"]
    assert address.startswith("/dashboard/?other.days=5&asking.card.days=3")
    assert "HX-Replace-Url" not in get(client, "asking.card", query_string=words).headers


def test_options_that_are_wrong_are_told_at_their_field(client):
    answer = get(client, "asking.card", query_string={"asking.card.days": "99"}, headers=BY_FORM)

    assert answer.status_code == 422
    assert state(answer) == "asking"
    assert 'aria-invalid="true"' in answer.text
    assert "HX-Replace-Url" not in answer.headers


def test_a_card_is_for_those_whose_role_reaches_that_far(client_of):
    assert state(get(client_of("mia"), "bosses.number")) == "ready"
    assert get(client_of("bob"), "bosses.number").status_code == 403
    assert "bosses.number" not in client_of("bob").get("/dashboard/").text
    assert get(client_of(), "acme.number").status_code == 401
    assert get(client_of("bob"), "acme.moon").status_code == 404


def test_the_cards_that_come_with_the_hub_work_without_leads_and_with_some(client, make_lead, app):
    keys = [key for key, offer in app.extensions["leadhub_host"].offers["widgets"].items() if "." not in key]
    before = [state(get(client, key)) for key in keys]
    make_lead(source="whatsapp", owner="bob@example.org")
    make_lead()

    assert set(USUAL[LEADS]) <= set(keys)
    assert set(before) == {"ready", "empty"}
    without = [key for key in keys if state(get(client, key)) != "ready"]
    assert set(without) == {"stagnating", "campaign_efficiency", "losses", "value_over_time", "forecast"}
    chart = get(client, "leads_by_source").text
    assert re.findall(r'href="(/leads/[^"]*)">([^<]*)</a>', chart) == [
        ("/leads/?origin=leads_by_source&amp;source=whatsapp", "WhatsApp"),
        ("/leads/?origin=leads_by_source&amp;source=none", "No source"),
        ("/leads/without-source", "Find their sources"),
    ]  # fmt: skip
    assert 'class="dot tone-none"' in chart
    assert chart.count(">50%<") == 2


def test_everybody_counts_the_leads_that_are_theirs(client_of, make_lead, app):
    with app.app_context():
        db.session.execute(sa.update(Role).values(reach="own"))
        db.session.commit()
    for owner in ("bob@example.org", "mia@example.org", "mia@example.org"):
        make_lead(owner=owner)

    assert ">1</a>" in get(client_of("bob"), "new_leads").text
    assert ">2</a>" in get(client_of("mia"), "new_leads").text


def test_cards_read_french(client, make_lead, person, app):
    make_lead(source="web-form", received_at=None)
    with app.app_context():
        person("ada").language = "fr"
        db.session.commit()

    answer = get(client, "leads_by_source").text

    assert "Pistes par source" in answer
    assert "Formulaire" in answer
    assert re.search("100[\u202f\u00a0]%", answer)


def test_a_card_costs_as_many_queries_for_ten_sources_as_for_one(client, make_lead, count_queries):
    make_lead(source="whatsapp")
    get(client, "leads_by_source")
    with count_queries() as one:
        get(client, "leads_by_source")
    for number in range(9):
        make_lead(source=f"Source {number}")
    with count_queries() as ten:
        get(client, "leads_by_source")

    assert len(one) == len(ten) < 25


@pytest.mark.parametrize(("values", "percents"), [
    ([1, 1, 1], [34, 33, 33]), ([1], [100]), ([0, 5], [0, 100]), ([1] * 7, [15, 15, 14, 14, 14, 14, 14]),
    ([999, 1], [100, 0]),
])  # fmt: skip
def test_shares_add_up(values, percents):
    assert whole_percents(values) == percents
