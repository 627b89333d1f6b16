"""Opportunities in a browser: from a lead to what becomes of them; the list and its sums; the board by keyboard."""

from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.leads.services import create_lead
from leadhub.plugins.api import LeadDraft
from leadhub.sales.documents import Opportunity
from leadhub.sales.drafts import OpportunityDraft
from leadhub.sales.opportunities import services, stages

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "color_scheme": "dark"}
STAGES = [f"opportunities.{name}" for name in ("qualification", "proposal", "negotiation", "won", "lost")]


def fill(hub, *titles, staged=False):
    """The id of a lead that has these opportunities, of 100 euros each."""
    with hub.app.app_context():
        ada = user_by_email("ada@example.org")
        if staged:
            stages.switch_on(by=ada)
        lead = create_lead(LeadDraft(channel="form", last_name="Dupont"), by=ada)
        for title in titles:
            draft = OpportunityDraft(title=title, currency="EUR", amount=Decimal(100), probability=40, owner_id=ada.id)
            services.create(lead, draft, by=ada)
        db.session.commit()
        return lead.id


def stored(hub):
    with hub.app.app_context():
        rows = db.session.scalars(sa.select(Opportunity).order_by(Opportunity.id))
        return [(row.title, row.state, row.stage.key if row.stage else None) for row in rows]


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("look", ["wide", "phone", "no script"])
def test_from_a_lead_to_what_becomes_of_it(serve, open_page, sign_in, check_access, look):
    options = {"wide": {}, "phone": PHONE, "no script": {"java_script_enabled": False}}[look]
    hub, page = serve(), open_page(**options)
    sign_in(page, hub)
    fill(hub, "Chairs")

    def looks_right():
        if look != "no script":
            page.evaluate("window.scrollTo(0, 0)")  # nothing that the head covers
            check_access(page)
            assert fits(page)

    page.goto(f"{hub.url}/opportunities/")
    looks_right()
    page.click(".opportunity-new")
    looks_right()
    page.click("a[aria-label='Choose Dupont']")
    page.fill("#title", "Desks")
    page.fill("#amount", "lots")
    page.click("#opportunity-form button:text-is('Create opportunity')")
    page.wait_for_selector("#opportunity-form :text('Give a number.')")
    looks_right()
    page.fill("#amount", "250,00")
    page.fill("#probability", "50")
    page.press("#title", "Enter")
    page.wait_for_selector("#opportunity-head h1:text-is('Desks')")
    looks_right()
    page.goto(f"{hub.url}/opportunities/")
    assert "€350.00" in page.inner_text("#opportunity-sums")
    assert "€165.00" in page.inner_text("#opportunity-sums")

    page.click("a.row-link:text-is('Desks')")
    page.click(".lead-acts button:text-is('Won')")
    page.wait_for_selector("#opportunity-next button:text-is('Make it a customer')")
    looks_right()
    page.goto(f"{hub.url}/opportunities/")
    page.click("a.row-link:text-is('Chairs')")
    page.click(".lead-acts a:text-is('Lost…')")
    page.click("#loss-form button[type=submit]")
    page.wait_for_selector("#loss-form :text('Choose one.')")
    looks_right()
    page.select_option("#reason", "price")
    page.fill("#competitor", "Acme")
    page.press("#competitor", "Enter")
    page.wait_for_selector("#opportunity-head:has-text('Lost')")
    page.click(".lead-acts button:text-is('Delete')")
    page.click(".undo button:text-is('Undo')")
    page.wait_for_selector("#opportunity-head h1:text-is('Chairs')")
    assert stored(hub) == [("Chairs", "lost", None), ("Desks", "won", None)]


@pytest.mark.parametrize("look", ["wide", "phone"])
def test_the_board_by_keyboard_and_by_its_dialog(serve, open_page, sign_in, check_access, look):
    hub, page = serve(), open_page(**({} if look == "wide" else PHONE))
    sign_in(page, hub)
    fill(hub, "Desks", "Chairs", staged=True)
    page.goto(f"{hub.url}/opportunities/board")
    check_access(page)
    assert fits(page)
    page.focus("#card-1 .card-link")
    for key in (" ", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.wait_for_selector(f"[data-stage='{STAGES[1]}'] #card-1[data-version='3']")
    assert "moved to “Proposal”" in page.inner_text("#board-told")
    assert page.inner_text(f"[data-stage='{STAGES[1]}'] .board-figures") == "1 opportunity · €100.00"
    page.keyboard.press("m")
    page.click(f"#sheet[open] [value='{STAGES[4]}']")
    page.wait_for_selector("#sheet[open] #reason")
    check_access(page)
    page.select_option("#sheet #reason", "price")
    page.click("#sheet .btn-primary")
    page.wait_for_selector(f"[data-stage='{STAGES[4]}'] #card-1")
    page.wait_for_selector("#sheet", state="hidden")

    assert stored(hub) == [("Desks", "lost", STAGES[4]), ("Chairs", "open", STAGES[0])]


def test_a_card_is_dragged_and_a_dropped_one_asks_why_it_was_lost(serve, open_page, sign_in):
    hub, page = serve(), open_page()
    sign_in(page, hub)
    fill(hub, "Desks", "Chairs", staged=True)
    page.goto(f"{hub.url}/opportunities/board")

    def drag(card, stage):
        begin = page.locator(card).bounding_box()
        end = page.locator(f"[data-stage='{stage}'] .board-cards").bounding_box()
        page.mouse.move(begin["x"] + 60, begin["y"] + 12)
        page.mouse.down()
        page.mouse.move(begin["x"] + 75, begin["y"] + 30, steps=4)
        page.mouse.move(end["x"] + 70, end["y"] + 30, steps=12)
        page.mouse.up()

    drag("#card-2", STAGES[3])
    page.wait_for_selector("#board-told:has-text('moved to “Won”')", state="attached")
    assert page.locator(f"[data-stage='{STAGES[3]}'] #card-2").count() == 1
    drag("#card-1", STAGES[4])
    page.wait_for_selector("#sheet[open] #reason")
    assert page.locator(f"[data-stage='{STAGES[0]}'] #card-1").count() == 1
    page.keyboard.press("Escape")

    assert stored(hub) == [("Desks", "open", STAGES[0]), ("Chairs", "won", STAGES[3])]
