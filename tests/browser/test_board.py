"""The board in a browser: by mouse, by keyboard, by finger, without script, while others are at it."""

import pytest
import sqlalchemy as sa

from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.leads.board.services import move
from leadhub.leads.models import Lead

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True, "color_scheme": "dark"}
FIRST, SECOND, WON, LOST = (f"sales.{name}" for name in ("first-contact", "in-evaluation", "converted", "lost"))


@pytest.fixture
def board(serve, open_page, sign_in):
    """``board(**context)``: a page with the board of samples, of ada; ``board.hub`` is the hub."""

    def open_board(**options):
        hub = open_board.hub = serve(demo=True)
        page = open_page(**options)
        sign_in(page, hub)
        page.goto(f"{hub.url}/leads/board/")
        return page

    return open_board


def cards(page, key):
    return page.eval_on_selector_all(f"[data-stage='{key}'] .board-card", "all => all.map(it => +it.dataset.id)")


def column(page, key):
    return page.locator(f"[data-stage='{key}'] .board-cards")


def drag(page, card, target, *, down=30):
    """By the mouse, in small steps, to the upper part of a column."""
    begin, end = page.locator(card).bounding_box(), target.bounding_box()
    page.mouse.move(begin["x"] + 60, begin["y"] + 12)
    page.mouse.down()
    page.mouse.move(begin["x"] + 75, begin["y"] + 30, steps=4)
    page.mouse.move(end["x"] + 70, end["y"] + down, steps=12)
    page.mouse.up()


def stored(hub, lead_id):
    with hub.app.app_context():
        lead = db.session.get_one(Lead, lead_id)
        return lead.stage.key, lead.version


