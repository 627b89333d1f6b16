"""The stages of a lead in a browser: the bar, a refusal that asks in place, without script."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True, "color_scheme": "dark"}


def now(page):
    return page.inner_text("#stage-bar [aria-current] .state")


@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "dark phone"])
def test_a_lead_goes_through_its_stages(serve, open_page, sign_in, check_access, options):
    hub, page = serve(demo=True), open_page(**options)
    sign_in(page, hub)
    page.goto(f"{hub.url}/leads/1")
    check_access(page)
    page.click("#stage-bar button:has-text('In evaluation')")
    page.wait_for_selector("#stage-bar [aria-current]:has-text('In evaluation')")
    check_access(page)

    page.click("#stage-bar button:has-text('Converted')")
    page.wait_for_selector("#customer_since")
    check_access(page)
    assert "“Converted” asks for: Customer since." in page.inner_text("#fact-stage")
    page.fill("#customer_since", "2026-11-30")
    page.click("#fact-stage .btn-primary")
    page.wait_for_selector("#stage-bar [aria-current]:has-text('Converted')")

    assert "Converted" in page.inner_text(".lead-line")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_in_french_without_script_a_lost_stage_asks_for_the_reason(serve, open_page, sign_in):
    hub, page = serve(demo=True), open_page(java_script_enabled=False, locale="fr-FR")
    sign_in(page, hub)
    page.goto(f"{hub.url}/profile/")
    page.select_option("#language", "fr")
    page.click("#profile-form button[type=submit]")
    page.goto(f"{hub.url}/leads/1")
    page.click("#stage-bar button:has-text('Perdu')")
    assert "demande" in page.inner_text("#fact-stage")
    page.select_option("#lost_reason", "price")
    page.click("#fact-stage .btn-primary")

    assert now(page) == "Perdu"
    assert "Sans suite" in page.inner_text(".lead-line")
