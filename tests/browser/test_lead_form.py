"""The lead's form and page in a browser: rows, countries, twins, two people on one lead, no script."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def hub(serve):
    return serve(demo=True)


def from_the_top(page):
    """The bar on top hides half of what is scrolled under it, which is no fault."""
    page.evaluate("scrollTo(0, 0)")
    return page


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("options", [{}, {**PHONE, "color_scheme": "dark"}], ids=["wide", "dark phone"])
def test_a_whole_lead_is_typed_and_seen(hub, open_page, sign_in, check_access, options):
    page = open_page(**options)
    sign_in(page, hub)
    page.goto(f"{hub.url}/leads/new")
    page.fill("#last_name", "Dupré")
    page.fill("#email", "zoe@example.org")
    page.click("[data-rows]:has(#email) [data-add]")
    page.wait_for_selector("#email-1:focus")
    page.keyboard.type("second@example.org")
    page.check("input[name=email_primary][value='1']")
    page.fill("#phone", "06 39 98 12 34")
    page.click("text=More fields")
    page.fill("#website", "https://elan.example/a/very/long/path/that/goes/on/and/on/and/on/and/on/and/on/and/on")
    page.fill("#tags", "vip, hot")
    page.fill("#expected_value", "1,234.50")
    page.fill("#addresses-0-line1", "1 Main St")
    page.select_option("#addresses-0-country", "US")
    page.wait_for_selector("#addresses-0-state")
    page.wait_for_selector("#addresses-0-country:focus")
    page.fill("#addresses-0-state", "CA")
    page.fill("#addresses-0-city", "Mountain View")
    check_access(from_the_top(page))
    assert fits(page)

    page.click("text=Create lead")

    page.wait_for_selector("h1:has-text('Dupré')")
    facts = page.inner_text(".facts")
    assert "second@example.org\nzoe@example.org" in facts.replace(" \n", "\n")
    assert "Mountain View, CA" in facts
    assert "€1,234.50" in facts
    check_access(from_the_top(page))
    assert fits(page)
    page.click(".lead-acts >> text=Edit")
    page.wait_for_selector("#lead-form")
    page.click("text=More fields")
    check_access(from_the_top(page))
    assert fits(page)


def test_twins_are_told_while_typing_and_do_not_stand_in_the_way(hub, page, sign_in):
    sign_in(page, hub)
    for name in ("First", "Second"):
        page.goto(f"{hub.url}/leads/new")
        page.fill("#last_name", name)
        page.fill("#phone", "+33 6 39 98 77 66")
        if name == "Second":
            page.wait_for_selector("#phone-twins >> text=First")
        page.click("text=Create lead")
        page.wait_for_selector(f"h1:has-text('{name}')")


def test_two_browsers_choose_field_by_field(hub, open_page, sign_in, check_access):
    ada, bob = open_page(), open_page()
    sign_in(ada, hub)
    sign_in(bob, hub, "bob")
    for page in (ada, bob):
        page.goto(f"{hub.url}/leads/1/edit")
    ada.fill("#organisation", "Hers")
    ada.click("#lead-form .btn-primary")
    ada.wait_for_selector("#messages >> text=Saved.")
    bob.fill("#organisation", "His")
    bob.fill("#phone", "06 39 98 00 01")
    bob.click("#lead-form .btn-primary")

    bob.wait_for_selector(".alert-warning:focus")
    assert "Ada changed this lead meanwhile." in bob.inner_text("#lead-form")
    assert "Hers" in bob.inner_text("#keep-organisation")
    assert bob.input_value("#organisation") == "His"
    assert bob.input_value("#phone") == "06 39 98 00 01"
    check_access(from_the_top(bob))
    bob.check("#keep-organisation input[value=theirs]")
    bob.click("#lead-form .btn-primary")
    bob.wait_for_selector("#messages >> text=Saved.")
    assert "Hers" in bob.inner_text("#fact-organisation")
    assert "06 39 98 00 01" in bob.inner_text("#fact-phone").replace("\u00a0", " ")


def test_fields_of_many_kinds_are_edited_in_place(hub, page, sign_in, check_access):
    sign_in(page, hub)
    page.goto(f"{hub.url}/leads/1")
    page.click("summary:has-text('More fields')")
    page.click("#fact-addresses .fact-edit", force=True)
    page.fill("#addresses-0-line1", "12 rue de la Paix")
    page.fill("#addresses-0-postal_code", "75002")
    page.fill("#addresses-0-city", "Paris")
    check_access(from_the_top(page))
    page.click("#fact-addresses [data-add]")
    page.select_option("#addresses-1-country", "US")
    page.wait_for_selector("#addresses-1-state")
    page.fill("#addresses-1-line1", "1 Main St")
    page.fill("#addresses-1-state", "CA")
    page.click("#fact-addresses button[type=submit]")
    page.wait_for_selector("#fact-addresses .fact-saved")
    assert "12 rue de la Paix\n75002 Paris\nFrance" in page.inner_text("#fact-addresses")
    assert "1 Main St\nCA\nUnited States" in page.inner_text("#fact-addresses")
    page.wait_for_selector("#fact-addresses .fact-edit:focus")

    page.click("#fact-expected_value .fact-edit", force=True)
    page.fill("#expected_value", "much")
    page.keyboard.press("Enter")
    page.wait_for_selector("#fact-expected_value .invalid-feedback")
    page.fill("#expected_value", "1,500")
    page.keyboard.press("Enter")
    page.wait_for_selector("#fact-expected_value .fact-saved")

    page.click("#fact-next_contact_at .fact-edit", force=True)
    page.fill("#next_contact_at", "2020-01-05T09:30")
    page.keyboard.press("Enter")
    page.wait_for_selector("#lead-head .due-late")
    assert "Overdue" in page.inner_text("#lead-head")
    check_access(from_the_top(page))


def test_without_script_the_whole_form_works(hub, open_page, sign_in):
    page = open_page(java_script_enabled=False)
    sign_in(page, hub)
    page.goto(f"{hub.url}/leads/new")
    page.fill("#last_name", "Dupré")
    page.fill("#email", "a@example.org")
    page.click("noscript button[value=email]")
    page.fill("#email-1", "b@example.org")
    page.click("details.more > summary") if not page.is_visible("#addresses-0-line1") else None
    page.fill("#addresses-0-line1", "1 Main St")
    page.select_option("#addresses-0-country", "US")
    page.click("noscript button[name=update]")
    page.fill("#addresses-0-state", "CA")
    page.fill("#last_name", "Dupont")
    page.press("#last_name", "Enter")

    assert page.inner_text("h1") == "Dupont"
    assert "b@example.org" in page.inner_text("#fact-email")
    assert "CA" in page.inner_text("#fact-addresses")
    page.click(".lead-acts >> text=Edit")
    page.fill("#email", "")
    page.press("#email", "Enter")
    assert page.inner_text("#fact-email .values") == "b@example.org"


@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "phone"])
def test_french_fits(hub, open_page, sign_in, options):
    page = open_page(**options)
    sign_in(page, hub)
    page.goto(f"{hub.url}/profile/")
    page.select_option("#language", "fr")
    page.click("#profile-form button[type=submit]")

    for url in ("/leads/new", "/leads/1", "/leads/1/edit", "/leads/1/fields/addresses/edit"):
        page.goto(hub.url + url)
        page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
        assert fits(page), url
