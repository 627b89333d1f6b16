"""The list's columns come from the catalogue, and each kind of value reads as people write it."""

from datetime import date
from decimal import Decimal

import pytest

from leadhub.extensions import db
from leadhub.fields.models import FieldRow
from leadhub.fields.queries import catalogue, forget
from leadhub.leads.listing.columns import shown_in
from leadhub.leads.listing.pages import page_of
from leadhub.leads.models import Lead
from leadhub.plugins.api.leads import Address


@pytest.fixture
def decide(context):
    """``decide("website", in_list=True)``: as an admin does under Settings > Fields."""

    def decide(name, **changes):
        field = catalogue()[name]
        values = {"shown": field.shown, "in_list": field.in_list, "seen_by": field.seen_by} | changes
        db.session.add(FieldRow(name=name, **values))
        db.session.commit()
        forget()

    return decide


def columns(state):
    return [field.name for field in state.columns]


def test_the_usual_columns_are_those_that_an_admin_chose(state_for, decide):
    assert columns(state_for("bob")) == ["status", "email", "phone", "owner", "source", "received_at"]

    decide("website", in_list=True, shown="more")
    decide("phone", in_list=False)
    decide("job_title", in_list=True, seen_by="managers", shown="more")
    decide("gender", in_list=True, shown="off")

    assert columns(state_for("bob")) == ["status", "website", "email", "owner", "source", "received_at"]
    assert "job_title" in columns(state_for("mia"))
    assert columns(state_for("bob", columns="job_title,gender")) == columns(state_for("bob"))


def test_an_address_chooses_columns_in_its_order(state_for):
    assert columns(state_for("bob", columns="source,zzz,city,source,email")) == ["source", "city", "email"]
    assert state_for("bob", columns="source").address() == {"columns": "source"}
    assert not state_for("bob", columns="zzz,").chose_columns


@pytest.mark.one_database
def test_each_kind_of_value_reads_as_people_write_it(own, make_leads, state_for, person):
    values = {
        own["text"]: "Bordeaux",
        own["number"]: Decimal("1234.5"),
        own["day"]: date(2026, 7, 1),
        own["choice"]: "Red",
    }
    values |= {own["choices"]: ("Blue", "Red"), own["yes_no"]: True, own["link"]: "https://roye.example"}
    full = {
        "annual_revenue": Decimal("12000.50"),
        "gender": "female",
        "language": "fr",
        "tags": ("vip", "new"),
        "employees": 0,
    }
    full |= {"custom": values, "addresses": (Address(city="Paris", country="FR"),), "owner": "bob@example.org"}
    make_leads(full | {"last_name": "A", "organisation": "A", "is_organisation": True}, {"last_name": "B"})
    words = {
        own["text"]: "Bordeaux",
        own["number"]: "1,234.5",
        own["day"]: "1 Jul 2026",
        own["choice"]: "Red",
        own["choices"]: "Blue, Red",
        own["yes_no"]: "Yes",
        own["link"]: "https://roye.example",
        "annual_revenue": "€12,000.50",
        "gender": "Female",
        "language": "French",
        "tags": "vip, new",
        "employees": "0",
        "city": "Paris",
        "country": "France",
        "addresses": "Paris, FR",
        "owner": "Bob",
        "is_organisation": "Yes",
    }

    state = state_for("ada", columns=",".join(words), sort="last_name")
    full, empty = page_of(person("ada"), state).leads

    assert {field.name: shown_in(full, field) for field in state.columns} == words
    assert {shown_in(empty, field) for field in state.columns} == {""}
    assert isinstance(full, Lead)


def test_the_page_shows_them_and_keeps_what_is_asked_for(client, make_lead, monkeypatch):
    monkeypatch.setattr("leadhub.leads.listing.pages.PAGE", 1)
    make_lead(source="WhatsApp", job_title="<script>alert(1)</script>")
    make_lead(source="WhatsApp")

    asked = {"source": "whatsapp", "columns": "job_title", "sort": "name"}
    first = client.get("/leads/", query_string=asked).text
    after = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    texts = first + client.get(after).text

    assert all(f"{name}={value}" in after for name, value in asked.items())
    assert texts.count('<tr id="lead-') == 2
    assert "<script>alert" not in texts
    assert "&lt;script&gt;alert" in texts
