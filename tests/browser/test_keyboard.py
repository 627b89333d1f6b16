"""The keyboard: rows, the drawer, the leads beside one, the palette, the page of keys."""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def hub(serve):
    return serve(demo=True)


def open_list(page, hub, asked=""):
    page.goto(f"{hub.url}/leads/?{asked}")
    page.wait_for_selector("#palette-text[data-htmx-powered]", state="attached")


def name_of(page, place):
    return page.locator("#leads tbody .row-link").nth(place).inner_text()


def focused_row(page, name):
    page.wait_for_selector(f"tr.is-current .row-link:focus:text-is('{name}')")


def test_keys_walk_through_the_list_and_look_into_leads(hub, page, sign_in, check_access):
    sign_in(page, hub)
    open_list(page, hub)
    names = [name_of(page, place) for place in range(40)]

    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("k")
    focused_row(page, names[1])
    page.keyboard.press("Space")
    page.wait_for_selector(f"#peek-title:focus:text-is('{names[1]}')")
    check_access(page)
    page.keyboard.press("j")
    page.wait_for_selector(f"#peek-title:focus:text-is('{names[2]}')")
    page.keyboard.press("Escape")
    focused_row(page, names[2])
    assert page.locator("#peek").is_hidden()

    for _step in range(25):
        page.keyboard.press("j")
    focused_row(page, names[27])
    box = page.locator("tr.is-current").bounding_box()
    assert 56 < box["y"] < page.viewport_size["height"] - box["height"]

    page.keyboard.press("Space")
    page.wait_for_selector(f"#peek-title:focus:text-is('{names[27]}')")
    page.keyboard.press("Space")
    focused_row(page, names[27])
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#leads .pager a[rel=prev]")
    page.keyboard.press("j")
    focused_row(page, name_of(page, 0))


def test_the_current_row_outlives_a_search_and_no_key_acts_in_a_text(hub, page, sign_in):
    sign_in(page, hub)
    open_list(page, hub)
    page.keyboard.press("j")
    first = name_of(page, 0)
    focused_row(page, first)

    page.keyboard.press("/")
    page.wait_for_selector("#q:focus")
    page.keyboard.type(f"{first} jkx?n ")
    page.wait_for_selector("#leads:has-text('No lead matches.')")
    assert page.input_value("#q") == f"{first} jkx?n "
    page.fill("#q", first)
    page.wait_for_selector("#leads tbody tr.is-current")
    assert name_of(page, 0) == first
    assert page.evaluate("document.activeElement.id") == "q"
    for key in ("Control+j", "Alt+j", "Shift+J"):
        page.locator("#leads .row-link").first.focus()
        page.keyboard.press(key)
    focused_row(page, first)

    page.keyboard.press("Enter")
    page.wait_for_selector(f"h1:has-text('{first}')")


def test_a_row_is_ticked_and_space_stays_what_it_is_on_a_box(hub, page, sign_in):
    sign_in(page, hub)
    open_list(page, hub)
    if not page.locator("#leads tbody input[name=lead]").count():
        pytest.skip("no boxes in the list")
    page.keyboard.press("j")
    page.keyboard.press("j")

    page.keyboard.press("x")

    box = page.locator("tr.is-current input[name=lead]")
    assert box.is_checked()
    box.focus()
    page.keyboard.press("Space")
    assert not box.is_checked()
    assert page.locator("#peek").is_hidden()
    page.keyboard.press("j")
    focused_row(page, name_of(page, 2))


def test_previous_and_next_walk_through_the_filtered_list_and_back(hub, page, sign_in, check_access):
    sign_in(page, hub)
    open_list(page, hub, "source=whatsapp&sort=name")
    names = [name_of(page, place) for place in range(3)]
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    page.wait_for_selector("#around a[rel=next]")
    assert page.locator("#around a[rel=prev]").count() == 0
    page.keyboard.press("j")
    page.wait_for_selector(f"h1:text-is('{names[1]}')")
    page.click("#around a[rel=next]")
    page.wait_for_selector(f"h1:text-is('{names[2]}')")
    page.wait_for_selector("#around a[rel=prev]")
    check_access(page)
    page.keyboard.press("k")
    page.wait_for_selector(f"h1:text-is('{names[1]}')")

    page.click("text=Back to the list")
    focused_row(page, names[1])
    assert set(re.split(r"[?&#]", page.url)[1:3]) == {"sort=name", "source=whatsapp"}


@pytest.mark.parametrize("options", [{}, {**PHONE, "color_scheme": "dark"}], ids=["light", "dark phone"])
def test_the_palette_by_keyboard(hub, open_page, sign_in, check_access, options):
    page = open_page(**options)
    sign_in(page, hub)
    open_list(page, hub)
    page.keyboard.press("j")

    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette [role=option][aria-selected=true]:has-text('Leads')")
    check_access(page)
    page.keyboard.type("lefevre")
    page.wait_for_selector("#palette [role=option][aria-selected=true]:has-text('Lefèvre')")
    check_access(page)
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#palette [role=option][aria-selected=true]")
    assert page.get_attribute("#palette-text", "aria-activedescendant") == chosen.get_attribute("id")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.keyboard.press("Escape")
    focused_row(page, name_of(page, 0))

    page.keyboard.press("Control+k")
    page.keyboard.type("zzzz")
    page.wait_for_selector("#palette-status:has-text('Nothing found.')")
    page.fill("#palette-text", "")
    page.keyboard.type("audit")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/audit")


@pytest.mark.parametrize("options", [{}, {**PHONE, "color_scheme": "dark"}], ids=["light", "dark phone"])
def test_the_keys_and_a_look_are_open_to_all(hub, open_page, sign_in, check_access, options):
    page = open_page(**options)
    sign_in(page, hub)
    open_list(page, hub)
    page.keyboard.press("?")
    page.wait_for_selector("#sheet[open] h2")
    check_access(page)
    page.keyboard.press("j")
    assert page.locator("tr.is-current").count() == 0
    page.keyboard.press("Escape")
    page.click("details.person summary")
    page.click("a:has-text('Keyboard')")
    page.wait_for_selector("#sheet[open] h2")
    page.click("#sheet [data-close]")
    page.wait_for_selector("details.person summary:focus")

    page.keyboard.press("j")
    page.keyboard.press("Space")
    page.wait_for_selector("#peek-title:focus")
    check_access(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.click("#peek [data-close]")
    focused_row(page, name_of(page, 0))


def test_signing_out_from_the_palette(hub, page, sign_in):
    sign_in(page, hub)
    open_list(page, hub)
    page.keyboard.press("Control+k")
    page.keyboard.type("sign out")
    page.wait_for_selector("#palette button[aria-selected=true]:has-text('Sign out')")

    page.keyboard.press("Enter")

    page.wait_for_url("**/login**")


def test_all_of_it_without_script(hub, open_page, sign_in, check_access):
    page = open_page(java_script_enabled=False)
    sign_in(page, hub)
    page.click("#top .top-palette")
    page.fill("#palette-page", "lefevre")
    page.keyboard.press("Enter")
    page.click("main a:has-text('Lefèvre') >> nth=0")
    page.wait_for_selector("h1:has-text('Lefèvre')")

    page.goto(f"{hub.url}/leads/?source=whatsapp")
    page.click("#leads .row-link >> nth=1")
    page.click("text=Back to the list")
    page.wait_for_url("**/leads/?source=whatsapp#lead-*")
    page.click("details.person summary")
    page.click("a:has-text('Keyboard')")
    page.wait_for_selector("main h1:text-is('Keyboard')")
