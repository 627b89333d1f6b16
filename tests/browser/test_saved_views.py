"""Views of the list in a browser: saved, changed, reset, deleted and taken back; by keyboard, and without script."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def hub(serve):
    return serve(demo=True)


def ready(page):
    page.wait_for_selector("[data-htmx-powered]", state="attached")


def save_as(page, name, scope="Only me", *roles):
    page.fill("#name", name)
    page.get_by_label(scope, exact=True).check()
    for role in roles:
        page.get_by_label(role, exact=True).check()
    page.get_by_role("button", name="Save the view").click()
    page.wait_for_selector(".alert-success")


def chosen(page):
    return page.locator(".views-name").inner_text()


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_view_is_saved_changed_and_reset_by_keyboard(hub, page, sign_in, check_access):
    sign_in(page, hub)
    ready(page)
    assert page.locator(".views .btn").count() == 1  # the menu alone
    page.fill("#q", "a")
    page.get_by_role("link", name="Save as a view…").press("Enter")
    page.wait_for_selector("#name:focus")
    check_access(page)
    page.keyboard.type("With an a")
    page.keyboard.press("Enter")
    page.wait_for_selector(".alert-success")
    assert chosen(page) == "With an a"
    ready(page)

    page.fill("#q", "ab")  # the list alone is fetched, and what stands above it follows
    page.get_by_role("button", name="Save the view “With an a”").wait_for()
    assert page.locator(".views .badge").inner_text() == "changed"
    page.locator(".views summary").press("Enter")
    page.get_by_role("link", name="All leads", exact=True).wait_for()
    check_access(page)
    page.locator(".views summary").press("Enter")
    page.get_by_role("link", name="Reset").press("Enter")
    page.wait_for_url("**/leads/?view=*")
    assert page.input_value("#q") == "a"
    page.goto(page.url + "&q=b")
    ready(page)
    page.get_by_role("button", name="Save the view “With an a”").press("Enter")
    page.wait_for_selector(".alert-success")
    assert page.input_value("#q") == "b"

    page.locator(".views summary").press("Enter")
    page.keyboard.press("Tab")
    page.wait_for_selector(".views-entry:focus")
    page.keyboard.press("Enter")
    page.wait_for_url("**view=0")
    assert chosen(page) == "All leads"
    page.locator(".views summary").press("Enter")
    page.get_by_role("link", name="With an a").focus()
    page.keyboard.press("Escape")
    page.wait_for_selector(".views-menu:not([open])")
    page.wait_for_selector(".views summary:focus")


def test_a_role_s_list_opens_with_its_view(hub, open_page, sign_in):
    page = open_page()
    sign_in(page, hub)
    for name, text in (("First", "a"), ("Second", "b")):
        page.goto(f"{hub.url}/leads/?q={text}")
        page.locator(".views > .btn").click()
        save_as(page, name, "Everybody", "Agent")
    assert "“First”" in page.locator(".alert-info").inner_text()

    bob = open_page()
    sign_in(bob, hub, "bob")
    assert chosen(bob) == "Second"
    assert bob.input_value("#q") == "b"
    bob.goto(f"{hub.url}/leads/?q=a")
    assert bob.locator(".views form").count() == 0
    bob.locator(".views > .btn").click()
    bob.fill("#name", "FIRST")
    bob.keyboard.press("Enter")
    assert "Another view that you see has this name." in bob.locator("#name-error1").inner_text()


@pytest.mark.parametrize("options", [{**PHONE, "color_scheme": "dark"}], ids=["dark phone"])
def test_all_of_it_works_without_script(hub, open_page, sign_in, options):
    page = open_page(java_script_enabled=False, **options)
    sign_in(page, hub)
    page.goto(f"{hub.url}/leads/?status=open&sort=name")
    page.locator(".views > .btn").click()
    save_as(
        page,
        "A name that is so long that it has to be cut somewhere on a small screen, whatever it may be about",
        "Everybody",
    )
    page.goto(page.url + "&q=b")
    page.get_by_role("button", name="Save the view").click()
    page.wait_for_selector(".alert-success")
    assert page.input_value("#q") == "b"

    page.locator(".views summary").click()
    page.get_by_role("link", name="Change views…").click()
    page.get_by_role("link", name="Change “A name").click()
    page.fill("#name", "Short")
    page.get_by_role("button", name="Save the view").click()
    assert chosen(page) == "Short"
    page.goto(f"{hub.url}/leads/views/")
    page.get_by_role("button", name="Delete “Short”").click()
    assert "A view keeps filters" in page.content()
    page.get_by_role("button", name="Undo").click()
    assert chosen(page) == "Short"


@pytest.mark.parametrize("options", [{**PHONE, "color_scheme": "dark"}], ids=["dark phone"])
def test_pages_of_views_are_open_to_all_and_fit(hub, open_page, sign_in, check_access, options):
    page = open_page(**options)
    sign_in(page, hub)
    page.goto(f"{hub.url}/leads/?q=a&status=open")
    page.locator(".views > .btn").click()
    save_as(page, "W" * 100, "Everybody", "Viewer")

    for address in ("/leads/?view=1&q=b", "/leads/views/", "/leads/views/1", "/leads/views/new?q=a"):
        page.goto(hub.url + address)
        check_access(page)
        if "?view" in address:
            page.locator(".views summary").click()
        assert fits(page), address