@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "dark phone"])
def test_it_looks_right(board, check_access, options):
    page = board(**options)
    check_access(page)
    page.click("#card-1 .card-move")
    page.wait_for_selector("#sheet[open] .move-stage")
    check_access(page)
    page.keyboard.press("Escape")
    page.click("[data-stage='sales.first-contact'] .board-head a")
    page.wait_for_selector("#sheet[open] #last_name")
    check_access(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_a_card_is_dragged_to_another_column_and_to_its_place_there(board):
    page = board()
    one, two, three = cards(page, FIRST)[:3]
    for card in (one, two):
        drag(page, f"#card-{card}", column(page, SECOND))
        page.wait_for_selector(f"[data-stage='{SECOND}'] #card-{card}[data-version='2']")
    drag(page, f"#card-{three}", page.locator(f"#card-{one}"), down=85)
    page.wait_for_selector(f"[data-stage='{SECOND}'] #card-{three}[data-version='2']")

    assert cards(page, SECOND) == [two, one, three]
    assert page.inner_text(f"[data-stage='{SECOND}'] .board-figures") == "3 leads"
    assert page.inner_text(f"[data-stage='{FIRST}'] .board-figures") == "57 leads"
    page.reload()
    assert cards(page, SECOND) == [two, one, three]
    drag(page, f"#card-{three}", page.locator(f"#card-{two}"), down=5)
    page.wait_for_selector("#board-told:has-text('has its new place')", state="attached")
    page.reload()
    assert cards(page, SECOND) == [three, two, one]
    assert page.url.endswith("/leads/board/")  # no drop was a click


def test_a_refused_move_goes_back_and_says_why(board):
    page = board()
    first = cards(page, FIRST)[:3]

    drag(page, f"#card-{first[0]}", column(page, LOST))
    page.wait_for_selector("#sheet[open] #lost_reason")

    assert "“Lost” asks for: Lost reason." in page.inner_text("#sheet")
    assert cards(page, FIRST)[:3] == first
    assert cards(page, LOST) == []
    assert page.evaluate("document.activeElement.id") == "lost_reason"
    page.keyboard.press("Escape")
    assert stored(board.hub, first[0]) == (FIRST, 1)

    drag(page, f"#card-{first[0]}", column(page, LOST))
    page.wait_for_selector("#sheet[open] #lost_reason")
    page.select_option("#sheet #lost_reason", "price")
    page.click("#sheet .btn-primary")
    page.wait_for_selector("#sheet", state="hidden")

    assert cards(page, LOST) == [first[0]]
    assert stored(board.hub, first[0])[0] == LOST


def test_a_card_is_moved_by_keyboard_and_every_step_is_said(board):
    page = board()
    one, two = cards(page, FIRST)[:2]
    said = page.locator("#board-told")
    page.focus(f"#card-{one} .card-link")

    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('li').dataset.id") == str(two)
    page.keyboard.press("Space")
    assert "picked up" in said.inner_text()
    page.keyboard.press("ArrowRight")
    assert ": In evaluation, place 1 of 1." in said.inner_text()
    page.keyboard.press("Escape")
    assert "is where it was" in said.inner_text()
    assert cards(page, FIRST)[:2] == [one, two]

    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.wait_for_selector(f"[data-stage='{SECOND}'] #card-{two}[data-version='2']")
    page.wait_for_selector("#board-told:has-text('moved to “In evaluation”.')", state="attached")
    assert page.evaluate("document.activeElement.closest('li')?.dataset.id") == str(two)
    assert stored(board.hub, two) == (SECOND, 2)

    for key in ("Space", "ArrowRight", "ArrowRight", "ArrowRight", "Enter"):  # to Lost, which asks for a reason
        page.keyboard.press(key)
    page.wait_for_selector("#sheet[open] #lost_reason")
    assert cards(page, SECOND) == [two]
    page.keyboard.press("Escape")

    page.focus(f"#card-{two} .card-link")
    page.keyboard.press("m")
    page.wait_for_selector("#sheet[open] .move-stage")
    page.click("#sheet button:has-text('In negotiation')")
    page.wait_for_selector(f"[data-stage='sales.in-negotiation'] #card-{two}")
    page.wait_for_selector("#sheet", state="hidden")


def test_what_others_do_shows_within_ten_seconds_and_moves_nothing_that_is_held(board):
    page = board()
    one, two, three = cards(page, FIRST)[:3]
    begin = page.locator(f"#card-{one}").bounding_box()
    page.mouse.move(begin["x"] + 60, begin["y"] + 12)
    page.mouse.down()
    page.mouse.move(begin["x"] + 90, begin["y"] + 60, steps=5)
    elsewhere(board.hub, two)
    page.wait_for_timeout(9_500)

    assert cards(page, SECOND) == []
    assert page.locator("body.is-dragging").count() == 1
    end = column(page, SECOND).bounding_box()
    page.mouse.move(end["x"] + 70, end["y"] + 30, steps=8)
    page.mouse.up()
    page.wait_for_selector(f"[data-stage='{SECOND}'] #card-{two}", timeout=10_000)
    assert cards(page, SECOND) == [one, two]

    elsewhere(board.hub, three)
    page.wait_for_selector(f"[data-stage='{SECOND}'] #card-{three}", timeout=10_000)


def elsewhere(hub, lead_id):
    """Bob moves a card."""
    with hub.app.app_context():
        lead = db.session.get_one(Lead, lead_id)
        move(lead, {"stage": SECOND}, by=user_by_email("bob@example.org"), version=lead.version, after_id=0)
        db.session.commit()


def test_more_cards_come_as_a_column_scrolls_and_stay_after_a_move(board):
    page = board()
    assert len(cards(page, FIRST)) == 20
    while page.locator(f"[data-stage='{FIRST}'] .board-more").count():
        page.eval_on_selector(f"[data-stage='{FIRST}'] .board-cards", "it => it.scrollTo(0, it.scrollHeight)")
        page.wait_for_timeout(100)
    every = cards(page, FIRST)
    assert len(every) == len(set(every)) == 60

    page.eval_on_selector(f"[data-stage='{FIRST}'] .board-cards", "it => it.scrollTo(0, 0)")
    drag(page, f"#card-{every[0]}", column(page, SECOND))
    page.wait_for_selector(f"[data-stage='{SECOND}'] #card-{every[0]}[data-version='2']")
    assert cards(page, FIRST) == every[1:]


def test_filters_and_search_narrow_the_board_and_its_heads(board):
    page = board()
    page.fill("#q", "lef")
    page.wait_for_selector(".chip:has-text('lef')")
    page.wait_for_selector(f"[data-stage='{FIRST}'] .board-figures:has-text('lead')")
    found = len(cards(page, FIRST))
    assert page.inner_text(f"[data-stage='{FIRST}'] .board-figures") == f"{found} leads"
    assert 0 < found < 20

    drag(page, f"#card-{cards(page, FIRST)[0]}", column(page, SECOND))
    page.wait_for_selector(f"[data-stage='{FIRST}'] .board-figures .numbers:text-is('{found - 1} leads')")
    page.click("#filter > summary")
    page.select_option("#filter-field", "source")
    page.check("#filter-form input[value=whatsapp]")
    page.click("#filter-form .btn-primary")
    page.wait_for_selector(".chip:has-text('WhatsApp')")
    assert "/leads/board/" in page.url
    page.click("nav.shapes a:has-text('List')")
    page.wait_for_selector("#leads table, #leads .empty")
    assert page.locator(".chip").count() == 2


def test_a_lead_is_added_in_place(board):
    page = board()
    page.click(f"[data-stage='{SECOND}'] .board-head a")
    page.wait_for_selector("#sheet[open] #last_name")
    page.click("#sheet .btn-primary")
    page.wait_for_selector("#sheet .alert-danger")
    page.fill("#sheet #last_name", "Roye")
    page.click("#sheet .btn-primary")
    page.wait_for_selector(f"[data-stage='{SECOND}'] .board-card:has-text('Roye')")


def test_in_french_without_script_a_card_is_moved(serve, open_page, sign_in):
    hub, page = serve(demo=True), open_page(java_script_enabled=False, locale="fr-FR")
    sign_in(page, hub)
    page.goto(f"{hub.url}/profile/")
    page.select_option("#language", "fr")
    page.click("#profile-form button[type=submit]")
    page.goto(f"{hub.url}/leads/board/")
    lead_id = page.get_attribute(".board-card", "data-id")

    page.click(f"#card-{lead_id} .card-move")
    page.click("button:has-text('Perdu')")
    assert "demande" in page.inner_text("main")
    page.select_option("#lost_reason", "price")
    page.click("main .btn-primary")

    assert page.url.endswith("/leads/board/?pipeline=sales")
    assert "passage à l’étape « Perdu » enregistré." in page.inner_text("#messages").replace("\xa0", " ").replace(
        "\u202f", " "
    )
    assert page.locator(f"[data-stage='{LOST}'] #card-{lead_id}").count() == 1
    with hub.app.app_context():
        assert db.session.scalar(sa.select(Lead.version).where(Lead.id == int(lead_id))) > 1


def test_drops_that_are_faster_than_the_hub_are_all_kept(board):
    page = board()
    one, two, three = cards(page, FIRST)[:3]
    page.route("**/leads/board/leads/*/stage*", lambda route: (page.wait_for_timeout(400), route.continue_()))
    for card in (one, two, three):
        drag(page, f"#card-{card}", column(page, SECOND))
        page.wait_for_timeout(200)  # the others move up
    drag(page, f"#card-{two}", column(page, "sales.in-negotiation"))  # one's own move is nobody else's
    page.wait_for_selector(f"[data-stage='sales.in-negotiation'] #card-{two}[data-version='3']")
    page.wait_for_selector(f"[data-stage='{SECOND}'] #card-{one}[data-version='2']")

    assert [stored(board.hub, card)[0] for card in (one, two, three)] == [SECOND, "sales.in-negotiation", SECOND]
    assert set(cards(page, SECOND)) == {one, three}
    assert page.inner_text("#messages") == ""


@pytest.mark.parametrize("answer", ["none", "503"])
def test_a_drop_that_the_hub_does_not_take_goes_back(board, answer):
    page = board()
    page.on("console", lambda message: None)
    first = cards(page, FIRST)[:3]
    words = '<div class="alert" role="alert">LeadHub is busy.</div>'
    give = {"none": lambda route: route.abort(), "503": lambda route: route.fulfill(status=503, body=words)}[answer]
    page.route("**/leads/board/leads/*/stage*", give)
    drag(page, f"#card-{first[0]}", column(page, SECOND))
    page.wait_for_selector("#messages .alert")
    assert cards(page, FIRST)[:3] == first
    page.unroute("**/leads/board/leads/*/stage*")
    page.wait_for_timeout(300)  # it moves back
    drag(page, f"#card-{first[0]}", column(page, SECOND))
    page.wait_for_selector(f"[data-stage='{SECOND}'] #card-{first[0]}[data-version='2']")


def test_what_is_typed_meanwhile_stays_and_somebody_faster_is_told(board):
    page = board()
    one, two = cards(page, FIRST)[:2]
    page.route("**/leads/board/leads/*/stage*", lambda route: (page.wait_for_timeout(800), route.continue_()))
    drag(page, f"#card-{one}", column(page, SECOND))
    page.click(f"[data-stage='{SECOND}'] .board-head a")
    page.fill("#sheet #last_name", "Roye")
    page.wait_for_selector(f"#card-{one}[data-version='2']", state="attached")
    assert page.input_value("#sheet #last_name") == "Roye"
    page.keyboard.press("Escape")
    page.unroute("**/leads/board/leads/*/stage*")

    page.click(f"#card-{two} .card-move")
    page.wait_for_selector("#sheet .move-stage")
    elsewhere(board.hub, two)
    page.click("#sheet button:has-text('In negotiation')")
    page.wait_for_selector("#messages .alert:has-text('Bob changed this lead meanwhile.')")
    page.wait_for_selector("#sheet", state="hidden")
    assert cards(page, SECOND) == [two, one]
