"""A quotation that LeadHub writes, in a browser: its lines, their totals while they are typed, up to its order."""

import pytest

from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.leads.services import create_lead
from leadhub.plugins.api import LeadDraft

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "color_scheme": "dark"}
NASTY = [  # quantity, unit price, discount, tax
    ("3", "33.335", "", "20"),
    ("1", "0.125", "0", "5.5"),
    ("1", "-0.005", "", "20"),
    ("0.001", "999999999999.9999", "12.34", "2.1"),
    ("1 500", "1,234.56", "100", "20"),
    ("7", "0.0715", "3.33", "5.5"),
    ("1", "10", "", "0"),
]


@pytest.fixture
def open_form(serve, open_page, sign_in):
    """``open_form("fr", **context)``: ada at the form of a new quotation, in French; ``open_form.hub`` is the hub."""

    def open_form(language="", **options):
        hub, page = serve(), open_page(**options)
        with hub.app.app_context():
            lead = create_lead(LeadDraft(channel="form", last_name="Dupont"), by=None)
            user_by_email("ada@example.org").language = language
            db.session.commit()
            lead_id = lead.id
        sign_in(page, hub)
        page.goto(f"{hub.url}/quotations/new?lead={lead_id}")
        open_form.hub = hub
        return page

    return open_form


def fill(page, place, quantity, price, discount, tax, description="Desk"):
    row = page.locator(".sale-line").nth(place)
    row.locator("[data-part=description]").fill(description)
    for name, text in (("quantity", quantity), ("unit_price", price), ("discount", discount), ("tax_rate", tax)):
        row.locator(f"[data-part={name}]").fill(text)


def sums(page):
    return [text.replace("\n", " ") for text in page.locator("[data-sums] > div").all_inner_texts()]


def nets(page):
    return page.locator(".sale-line [data-net]").all_inner_texts()


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(("currency", "language"), [("EUR", "en"), ("JPY", "fr")])
def test_totals_while_typing_are_those_of_the_server(open_form, language, currency):
    page = open_form(language)
    page.select_option("#currency", currency)
    for place, numbers in enumerate(NASTY):
        if place:
            page.click("[data-line-add]")
        told = [text.replace(",", " ").replace(".", ",") for text in numbers] if language == "fr" else numbers
        fill(page, place, *told)
    live = sums(page), nets(page)
    page.click(".card-footer button[type=submit]")
    page.wait_for_selector("#quotation-head")
    context = page.context.browser.new_context(java_script_enabled=False)
    context.add_cookies(page.context.cookies())
    stored = context.new_page()
    stored.goto(f"{page.url}/edit")

    assert len(live[0]) == 6
    assert page.evaluate("document.documentElement.lang") == language
    assert live == (sums(stored), nets(stored))
    context.close()


@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "dark phone"])
def test_from_a_draft_to_its_order(open_form, check_access, options):
    page = open_form(**options)
    fill(page, 0, "2", "lots", "", "20", "Desk")
    page.click("[data-line-add]")
    page.keyboard.type("Book")
    fill(page, 1, "1", "10", "", "5.5", "Book")
    page.locator(".sale-line").nth(1).locator("[data-line-act=up]").click()
    assert page.locator("[data-part=description]").first.input_value() == "Book"
    assert page.evaluate("document.activeElement.dataset.lineAct") == "up"
    check_access(page)
    page.press("#title", "Enter")
    page.wait_for_selector(".line-problems:has-text('Give a number.')")
    page.evaluate("scrollTo(0, 0)")  # nothing that the head covers
    check_access(page)
    assert fits(page)
    page.locator(".sale-line").nth(1).locator("[data-part=unit_price]").fill("100")
    page.locator(".sale-line").nth(0).locator("[data-line-act=remove]").click()
    page.click(".card-footer button[type=submit]")
    page.wait_for_selector("#quotation-head:has-text('€240.00')")
    page.click("#quotation-head button:text-is('Submit')")
    page.wait_for_selector("#quotation-head:has-text('Submitted')")
    check_access(page)
    page.click("#quotation-head button:text-is('Accepted')")
    page.click("#quotation-head button:text-is('Create the order')")
    page.wait_for_selector("#order-head")
    check_access(page)
    page.click("#order-head button:text-is('Confirm')")
    page.wait_for_selector("#order-head:has-text('Confirmed')")
    assert fits(page)
    for kind in ("quotations", "orders"):
        page.goto(f"{open_form.hub.url}/{kind}/")
        page.wait_for_selector("tr:has-text('€240.00')")
        assert fits(page)
        check_access(page)


def test_without_script(open_form):
    page = open_form(java_script_enabled=False)
    fill(page, 0, "2", "100", "", "20", "Desk")
    page.click("text=Add a line")
    fill(page, 1, "1", "10", "", "5.5", "Book")
    page.locator(".sale-line").nth(1).locator("[data-line-act=up]").click()
    assert page.locator("[data-part=description]").first.input_value() == "Book"
    page.locator(".sale-line").nth(0).locator("[data-line-act=remove]").click()
    page.fill("#title", "Desks")
    page.press("#title", "Enter")
    assert "€240.00" in page.inner_text("#quotation-head")
    page.click("button:text-is('Submit')")
    page.click("a:text-is('Lost…')")
    page.select_option("#reason", "price")
    page.click("button:text-is('Mark as lost')")
    assert "Lost" in page.inner_text("#quotation-head")
