"""The list as people use it: filters, columns, order, search, total; mouse, keyboard, no script, phone."""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True}
COUNTS_SHIFTS = """() => { window.shifts = 0; new PerformanceObserver(list => list.getEntries().forEach(
    entry => window.shifts += entry.value)).observe({type: "layout-shift", buffered: true}); }"""


@pytest.fixture
def hub(serve):
    return serve(demo=True)


def is_ready(page):
    page.wait_for_selector("#filter-choice[data-htmx-powered]", state="attached")


def chips(page):
    return page.locator(".chip-words").all_inner_texts()


def test_filters_by_mouse_are_made_changed_and_taken_away(hub, page, sign_in, check_access):
    sign_in(page, hub)
    page.wait_for_selector("#total >> text=60 leads")

    page.click("#filter > summary")
    page.select_option("#filter-field", "source")
    page.fill("#filter-find", "whats")
    page.check("#filter-options >> text=WhatsApp")
    page.fill("#filter-find", "linked")
    page.check("#filter-options >> text=LinkedIn")
    assert page.is_checked("#filter-options >> text=WhatsApp")
    check_access(page)
    page.click("#filter-form .panel-acts button")
    page.wait_for_selector(".chip >> text=Source is WhatsApp or LinkedIn")
    page.wait_for_url("**/leads/?source=**")
    page.wait_for_selector("#filter > summary:focus")
    narrowed = page.inner_text("#total")
    assert narrowed != "60 leads"

    page.fill("#q", "e")
    page.wait_for_selector(".chip >> text=Search: “e”")
    assert chips(page) == ["Search: “e”", "Source is WhatsApp or LinkedIn"]
    assert set(re.findall(r"(\w+)=", page.url)) == {"q", "source"}

    page.click(".chip-words >> text=Source is")
    page.check("#filter-form >> text=is not >> nth=0")
    page.click("#filter-form .panel-acts button")
    page.wait_for_selector(".chip >> text=Source is not")
    page.click(".chip-off[aria-label='Clear the search']")
    page.wait_for_selector(".chip:has-text('Search')", state="detached")
    assert page.input_value("#q") == ""
    page.click("text=Clear the filters")
    page.wait_for_selector("#total >> text=60 leads")
    assert chips(page) == []

    page.go_back()
    page.wait_for_selector(".chip >> text=Source is not")
    page.go_back()
    page.wait_for_selector(".chip >> text=Search: “e”")
    assert page.input_value("#q") == "e"


def test_filters_by_keyboard_with_a_slip_on_the_way(hub, page, sign_in, check_access):
    sign_in(page, hub)
    is_ready(page)
    page.focus("#filter > summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Number of e")
    page.wait_for_selector("#filter-form[data-htmx-powered]")
    page.keyboard.press("Tab")
    page.wait_for_selector("#op-range:focus")
    page.keyboard.press("Tab")
    page.keyboard.type("ten")
    page.keyboard.press("Enter")

    page.wait_for_selector("#filter-error >> text=Give a number.")
    page.wait_for_selector("#filter-from:focus")
    assert page.input_value("#filter-from") == "ten"
    assert "employees" not in page.url
    check_access(page)
    page.keyboard.press("Control+A")
    page.keyboard.type("10")
    page.keyboard.press("Enter")
    page.wait_for_selector(".chip >> text=Number of employees: from 10")
    page.wait_for_selector("#filter > summary:focus")

    page.wait_for_selector(".chip-words[data-htmx-powered]")
    page.focus(".chip-words")
    page.keyboard.press("Enter")
    page.wait_for_selector("#op-range:focus")
    page.keyboard.press("Escape")
    page.wait_for_selector("#filter > summary:focus")
    assert not page.is_visible("#filter-form")
    page.focus(".chip-off")
    page.keyboard.press("Enter")
    page.wait_for_selector("#total >> text=60 leads")


def test_columns_and_order(hub, page, sign_in, check_access):
    sign_in(page, hub)
    is_ready(page)
    page.click("#columns > summary")
    check_access(page)
    page.check("#show-job_title")
    page.click("#move-status-down")
    page.wait_for_selector("#move-status-down:focus")
    page.wait_for_selector("#columns-form fieldset:first-of-type #show-job_title:checked")
    page.click("#columns-form .panel-acts button")
    page.wait_for_selector("#sort-job_title, th >> text=Job title")
    assert "columns=email,status," in page.url
    page.wait_for_selector("#columns > summary:focus")

    page.focus("#sort-name")
    page.keyboard.press("Enter")
    page.wait_for_selector("th[aria-sort=ascending] #sort-name:focus")
    first = page.inner_text(".row-link >> nth=0")
    page.keyboard.press("Enter")
    page.wait_for_selector("th[aria-sort=descending] #sort-name")
    assert page.inner_text(".row-link >> nth=0") != first
    page.go_back()
    page.wait_for_selector("th[aria-sort=ascending] #sort-name")
    assert page.inner_text(".row-link >> nth=0") == first

    page.click("#columns > summary")
    page.click("text=Usual columns")
    page.wait_for_selector("th >> text=Job title", state="detached")
    page.click("#page-after")
    page.wait_for_selector("#page-before")
    assert "after=" in page.url
    assert "sort=name" in page.url


