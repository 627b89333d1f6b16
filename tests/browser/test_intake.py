"""Doors in a browser: an admin opens one, a stranger fills in its form, and the lead is in the list."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
RECEPTION = "/settings/reception"
PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True, "color_scheme": "dark"}


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def open_form(page, hub, name="Website"):
    """As an admin: a door with the bundled form; its address."""
    page.goto(hub.url + RECEPTION)
    page.click("text=Web form")
    page.fill("#name", name)
    page.fill("#settings-title", "Ask us anything")
    page.fill("#settings-thanks", "We call you back.\nSoon.")
    page.uncheck("#settings-phone")
    page.click("main .btn-primary")
    page.wait_for_selector(".alert-success")
    return page.input_value("#address")


def test_what_a_stranger_types_is_a_lead_with_its_source(serve, open_page, sign_in, check_access):
    hub, page = serve(), open_page()
    sign_in(page, hub)
    address = open_form(page, hub)
    check_access(page)

    stranger = open_page(java_script_enabled=False)
    stranger.goto(address)
    assert stranger.locator("#phone").count() == 0
    stranger.fill("#last_name", "Dupré")
    stranger.fill("#email", "nobody")
    stranger.fill("#message", "Hello there")
    stranger.click("button[type=submit]")
    assert "This is not an e-mail address." in stranger.inner_text("main")
    assert stranger.input_value("#message") == "Hello there"
    stranger.fill("#email", "dupre@example.org")
    stranger.click("button[type=submit]")
    assert "We call you back." in stranger.inner_text("main")

    page.goto(f"{hub.url}/leads/?source=web-form")
    page.click("text=Dupré")
    page.wait_for_selector(".timeline")
    text = page.inner_text("main")
    assert "Web form" in text
    assert "dupre@example.org" in text
    page.goto(hub.url + RECEPTION)
    assert page.locator("#door-1 time").count() == 1


def test_the_pages_are_open_to_all_and_fit(serve, open_page, sign_in, check_access):
    hub = serve()
    wide = open_page()
    sign_in(wide, hub)
    address = open_form(wide, hub, "W" * 200)
    for options in ({}, PHONE):
        page = open_page(**options)
        sign_in(page, hub)
        for path in ("", "/1", "/1/delete", "/1/address", "/new/webhook", "/new/feed"):
            page.goto(f"{hub.url}{RECEPTION}{path}")
            check_access(page)
            assert fits(page), path
        stranger = open_page(**options)
        for url in (address, f"{address}?language=fr", f"{address}/thanks"):
            stranger.goto(url)
            check_access(stranger)
            assert fits(stranger), url
        assert stranger.get_attribute("html", "lang") == "fr"


def test_in_french_an_address_is_made_anew(serve, page, sign_in):
    hub = serve()
    sign_in(page, hub)
    address = open_form(page, hub)
    page.goto(f"{hub.url}/profile/")
    page.select_option("#language", "fr")
    page.click("#profile-form button[type=submit]")
    page.goto(f"{hub.url}{RECEPTION}/1/address")

    page.click(".btn-outline-danger")
    page.wait_for_selector("#address")

    assert page.input_value("#address") != address
    assert page.get_attribute("html", "lang") == "fr"
    assert page.request.get(address).status == 404
