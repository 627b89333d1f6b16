"""Many leads at once, as people do it: by mouse, by keyboard, on a phone, without script, with the worker."""

import pytest
import sqlalchemy as sa

from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.leads import services
from leadhub.leads.models import Lead
from leadhub.plugins.api import LeadDraft

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LOOKS = pytest.mark.parametrize("options", [{**PHONE, "color_scheme": "dark"}], ids=["dark phone"])
LEADS = 260


@pytest.fixture
def hub(serve):
    """With 260 leads."""
    hub = serve()
    with hub.app.app_context():
        drafts = [LeadDraft(channel="csv", last_name=f"Lead {number:03}") for number in range(LEADS)]
        services.create_leads(drafts, by=None)
        db.session.commit()
    return hub


def titles(hub):
    with hub.app.app_context():
        return sorted(db.session.execute(sa.select(Lead.job_title, sa.func.count()).group_by(Lead.job_title)).all())


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def open_list(page, hub, query="?sort=name"):
    page.goto(f"{hub.url}/leads/{query}")
    page.wait_for_selector("[data-htmx-powered]", state="attached")


def say(page, title):
    """From the first question to the last button, which is left to press."""
    page.select_option("#act", "set")
    page.wait_for_selector("#field")
    page.select_option("#field", "job_title")
    page.fill("#job_title", title)
    page.click("#bulk-form button.btn-primary")
    page.wait_for_selector("#bulk-sentence")


@LOOKS
def test_leads_are_ticked_changed_and_given_back(hub, open_page, sign_in, check_access, options):
    page = open_page(**options)
    sign_in(page, hub)
    open_list(page, hub)
    boxes = page.locator("#leads tbody input[name=lead]")
    top = page.locator("#leads table").bounding_box()["y"]
    page.wait_for_selector("#bulk-bar", state="hidden")

    boxes.nth(0).check()
    boxes.nth(1).check()
    page.wait_for_selector("#bulk-bar:visible")

    assert page.inner_text("#picked-told") == "2 leads chosen"
    assert page.locator("#leads table").bounding_box()["y"] == top
    assert fits(page)
    check_access(page)
    page.click("#bulk-bar button.btn-primary")
    page.wait_for_selector("#act")
    check_access(page)
    say(page, "Boss")
    assert page.inner_text("#bulk-sentence") == "Job title becomes “Boss” on 2 leads."
    check_access(page)
    page.click("#bulk-form button.btn-primary")
    page.wait_for_selector("#bulk-told")
    assert titles(hub) == [("", LEADS - 2), ("Boss", 2)]
    assert fits(page)
    check_access(page)
    page.click("#bulk-undo")
    page.wait_for_selector("text=2 leads are as they were before.")
    assert titles(hub) == [("", LEADS)]


def test_all_that_match_go_to_the_worker_and_what_was_changed_since_is_kept(hub, page, sign_in, check_access):
    sign_in(page, hub)
    open_list(page, hub)
    page.check("#pick-page")
    page.click("#pick-matching")
    assert page.inner_text("#picked-told") == "260 leads chosen"
    page.click("#bulk-bar button.btn-primary")
    page.wait_for_selector("#act")
    say(page, "Boss")
    page.click("#bulk-form button.btn-primary")

    page.wait_for_selector("#bulk-run #bulk-result", timeout=60_000)
    assert page.inner_text("#count-changed") == "260"
    check_access(page)
    with hub.app.app_context():
        lead = db.session.scalar(sa.select(Lead).where(Lead.last_name == "Lead 007"))
        services.update_lead(lead, {"job_title": "Chief"}, by=user_by_email("bob@example.org"), version=lead.version)
        db.session.commit()
    page.click("#bulk-undo")
    page.wait_for_selector("#count-kept")
    page.wait_for_selector("#bulk-result", timeout=60_000)

    assert page.inner_text("#count-undone") == "259"
    assert "Lead 007" in page.inner_text("#refusals")
    assert titles(hub) == [("", LEADS - 1), ("Chief", 1)]
    check_access(page)


def test_the_keyboard_does_it_all(hub, page, sign_in):
    sign_in(page, hub)
    open_list(page, hub)
    page.focus("#leads tbody input[name=lead] >> nth=0")
    page.keyboard.press("Space")
    page.wait_for_selector("#bulk-bar:visible")
    page.focus("#leads tbody input[name=lead] >> nth=3")
    page.keyboard.down("Shift")
    page.click("#leads tbody input[name=lead] >> nth=3")
    page.keyboard.up("Shift")
    assert page.inner_text("#picked-told") == "4 leads chosen"
    page.keyboard.press("Space")
    assert page.inner_text("#picked-told") == "3 leads chosen"
    page.focus("#bulk-bar [data-clear]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#leads tbody tr:first-child input[name=lead]:focus")
    assert page.inner_text("#picked-told") == "No lead chosen"
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_selector("#bulk-bar button.btn-primary:focus")
    page.keyboard.press("Enter")

    page.wait_for_selector("#act")
    assert page.inner_text("#bulk-title") == "Change 1 lead"
    page.focus("#act")
    page.keyboard.press("M")
    page.wait_for_selector("#bulk-sentence")
    assert page.inner_text("#bulk-sentence") == "1 lead moves to the bin."
    page.focus("#bulk-form button")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=1 lead moved to the bin.")


def test_without_script_it_is_plain_forms(hub, open_page, sign_in):
    page = open_page(java_script_enabled=False)
    sign_in(page, hub)
    page.goto(f"{hub.url}/leads/?sort=name")
    page.check("#leads tbody input[name=lead] >> nth=0")
    page.check("#leads tbody input[name=lead] >> nth=2")
    page.click("#bulk-bar button.btn-primary")
    page.select_option("#act", "set")
    page.click("#bulk-act button")
    page.select_option("#field", "job_title")
    page.click("#bulk-act button")
    page.fill("#job_title", "Boss")
    page.click("#bulk-form button.btn-primary")
    assert page.inner_text("#bulk-sentence") == "Job title becomes “Boss” on 2 leads."
    page.click("#bulk-form button.btn-primary")

    assert titles(hub) == [("", LEADS - 2), ("Boss", 2)]
    page.click("#bulk-undo")
    assert titles(hub) == [("", LEADS)]
    page.goto(f"{hub.url}/leads/?q=Lead+00")
    page.goto(f"{hub.url}/leads/?sort=name")
    page.click("#bulk-bar button[name=all]")
    assert page.inner_text("#bulk-title") == "Change 260 leads"
