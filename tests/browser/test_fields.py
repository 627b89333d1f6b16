"""Settings > Fields in a browser: the table, drawers, adding and deleting, with script and without."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 375, "height": 6000}, "has_touch": True, "is_mobile": True}
FIELDS = "/settings/fields/"
PAGES = (FIELDS, f"{FIELDS}custom_1", f"{FIELDS}website", f"{FIELDS}email", f"{FIELDS}1/delete")


@pytest.fixture
def hub(serve):
    return serve()


@pytest.fixture
def open_fields(hub, open_page, sign_in):
    """``open_fields()``: ada's browser, with a field of choices already there."""

    def start(**options):
        page = open_page(**options)
        sign_in(page, hub)
        page.goto(hub.url + FIELDS)
        add_field(page, "Favourite colour", "choices", "Red\nBlue")
        return page

    return start


def add_field(page, name, type, choices=""):
    page.click("#add summary")
    page.fill("#add [name=name_en]", name)
    page.select_option("#add [name=type]", type)
    page.fill("#add [name=choices]", choices)
    page.click("#add button")
    page.wait_for_url("**#field-custom_*")


@pytest.mark.parametrize("options", [PHONE | {"color_scheme": "dark"}], ids=["dark phone"])
def test_fields_are_open_to_all_and_fit(hub, open_fields, check_access, options):
    page = open_fields(**options)

    for url in PAGES:
        page.goto(hub.url + url)
        check_access(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), url


def test_a_drawer_opens_in_place_and_takes_the_focus(hub, open_fields):
    page = open_fields()
    page.goto(hub.url + FIELDS)
    page.select_option("[name=website-shown]", "form")

    page.locator("#field-custom_1 .field-name").press("Enter")
    page.wait_for_selector("#field-custom_1 #name_en:focus")
    assert page.input_value("[name=website-shown]") == "form"
    page.keyboard.press("Control+A")
    page.keyboard.type("Colour")
    page.keyboard.press("Enter")

    page.wait_for_selector(".alert-success")
    assert page.locator("#field-custom_1 .field-name").inner_text() == "Colour"


def test_the_table_is_saved_from_the_keyboard(hub, open_fields):
    page = open_fields()
    page.goto(hub.url + FIELDS)

    page.focus("[name=website-shown]")
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")

    page.wait_for_selector(".alert-success")
    assert (page.input_value("[name=website-shown]"), page.is_checked("[name=website-required]")) == ("form", True)
    page.click("text=Favourite colour")
    page.click(".field-acts >> text=Choices")
    assert page.locator("#rows .list-name").all_inner_texts() == ["Red", "Blue"]


def test_fields_are_added_moved_and_deleted_without_script(hub, open_fields):
    page = open_fields(java_script_enabled=False)

    add_field(page, "Size", "text")
    page.click("text=Move up")
    assert page.locator(".field-row .field-name").all_inner_texts()[-2:] == ["Size", "Favourite colour"]
    page.check("[name=custom_2-in_list]")
    page.click("#decisions button")
    assert page.is_checked("[name=custom_2-in_list]")
    page.click("text=Size")
    page.click("text=Delete…")
    page.click("text=Delete the field")

    assert page.locator(".field-row .field-name").all_inner_texts()[-1] == "Favourite colour"
