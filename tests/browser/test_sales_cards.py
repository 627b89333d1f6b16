"""The tab Quotations in a browser: its cards drawn and open to all, the way to the leads, fresh by itself."""

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.accounts.queries import user_by_email
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads.services import create_leads
from leadhub.lists.models import Campaign, LossReason
from leadhub.plugins.api import LeadDraft
from leadhub.sales.documents import Order
from leadhub.sales.models import Customer
from tests.sales.made_up import documents

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True, "color_scheme": "dark"}
CARDS = 10


def fill(hub):
    """Id of a customer that was never a lead; leads with documents of each kind, in three currencies."""
    with hub.app.app_context():
        db.session.add(Campaign(key="fair", names={"en": "Fair in Lyon"}, actual_cost=Decimal(4000)))
        db.session.flush()
        drafts = [
            LeadDraft(
                channel="form", last_name=f"Lead {number}", source=("web-form", "whatsapp", "fair", "")[number % 4],
                campaign="fair" if number % 3 else "", received_at=utcnow() - timedelta(days=number),
            )
            for number in range(90)
        ]  # fmt: skip
        ids = [outcome.lead_id for outcome in create_leads(drafts, by=user_by_email("ada@example.org"))]
        reasons = db.session.scalars(sa.select(LossReason.id).limit(4)).all()
        documents(3, [("lead_id", each) for each in ids], reasons, 80)
        customer = Customer(last_name="Direct", since=utcnow().date())
        db.session.add(customer)
        db.session.commit()
        found = customer.id
        db.session.remove()
        db.engine.dispose()
    return found


def wait(page):
    page.wait_for_selector(".widget[data-state=loading]", state="detached")
    page.wait_for_selector("#widget-losses [data-drawn]")


@pytest.mark.parametrize("look", ["wide", "phone"])
def test_the_tab_is_drawn_and_open_to_all(serve, open_page, sign_in, check_access, look):
    hub = serve()
    page = open_page(**(PHONE if look == "phone" else {}))
    sign_in(page, hub)
    page.goto(f"{hub.url}/dashboard/?period=last-365-days&compare=y")
    assert page.locator(".tabs").count() == 0
    page.goto(f"{hub.url}/dashboard/?tab=quotations")
    page.wait_for_selector("text=No quotations yet.")
    check_access(page)
    fill(hub)
    page.goto(f"{hub.url}/dashboard/?period=last-365-days&compare=y")
    page.click(".tabs a:text-is('Quotations')")
    page.wait_for_url("**tab=quotations**")
    wait(page)

    assert "period=last-365-days" in page.url
    states = page.eval_on_selector_all(".widget", "all => all.map(it => it.dataset.state)")
    assert states == ["ready"] * CARDS
    check_access(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    page.select_option("#stats-bar select[name=source]", "whatsapp")
    page.wait_for_url("**source=whatsapp**")
    assert "tab=quotations" in page.url


def test_what_it_counted_is_a_click_away_and_what_others_order_shows_by_itself(serve, page, sign_in):
    hub = serve()
    customer_id = fill(hub)
    sign_in(page, hub)
    page.goto(f"{hub.url}/dashboard/?tab=quotations")
    wait(page)
    orders = int(page.inner_text("#widget-orders_confirmed .shown-figure"))
    with hub.app.app_context():
        db.session.add(Order(customer_id=customer_id, state="confirmed", ordered_on=utcnow().date(), currency="EUR"))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    page.wait_for_function(
        "number => document.querySelector('#widget-orders_confirmed .shown-figure')?.textContent.trim() == number",
        arg=str(orders + 1),
    )

    row = page.locator("#widget-leads_to_quotations tbody tr", has_text="Sent a quotation")
    number = row.locator("td").first.inner_text()
    row.locator("a").click()
    page.wait_for_url("**/leads/?**quoted=yes**")
    assert page.inner_text("#total") == f"{number} leads"
    page.click("text=Leads to quotations to orders")
    page.wait_for_url("**tab=quotations**")
