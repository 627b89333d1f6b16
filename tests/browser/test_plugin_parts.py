"""What plugins add to pages, in a browser: a card on a lead, a column of the list, a page by the keyboard alone."""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
PLUGIN = '''
"""Facts of our own."""

from leadhub.plugins.api import ChartData, LeadPanel, Page, Slice, TextData, hookimpl


def boom(lead, context):
    raise ValueError("boom")


def facts(lead, context):
    return ChartData(kind="bar", slices=[Slice(label="2025", value=3), Slice(label="2026", value=7)])


@hookimpl
def register_lead_panels():
    loads = {"facts": facts, "bad": boom, "none": lambda lead, context: None}
    return [LeadPanel(key=key, title={"en": f"Card {key}"}, load=load) for key, load in loads.items()]


@hookimpl
def register_pages():
    return [Page(key="index", title={"en": "Our page"}, show=lambda asked, context: [TextData(text="**Words**")])]
'''


@pytest.fixture
def hub(serve, folder_of):
    return serve(demo=True, PLUGINS_DIR=folder_of("ours", PLUGIN))


def test_cards_come_after_the_page_and_one_that_fails_can_be_asked_again(hub, page, sign_in, check_access):
    sign_in(page, hub)
    page.goto(f"{hub.url}/leads/1")

    page.wait_for_selector("#panel-same_company[data-state=loaded] a")
    page.wait_for_selector("#panel-ours\\.facts canvas")
    page.wait_for_selector("#panel-ours\\.bad[data-state=failed]")
    check_access(page)
    assert page.locator("#panel-ours\\.none").count() == 0
    page.click("#panel-ours\\.bad >> text=Try again")
    page.wait_for_selector("#panel-ours\\.bad h2:focus")
    page.click("#panel-same_company a >> nth=0")
    page.wait_for_url(re.compile(r"/leads/\d+$"))


def test_a_column_is_chosen_and_shown(hub, page, sign_in, check_access):
    sign_in(page, hub)

    page.click("#columns > summary")
    page.check("#columns >> text=Days in this status")
    page.click("#columns-form .panel-acts button")

    page.wait_for_selector("th >> text=Days in this status")
    page.wait_for_selector("#columns > summary:focus")
    assert page.locator("tbody tr >> nth=0 >> td >> nth=-1").inner_text() == "0"
    check_access(page)


@pytest.mark.parametrize("options", [{}, {**PHONE, "color_scheme": "dark"}], ids=["wide", "dark phone"])
def test_a_page_opens_by_the_keyboard(hub, open_page, sign_in, check_access, options):
    page = open_page(**options)
    sign_in(page, hub)

    if options:
        page.focus(".rail-more summary")
        page.keyboard.press("Enter")
    page.focus(f"{'.rail-menu' if options else '.rail-plugins'} >> text=Our page >> xpath=ancestor-or-self::a")
    page.keyboard.press("Enter")

    page.wait_for_selector("h1 >> text=Our page")
    assert page.locator(".plugin-piece strong").inner_text() == "Words"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    check_access(page)
