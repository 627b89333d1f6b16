"""Cards that somebody has touched stay live; what fails once is asked for again; a switch turns by the space bar."""

import pytest

from leadhub.extensions import db
from leadhub.leads.services import create_leads
from leadhub.plugins.api import LeadDraft

pytestmark = [pytest.mark.browser, pytest.mark.one_database]


def add(hub, number, **changes):
    with hub.app.app_context():
        drafts = [LeadDraft(**{"channel": "form", "last_name": f"Lead {it}"} | changes) for it in range(number)]
        create_leads(drafts, by=None)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def shown(serve, open_page, sign_in):
    hub, page = serve(), open_page()
    add(hub, 2)
    sign_in(page, hub)
    page.goto(f"{hub.url}/dashboard/")
    page.wait_for_selector("#widget-leads_by_source [data-drawn]")
    page.wait_for_selector(".widget[data-state=loading]", state="detached")
    return hub, page


def total(page, card):
    return sum(page.eval_on_selector_all(f"#widget-{card} tr[data-value]", "all => all.map(it => +it.dataset.value)"))


def test_a_card_whose_table_is_open_stays_live(shown):
    hub, page = shown
    page.click("#widget-leads_over_time .chart-twin summary")
    page.mouse.click(5, 5)
    page.evaluate("document.activeElement.blur()")
    add(hub, 1)
    page.wait_for_selector("#widget-new_leads .shown-figure a:text-is('3')", timeout=9000)
    page.wait_for_timeout(7000)
    assert total(page, "leads_over_time") == 3


def test_a_card_whose_switch_was_pressed_stays_live(shown):
    hub, page = shown
    page.click("#widget-leads_by_stage-switch")
    page.wait_for_selector("#widget-leads_by_stage [aria-checked=true]")
    add(hub, 1)
    page.wait_for_selector("#widget-new_leads .shown-figure a:text-is('3')", timeout=9000)
    page.wait_for_timeout(7000)
    assert total(page, "leads_by_stage") == 3


def test_a_card_that_could_not_be_had_once_is_asked_for_again(shown):
    hub, page = shown
    page.route("**/dashboard/widgets/new_leads*", lambda route: route.abort())
    add(hub, 1)
    page.wait_for_timeout(6000)
    page.unroute("**/dashboard/widgets/new_leads*")
    page.wait_for_selector("#widget-new_leads .shown-figure a:text-is('3')", timeout=15_000)


def test_an_answer_of_a_proxy_does_not_take_a_card_away(shown):
    hub, page = shown
    page.route(
        "**/dashboard/widgets/new_leads*",
        lambda route: route.fulfill(status=502, content_type="text/html", body="<html><body><h1>502 Bad Gateway</h1>"),
    )
    add(hub, 1)
    page.wait_for_timeout(6000)
    page.unroute("**/dashboard/widgets/new_leads*")
    assert page.locator("#widget-new_leads").count() == 1


def test_the_space_bar_turns_a_switch(shown):
    _hub, page = shown
    page.focus("#widget-leads_by_stage-switch")
    page.keyboard.press("Space")
    page.wait_for_selector("#widget-leads_by_stage [aria-checked=true]", timeout=3000)


def test_a_reload_keeps_the_switch(shown):
    _hub, page = shown
    page.click("#widget-leads_by_stage-switch")
    page.wait_for_selector("#widget-leads_by_stage [aria-checked=true]")
    page.reload()
    page.wait_for_selector("#widget-leads_by_stage[data-state=ready]")
    assert page.get_attribute("#widget-leads_by_stage-switch", "aria-checked") == "true"
