"""The tab Quotations: when it is there, what its cards say, its own layout, its files, how it hears of changes."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.dashboard.tabs import QUOTATIONS, USUAL
from leadhub.extensions import db
from leadhub.hub.models import Hub
from leadhub.lists.models import Campaign, LossReason
from leadhub.sales.documents import Opportunity, Order, Quotation
from leadhub.sales.models import Customer

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
TAB = "?tab=quotations"
AUTUMN = "&period=custom&start=2026-09-01&end=2026-11-30&compare=y"
one_database = pytest.mark.one_database  # what is read of the database is said by tests/sales/test_reading.py


@pytest.fixture
def sold(app, make_lead):
    """Four leads of September: one ordered, two more lost their quotation; an order in francs in August."""
    ids = [make_lead(source=source, campaign="fair" if source else "", received_at=datetime(2026, 9, 1, 12, tzinfo=UTC))
           for source in ("whatsapp", "whatsapp", "linkedin", "")]  # fmt: skip
    with app.app_context():
        db.session.execute(sa.update(Campaign).values(actual_cost=Decimal(300)))
        reason = db.session.scalar(sa.select(LossReason.id).where(LossReason.key == "price"))
        euros = {"currency": "EUR", "net_minor": 123_456}
        sent, settled = date(2026, 9, 5), date(2026, 10, 2)
        db.session.add_all([
            Quotation(lead_id=ids[0], state="accepted", sent_on=sent, settled_on=settled, **euros),
            Quotation(lead_id=ids[1], state="lost", sent_on=sent, settled_on=settled, loss_reason_id=reason, **euros),
            Quotation(lead_id=ids[2], state="lost", sent_on=sent, settled_on=settled, **euros),
            Quotation(lead_id=ids[3], state="draft", **euros),
            Order(lead_id=ids[0], state="confirmed", ordered_on=settled, **euros),
            Order(lead_id=ids[0], state="confirmed", ordered_on=date(2026, 8, 1), currency="CHF", net_minor=5000),
            Opportunity(lead_id=ids[3], title="Roof", state="open", currency="EUR", amount_minor=10_000,
                        probability=25, expected_close=date(2026, 1, 1)),
        ])  # fmt: skip
        db.session.commit()
    return ids


def card(client, key, words=""):
    return client.get(f"/dashboard/widgets/{key}{TAB}{words}", headers=PARTIAL).text


def text(html):
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def rows(html):
    found = re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.S)
    return [[text(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)] for row in found]


def keys(html):
    return list(dict.fromkeys(re.findall(r"/dashboard/widgets/([\w.]+)", html)))


@one_database
def test_there_is_a_tab_once_there_is_a_document_or_the_hub_makes_quotations(client, app, sold):
    with app.app_context():
        for model in (Order, Quotation, Opportunity):
            db.session.execute(sa.update(model).values(deleted_at=datetime.now(UTC)))
        db.session.commit()
    assert 'data-tab="quotations"' not in client.get("/dashboard/").text
    with app.app_context():
        db.session.execute(sa.update(Hub).values(makes_quotations=True))
        db.session.commit()
    assert 'data-tab="quotations"' in client.get("/dashboard/").text
    empty = client.get(f"/dashboard/{TAB}").text
    assert "It begins with the first quotation of a lead." in empty
    assert keys(empty) == []
    with app.app_context():
        db.session.execute(sa.update(Opportunity).values(deleted_at=None))
        db.session.commit()
    assert keys(client.get(f"/dashboard/{TAB}").text) == [*USUAL[QUOTATIONS]]
    assert "quotations_submitted" not in client.get("/dashboard/").text
    assert keys(client.get("/dashboard/?tab=moon").text) == keys(client.get("/dashboard/").text)


@one_database
def test_every_usual_card_is_ready_and_says_which_date_it_goes_by(client, sold):
    goes_by = {
        "quotations_submitted": "submitted", "accepted_rate": "accepted, lost or expired",
        "orders_confirmed": "confirmed", "value_won": "confirmed", "leads_to_quotations": "received",
        "value_over_time": "confirmed",
        "losses": "accepted, lost or expired", "forecast": "whatever the period", "sources_to_orders": "received",
        "campaigns_to_orders": "received",
    }  # fmt: skip
    assert [*goes_by] == [*USUAL[QUOTATIONS]]
    for key, words in goes_by.items():
        html = card(client, key, AUTUMN)
        assert 'data-state="ready"' in html, key
        assert words in re.search(r'<p class="second">(.*?)</p>', html)[1], key


@one_database
def test_figures_stand_beside_those_of_the_period_before(client, sold):
    submitted, rate, won = (
        text(card(client, key, AUTUMN)) for key in ("quotations_submitted", "accepted_rate", "value_won")
    )
    assert "3 submitted: €3,704" in submitted
    assert "+3, 0 before" in submitted
    assert "33% of 3 answered quotations" in rate
    assert "€1,235 before tax +€1,235, €0 before" in won
    assert "and CHF50" in text(card(client, "value_won"))
    assert "0 No quotation was answered." in text(card(client, "accepted_rate", "&period=last-7-days"))


@one_database
def test_a_cohort_opens_the_leads_that_it_counted(client, sold):
    html = card(client, "leads_to_quotations", AUTUMN)
    assert rows(html)[1:] == [["Leads received", "4", "100"], ["Sent a quotation", "3", "75"], ["Ordered", "1", "25"]]
    assert "The latest ones may still follow." in html
    ways = [way.replace("&amp;", "&") for way in re.findall(r'href="(/leads/\?[^"]*)"', html)]
    assert [len(re.findall(r'<tr id="lead-', client.get(way).text)) for way in ways] == [4, 3, 1]
    assert "Quotation submitted: yes" in client.get(ways[1]).text
    assert f"/dashboard/{TAB}" in client.get(ways[1]).text.replace("&amp;", "&")
    assert len(re.findall(r'<tr id="lead-', client.get("/leads/?quoted=no").text)) == 1


@one_database
def test_amounts_of_two_currencies_are_never_added_up(client, sold):
    days = "&period=custom&start=2026-08-01&end=2026-11-30"
    chart = card(client, "value_over_time", days)
    assert rows(chart) == [
        ["What", "Value before tax", "Orders", "Other currencies"], ["Aug 2026", "€0.00", "1", "CHF50.00"],
        ["Sep 2026", "€0.00", "0", ""], ["Oct 2026", "€1,234.56", "1", ""], ["Nov 2026", "€0.00", "0", ""],
    ]  # fmt: skip
    assert 'data-value="1234.56"' in chart
    assert "2 orders: €1,234.56, CHF50.00. Most in Oct 2026: €1,234.56." in chart
    file = client.get(f"/dashboard/widgets/value_over_time/figures.csv{TAB}{days}").text
    assert file.splitlines()[0].lstrip("\ufeff") == '"What","Value before tax","Orders","Other currencies"'
    assert '"Oct 2026","1234.56","1",""' in file


@one_database
def test_reasons_of_loss_add_up_to_a_hundred_and_no_reason_is_one(client, sold):
    html = card(client, "losses", AUTUMN)
    assert rows(html)[1:] == [["Price", "1", "50%", "0", "€1,234.56"], ["No reason", "1", "50%", "0", "€1,234.56"]]
    assert "tone-none" in html


@one_database
def test_what_should_have_closed_is_told(client, sold):
    html = card(client, "forecast")
    assert rows(html)[1:] == [["Overdue", "1", "€100.00", "€25.00"]]


@one_database
def test_sources_and_campaigns_tell_what_an_order_costs_to_admins(client, client_of, sold):
    found = rows(card(client, "sources_to_orders", AUTUMN))
    assert found[1:3] == [
        ["WhatsApp", "2", "2", "1", "50", "2", "€1,234.56", "CHF50.00", "€100.00"],
        ["LinkedIn", "1", "1", "0", "0", "0", "", "", ""],
    ]
    assert rows(card(client, "campaigns_to_orders"))[-1][0] == "No campaign"
    assert rows(card(client_of("mia"), "sources_to_orders"))[0][-1] == "Other currencies"


@one_database
def test_each_tab_has_a_layout_of_its_own(client, client_of, sold):
    sent = {"card": ["small value_won", "medium losses"], "act": "remove losses"}
    assert client.post(f"/dashboard/layout{TAB}", data=sent).headers["Location"].startswith("/dashboard/customise?tab=")
    assert keys(client.get(f"/dashboard/{TAB}").text) == ["value_won"]
    assert "new_leads" in keys(client.get("/dashboard/").text)
    client.post(f"/dashboard/layout/share{TAB}")
    assert keys(client_of("bob").get(f"/dashboard/{TAB}").text) == ["value_won"]
    client.post("/dashboard/layout", data={"card": ["small new_leads"], "act": "add value_won"})
    assert keys(client.get("/dashboard/").text) == ["new_leads", "value_won"]
    client.post(f"/dashboard/layout/reset{TAB}")
    client.post(f"/dashboard/layout/unshare{TAB}")
    assert len(keys(client.get(f"/dashboard/{TAB}").text)) == 10
    assert keys(client.get("/dashboard/").text) == ["new_leads", "value_won"]


def test_a_change_of_any_document_is_heard_of(client, app, sold):
    """Of a customer that was never a lead too, which has no history."""
    with app.app_context():
        customer = Customer(last_name="Direct", since=date(2026, 1, 1))
        db.session.add(customer)
        db.session.flush()
        order = Order(customer_id=customer.id, state="confirmed", ordered_on=date(2026, 9, 9), currency="EUR")
        db.session.add(order)
        db.session.commit()
        order_id = order.id
    seen = [client.get("/dashboard/version").text]
    changes = [{"net_minor": 7}, {"state": "cancelled"}, {"deleted_at": datetime.now(UTC)}]
    for change in changes:
        with app.app_context():
            order = db.session.get(Order, order_id)
            for name, value in change.items():
                setattr(order, name, value)
            db.session.commit()
        seen.append(client.get("/dashboard/version").text)
    assert len({*seen}) == 4
    assert client.get("/dashboard/version").text == seen[-1]


@one_database
def test_the_tab_and_its_period_stay_in_the_address(client, sold):
    answer = client.get(f"/dashboard/{TAB}&period=last-30-days&owner=", headers=PARTIAL)
    assert answer.headers["HX-Push-Url"] == "/dashboard/?tab=quotations&period=last-30-days"
    assert 'name="tab" value="quotations"' in client.get(f"/dashboard/{TAB}").text
    ways = re.findall(r'href="([^"]*)"[^>]*data-tab', client.get("/dashboard/?period=last-30-days").text)
    assert [way.replace("&amp;", "&") for way in ways] == [
        "/dashboard/?period=last-30-days", "/dashboard/?tab=quotations&period=last-30-days"
    ]  # fmt: skip
