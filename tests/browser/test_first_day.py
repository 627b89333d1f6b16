"""The first day of a hub, as a newcomer lives it: set-up, a real file, a lead found, opened and mended."""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.one_database]


def set_up(page, hub, check_access):
    page.goto(hub.url)
    assert page.url == f"{hub.url}/setup"
    check_access(page)
    page.goto(hub.link())
    check_access(page)
    page.fill("#name", "Ada Martin")
    page.fill("#email", "ada@example.org")
    page.fill("#password", "a sentence to remember")
    page.click("#setup-form button[type=submit]")
    page.wait_for_url("**/leads/")


def test_the_first_day(serve_alone, page, check_access, data):
    hub = serve_alone(empty=True)
    set_up(page, hub, check_access)
    check_access(page)
    assert "No leads yet" in page.inner_text("#leads")

    hub.command("import", str(data / "06_zoho/Leads_3900.csv"))
    page.reload()
    page.wait_for_selector("#total >> text=3,900 leads")
    check_access(page)

    page.keyboard.press("/")
    page.keyboard.type("denson gary")
    page.wait_for_selector("text=1 lead")
    assert "q=denson+gary" in page.url or "q=denson%20gary" in page.url
    check_access(page)
    page.click(".row-link")
    page.wait_for_selector("h1:has-text('Denson')")
    check_access(page)

    page.click("#fact-phone .fact-label")
    page.wait_for_selector("#fact-phone input[name=phone]:focus")
    page.evaluate("scrollTo(0, 0)")  # nothing lies half below the top
    check_access(page)
    page.keyboard.press("Control+A")
    page.keyboard.type("660 485 0225")
    page.keyboard.press("Enter")
    page.wait_for_selector("#history >> text=660 485 0225")
    assert page.evaluate("document.activeElement.matches('#fact-phone .fact-edit')")
    assert "660-485-0224" in page.inner_text("#history del")
    page.evaluate("scrollTo(0, 0)")
    check_access(page)

    page.click("details.person summary")
    page.click("text=Sign out")
    page.wait_for_url(re.compile("/login"))
    check_access(page)
    page.goto(f"{hub.url}/leads/")
    assert "/login" in page.url


def test_the_link_of_the_first_visit_works_once(serve_alone, page, check_access):
    hub = serve_alone(empty=True)
    link = hub.link()
    set_up(page, hub, check_access)

    page.context.clear_cookies()
    page.goto(link)

    assert "/login" in page.url
