"""Statistics in a browser: cards load by themselves, charts and their tables lead to the same leads."""

import pytest

from leadhub.extensions import db
from leadhub.leads.services import create_leads
from leadhub.plugins.api import LeadDraft

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True, "color_scheme": "dark"}
SOURCES = ("whatsapp", "whatsapp", "web-form", "", "A source with a name that is far too long for its place")
PLUGIN = """
from leadhub.plugins.api import ChartData, Slice, Widget, hookimpl


def fail(reader, period, options):
    raise RuntimeError("no")


def owners(reader, period, options):
    return ChartData(kind="bar", slices=reader.leads_by("owner", period=period))


@hookimpl
def register_widgets():
    return [
        Widget(key="fail", title={"en": "Fails"}, load=fail, size="small"),
        Widget(key="owners", title={"en": "By owner"}, load=owners),
    ]
"""


@pytest.fixture
def hub(serve, folder_of):
    """With ten leads, and a plugin of which one card fails."""
    hub = serve(PLUGINS_DIR=folder_of("acme", PLUGIN))
    with hub.app.app_context():
        drafts = [LeadDraft(channel="form", last_name=f"Lead {it}", source=SOURCES[it % 5]) for it in range(10)]
        create_leads(drafts, by=None)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return hub


def open_statistics(page, hub):
    page.goto(f"{hub.url}/dashboard/")
    page.wait_for_selector(".widget")
    tops = "[...document.querySelectorAll('.widget')].map(it => [it.id, it.offsetTop, it.offsetHeight])"
    before = page.evaluate(tops)
    page.wait_for_selector(".widget[data-state=loading]", state="detached")
    page.wait_for_selector("#widget-leads_by_source [data-drawn]")
    return before, page.evaluate(tops)


def test_cards_load_where_they_stand_and_are_open_to_all(hub, open_page, sign_in, check_access):
    for options in ({}, PHONE):
        page = open_page(**options)
        sign_in(page, hub)

        before, after = open_statistics(page, hub)
        states = page.eval_on_selector_all(".widget", "all => all.map(it => it.dataset.state)")
        page.click("#widget-leads_over_time .widget-options summary")
        check_access(page)
        page.keyboard.press("Escape")
        page.click("#widget-acme-owners .chart-twin summary")
        check_access(page)

        assert before == after
        assert sorted(states) == ["failed", *["ready"] * 8]
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_slices_of_the_chart_and_of_its_table_lead_to_their_leads(hub, page, sign_in):
    sign_in(page, hub)
    open_statistics(page, hub)
    page.click("#widget-leads_by_source a:text-is('WhatsApp')")
    page.wait_for_url("**/leads/?source=whatsapp")
    assert page.inner_text("#total") == "4 leads"

    page.go_back()
    page.wait_for_selector("#widget-acme-owners [data-drawn]")
    bar = page.evaluate(
        "(() => { const canvas = document.querySelector('#widget-acme-owners canvas');"
        "const {x, y} = Chart.getChart(canvas).getDatasetMeta(0).data[0]; return {x, y: y + 20}; })()"
    )
    page.click("#widget-acme-owners canvas", position=bar)
    page.wait_for_url("**/leads/?owner=none")
    assert page.inner_text("#total") == "10 leads"


def test_options_change_one_card_stay_in_the_address_and_go_without_script(hub, page, open_page, sign_in):
    sign_in(page, hub)
    open_statistics(page, hub)
    days = "#widget-new_leads input[type=number]"
    page.click("#widget-new_leads .widget-options summary")
    page.fill(days, "0")
    page.press(days, "Enter")
    page.wait_for_selector("#widget-new_leads[data-state=asking] [aria-invalid]")
    page.fill(days, "5")
    page.press(days, "Enter")
    page.wait_for_url("**/dashboard/?new_leads.days=5")
    page.wait_for_selector("#widget-new_leads summary:focus")
    page.reload()
    page.wait_for_selector("#widget-new_leads:has-text('in the last 5 days')")

    plain = open_page(java_script_enabled=False)
    plain.context.add_cookies(page.context.cookies())
    plain.goto(f"{hub.url}/dashboard/?new_leads.days=5")
    plain.click("#widget-new_leads a")
    assert "in the last 5 days" in plain.inner_text("main")


def test_the_page_is_narrowed_and_a_slice_leads_to_just_these(serve, open_page, sign_in, check_access):
    hub, page = serve(demo=True), open_page()
    sign_in(page, hub)
    page.goto(f"{hub.url}/dashboard/")
    page.wait_for_selector("#widget-leads_by_source[data-state=ready]")
    check_access(page)
    page.select_option("#period", "last-30-days")
    page.focus("#source")
    page.select_option("#source", "whatsapp")
    page.wait_for_url("**/dashboard/?period=last-30-days&source=whatsapp")
    page.wait_for_selector("#widget-leads_by_source[data-state=ready]")
    assert page.evaluate("document.activeElement.id") == "source"
    row = page.locator("#widget-leads_by_source tbody tr")
    row.first.wait_for()
    assert row.count() == 1
    number = int(row.locator("td").first.inner_text())
    row.locator("a").click()
    page.wait_for_selector("#leads tbody tr")
    assert page.locator("#leads tbody tr").count() == number > 0

    page.go_back()
    page.wait_for_selector("#period")
    assert page.input_value("#period") == "last-30-days"
    page.select_option("#period", "custom")
    page.fill("#start", "2026-11-20")
    page.fill("#end", "2026-11-01")
    page.wait_for_selector("#statistics [role=alert]:has-text('The range ends before it begins.')")
    check_access(page)


def test_without_script_a_button_narrows_the_page(serve, open_page, sign_in):
    hub, page = serve(demo=True), open_page(java_script_enabled=False)
    sign_in(page, hub)
    page.goto(f"{hub.url}/dashboard/")
    page.select_option("#source", "whatsapp")
    page.click("#stats-bar button")
    page.click("#widget-leads_by_source a")
    assert page.locator("tbody tr").count() == 1
