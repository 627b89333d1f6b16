"""The layout of the statistics page in a browser: by mouse, by keyboard, by finger, without script."""

import pytest

from leadhub.accounts.queries import user_by_email
from leadhub.dashboard.queries import slots_for

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True, "color_scheme": "dark"}


STICKING_OUT = """[...document.querySelectorAll(".layout-card button")].filter(button => {
    const [inner, outer] = [button, button.closest(".layout-card")].map(it => it.getBoundingClientRect());
    return inner.right > outer.right + 1 || inner.bottom > outer.bottom + 1;
}).map(button => button.id)"""


@pytest.fixture
def customise(serve, open_page, sign_in):
    """``customise(**context)``: a page on which ada chooses her cards; ``customise.hub`` is the hub."""

    def open_layout(name="ada", **options):
        hub = open_layout.hub = serve(demo=True)
        page = open_page(**options)
        sign_in(page, hub, name)
        page.goto(f"{hub.url}/dashboard/?period=last-90-days")
        page.click("text=Customise")
        page.wait_for_selector("#layout-cards")
        return page

    return open_layout


def cards(page):
    return page.eval_on_selector_all(".layout-card", "all => all.map(it => it.dataset.key)")


def stored(hub, name="ada"):
    with hub.app.app_context():
        return [(slot.key, slot.size) for slot in slots_for(user_by_email(f"{name}@example.org"))]


def told(page, words):
    page.wait_for_selector(f"#layout-told:has-text('{words}')")


def focused(page):
    return page.evaluate("document.activeElement.id")


def drag(page, card, target):
    """By the mouse, in small steps, from the head of one card over the middle of another."""
    begin, end = (page.locator(f"#layout-widget-{key}").bounding_box() for key in (card, target))
    page.mouse.move(begin["x"] + 80, begin["y"] + 20)
    page.mouse.down()
    page.mouse.move(begin["x"] + 90, begin["y"] + 30, steps=4)
    for past in (0.5, 0.6, 0.5):  # it is looked at twenty times a second, and not at each move
        page.mouse.move(end["x"] + end["width"] * past, end["y"] + end["height"] / 2, steps=6)
        page.wait_for_timeout(120)
    page.mouse.up()


