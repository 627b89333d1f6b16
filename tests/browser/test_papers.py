"""What leaves the house of a quotation, in a browser: the company, the sheet, the customer's answer."""

import pytest

from leadhub.extensions import db
from leadhub.leads.services import create_lead
from leadhub.plugins.api import LeadDraft
from leadhub.sales.company.queries import company
from leadhub.sales.documents import Quotation
from leadhub.sales.quotations import links, writing
from tests.sales.quoting import DRAFT
from tests.sales.test_company import png

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "color_scheme": "dark"}


def quoted(hub, **changes):
    """The id of a submitted quotation, and the customer's address of it."""
    with hub.app.app_context():
        lead = create_lead(LeadDraft(channel="form", last_name="Dupont", email="ann@acme.example"), by=None)
        ours = company()
        ours.name, ours.address, ours.siren = (
            "Établissements Vandenbroucke",
            "12 rue de la République\nLyon",
            "732829320",
        )
        row = writing.create(lead, DRAFT, by=None)
        writing.submit(row, by=None)
        db.session.commit()
        with hub.app.test_request_context():
            return row.id, f"{hub.url}/q/{links.token_of(row)}"


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "dark phone"])
def test_the_customer_reads_and_answers(serve, open_page, check_access, options):
    hub, page = serve(), open_page(**options)
    row_id, address = quoted(hub)
    page.goto(address)
    assert fits(page)
    check_access(page)
    page.click("text=Accept this quotation")
    page.wait_for_selector("#accept-name-error1")
    check_access(page)
    page.click("summary:text('Decline…')")
    page.fill("#decline-name", "Ann Martin")
    page.fill("#decline-note", "Too dear.")
    check_access(page)
    page.click("text=Decline this quotation")
    page.wait_for_selector(".alert:has-text('Declined by Ann Martin')")
    assert page.locator("form").count() == 0
    check_access(page)
    with hub.app.app_context():
        assert db.session.get(Quotation, row_id).decided_note == "Too dear."


def test_without_a_script_too(serve, open_page):
    hub, page = serve(), open_page(java_script_enabled=False)
    _row_id, address = quoted(hub)
    page.goto(address)
    page.fill("#accept-name", "Ann Martin")
    page.press("#accept-name", "Enter")
    assert "Accepted by Ann Martin" in page.inner_text("main")


@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "dark phone"])
def test_the_company_its_sheet_and_what_can_be_done_with_it(serve, open_page, sign_in, check_access, tmp_path, options):
    hub, page = serve(), open_page(**options)
    row_id, _address = quoted(hub)
    sign_in(page, hub)
    page.goto(f"{hub.url}/settings/company")
    check_access(page)
    logo = tmp_path / "logo.png"
    logo.write_bytes(png(40, 20))
    page.set_input_files("#logo", logo)
    page.fill("#siren", "123456789")
    page.click("#company-form button[type=submit]")
    page.wait_for_selector("#siren-error1")
    check_access(page)
    page.fill("#siren", "732 829 320")
    page.set_input_files("#logo", logo)
    page.click("#company-form button[type=submit]")
    page.wait_for_selector(".company-logo img")
    assert fits(page)

    page.goto(f"{hub.url}/quotations/{row_id}")
    page.click("summary:has-text('Customer’s link')")
    assert page.input_value("#customers-link").startswith(f"{hub.url}/q/")
    assert fits(page)
    check_access(page)
    page.goto(f"{hub.url}/quotations/{row_id}/send")
    check_access(page)
    page.goto(f"{hub.url}/quotations/{row_id}/print")
    assert fits(page)
    check_access(page)
