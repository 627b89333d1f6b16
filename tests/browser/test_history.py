"""The composer by keyboard alone, its mentions, what it keeps; the history in every width."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True}
NOTE = "Wants the offer before the end of June.."


@pytest.fixture
def hub(serve):
    return serve(demo=True)


@pytest.fixture
def lead(hub, page, sign_in):
    """A lead's page, open in a browser of ada."""
    sign_in(page, hub)
    page.goto(f"{hub.url}/leads/1")
    page.wait_for_selector("#compose-call[data-htmx-powered]")  # which a timer does, after the page has loaded
    return page


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def wait_for_focus(page, name):
    """On the element with this name or id: it moves after a swap, so a little later."""
    page.wait_for_function("name => [document.activeElement.name, document.activeElement.id].includes(name)", arg=name)


def test_a_call_by_keyboard_alone_in_sixty_presses(lead, check_access):
    before = ["c"]
    press(lead, *before)
    lead.wait_for_selector("#composer-form")
    wait_for_focus(lead, "outcome")
    check_access(lead)

    keys = ["ArrowDown", "Tab", *NOTE, "Tab", "ArrowDown", "Tab", "End", "Control+Enter"]
    press(lead, *keys)
    lead.wait_for_selector("#composer[data-saved]")

    event = lead.inner_text(".timeline > li:first-child")
    assert len(before + keys) <= 60
    assert "No answer" in event
    assert NOTE in event
    assert "Next contact" in event
    assert "Do not contact" in lead.inner_text("#fact-status")
    wait_for_focus(lead, "compose-call")


def test_enter_outside_of_the_text_saves(lead):
    press(lead, "c")
    lead.wait_for_selector("#composer-form")

    press(lead, "Enter")

    lead.wait_for_selector("#composer[data-saved]")
    assert "Reached" in lead.inner_text(".timeline > li:first-child")


def test_escape_closes_and_what_was_typed_comes_back(lead):
    press(lead, "t")
    lead.wait_for_selector("#composer-form")
    press(lead, *"Half")

    press(lead, "Escape")
    lead.wait_for_selector("#composer-form", state="detached")
    lead.wait_for_selector("#compose-note:focus")
    press(lead, "m")
    lead.wait_for_selector("#happens_at")

    assert lead.input_value("#body") == "Half"


def test_a_refusal_keeps_text_and_files(lead, tmp_path, check_access):
    file = tmp_path / "offer.txt"
    file.write_text("An offer")
    press(lead, "m")
    lead.wait_for_selector("#composer-form")
    lead.fill("#body", "My words")
    lead.set_input_files("#files", file)

    lead.click("#composer-form button[type=submit]")
    lead.wait_for_selector(".alert-danger:focus")
    check_access(lead)
    lead.fill("#happens_at", "2026-12-01T10:30")
    press(lead, "Control+Enter")

    lead.wait_for_selector("#composer[data-saved]")
    event = lead.inner_text(".timeline > li:first-child")
    assert all(words in event for words in ("My words", "offer.txt", "1 Dec 2026, 10:30"))


def test_without_an_answer_nothing_typed_is_lost(hub, chromium, sign_in):
    lead = chromium.new_page()  # htmx complains to the console, which other pages may not
    sign_in(lead, hub)
    lead.goto(f"{hub.url}/leads/1")
    lead.wait_for_selector("#compose-call[data-htmx-powered]")
    press(lead, "t")
    lead.wait_for_selector("#composer-form[data-htmx-powered]")
    press(lead, *"Kept")
    lead.route("**/activities", lambda route: route.abort())

    press(lead, "Control+Enter")

    lead.wait_for_selector("#messages .alert-danger")
    assert lead.input_value("#body") == "Kept"
    lead.context.close()


def test_people_are_offered_behind_an_at_sign(lead, check_access):
    press(lead, "t")
    lead.wait_for_selector("#composer-form")

    press(lead, *"Ask @")
    lead.wait_for_selector("#people:visible")
    check_access(lead)
    press(lead, "m")
    lead.wait_for_selector("#body[aria-activedescendant=people-0]")
    assert lead.locator("#people [role=option]").count() == 1
    press(lead, "Escape")
    lead.wait_for_selector("#people", state="hidden")
    press(lead, "i", "Enter")

    assert lead.input_value("#body") == "Ask @Mia "
    wait_for_focus(lead, "body")


def test_two_people_meet_over_a_status(lead, hub, open_page, sign_in, check_access):
    press(lead, "c")
    lead.wait_for_selector("#composer-form")
    lead.fill("#body", "My words")
    lead.select_option("#status", "converted")
    other = open_page()
    sign_in(other, hub, "mia")
    other.goto(f"{hub.url}/leads/1/compose/call")
    other.select_option("#status", "quotation")
    other.click("#composer-form button[type=submit]")
    other.wait_for_url("**/leads/1#event-*")

    press(lead, "Control+Enter")
    lead.wait_for_selector("#composer .alert-warning:focus")
    check_access(lead)
    told = lead.inner_text("#composer .alert-warning")
    lead.click("#composer-form button[type=submit]")
    lead.wait_for_selector("#composer[data-saved]")

    assert "Mia changed this lead meanwhile" in told
    assert "Quotation" in told
    assert "My words" in lead.inner_text(".timeline > li:first-child")
    assert "Converted" in lead.inner_text("#fact-status")


@pytest.mark.parametrize("options", [{}, {**PHONE, "color_scheme": "dark"}], ids=["wide", "dark phone"])
def test_the_history_is_open_to_all_and_fits(hub, open_page, sign_in, check_access, options):
    page = open_page(**options)
    sign_in(page, hub)
    page.goto(f"{hub.url}/leads/1/compose/call")
    check_access(page)
    page.fill(
        "#body",
        "# Big\n\n|a|b|\n|-|-|\n|1|"
        + "long" * 60
        + "|\n\n> said\n\n"
        + "line\n" * 20
        + "http://a.example/"
        + "x" * 200,
    )
    page.click("#composer-form button[type=submit]")
    page.wait_for_url("**/leads/1#event-*")

    page.evaluate("scrollTo(0, 0)")  # a bar hides half of what is scrolled under it, which is no fault
    check_access(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.click(".said-more summary")
    page.click("#history-kind-call")
    page.wait_for_selector("#history-kind-call[aria-current]")
    page.wait_for_function("document.querySelectorAll('.moment').length === 1")
    wait_for_focus(page, "history-kind-call")


def test_without_script_a_call_is_made_all_the_same(hub, open_page, sign_in):
    page = open_page(java_script_enabled=False)
    sign_in(page, hub)
    page.goto(f"{hub.url}/leads/1")

    page.click("#compose-call")
    page.check("input[name=outcome][value=message_left]")
    page.check("input[name=next][value=pick]")
    page.fill("#next_at", "2026-12-01T10:30")
    page.fill("#body", "By hand")
    page.click("#composer-form button[type=submit]")

    event = page.inner_text(".timeline > li:first-child")
    assert all(words in event for words in ("By hand", "Message left", "1 Dec 2026, 10:30"))