def test_many_columns_scroll_in_their_card_beside_the_names(hub, page, sign_in, check_access):
    sign_in(page, hub)
    names = (
        "status,email,phone,owner,source,received_at,created_at,created_by,city,country,industry,employees,job_title"
    )
    page.goto(f"{hub.url}/leads/?columns={names}")

    page.eval_on_selector(".table-card", "card => card.scrollLeft = 400")

    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    card, name = page.locator(".table-card").bounding_box(), page.locator("tbody th >> nth=0").bounding_box()
    assert abs(name["x"] - card["x"]) < 3
    check_access(page)


def test_the_total_is_told_once_and_moves_nothing(hub, page, sign_in):
    sign_in(page, hub)
    page.wait_for_selector("#total >> text=60 leads")
    page.evaluate(COUNTS_SHIFTS)
    page.evaluate(
        """() => { window.told = []; const total = document.getElementById("total");
        new MutationObserver(() => window.told.push(total.innerText.trim()))
          .observe(total, {childList: true, subtree: true, characterData: true}); }"""
    )
    assert page.get_attribute("#total", "role") == "status"

    page.keyboard.press("/")
    page.keyboard.type("helene")
    page.wait_for_selector(".chip >> text=Search: “helene”")
    page.wait_for_function("window.told.length > 0")

    told = page.evaluate("window.told")
    assert len(told) == 1
    assert told[0] == page.inner_text("#total") != "60 leads"
    page.goto(f"{hub.url}/leads/")
    page.evaluate(COUNTS_SHIFTS)
    page.wait_for_selector("#total >> text=60 leads")
    page.wait_for_timeout(200)
    assert page.evaluate("window.shifts") < 0.01
    heads = page.evaluate(
        """() => [...document.querySelectorAll("main h1, #total, #filter > summary, #columns > summary, table")]
        .map(it => it.id || it.localName)"""
    )
    assert heads == ["h1", "total", "summary", "summary", "table"]


def test_without_script_filters_columns_order_and_total(hub, open_page, sign_in):
    page = open_page(java_script_enabled=False)
    sign_in(page, hub)
    page.click("noscript a[href*=total]")
    assert "60 leads" in page.inner_text("main")
    page.click("text=Back to the list")

    page.click("#filter > summary")
    page.select_option("#filter-field", "source")
    page.click("#filter-choice button")
    page.check("text=WhatsApp")
    page.click("#filter-form .panel-acts button")
    assert chips(page) == ["Source is WhatsApp"]
    assert re.fullmatch(r"\d+ leads", page.inner_text("#total"))
    page.fill("#q", "e")
    page.press("#q", "Enter")
    assert chips(page) == ["Search: “e”", "Source is WhatsApp"]

    page.click(".chip-words >> text=Source is")
    page.fill("#filter-find", "linked")
    page.click("#filter-form noscript button")
    page.check("text=LinkedIn")
    page.click("#filter-form .panel-acts button")
    assert chips(page) == ["Search: “e”", "Source is WhatsApp or LinkedIn"]
    page.click("#columns > summary")
    page.click("#move-status-down")
    assert page.inner_text("h1") == "Columns"
    page.click("#columns-form .panel-acts button")
    page.click("#sort-name")
    assert chips(page) == ["Search: “e”", "Source is WhatsApp or LinkedIn"]
    assert "sort=name" in page.url
    assert "columns=email" in page.url
    page.click(".chip-off >> nth=1")
    assert chips(page) == ["Search: “e”"]


def test_on_a_phone_nothing_leaves_the_screen(hub, open_page, sign_in, check_access):
    page = open_page(**PHONE)
    sign_in(page, hub)
    is_ready(page)
    page.select_option("#list-order", "-name")
    page.wait_for_url("**sort=-name**")

    for field in ("country", "received_at", "annual_revenue"):
        if not page.is_visible("#filter-field"):
            page.click("#filter > summary")
        page.select_option("#filter-field", field)
        page.wait_for_selector(f"#filter-form [name=field][value={field}]", state="attached")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        check_access(page)
    page.click("#op-none")
    page.click("#filter-form .panel-acts button")
    page.wait_for_selector(".chip >> text=Annual revenue is empty")
    page.click("#columns > summary")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    check_access(page)
