"""The plugin by itself, and in a hub; the services around it are answers that a test records."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import leadhub_company
import pytest
from leadhub_company import accounting, companies

from leadhub.plugins.api import NoAnswer, Skip, TextData
from leadhub.testing import check_plugin

pytest_plugins = ["leadhub.testing"]
SERVICE, ACCOUNTING = "http://companies.example", "http://accounting.example/entries"
ASKED = f"{SERVICE}/companies?domain=acme.example"
ACME = {"name": "Acme SA", "city": "Lyon", "employees": 42}


@pytest.fixture
def plugins():
    return {"company": leadhub_company}


@pytest.fixture
def context(context):
    context.settings = {"service": SERVICE, "key": "s3cr3t"}
    context.http.answers = {ASKED: ACME, f"POST {ACCOUNTING}": 201}
    return context


def push(lead, context):
    return accounting.push(lead, {"url": ACCOUNTING}, context)


def test_it_keeps_to_the_contract():
    check_plugin(leadhub_company, settings={"service": SERVICE})


def test_a_company_is_asked_for_once_a_month(lead, context):
    tables = [companies.show(lead, context), companies.show(lead, context)]

    (call,) = context.http.calls
    assert call.headers == {"Authorization": "Bearer s3cr3t"}
    assert [table.rows[0].cells for table in tables] == [["Acme SA", "Lyon", 42]] * 2

    context.moment += timedelta(days=31)
    companies.show(lead, context)
    assert len(context.http.calls) == 2


@pytest.mark.parametrize("changes", [{"website": "", "email": ""}, {"website": "", "email": "jeanne@gmail.com"}])
def test_a_lead_that_tells_no_company_has_no_card(lead, context, changes):
    assert companies.show(replace(lead, **changes), context) is None
    assert context.http.calls == []


@pytest.mark.parametrize("answer", [NoAnswer("too late"), 500, "no JSON", {"employees": "many"}])
def test_a_service_that_is_down_is_told_and_asked_again(lead, context, answer):
    context.http.answers[ASKED] = answer

    assert isinstance(companies.show(lead, context), TextData)
    assert context.store.all(lead_id=lead.id) == {}


def test_an_entry_that_is_pushed_twice_counts_once(lead, context):
    push(lead, context)
    push(lead, context)

    number, chart = accounting.show(None, context)
    assert {call.headers["Idempotency-Key"] for call in context.http.calls} == {"run-1"}
    assert number.value == Decimal("1200.00")
    assert [(part.label, part.value) for part in chart.slices] == [("2026-11", 1)]


def test_a_lead_without_a_value_is_not_pushed(lead, context):
    with pytest.raises(Skip):
        push(replace(lead, expected_value=None), context)


def test_a_won_lead_reaches_the_accounting_and_the_page(hub):
    hub.http.answers[f"POST {ACCOUNTING}"] = 201
    hub.add_action("converted", "company.push", url=ACCOUNTING)
    lead_id = hub.new_lead(expected_value=Decimal(500))

    hub.move(lead_id, "converted")
    hub.work()

    assert hub.runs(lead_id) == [("company.push", "done", "")]
    assert "500" in hub.client("mia").get("/x/company/").text
    assert 'data-state="ready"' in hub.client("ada").get("/dashboard/widgets/company.won").text


def test_the_card_of_a_lead_in_a_hub(hub):
    hub.set_up("company", service=SERVICE, key="s3cr3t")
    hub.http.answers[ASKED] = ACME
    lead_id = hub.new_lead(email="jeanne@acme.example")

    card = hub.client("vic").get(f"/leads/{lead_id}/panels/company.company")

    assert "Acme SA" in card.text