@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "dark phone"])
def test_it_looks_right(customise, check_access, options):
    page = customise(**options)
    check_access(page)
    assert page.evaluate(STICKING_OUT) == []
    page.click("#remove-widget-leads_over_time")
    told(page, "“Leads over time” is taken away.")
    page.click("#large-widget-new_leads")
    told(page, "“New leads” is large now.")
    check_access(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    page.click("text=Done")
    page.wait_for_selector("#widget-new_leads.is-large")
    check_access(page)


def test_a_card_is_dragged_to_its_place_and_stays_there(customise):
    page = customise()
    before = cards(page)

    drag(page, "new_leads", "won_leads")
    told(page, "“New leads”: place 3 of 8.")

    assert cards(page) == ["open_leads", "won_leads", "new_leads", *before[3:]]
    drag(page, "new_leads", "open_leads")
    told(page, "“New leads”: place 1 of 8.")
    page.reload()
    assert cards(page) == before
    drag(page, "won_leads", "new_leads")
    told(page, "“Won”: place 1 of 8.")
    page.click("text=Done")
    page.wait_for_url("**/dashboard/?period=last-90-days")
    assert page.eval_on_selector(".widgets > :first-child", "it => it.id") == "widget-won_leads"
    assert page.locator("[style*=transform]").count() == 0


def test_a_card_is_dragged_by_a_finger_that_rests_on_it_first(customise):
    page = customise(**PHONE)
    fingers = page.context.new_cdp_session(page)
    begin, end = (page.locator(f"#layout-widget-{key}").bounding_box() for key in ("new_leads", "open_leads"))
    x, y, down = begin["x"] + 120, begin["y"] + 20, end["y"] + end["height"] / 2 - begin["y"]

    fingers.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    page.wait_for_timeout(300)
    for part in range(1, 11):
        told_at = [{"x": x, "y": y + down * part / 10}]
        fingers.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": told_at})
        page.wait_for_timeout(30)
    page.wait_for_timeout(120)
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    told(page, "“New leads”: place 2 of 8.")
    assert cards(page)[:2] == ["open_leads", "new_leads"]


def test_a_card_is_moved_by_arrow_keys_and_each_place_is_said(customise):
    page = customise()
    page.focus("#moved-widget-new_leads")
    for _time in range(3):
        page.keyboard.press("ArrowRight")
    told(page, "“New leads”: place 4 of 8.")
    assert focused(page) == "moved-widget-new_leads"
    page.keyboard.press("ArrowUp")
    told(page, "“New leads”: place 3 of 8.")

    assert cards(page)[:3] == ["open_leads", "won_leads", "new_leads"]
    assert [key for key, _size in stored(customise.hub)] == cards(page)
    page.reload()
    assert cards(page)[:3] == ["open_leads", "won_leads", "new_leads"]


def test_buttons_keep_the_focus_and_say_what_they_did(customise):
    page = customise()
    for button, words in (
        ("down-widget-new_leads", "“New leads”: place 2 of 8."),
        ("up-widget-new_leads", "“New leads”: place 1 of 8."),
        ("up-widget-new_leads", "“New leads”: place 1 of 8."),
        ("medium-widget-new_leads", "“New leads” is medium now."),
    ):
        page.focus(f"#{button}")
        with page.expect_response("**/dashboard/layout?*"):
            page.keyboard.press("Enter")
        told(page, words)
        page.wait_for_function("id => document.activeElement.id === id", arg=button)
    assert page.get_attribute("#medium-widget-new_leads", "aria-pressed") == "true"

    page.focus("#remove-widget-open_leads")
    page.keyboard.press("Space")
    told(page, "“Still open” is taken away.")
    page.wait_for_function("() => document.activeElement.id === 'remove-widget-won_leads'")
    page.click("#add-widget-open_leads")
    told(page, "“Still open” is added: place 8 of 8.")
    page.wait_for_function("() => document.activeElement.id === 'add-widget-without_owner'")
    assert stored(customise.hub)[0] == ("new_leads", "medium")
    assert cards(page)[-1] == "open_leads"


def test_moves_that_come_faster_than_answers_are_all_kept(customise):
    page = customise()
    page.route("**/dashboard/layout?*", lambda route: (page.wait_for_timeout(150), route.continue_()))
    page.focus("#moved-widget-leads_over_time")
    for _time in range(7):
        page.keyboard.press("ArrowLeft")
    told(page, "“Leads over time”: place 1 of 8.")

    assert cards(page)[0] == "leads_over_time"
    assert stored(customise.hub)[0][0] == "leads_over_time"
    assert focused(page) == "moved-widget-leads_over_time"


def test_what_is_refused_says_so(customise):
    page = customise()
    page.eval_on_selector("#layout-cards input", "it => (it.value = 'huge new_leads')")
    page.click("#up-widget-won_leads")

    page.wait_for_selector("#messages :has-text('can’t be understood')")


def test_the_default_comes_back_and_the_undo_too(customise):
    page = customise()
    assert page.locator("text=Back to the default").count() == 0
    page.click("#remove-widget-new_leads")
    page.click("text=Back to the default")
    page.wait_for_selector("text=You have the default again.")
    assert "new_leads" in cards(page)
    page.click(".undo button")
    page.wait_for_selector("text=Your layout is back.")
    assert "new_leads" not in cards(page)
    assert page.url.endswith("/dashboard/customise?period=last-90-days")
    page.click("#remove-widget-won_leads")
    page.wait_for_function("() => !document.getElementById('messages').textContent.trim()")


def test_a_manager_gives_it_to_everybody(customise):
    page = customise("mia")
    page.click("#remove-widget-new_leads")
    page.click("text=Use it for everybody")
    page.wait_for_selector("text=from now on")

    assert "new_leads" not in dict(stored(customise.hub, "bob"))


def test_without_script_buttons_do_all_of_it(customise):
    page = customise(java_script_enabled=False)
    assert not page.is_visible("#moved-widget-new_leads")
    page.click("#down-widget-new_leads")
    page.click("#large-widget-new_leads")
    page.click("#remove-widget-open_leads")
    page.click("#add-widget-open_leads")
    page.click("text=Done")

    assert page.url.endswith("/dashboard/?period=last-90-days")
    assert [key for key, _size in stored(customise.hub)][0] == "new_leads"
    assert stored(customise.hub)[-1] == ("open_leads", "small")
    assert dict(stored(customise.hub))["new_leads"] == "large"


def test_the_way_there_takes_along_what_the_address_says_by_now(serve, open_page, sign_in):
    hub, page = serve(demo=True), open_page()
    sign_in(page, hub)
    page.goto(f"{hub.url}/dashboard/")
    page.select_option("#period", "last-30-days")
    page.wait_for_url("**/dashboard/?period=last-30-days")
    page.click("text=Customise")
    page.wait_for_url("**/dashboard/customise?period=last-30-days")
