"""The further cards in a browser: chosen, drawn, and open to all in both themes."""

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.accounts.queries import user_by_email
from leadhub.dashboard.models import DashboardLayout
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads.models import Lead, LeadEvent
from leadhub.lists.models import Campaign
from leadhub.pipelines.models import Stage
from tests.leads.paths import world

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True, "color_scheme": "dark"}
CARDS = {
    "leads_by_field": "medium", "leads_by_owner": "medium", "leads_by_creator": "medium", "first_response": "medium",
    "funnel": "medium", "time_in_stage": "medium", "stage_conversion": "large", "stagnating": "medium",
    "source_efficiency": "large", "campaign_efficiency": "large",
}  # fmt: skip


@pytest.fixture
def hub(serve):
    """With leads that have gone this way and that, and a page that has every further card and no other."""
    hub = serve()
    with hub.app.app_context():
        ada = user_by_email("ada@example.org")
        walkers = world(1, ada=ada)
        fair = Campaign(key="fair", names={"en": "Fair in Lyon"}, budget=Decimal(2000), actual_cost=Decimal("1532.5"))
        db.session.add_all([fair, Campaign(key="radio", names={"en": "Radio"}, actual_cost=Decimal(300))])
        db.session.flush()
        now = utcnow()
        touched = {"touched_at": now - timedelta(days=40), "campaign_id": fair.id, "customer_since": now.date()}
        db.session.execute(sa.update(Lead).where(Lead.id.in_([it.id for it in walkers[::3]])).values(touched))
        db.session.execute(sa.update(Lead).values(created_at=now - timedelta(days=3)))
        db.session.execute(sa.update(Stage).where(Stage.key == "sales.first-contact").values(days_to_rot=5))
        for hours, walker in enumerate(walkers[::2]):
            at = now - timedelta(days=3) + timedelta(hours=hours)
            db.session.add(LeadEvent(lead_id=walker.id, at=at, by_id=ada.id, kind="call", channel="form"))
        cards = [{"key": key, "size": size} for key, size in CARDS.items()]
        db.session.add(DashboardLayout(user_id=None, cards=cards))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return hub


@pytest.mark.parametrize("look", ["wide", "phone"])
def test_every_further_card_is_drawn_and_open_to_all(hub, open_page, sign_in, check_access, look):
    page = open_page(**(PHONE if look == "phone" else {}))
    sign_in(page, hub)
    page.goto(f"{hub.url}/dashboard/?leads_by_field.field=source&leads_by_field.shape=pie")
    page.wait_for_selector(".widget[data-state=loading]", state="detached")
    page.wait_for_selector("#widget-first_response [data-drawn]")
    states = page.eval_on_selector_all(".widget", "all => all.map(it => it.dataset.state)")

    assert states == ["ready"] * len(CARDS)
    check_access(page)
    page.click("#widget-funnel .widget-options summary")
    check_access(page)
    page.select_option("#widget-funnel select", "support")
    page.click("#widget-funnel button[type=submit]")
    page.wait_for_url("**funnel.pipeline=support**")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_a_stagnating_lead_is_a_click_away(hub, page, sign_in):
    sign_in(page, hub)
    page.goto(f"{hub.url}/dashboard/")
    page.wait_for_selector("#widget-stagnating[data-state=ready]")
    number = int(page.inner_text("#widget-stagnating .shown-sentence").split()[0])

    page.click("#widget-stagnating a:text-is('All that stagnate')")
    page.wait_for_url("**/leads/?origin=stagnating&stagnating=yes")
    assert page.inner_text("#total") == f"{number} leads"
