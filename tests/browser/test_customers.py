"""Customers in a browser: made, changed, a contact added, found again, deleted; on a phone; without script."""

from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.leads import services
from leadhub.leads.models import Lead
from leadhub.plugins.api import LeadDraft
from leadhub.plugins.api.leads import Address
from leadhub.sales import contacts, customers
from leadhub.sales.contacts import ContactDraft
from leadhub.sales.drafts import QuotationDraft
from leadhub.sales.models import Contact, Customer
from leadhub.sales.quotations import services as quotations

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "color_scheme": "dark"}
LONG = "Établissements Vandenbroucke-Delacroix et Fils de la Haute-Vallée"
LOOKS = pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "dark phone"])


@pytest.fixture
def open_hub(serve, open_page, sign_in):
    """``open_hub(**context)``: a page of ada's, with nothing in the hub; ``open_hub.hub`` is the hub."""

    def open_hub(**options):
        open_hub.hub = serve()
        page = open_page(**options)
        sign_in(page, open_hub.hub)
        return page

    return open_hub


def fill(hub):
    """The id of a customer of whom everything is known, beside a few others."""
    with hub.app.app_context():
        place = Address(type="office", line1="12 rue de la République", postal_code="69002", city="Lyon", country="FR")
        draft = LeadDraft(
            channel="csv", organisation=LONG, is_organisation=True, last_name="Martin", email="ann@acme.example",
            phone="+33478123456", website="https://www.vandenbroucke.example", source="Referral", addresses=(place,),
        )  # fmt: skip
        lead = services.create_lead(draft, by=None)
        contacts.add(
            lead,
            ContactDraft(first_name="Ann", last_name="Martin", job_title="Buyer", email="ann@acme.example"),
            by=None,
        )
        contacts.add(lead, ContactDraft(last_name="Bea", role="decides", phone="+33612345678"), by=None)
        quotations.add(lead, QuotationDraft(number="Q-7", amount=Decimal(1250), sent_on=date(2026, 11, 3)), by=None)
        customer = customers.make_customer(lead, by=None)
        second = services.create_lead(
            LeadDraft(channel="csv", last_name="Another request", source="Phone call"), by=None
        )
        customers.link_customer(second, customer, by=None)
        customers.change_customer(customer, {"note": "Pays within 30 days.\nAsks for paper invoices."})
        for name in ("Dupont", "Durand"):
            customers.create_customer({"last_name": name}, by=None)
        db.session.commit()
        return customer.id


def stored(hub, model):
    with hub.app.app_context():
        return [row.name if model is Contact else row.title for row in db.session.scalars(sa.select(model))]


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@LOOKS
def test_a_customer_from_its_first_to_its_last_day(open_hub, check_access, options):
    page = open_hub(**options)
    hub = open_hub.hub
    page.click("#rail >> a[title=Customers]")
    page.wait_for_selector("text=No customers yet.")
    assert fits(page)
    check_access(page)

    page.click("text=Add a customer")
    page.wait_for_selector("#customer-form")
    check_access(page)
    page.check("#is_organisation")
    page.click("text=Create customer")
    page.wait_for_selector(".alert:has-text('Give the organisation’s name.')")
    check_access(page)
    page.fill("#organisation", LONG)
    page.fill("#email", "ann@acme.example")
    page.click("text=Add another e-mail")
    page.keyboard.type("bea@acme.example")
    page.click("text=Create customer")
    page.wait_for_selector("#customer-head")
    assert page.locator(".facts a[href^='mailto:']").all_inner_texts() == ["ann@acme.example", "bea@acme.example"]

    page.click("text=Add a contact")
    page.wait_for_selector("#contact-form")
    check_access(page)
    page.keyboard.type("Ann")
    page.keyboard.press("Enter")
    page.wait_for_selector(".contact:has-text('primary')")
    assert fits(page)
    page.evaluate("window.scrollTo(0, 0)")  # nothing that the head covers
    check_access(page)

    page.click(".lead-acts >> text=Delete…")
    page.wait_for_selector("text=1 contact is deleted.")
    check_access(page)
    page.fill("#name", LONG)
    page.click("text=Delete for good")
    page.wait_for_selector(".alert:has-text('Customer deleted.')")
    assert stored(hub, Customer) == stored(hub, Contact) == []


@LOOKS
def test_all_of_a_customer_on_one_page(open_hub, check_access, options):
    page = open_hub(**options)
    customer_id = fill(open_hub.hub)
    page.goto(f"{open_hub.hub.url}/customers/")
    assert fits(page)
    check_access(page)

    page.click(".row-link >> nth=-1")
    page.wait_for_selector("#customer-history .moment")
    assert page.url.endswith(f"/customers/{customer_id}")
    assert fits(page)
    check_access(page)
    page.click(".contact >> text=Make primary")
    page.wait_for_selector(".contact:first-child:has-text('Bea')")
    page.click("[aria-label='Unlink Another request']")
    page.wait_for_selector(".alert:has-text('The lead is no customer any more.')")
    assert page.locator("#customer-leads li").count() == 1

    with open_hub.hub.app.app_context():
        free = db.session.scalar(sa.select(Lead.id).where(Lead.last_name == "Another request"))
    page.goto(f"{open_hub.hub.url}/leads/{free}/customer/link")
    check_access(page)
    assert fits(page)
    page.fill("#customer-q", "durand")
    page.keyboard.press("Enter")
    page.wait_for_url("**?q=durand")
    page.click("text=Choose")
    page.wait_for_selector(".alert:has-text('The lead belongs to “Durand” now.')")


def test_without_script(open_hub):
    page = open_hub(java_script_enabled=False)
    page.goto(f"{open_hub.hub.url}/customers/new")
    page.fill("#last_name", "Dupont")
    page.fill("#email", "a@b.example")
    page.click("noscript button[value=email]")
    page.fill("[aria-label='Another e-mail']", "c@b.example")
    page.click("text=Create customer")
    assert page.locator(".facts a[href^='mailto:']").count() == 2
    page.click("text=Add a contact")
    page.fill("#last_name", "Bea")
    page.click(".card-footer button")
    page.click(".contact >> text=Delete…")
    page.click("text=Delete contact")
    assert "No contacts yet" in page.inner_text("main")
