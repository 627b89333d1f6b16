"""Columns that plugins compute: chosen, shown, exported; what fails costs its cells."""

import re
import time
from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.plugins.api import Column, hookimpl

pytestmark = pytest.mark.one_database
WRONG = {
    "no-mapping": lambda leads, context: [1, 2],
    "yes": lambda leads, context: {lead.id: True for lead in leads},
    "float": lambda leads, context: {lead.id: 1.5 for lead in leads},
    "nan": lambda leads, context: {lead.id: Decimal("NaN") for lead in leads},
    "huge": lambda leads, context: {lead.id: 10**5000 for lead in leads},
    "raises": lambda leads, context: 1 / 0,
    "exits": lambda leads, context: exit(3),
    "hangs": lambda leads, context: time.sleep(3),
}


class Columns:
    """Offers what it was given."""

    def __init__(self, **loads):
        self.loads = loads

    @hookimpl
    def register_columns(self):
        return [Column(key=key, title={"en": f"The {key}"}, load=load) for key, load in self.loads.items()]


def chars(leads, context):
    return {lead.id: len(lead.title) for lead in leads}


def cells(answer, place=-1):
    """Of the last column, row by row."""
    rows = re.findall(r'<tr id="lead-\d+">.*?</tr>', answer.text, re.DOTALL)
    return [re.sub("<[^>]+>", "", re.findall(r"<td.*?</td>", row, re.DOTALL)[place]).strip() for row in rows]


@pytest.fixture
def app(make_app):
    return make_app([("acme", Columns(chars=chars, **WRONG))])


def test_a_column_is_offered_under_a_heading_of_its_own_and_shown(client, make_lead):
    make_lead(last_name="Dupont")

    choice = client.get("/leads/columns").text
    chosen = client.get("/leads/columns?show=status&show=x.acme.chars&apply=1")
    page = client.get(chosen.location)

    assert 'value="x.acme.chars"' in choice.partition("From plugins")[2]
    assert "columns=status,x.acme.chars" in chosen.location.replace("%2C", ",")
    assert "The chars" in page.text
    assert cells(page) == ["6"]


def test_it_can_be_neither_sorted_nor_filtered_by(client, make_lead):
    make_lead()

    page = client.get("/leads/?columns=x.acme.chars").text

    assert "sort-x.acme.chars" not in page
    assert client.get("/leads/?sort=x.acme.chars").status_code == 400
    assert client.get("/leads/?x.acme.chars=5").status_code == 400
    assert client.get("/leads/filter?field=x.acme.chars").status_code == 404


@pytest.mark.parametrize("key", WRONG)
def test_one_that_fails_has_empty_cells_and_says_so(client, make_lead, key):
    make_lead()

    page = client.get(f"/leads/?columns=x.acme.{key},x.acme.chars")

    assert page.status_code == 200
    assert page.text.count('data-state="failed"') == (2 if key == "hangs" else 1)  # a lost thread rests the plugin
    assert cells(page, -2) == [""]


def test_whatever_a_cell_can_hold_is_put_into_words(make_app, client_of, make_lead):
    told = ["<b>x</b>\ud800", 1234, Decimal("0.5"), date(2026, 11, 22)]
    plugin = Columns(**{f"c{place}": lambda leads, context, it=it: {leads[0].id: it} for place, it in enumerate(told)})
    app = make_app([("acme", plugin)])
    make_lead()

    client = app.test_client()
    with client_of("ada").session_transaction() as session, client.session_transaction() as own:
        own.update(session)
    page = client.get("/leads/?columns=" + ",".join(f"x.acme.c{place}" for place in range(len(told))))

    assert "&lt;b&gt;x&lt;/b&gt;?" in page.text
    assert [cells(page, place)[0] for place in (-3, -2, -1)] == ["1,234", "0.5", "22 Nov 2026"]


def test_ten_rows_ask_as_often_as_one(client, make_lead, count_queries):
    make_lead(owner="bob@example.org", source="web-form")
    address = "/leads/?columns=x.acme.chars,x.days_in_status"
    client.get(address)
    with count_queries() as one:
        client.get(address)
    for number in range(9):
        make_lead(owner="mia@example.org" if number % 2 else "", source="whatsapp", type="partner")

    with count_queries() as ten:
        page = client.get(address)

    assert len(cells(page)) == 10
    assert len(ten) == len(one)


def test_an_export_of_the_list_has_it_too(client, make_lead):
    make_lead(last_name="Dupont")

    rows = client.get("/leads/export.csv?columns=x.acme.chars").text.splitlines()
    everything = client.get("/leads/export.csv?what=all").text

    assert rows[0].endswith(',"The chars"')
    assert rows[1].endswith(',"6"')
    assert "The chars" not in everything


def test_a_view_does_without_a_column_whose_plugin_is_off(app, client, make_lead):
    make_lead()
    client.post("/leads/views/", data={"name": "Long", "scope": "private", "query": "columns=status,x.acme.chars"})
    client.post("/settings/plugins/acme/switch", data={})

    page = client.get("/leads/?view=1").text

    assert "A column was left out" in page
    assert "The chars" not in page
    assert client.get("/leads/?columns=x.acme.chars").status_code == 200


def test_the_days_in_a_status_are_counted_from_its_change(app, client, make_lead):
    lead_id = make_lead()
    with app.app_context():
        then = utcnow() - timedelta(days=5, hours=1)
        db.session.execute(sa.update(Lead).where(Lead.id == lead_id).values(status_since=then))
        db.session.commit()

    assert cells(client.get("/leads/?columns=x.days_in_status")) == ["5"]
