"""Statistics in a browser: cards load by themselves, charts and their tables lead to the same leads."""

import pytest

from leadhub.extensions import db
from leadhub.leads.services import create_leads
from leadhub.plugins.api import LeadDraft

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True, "color_scheme": "dark"}
SOURCES = ("whatsapp", "whatsapp", "web-form", "", "A source with a name that is far too long for its place")
PLUGIN = """
from leadhub.plugins.api import ChartData, TextData, Widget, hookimpl
from wtforms import Form, IntegerField
from wtforms.validators import InputRequired, NumberRange


class NumberForm(Form):
    number = IntegerField("Number", [InputRequired(), NumberRange(1, 9)], default=7)


def fail(reader, period, options):
    raise RuntimeError("no")


def owners(reader, period, options):
    return ChartData(kind="bar", slices=reader.leads_by("owner", period=period))


def many(reader, period, options):
    return TextData(text=f"in words: {options['number']}")


@hookimpl
def register_widgets():
    return [
        Widget(key="fail", title={"en": "Fails"}, load=fail, size="small"),
        Widget(key="owners", title={"en": "By owner"}, load=owners),
        Widget(key="many", title={"en": "Many"}, load=many, size="small", form=NumberForm),
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
        page.click("#widget-acme-many .widget-options summary")
        check_access(page)
        page.keyboard.press("Escape")
        page.click("#widget-acme-owners .chart-twin summary")
        check_access(page)

        assert before == after
        assert sorted(states) == ["failed", *["ready"] * 10]
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_slices_of_the_chart_and_of_its_table_lead_to_their_leads(hub, page, sign_in):
    sign_in(page, hub)
    open_statistics(page, hub)
    page.click("#widget-leads_by_source a:text-is('WhatsApp')")
    page.wait_for_url("**/leads/?origin=leads_by_source&source=whatsapp")
    assert page.inner_text("#total") == "4 leads"
    page.click("text=From: Leads by source")
    page.wait_for_url("**/dashboard/#widget-leads_by_source")

    page.focus("#widget-leads_by_source a:text-is('WhatsApp')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/leads/?origin=leads_by_source&source=whatsapp")
    page.go_back()
    page.wait_for_selector("#widget-acme-owners [data-drawn]")
    bar = page.evaluate(
        "(() => { const canvas = document.querySelector('#widget-acme-owners canvas');"
        "const {x, y} = Chart.getChart(canvas).getDatasetMeta(0).data[0]; return {x, y: y + 20}; })()"
    )
    page.click("#widget-acme-owners canvas", position=bar)
    page.wait_for_url("**/leads/?origin=acme.owners&owner=none")
    assert page.inner_text("#total") == "10 leads"


def test_options_change_one_card_stay_in_the_address_and_go_without_script(hub, page, open_page, sign_in):
    sign_in(page, hub)
    open_statistics(page, hub)
    page.click("#widget-acme-many .widget-options summary")
    number = "#widget-acme-many input[type=number]"
    page.fill(number, "0")
    page.press(number, "Enter")
    page.wait_for_selector("#widget-acme-many[data-state=asking] [aria-invalid]")
    page.fill(number, "5")
    page.press(number, "Enter")
    page.wait_for_url("**/dashboard/?acme.many.number=5")
    page.wait_for_selector("#widget-acme-many summary:focus")
    page.reload()
    page.wait_for_selector("#widget-acme-many:has-text('in words: 5')")

    plain = open_page(java_script_enabled=False)
    plain.context.add_cookies(page.context.cookies())
    plain.goto(f"{hub.url}/dashboard/?acme.many.number=5")
    plain.click("#widget-acme-many a")
    assert "in words: 5" in plain.inner_text("main")


def test_one_click_shows_all_leads_at_their_stage(hub, page, sign_in):
    sign_in(page, hub)
    page.goto(f"{hub.url}/dashboard/?period=custom&start=2001-01-01&end=2001-12-31")
    page.wait_for_selector("#widget-leads_by_stage[data-state=empty]")
    page.click("#widget-leads_by_stage-switch")
    page.wait_for_selector("#widget-leads_by_stage[data-state=ready] [aria-checked=true]")
    assert "All leads, at today’s stage." in page.inner_text("#widget-leads_by_stage")
    page.click("#widget-leads_by_stage-switch")
    page.wait_for_selector("#widget-leads_by_stage[data-state=empty] [aria-checked=false]")


def test_what_another_does_shows_within_seconds_and_a_hidden_page_asks_for_nothing(hub, open_page, sign_in):
    page, other = open_page(), open_page()
    sign_in(page, hub)
    sign_in(other, hub)
    open_statistics(page, hub)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    assert page.inner_text("#widget-new_leads .shown-figure") == "10"
    page.wait_for_timeout(4000)
    assert {url.rpartition("/")[2] for url in asked} == {"version"}  # nothing has changed

    other.goto(f"{hub.url}/leads/new")
    other.fill("#last_name", "Late")
    other.click("#lead-form button[type=submit]")
    other.wait_for_selector("h1:has-text('Late')")
    page.wait_for_selector("#widget-new_leads .shown-figure a:text-is('11')", timeout=5000)
    page.wait_for_selector("#widget-leads_by_source [data-drawn]")

    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    page.wait_for_timeout(1000)
    asked.clear()
    page.wait_for_timeout(4000)
    assert asked == []


def test_a_hub_that_is_gone_is_told(hub, page, sign_in):
    sign_in(page, hub)
    open_statistics(page, hub)
    page.route("**/dashboard/version", lambda route: route.abort())
    page.wait_for_selector("#statistics-stale:visible", timeout=20_000)
    page.unroute("**/dashboard/version")
    page.wait_for_selector("#statistics-stale", state="hidden", timeout=40_000)


def test_without_internet_charts_are_drawn(hub, page, sign_in):
    """All that pages load is the hub's own."""
    elsewhere = []
    page.route(
        "**/*", lambda route: route.continue_() if route.request.url.startswith(hub.url) else elsewhere.append(1)
    )
    sign_in(page, hub)
    open_statistics(page, hub)
    assert elsewhere == []


def test_without_script_all_figures_are_there_at_once(serve, open_page, sign_in, check_access):
    hub, page = serve(demo=True), open_page(java_script_enabled=False)
    sign_in(page, hub)
    page.goto(f"{hub.url}/dashboard/?period=last-365-days&source=whatsapp")
    page.click("#statistics noscript a")
    assert page.locator("#widget-leads_by_source tbody tr").count() == 1
    assert page.locator(".widget[data-state=ready]").count() == 8
    assert page.locator("#statistics .widget[data-state=loading]").count() == 0


def test_it_says_what_to_do_compares_and_can_be_taken_away_and_printed(serve, open_page, sign_in, check_access):
    hub, page = serve(demo=True), open_page()
    sign_in(page, hub)
    page.goto(f"{hub.url}/dashboard/?period=last-30-days")
    page.check("#compare")
    page.wait_for_url("**/dashboard/?period=last-30-days&compare=y")
    page.wait_for_selector("#widget-new_leads .shown-change")
    page.click("#widget-leads_by_source .widget-about summary")
    check_access(page)
    with page.expect_download() as download:
        page.click("#widget-leads_by_source .widget-about a")
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert text.startswith('"What","Leads","Share in percent","Before"')
    page.keyboard.press("Escape")

    page.emulate_media(media="print")
    assert not page.is_visible("#stats-bar")
    assert not page.is_visible(".rail")
    assert page.is_visible("#widget-leads_by_source tbody")
    assert page.evaluate("[...document.querySelectorAll('.chart-twin table')].every(it => it.checkVisibility())")


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
