"""Leads without a source in a browser: one by keyboard, a group, ticked ones, an undo; on a phone; without script."""

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.leads import services
from leadhub.leads.models import Lead
from leadhub.plugins.api import LeadDraft

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "color_scheme": "dark"}
GOOGLE = {"utm_source": "google", "utm_medium": "cpc"}
LONG = "Établissements Vandenbroucke-Delacroix et Fils de la Haute-Vallée"
LEADS = (
    [{"last_name": f"Martin {number}", "other": GOOGLE} for number in range(3)]
    + [
        {"last_name": "Dubois", "organisation": LONG},
        {"last_name": "Nobody"},
        {"last_name": "Petit", "email": "p@acme.fr"},
    ]
    + [{"last_name": "Known", "organisation": LONG, "source": "Referral"}]
    + [{"last_name": "Colleague", "email": "c@acme.fr", "source": "LinkedIn"}]
)


@pytest.fixture
def queue(serve, open_page, sign_in):
    """``queue(**context)``: a page with the queue, of ada; ``queue.hub`` is the hub, ``queue.ids`` are by name."""

    def open_queue(**options):
        hub = open_queue.hub = serve()
        with hub.app.app_context():
            services.create_leads([LeadDraft(channel="csv", **draft) for draft in LEADS], by=None)
            db.session.commit()
            open_queue.ids = dict(db.session.execute(sa.select(Lead.last_name, Lead.id)).all())
        page = open_page(**options)
        sign_in(page, hub)
        page.goto(f"{hub.url}/leads/without-source")
        return page

    return open_queue


def sources(hub):
    with hub.app.app_context():
        leads = db.session.scalars(sa.select(Lead).where(Lead.source_id.is_not(None)))
        return {lead.last_name: lead.source.key for lead in leads}


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def rows(page):
    return page.locator(".origin .origin-name").all_inner_texts()


KNOWN = {"Known": "referral", "Colleague": "linkedin"}


@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "dark phone"])
def test_a_group_gets_its_suggestion_and_gives_it_back(queue, check_access, options):
    page = queue(**options)
    assert fits(page)
    check_access(page)

    page.click("#group-1")
    page.wait_for_selector("#origins-told")

    assert sources(queue.hub) == KNOWN | {f"Martin {number}": "advertising" for number in range(3)}
    assert "Source becomes “Advertising” on 3 leads." in page.inner_text("#origins-told")
    assert rows(page) == ["Petit", "Nobody", "Dubois"]
    assert fits(page)
    check_access(page)
    page.click("#origins-undo")
    page.wait_for_selector(".alert:has-text('3 leads are as they were before.')")
    assert sources(queue.hub) == KNOWN
    assert len(rows(page)) == 6


def test_by_keyboard_one_after_the_other(queue):
    page, ids = queue(), queue.ids
    page.focus(f"#source-{ids['Nobody']}")
    page.keyboard.type("Trade")
    page.focus(f"#apply-{ids['Petit']}")

    page.keyboard.press("Enter")
    page.wait_for_selector("#origins-told")

    assert sources(queue.hub) == KNOWN | {"Petit": "linkedin"}
    page.wait_for_selector(f"#apply-{ids['Nobody']}:focus")
    assert page.input_value(f"#source-{ids['Nobody']}") == "trade-fair"  # what was chosen elsewhere stays
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#apply-{ids['Dubois']}:focus")
    assert sources(queue.hub) == KNOWN | {"Petit": "linkedin", "Nobody": "trade-fair"}


def test_enter_on_a_box_applies_to_the_ticked_ones(queue):
    page, ids = queue(), queue.ids
    page.check(f"#tick-{ids['Petit']}")
    page.check(f"#tick-{ids['Dubois']}")

    page.keyboard.press("Enter")
    page.wait_for_selector("#origins-told")

    assert sources(queue.hub) == KNOWN | {"Petit": "linkedin", "Dubois": "referral"}
    assert "2 leads have a source now." in page.inner_text("#origins-told")


def test_what_is_forgotten_is_said_and_what_was_ticked_stays(queue, check_access):
    page, ids = queue(), queue.ids
    page.check(f"#tick-{ids['Nobody']}")

    page.click("#apply-ticked")
    page.wait_for_selector(".alert:has-text('Choose a source first.')")

    assert page.is_checked(f"#tick-{ids['Nobody']}")
    page.select_option(f"#source-{ids['Nobody']}", "directory")
    page.click("#apply-ticked")
    page.wait_for_selector("#origins-told")
    assert sources(queue.hub) == KNOWN | {"Nobody": "directory"}
    check_access(page)


def test_without_script(queue):
    page, ids = queue(java_script_enabled=False), queue.ids

    page.select_option(f"#source-{ids['Nobody']}", "whatsapp")
    page.click(f"#apply-{ids['Nobody']}")
    assert sources(queue.hub) == KNOWN | {"Nobody": "whatsapp"}
    page.click("#group-1")
    page.check(f"#tick-{ids['Petit']}")
    page.check(f"#tick-{ids['Dubois']}")
    page.click("#apply-ticked")

    assert "Every lead has a source." in page.inner_text("main")
    page.click("#origins-undo")
    assert rows(page) == ["Petit", "Dubois"]


def test_from_the_list_and_back(queue, check_access):
    page = queue()
    page.goto(f"{queue.hub.url}/leads/?source=none")

    page.click("#find-sources")

    assert page.url.endswith("/leads/without-source")
    page.click(".back")
    assert page.url.endswith("/leads/?source=none")
    check_access(page)
