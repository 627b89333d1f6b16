"""A quotation that was made elsewhere, in a browser: from a new lead to its order, by keyboard, without script too."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True, "color_scheme": "dark"}


def new_lead(page, hub):
    page.goto(f"{hub.url}/leads/new")
    page.fill("#last_name", "Dupont")
    page.press("#last_name", "Enter")
    page.wait_for_selector("h1:has-text('Dupont')")


@pytest.mark.parametrize("look", ["wide", "phone", "no script"])
def test_from_a_new_lead_to_its_order(serve, open_page, sign_in, check_access, look):
    options = {"wide": {}, "phone": PHONE, "no script": {"java_script_enabled": False}}[look]
    hub, page = serve(), open_page(**options)
    sign_in(page, hub)
    new_lead(page, hub)
    page.click("text=Add a quotation")
    page.fill("#number", "D-1")
    page.fill("#amount", "lots")
    page.click("#quotation-form button[type=submit]")
    page.wait_for_selector("#quotation-form :text('Give a number.')")
    page.fill("#amount", "1 250,00")
    if look != "no script":
        check_access(page)
    page.press("#amount", "Enter")
    page.wait_for_selector("li.sales-line:has-text('€1,250.00')")
    assert "Quotation" in page.inner_text("#lead-head")
    if look != "no script":
        page.evaluate("scrollTo(0, 0)")  # nothing lies half below the top
        check_access(page)
        page.focus(".sales-more summary")
        page.keyboard.press("Enter")
        page.wait_for_selector(".sales-more[open] button:text-is('Cancel the quotation')")
        page.keyboard.press("Escape")
    page.click("li.sales-line button:text-is('Accepted')")
    page.click("li.sales-line a:text-is('Order…')")
    page.fill("#order_number", "C-77")
    page.click("text=Confirm the order")
    page.wait_for_selector("li.sales-line:has-text('Order C-77')")
    assert "Converted" in page.inner_text("#lead-head")
    assert "Converted to" in page.inner_text("#lead-sales")
    if look != "no script":
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
