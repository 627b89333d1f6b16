"""Settings > Statuses and the status of a lead in a browser: mouse, keys, phone, French, and no script."""

import pytest

from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.leads.services import create_lead, update_lead
from leadhub.leads.statuses.facts import Said, tell
from leadhub.plugins.api import LeadDraft
from leadhub.statuses.deletion import delete_status
from leadhub.statuses.models import Status, StatusAction

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
WIDE = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True, "color_scheme": "dark"}
STATUSES = "/settings/statuses/"
PAGES = (f"{STATUSES}6", f"{STATUSES}1/delete", f"{STATUSES}rules", f"{STATUSES}6/actions", f"{STATUSES}runs",
         "/leads/1")  # fmt: skip
NARROW = (f"{STATUSES}6/actions/new/next_contact", f"{STATUSES}deletions/1/leads", "/leads/1/fields/status/edit",
         "/leads/1/compose/call", "/settings/diagnostic")  # fmt: skip
"""Looked at on a phone alone: they are made of the same pieces."""


@pytest.fixture
def hub(serve):
    """With two leads."""
    hub = serve()
    with hub.app.app_context():
        for name in ("Dupont", "Dupré"):
            create_lead(LeadDraft(channel="form", last_name=name), by=None)
        _finish()
    return hub


def _finish():
    db.session.commit()
    db.session.remove()
    db.engine.dispose()


def _fill(hub):
    """All that these pages can show: a deletion, actions with and without a status and a plugin, a lead with a path
    that is held back, a name that is as long as a name can be."""
    with hub.app.app_context():
        ada = user_by_email("ada@example.org")
        note = {"action": "add_note", "settings": {"text": "Hello there, " * 9}}
        db.session.add_all([StatusAction(**note, is_on=False), StatusAction(**note, status_id=6)])
        db.session.add_all([StatusAction(**note), StatusAction(action="sms", settings={}, status_id=6)])
        db.session.add(Status(key="long", names={"en": "<b>W" * 45}, kind="won", colour="lime", position=90))
        db.session.flush()
        for changes in ({"status": "closed", "lost_reason": "price"}, {"status": "long"}, {"status": "quotation"},
                        {"status": "do-not-contact"}):  # fmt: skip
            lead = db.session.get(Lead, 1)
            update_lead(lead, changes, by=ada, version=lead.version)
        tell(1, {"order_confirmed": Said(True, "SO-7")}, by=ada)
        delete_status(3, 2, by=ada)
        _finish()


def names(page):
    return page.locator("#rows .list-name").all_inner_texts()


def row(page, name):
    return page.locator("#rows > li", has=page.locator(".list-name", has_text=name))


def check(page, check_access, url):
    """With everything opened, from the top: a bar hides half of what is scrolled under it, which is no fault."""
    page.goto(url)
    page.evaluate("document.querySelectorAll('main details').forEach(it => it.open = true)")
    page.evaluate("scrollTo(0, 0)")
    check_access(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], url


def test_statuses_are_open_to_all_and_fit(hub, open_page, sign_in, check_access):
    _fill(hub)
    for options, pages in ((WIDE, PAGES), (PHONE, PAGES + NARROW)):
        page = open_page(**options)
        sign_in(page, hub)
        for url in pages:
            check(page, check_access, hub.url + url)

    page.goto(f"{hub.url}/profile/")
    page.select_option("#language", "fr")
    page.click("#profile-form button[type=submit]")
    for url in (f"{STATUSES}1/delete", STATUSES):
        check(page, check_access, hub.url + url)
    assert page.inner_text("#statuses-title") == "Statuts"
    assert "Ouvert" in names(page)


def test_with_the_mouse_a_status_is_added_renamed_deleted_brought_back_and_dragged(hub, page, sign_in):
    sign_in(page, hub)
    page.goto(hub.url + STATUSES)
    before = names(page)

    page.click("#add summary")
    page.fill("#add [name=name_en]", "Interested")
    page.click("#add >> text=In progress")
    page.click("#add .swatch[title=Teal]")
    page.click("#add button[type=submit]")
    page.wait_for_selector(".alert-success")
    assert names(page) == [*before, "Interested"]
    assert row(page, "Interested").locator(".dot.colour-teal").is_visible()

    page.click("#rows >> text=Interested")
    page.fill("#rows .is-open [name=name_en]", "Keen")
    page.click("#rows .is-open >> text=Save")
    page.wait_for_selector(".alert-success >> text=Saved.")
    assert names(page) == [*before, "Keen"]

    page.click("#rows >> text='Quotation'")
    page.click("#rows .is-open >> text=Delete…")
    page.select_option("#successor", label="Keen")
    page.click(".btn-outline-danger")
    page.wait_for_selector(".alert-info >> text=“Quotation” was deleted")
    assert names(page) == [*(name for name in before if name != "Quotation"), "Keen"]
    assert "automatic" in row(page, "Keen").inner_text()

    page.click(".alert-info button")
    page.wait_for_selector(".alert-success >> text=“Quotation” is back.")
    assert names(page) == [*before, "Keen"]
    assert "automatic" not in row(page, "Keen").inner_text()

    with page.expect_response("**/order") as answer:
        page.locator(".list-grip").first.drag_to(page.locator("#rows > li").nth(2), target_position={"x": 5, "y": 45})
    assert answer.value.status == 204
    page.reload()
    assert names(page) == [before[1], before[2], before[0], *before[3:], "Keen"]


