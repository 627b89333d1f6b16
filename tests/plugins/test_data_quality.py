"""The page of data quality: its figures lead to exactly the leads that they count, and are kept once a day."""

import html
import re
from datetime import timedelta

import pytest

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.plugin_settings.context import context_for
from leadhub.plugin_settings.store import keep
from leadhub.plugins.builtin import data_quality

pytestmark = pytest.mark.one_database


@pytest.fixture
def leads(app, client, make_lead):
    """Four, each without something; the plugin is switched on."""
    client.post("/settings/plugins/data_quality/switch", data={"on": "y"})
    full = {"source": "web-form", "owner": "bob@example.org", "email": "a@b.example", "next_contact_at": utcnow()}
    make_lead(**full)
    make_lead(**full | {"source": ""})
    make_lead(**full | {"owner": "", "email": "", "phone": "06 12 34 56 78"})
    make_lead(**full | {"email": "", "next_contact_at": None, "received_at": utcnow() - timedelta(days=100)})


def test_it_is_off_until_somebody_switches_it_on(client):
    assert client.get("/x/data_quality/").status_code == 404
    assert "data_quality" not in client.get("/leads/").text


def test_each_figure_opens_exactly_its_leads(client, leads):
    page = client.get("/x/data_quality/").text
    rows = re.findall(r'<a [^>]*href="(/leads/[^"]*)"[^>]*>(\d+)?', page.partition("<table")[2])
    links = [html.unescape(link) for link, _number in rows]

    counts = {link: len(re.findall(r'<tr id="lead-', client.get(link).text)) for link in links}

    assert list(counts.values()) == [1, 1, 1, 1, 1]


def test_the_figures_of_each_day_become_a_chart(app, client, leads):
    for ago in (2, 1, 0):
        with app.app_context():
            context = context_for("data_quality", "test")
            data_quality.count(Later(context, -ago))
            keep(context.store)
            db.session.commit()

    page = client.get("/x/data_quality/").text

    assert "Gaps of all leads together: 4, and 4 on the first of these days." in page


def test_days_before_those_of_the_chart_are_dropped(app, leads):
    with app.app_context():
        context = context_for("data_quality", "test")
        for day in range(40):
            data_quality.count(Later(context, day))

        assert len(context.store.all()) == data_quality.DAYS


def test_the_command_prints_them(app, leads):
    with app.app_context():
        lines = list(data_quality.tell([], context_for("data_quality", "test")))

    assert [line.split() for line in lines][:3] == [["source", "1"], ["owner", "1"], ["reach", "1"]]


class Later:
    """A context in so many days."""

    def __init__(self, context, days):
        self.store, self.reader, self.days = context.store, context.reader, days

    def now(self):
        return utcnow() + timedelta(days=self.days)
