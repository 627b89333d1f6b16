"""Each page in the ways people meet it: French, dark, phone, keyboard alone, without script."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True}
PAGES = (
    "/leads/",
    "/leads/?q=zzz",
    "/leads/1",
    "/leads/new",
    "/leads/1/fields/status/edit",
    "/settings",
    "/settings/users/",
    "/settings/users/2",
    "/settings/audit",
    "/profile/",
    "/profile/two-factor",
    "/no",
)


@pytest.fixture
def hub(serve):
    return serve(demo=True)


def no_sideways_scroll(page):
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("options", [{}, {**PHONE, "color_scheme": "dark"}], ids=["wide", "dark phone"])
def test_every_page_is_open_to_all_and_fits(hub, open_page, sign_in, check_access, options):
    page = open_page(**options)
    sign_in(page, hub)

    for url in PAGES:
        page.goto(hub.url + url)
        check_access(page)
        no_sideways_scroll(page)
        if not options:
            page.set_viewport_size({"width": 900, "height": 700})
            no_sideways_scroll(page)
            page.set_viewport_size({"width": 1280, "height": 720})


@pytest.mark.parametrize("options", [{}, {**PHONE, "color_scheme": "dark"}], ids=["wide", "dark phone"])
def test_a_refused_form_is_open_to_all_and_takes_the_focus(hub, open_page, sign_in, check_access, options):
    page = open_page(**options)
    sign_in(page, hub)
    page.goto(f"{hub.url}/leads/new")

    page.click("#lead-form button[type=submit]")

    page.wait_for_selector(".alert-danger:focus")
    check_access(page)
    no_sideways_scroll(page)


def test_french_from_the_profile_on(hub, page, sign_in, check_access):
    sign_in(page, hub)
    page.goto(f"{hub.url}/profile/")
    page.select_option("#language", "fr")
    page.click("#profile-form button[type=submit]")
    page.wait_for_selector("text=Enregistré.")

    for url, words in (("/leads/", "60\u00a0pistes"), ("/leads/1", "Historique"), ("/leads/new", "Ajouter une piste")):
        page.goto(hub.url + url)
        assert page.get_attribute("html", "lang") == "fr"
        page.wait_for_function("words => document.querySelector('main').innerText.includes(words)", arg=words)
        check_access(page)


def test_a_chosen_theme_stays(hub, page, sign_in):
    sign_in(page, hub)
    page.goto(f"{hub.url}/profile/")
    page.check("input[name=theme][value=dark]")
    page.click("#profile-form button[type=submit]")
    page.wait_for_selector("text=Saved.")

    assert page.get_attribute("html", "data-bs-theme") == "dark"


def test_the_keyboard_alone_does_all(hub, page, sign_in):
    sign_in(page, hub)
    page.keyboard.press("n")
    page.wait_for_url("**/leads/new")
    page.wait_for_selector("#first_name:focus")
    page.keyboard.type("Zoé")
    page.keyboard.press("Tab")
    page.keyboard.type("Dupré")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Zoé Dupré')")

    page.focus("#fact-email .fact-edit")
    page.keyboard.press("Enter")
    page.wait_for_selector("#fact-email input:focus")
    page.keyboard.type("not an address")
    page.keyboard.press("Enter")
    page.wait_for_selector("#fact-email .invalid-feedback")
    assert page.input_value("#fact-email input[name=email]") == "not an address"
    page.keyboard.press("Escape")
    page.wait_for_selector("#fact-email .fact-edit:focus")


def test_two_people_on_one_lead_see_both_values(hub, open_page, sign_in):
    ada, bob = open_page(), open_page()
    sign_in(ada, hub)
    sign_in(bob, hub, "bob")
    for page in (ada, bob):
        page.goto(f"{hub.url}/leads/1")
        page.click("#fact-organisation .fact-label")
        page.wait_for_selector("#fact-organisation input:focus")

    ada.fill("#fact-organisation input[name=organisation]", "Hers")
    ada.keyboard.press("Enter")
    ada.wait_for_selector("#fact-organisation .fact-saved")
    bob.fill("#fact-organisation input[name=organisation]", "His")
    bob.keyboard.press("Enter")

    bob.wait_for_selector("#fact-organisation .alert-warning")
    assert "Hers" in bob.inner_text("#fact-organisation .alert-warning")
    assert bob.input_value("#fact-organisation input[name=organisation]") == "His"


def test_without_script_the_same_ways_lead_on(hub, open_page, sign_in):
    page = open_page(java_script_enabled=False)
    sign_in(page, hub)
    page.fill("#q", "helene")
    page.press("#q", "Enter")
    page.click(".row-link >> nth=0")
    page.click("#fact-phone .fact-edit", force=True)
    page.fill("input[name=phone]", "06 39 98 00 01")
    page.click("text=Save")

    assert "Saved." in page.inner_text("#messages")
    assert "06 39 98 00 01" in page.inner_text("#history")
    page.click("details.person summary")
    page.click("text=Sign out")
    assert "/login" in page.url


def test_a_session_that_ended_leads_to_the_sign_in_page(hub, page, sign_in):
    sign_in(page, hub)
    page.goto(f"{hub.url}/leads/1", wait_until="networkidle")  # else one of its pieces is led away first
    page.context.clear_cookies()

    page.click("#fact-phone .fact-label")

    page.wait_for_url("**/login**")


def test_pages_load_nothing_from_outside(hub, page, sign_in):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, hub)
    page.goto(f"{hub.url}/leads/1")

    assert [url for url in asked if not url.startswith((hub.url, "data:"))] == []


def test_pages_do_not_jump_while_they_load(hub, page, sign_in):
    sign_in(page, hub)
    for url in ("/leads/", "/leads/1", "/settings"):
        page.goto(hub.url + url)
        shift = page.evaluate(
            """() => new Promise(done => { let sum = 0;
            new PerformanceObserver(list => list.getEntries().forEach(entry => sum += entry.value))
              .observe({type: "layout-shift", buffered: true}); setTimeout(() => done(sum), 300); })"""
        )
        assert shift < 0.01