def test_without_script_all_of_it_works_too(hub, open_page, sign_in):
    page = open_page(java_script_enabled=False)
    sign_in(page, hub)
    page.goto(hub.url + STATUSES)
    before = names(page)

    page.click("#add summary")
    page.fill("#add [name=name_en]", "Interested")
    page.click("#add button[type=submit]")
    row(page, "Interested").get_by_role("button", name="up").click()
    page.click("#rows >> text=Interested")
    page.fill("#rows .is-open [name=name_en]", "Keen")
    page.click("#rows .is-open >> text=Save")
    assert names(page) == [*before[:-1], "Keen", before[-1]]

    page.click("#rows >> text='Open'")
    page.click("#rows .is-open >> text=Delete…")
    page.click("details.more summary")
    page.select_option("details.more select >> nth=1", label="Keen")
    page.click(".btn-outline-danger")
    assert page.inner_text("#successor-error1")
    assert page.is_visible("details.more select >> nth=1")
    page.select_option("#successor", label="Opportunity")
    page.click(".btn-outline-danger")
    assert "default" in row(page, "Keen").inner_text()
    assert "Open" not in names(page)

    page.click(".alert-info button")
    assert "Open" in names(page)
    assert "default" in row(page, "Open").inner_text()

    page.goto(f"{hub.url}/leads/1/fields/status/edit")
    page.select_option("#status", "closed")
    page.click("#fact-status .btn-primary")
    assert "asks for a reason" in page.inner_text("#lost_reason-error1")
    page.select_option("#lost_reason", "price")
    page.click("#fact-status .btn-primary")
    assert "Closed without result" in page.inner_text("#status-path")


def test_a_drawer_is_opened_filled_in_and_moved_by_keyboard(hub, page, sign_in):
    sign_in(page, hub)
    page.goto(hub.url + STATUSES)

    page.locator("#row-5 .list-name").press("Enter")
    page.wait_for_selector("#row-5 [name=name_en]:focus")
    page.locator("#row-2 .list-name").press("Enter")
    page.wait_for_selector("#row-2 [name=name_en]:focus")
    for key in ("Tab", "Tab", "ArrowRight", "Tab", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)

    assert page.url == hub.url + STATUSES
    assert page.get_attribute("#row-2 [name=kind]:checked", "value") == "won"
    assert page.get_attribute("#row-2 [name=colour]:checked", "value") == "pink"
    assert page.evaluate("document.activeElement.matches(':focus-visible[name=colour]')")
    page.click("#row-2 label:has-text('Asks for a reason')")
    assert page.is_checked("#row-2 [name=needs_reason]")
    assert not page.is_checked("#row-5 [name=needs_reason]")
    page.locator("#row-2 [name=name_en]").press("Enter")
    page.wait_for_selector(".alert-success")
    assert page.is_visible("#row-2 .dot.colour-pink")

    before = names(page)
    page.locator("#row-2").get_by_role("button", name="down").press("Enter")
    page.wait_for_selector("#rows > #row-2:nth-child(3)")
    assert names(page) == [before[0], before[2], before[1], *before[3:]]


def test_the_reason_is_asked_for_where_the_chosen_status_wants_one(hub, page, sign_in, check_access):
    sign_in(page, hub)
    page.goto(f"{hub.url}/leads/1")
    page.wait_for_selector("#compose-call[data-htmx-powered]")  # which a timer does, after the page has loaded

    page.click("#fact-status .fact-edit", force=True)
    page.wait_for_selector("#status:focus")
    assert not page.is_visible("#lost_reason")
    page.select_option("#status", "closed")
    assert page.is_visible("#lost_reason")
    check_access(page)
    page.select_option("#status", "opportunity")
    assert not page.is_visible("#lost_reason")

    page.select_option("#status", "closed")
    page.click("#fact-status button[type=submit]")
    page.wait_for_selector("#lost_reason-error1")
    assert page.is_visible("#lost_reason")
    check_access(page)
    page.select_option("#lost_reason", "price")
    page.click("#fact-status button[type=submit]")
    page.wait_for_selector("#fact-status .fact-saved")
    page.wait_for_selector("#fact-status .fact-edit:focus")
    assert page.inner_text("#status-path [aria-current=step] .state") == "Closed without result"
    page.click("summary:has-text('More fields')")
    assert "Price" in page.inner_text("#fact-lost_reason")

    page.goto(f"{hub.url}/leads/2")
    page.wait_for_selector("#compose-call[data-htmx-powered]")
    page.keyboard.press("c")
    page.wait_for_selector("#composer-form")
    assert not page.is_visible("#composer-form #lost_reason")
    page.select_option("#composer-form #status", "closed")
    assert page.is_visible("#composer-form #lost_reason")
