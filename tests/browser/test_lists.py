"""Settings > Lists in a browser: drawers, dragging, arrows, and all of it without script."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True}
PAGES = ("/settings/lists/", "/settings/lists/sources/", "/settings/lists/campaigns/", "/settings/lists/sources/1",
         "/settings/lists/sources/1/delete", "/settings/lists/sources/2/delete")  # fmt: skip


@pytest.fixture
def hub(serve):
    return serve(demo=True)


def names(page):
    return page.locator("#rows .list-name").all_inner_texts()


@pytest.mark.parametrize("options", [{**PHONE, "color_scheme": "dark"}], ids=["dark phone"])
def test_lists_are_open_to_all_and_fit(hub, open_page, sign_in, check_access, options):
    page = open_page(**options)
    sign_in(page, hub)

    for url in PAGES:
        page.goto(hub.url + url)
        check_access(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), url


def test_a_drawer_opens_in_place_and_takes_the_focus(hub, page, sign_in):
    sign_in(page, hub)
    page.goto(f"{hub.url}/settings/lists/sources/")

    page.locator("#row-2 .list-name").press("Enter")

    page.wait_for_selector("#row-2 #name_en:focus")
    assert page.url.endswith("/sources/")
    page.fill("#row-2 #name_en", "Renamed")
    page.locator("#row-2 #name_en").press("Enter")
    page.wait_for_selector(".alert-success")
    assert "Renamed" in names(page)


def test_rows_are_dragged_and_moved_with_the_keyboard(hub, page, sign_in):
    sign_in(page, hub)
    page.goto(f"{hub.url}/settings/lists/lead-types/")
    before = names(page)

    with page.expect_response("**/order") as answer:
        page.locator(".list-grip").first.drag_to(page.locator("#rows > li").nth(2), target_position={"x": 5, "y": 35})
    assert answer.value.status == 204
    page.reload()
    assert names(page) == [before[1], before[2], before[0], *before[3:]]

    page.locator("#rows > li").nth(2).get_by_role("button", name="up").press("Enter")
    page.wait_for_url("**#row-*")
    assert names(page) == [before[1], before[0], before[2], *before[3:]]


def test_a_row_is_added_changed_and_deleted_without_script(hub, open_page, sign_in):
    page = open_page(java_script_enabled=False)
    sign_in(page, hub)
    page.goto(f"{hub.url}/settings/lists/campaigns/")

    page.fill("#add [name=name_en]", "Fair")
    page.click("#add button")
    page.click("text=Fair")
    page.fill("[name=budget]", "1 234,50")
    page.click("text=Save")
    page.click("text=Fair")
    assert page.input_value("[name=budget]") == "1234.50"
    page.click("text=Delete…")
    page.click(".btn-outline-danger")

    assert "There is nothing in this list yet." in page.content()
