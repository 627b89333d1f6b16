"""Opportunities: the list and its sums, the page, the form, what is done with them; who sees which."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask import render_template_string
from flask_login import login_user

from leadhub.accounts import handover
from leadhub.accounts.models import Role
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.leads.queries import lead_seen_by
from leadhub.leads.services import update_lead
from leadhub.lists.models import Campaign, OpportunityType, Source
from leadhub.sales import customers, parties
from leadhub.sales.documents import Opportunity
from leadhub.sales.drafts import OpportunityDraft, OrderDraft
from leadhub.sales.opportunities import queries, services
from leadhub.sales.opportunities.periods import PERIODS, period
from leadhub.sales.opportunities.queries import ALL, MINE, NOBODY, PAGE, Place, Wanted
from leadhub.sales.orders import services as orders

EVERYTHING = Wanted(state=ALL)


@pytest.fixture
def make(app, make_lead, person):
    """``make(title, act="win", owner="bob", lead=7, **draft)``: the id of a committed opportunity, of a new lead where
    none is named."""

    def make(title="Desks", *, act="", owner="", lead=None, **draft):
        lead_id = lead or make_lead()
        with app.app_context():
            ada = person("ada")
            whose = person(owner).id if owner else None
            told = OpportunityDraft(**{"title": title, "currency": "EUR", "owner_id": whose} | draft)
            row = services.create(lead_seen_by(ada, lead_id), told, by=ada)
            if act:
                services.act(row, act, by=None)
            db.session.commit()
            return row.id

    return make


def stored(app, row_id, *names):
    with app.app_context():
        row = db.session.get_one(Opportunity, row_id)
        return tuple(getattr(row, name) for name in names)


def titles(page):
    return [row.title for row in page.rows]


# Queries


def test_the_list_is_sorted_by_expected_close_in_pages(context, make, person, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    for title, close in (
        ("never", None),
        ("third", date(2027, 3, 1)),
        ("first", date(2026, 1, 1)),
        ("second", date(2027, 3, 1)),
    ):
        make(title, expected_close=close)
    ada = person("ada")
    first = queries.page_of(ada, Wanted(), None)
    second = queries.page_of(ada, Wanted(), Place.read(str(first.after)))

    assert (titles(first), titles(second)) == (["first", "third"], ["second", "never"])
    assert second.after is None
    assert Place.read("no place") is None


def test_filters_narrow_the_list(context, make, make_lead, person):
    acme = make_lead(organisation="Éts Cœur", last_name="Dupont")
    make("Bureaux d’été", lead=acme, owner="bob")
    make("Chairs", act="win", owner="ada")
    make("Beds", act="lose")
    ada = person("ada")

    def found(**wanted):
        return titles(queries.page_of(ada, Wanted(**wanted), None))

    assert found() == ["Bureaux d’été"]
    assert found(state="won") == ["Chairs"]
    assert found(state=ALL) == ["Bureaux d’été", "Chairs", "Beds"]
    assert found(state=ALL, owner=MINE) == ["Chairs"]
    assert found(state=ALL, owner=NOBODY) == ["Beds"]
    assert found(owner=str(person("bob").id)) == ["Bureaux d’été"]
    for text in ("ete", "BUREAUX coeur", "dupont"):
        assert found(text=text) == ["Bureaux d’été"]
    assert found(text="bureaux nobody") == found(text="%") == []


def test_a_customers_name_finds_its_own_opportunities(context, person):
    ada = person("ada")
    customer = customers.create_customer({"last_name": "Dupont"}, by=ada)
    services.create(customer, OpportunityDraft(title="Desks", currency="EUR"), by=ada)

    assert queries.count_of(ada, Wanted(text="dupont")) == 1


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("name", "today", "first", "last"),
    [
        ("late", date(2026, 12, 1), None, date(2026, 11, 30)),
        ("month", date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        ("next-month", date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 31)),
        ("quarter", date(2028, 2, 29), date(2028, 1, 1), date(2028, 3, 31)),
        ("next-quarter", date(2026, 11, 30), date(2027, 1, 1), date(2027, 3, 31)),
        ("", date(2026, 11, 30), None, None),
    ],
)
def test_periods_are_of_the_calendar(name, today, first, last):
    assert period(name, today) == (first, last)


def test_each_period_is_a_filter(context, make, person):
    today = parties.today()
    db.session.rollback()
    make("today", expected_close=today)
    make("yesterday", expected_close=today - timedelta(days=1))
    make("never")
    found = {name: titles(queries.page_of(person("ada"), Wanted(closing=name), None)) for name in PERIODS}

    assert found["late"] == ["yesterday"]
    assert "today" in found["month"]
    assert "today" in found["quarter"]
    assert not {"today", "never"} & {*found["next-month"], *found["next-quarter"]}


def test_sums_are_exact_and_by_currency(context, make, person):
    make(amount=Decimal("0.10"), probability=33)
    make(amount=Decimal("10000000000.20"), probability=50)
    make(amount=Decimal(7))
    make(currency="JPY", amount=Decimal(1000), probability=10)
    make(act="win", amount=Decimal(5), probability=50)
    euros, yen = queries.sums_of(person("ada"), EVERYTHING)

    assert (euros.currency, euros.count, euros.total) == ("EUR", 3, Decimal("10000000007.30"))
    assert euros.weighted == Decimal("5000000000.10") + Decimal("0.033")
    assert (yen.currency, yen.total, yen.weighted) == ("JPY", 1000, 100)
    (won,) = queries.sums_of(person("ada"), Wanted(state="won"))
    assert won.total == 5


# What belongs to whom


def test_later_opportunities_of_a_lead_with_a_customer_are_the_leads_and_belong_to_the_customer(
    context, make_lead, person
):
    ada = person("ada")
    for number in (1, 2):
        db.session.add(Campaign(key=f"c{number}", names={"en": f"Campaign {number}"}))
    db.session.commit()
    lead = lead_seen_by(ada, make_lead(source="whatsapp", campaign="c1"))
    first = services.create(lead, OpportunityDraft(title="First", currency="EUR"), by=ada)
    customer = customers.make_customer(lead, by=ada)
    later = services.create(lead, OpportunityDraft(title="Later", currency="EUR"), by=ada)
    at_customer = services.create(customer, OpportunityDraft(title="Own", currency="EUR"), by=ada)
    origin = (lead.source_id, lead.campaign_id)
    assert None not in origin
    other = db.session.scalars(sa.select(Source).where(Source.id != origin[0])).first()
    update_lead(lead, {"source": other.key, "campaign": "c2"}, by=ada, version=lead.version)
    customers.change_customer(customer, {"source_id": other.id})

    assert (later.lead_id, later.customer_id) == (lead.id, None)
    assert {row.title for row in queries.opportunities_of_customer(customer, ada)} == {"First", "Later", "Own"}
    assert [row.title for row in queries.opportunities_of(lead)] == ["First", "Later"]
    assert lead.source_id != origin[0]
    for row in (first, later, at_customer):
        assert (row.source_id, row.campaign_id) == origin


def test_a_customers_list_holds_only_what_one_may_see(app, make, make_lead, person):
    lead_id = make_lead(owner="ada@example.org")
    make(lead=lead_id)
    with app.app_context():
        db.session.execute(sa.update(Role).values(reach="own"))
        customer = customers.make_customer(db.session.get_one(Lead, lead_id), by=person("ada"))
        customer.owner_id = person("bob").id
        db.session.commit()
        assert len(queries.opportunities_of_customer(customer, person("ada"))) == 1
        assert queries.opportunities_of_customer(customer, person("bob")) == []
        assert queries.page_of(person("bob"), EVERYTHING, None).rows == []
        assert queries.sums_of(person("bob"), EVERYTHING) == []


def test_opportunities_go_over_with_the_rest(app, make, person):
    row_id = make(owner="bob")
    with app.app_context():
        bob, mia = person("bob"), person("mia")
        assert handover.held_by(bob) == ["1 opportunity"]
        assert handover.hand_over(bob, mia, None)["opportunities"] == 1
        db.session.commit()
    assert stored(app, row_id, "owner_id", "version")[1] == 2
    assert stored(app, row_id, "owner_id")[0] is not None


# Pages


def new(client, lead_id, **form):
    return client.post(f"/opportunities/?lead={lead_id}", data={"title": "Desks", "currency": "EUR"} | form)


def test_a_form_makes_one_with_all_it_says(app, client, make_lead, person):
    with app.app_context():
        db.session.add(OpportunityType(key="renewal", names={"en": "Renewal"}))
        db.session.commit()
    lead_id = make_lead(owner="bob@example.org")
    page = client.get(f"/opportunities/new?lead={lead_id}").text
    assert 'value="bob@example.org"' in re.search(r"<option selected[^>]*>Bob", page).group()
    form = {
        "type": "renewal", "amount": "1 250,5", "expected_close": "2027-03-01", "probability": "40",
        "owner": "mia@example.org", "clock": "Europe/Paris", "next_contact_at": "2026-12-01T09:30",
        "next_contact_note": "Ask for Ann", "note": "Two\r\nlines", "competitor": "Acme",
    }  # fmt: skip
    answer = new(client, lead_id, **form)
    assert answer.status_code == 303
    row_id = int(answer.location.rpartition("/")[2])

    assert stored(app, row_id, "lead_id", "amount_minor", "expected_close", "probability", "competitor", "note") == (
        lead_id, 125050, date(2027, 3, 1), 40, "Acme", "Two\nlines"
    )  # fmt: skip
    assert stored(app, row_id, "next_contact_at") == (datetime(2026, 12, 1, 8, 30, tzinfo=UTC),)
    with app.app_context():
        row = db.session.get_one(Opportunity, row_id)
        assert (row.owner, row.type.key) == (person("mia"), "renewal")
    page = client.get(answer.location).text
    for words in ("€1,250.50", "40%", "1 Mar 2027", "Renewal", "Ask for Ann", "1 Dec 2026, 09:30", "Mia"):
        assert words in page


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("title", "", "This field is required."),
        ("title", " ", "Give it a title."),
        ("amount", "lots", "Give a number."),
        ("amount", "-1", "Give an amount from 0"),
        ("probability", "101", "Give a whole number from 0 to 100."),
        ("probability", "9" * 400, "Give a whole number."),
        ("expected_close", "soon", "Give a date."),
        ("expected_close", "0001-01-01", "Give a year between"),
        ("next_contact_at", "2027-03-28T02:30", "The clock skips this time on that day."),
        ("currency", "XXX", "Choose one from the list."),
    ],
)
def test_what_is_wrong_is_told_at_the_field_and_nothing_lost(app, client, make_lead, rows, field, value, told):
    form = {"clock": "Europe/Paris", "note": "kept words", "title": "Desks"} | {field: value}
    answer = new(client, make_lead(), **form)

    assert answer.status_code == 422
    assert told in answer.text
    assert "kept words" in answer.text
    assert rows("opportunities") == []


@pytest.mark.one_database
def test_the_same_form_twice_makes_one(client, make_lead, rows):
    lead_id = make_lead()
    first, second = (new(client, lead_id, once="a key") for _time in range(2))

    assert first.location == second.location
    assert len(rows("opportunities")) == 1


@pytest.mark.one_database
def test_whose_it_is_can_be_chosen(client, make_lead):
    lead_id = make_lead(last_name="Durand")
    make_lead(last_name="Martin")
    page = client.get("/opportunities/new?q=durand").text

    assert f"/opportunities/new?lead={lead_id}" in page
    assert "Martin" not in page
    for wrong in ("lead=999", "lead=x", "customer=1"):
        assert client.get(f"/opportunities/new?{wrong}").status_code == 404


def test_an_edit_keeps_what_it_shows_and_a_stale_one_is_told(app, client, make):
    row_id = make(amount=Decimal("12.5"), expected_close=date(2027, 1, 1))
    page = client.get(f"/opportunities/{row_id}/edit").text
    assert 'value="12.50"' in page
    form = {"title": "Chairs", "currency": "EUR", "amount": "", "version": "1"}
    assert client.post(f"/opportunities/{row_id}/edit", data=form).status_code == 303
    stale = client.post(f"/opportunities/{row_id}/edit", data=form | {"title": "Beds", "note": "mine"})
    assert stale.status_code == 409
    assert "What is stored now differs in: Title, Note." in stale.text
    assert stored(app, row_id, "title", "amount_minor") == ("Chairs", None)
    version = re.search(r'name="version"[^>]*value="(\d+)"', stale.text).group(1)
    assert (
        client.post(f"/opportunities/{row_id}/edit", data=form | {"title": "Beds", "version": version}).status_code
        == 303
    )
    assert stored(app, row_id, "title") == ("Beds",)


def test_what_the_hub_itself_changed_meanwhile_is_no_error_of_ours(client, make, monkeypatch):
    """As a deletion in the lists does, without asking for the lead."""
    row_id = make()

    def late(*_args, **_options):
        row = db.session.get_one(Opportunity, row_id)
        db.session.execute(sa.update(Opportunity).values(version=9).execution_options(synchronize_session=False))
        row.title = "Chairs"
        db.session.flush()

    monkeypatch.setattr(services, "change", late)
    answer = client.post(f"/opportunities/{row_id}/edit", data={"title": "Chairs", "currency": "EUR", "version": "1"})
    assert answer.status_code == 409
    assert "Somebody else was faster." in answer.text


def test_a_loss_wants_a_reason_and_takes_a_competitor(app, client, make):
    row_id = make()
    refused = client.post(f"/opportunities/{row_id}/lose", data={"competitor": "Acme"})
    assert refused.status_code == 422
    assert 'value="Acme"' in refused.text
    assert (
        client.post(f"/opportunities/{row_id}/lose", data={"competitor": "Acme", "reason": "price"}).status_code == 303
    )

    assert stored(app, row_id, "state", "competitor") == ("lost", "Acme")
    assert stored(app, row_id, "closed_on", "loss_reason_id") != (None, None)
    again = client.post(f"/opportunities/{row_id}/win", follow_redirects=True)
    assert "no longer what the page showed" in again.text
    client.post(f"/opportunities/{row_id}/reopen")
    assert stored(app, row_id, "state", "closed_on", "loss_reason_id") == ("open", None, None)
    assert client.post(f"/opportunities/{row_id}/unknown").status_code == 404


def test_one_that_is_won_offers_the_customer_until_there_is_one(app, client, make, person):
    row_id = make()
    assert "Make it a customer" not in client.get(f"/opportunities/{row_id}").text
    page = client.post(f"/opportunities/{row_id}/win", follow_redirects=True).text
    action = re.search(r'action="([^"]+/customer)"', page).group(1)
    client.post(action)

    page = client.get(f"/opportunities/{row_id}").text
    assert "Make it a customer" not in page
    assert re.search(r'href="/customers/\d+"', page)


def test_an_order_that_stands_is_shown_and_ends_the_offer(app, client, make, person):
    row_id = make(act="win")
    with app.app_context():
        row = db.session.get_one(Opportunity, row_id)
        draft = OrderDraft(currency="EUR", title="Desks of June", number="C-1")
        orders.create(row.lead, draft, by=person("ada"), opportunity=row)
        db.session.commit()
    page = client.get(f"/opportunities/{row_id}").text

    assert "opportunity-next" not in page
    assert "C-1" in page


def test_what_was_deleted_comes_back_by_undo(client, make):
    row_id = make()
    page = client.post(f"/opportunities/{row_id}/delete", follow_redirects=True).text
    assert client.get(f"/opportunities/{row_id}").status_code == 404
    action = re.search(r'action="([^"]+/restore)"', page).group(1)
    assert "The opportunity is back." in client.post(action, follow_redirects=True).text
    assert client.post(f"/opportunities/{row_id}/restore").status_code == 404


def test_the_list_marks_what_is_late(client, make):
    make("Old", expected_close=date(2020, 1, 1), probability=40, amount=Decimal(100))
    make("Closed", expected_close=date(2020, 1, 1), act="win")
    page = client.get("/opportunities/?state=all&closing=late&owner=nonsense").text

    old, closed = re.findall(r"<tr id=.*?</tr>", page, re.DOTALL)
    assert ">late<" in old
    assert ">late<" not in closed
    assert "€40.00" in page
    assert ">2 opportunities<" in page


def test_the_list_reads_the_same_number_of_statements_whatever_its_length(
    client, make, make_lead, count_queries, app, person
):
    counts = []
    for many in (1, 8):
        for _each in range(many):
            make(lead=make_lead(last_name="", email=f"a{_each}{many}@b.example"), owner="bob")
        with app.app_context():
            for _each in range(many):
                made = customers.create_customer({"emails": ()} | {"last_name": "X"}, by=None)
                services.create(made, OpportunityDraft(title="Desks", currency="EUR"), by=person("ada"))
            db.session.commit()
        with count_queries() as statements:
            assert client.get("/opportunities/?state=all").status_code == 200
        counts.append(len(statements))

    assert counts[0] == counts[1]
    assert PAGE == 50


@pytest.mark.one_database
def test_the_card_of_a_lead_has_a_line_each_and_nothing_without(app, make, make_lead, person):
    lead_id = make_lead()
    make("Desks", lead=lead_id, amount=Decimal(10), probability=20)
    make("Beds", lead=lead_id, act="win")
    template = "{% include 'sales/opportunities/_of.html' %}"
    with app.test_request_context():
        login_user(person("ada"))
        lead = lead_seen_by(person("ada"), lead_id)
        html = render_template_string(template, party=lead, rows=queries.opportunities_of(lead))
        assert render_template_string(template, party=lead, rows=[]).strip() == ""
    assert html.count('class="sales-line"') == 2
    assert html.count(">Lost…<") == 1
