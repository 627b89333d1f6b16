"""A lead through the hands of an admin and a team: a field of their own, a file, taken, binned, brought back."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.one_database]


@pytest.fixture
def hub(serve):
    return serve()


@pytest.fixture
def lead_page(hub, page, sign_in):
    """Bob before a lead that nobody has."""
    sign_in(page, hub, "bob")
    page.goto(f"{hub.url}/leads/new")
    page.fill("#last_name", "Dupré")
    page.select_option("#owner", "")
    page.click("#lead-form button[type=submit]")
    page.wait_for_selector("h1:has-text('Dupré')")
    return page


def test_a_field_of_the_team_goes_from_the_settings_to_form_page_list_and_filter(hub, page, sign_in):
    sign_in(page, hub)
    page.goto(f"{hub.url}/settings/fields/")
    page.click("#add summary")
    page.fill("#add [name=name_en]", "Size of the roof")
    page.select_option("#add [name=type]", "choice")
    page.fill("#add [name=choices]", "Small\nLarge")
    page.select_option("#add [name=shown]", "form")
    page.click("#add button")
    page.wait_for_url("**#field-custom_1")
    page.check("[name=custom_1-in_list]")
    page.click("#decisions button >> nth=0")
    page.wait_for_selector(".alert-success")

    page.goto(f"{hub.url}/leads/new")
    page.fill("#last_name", "Dupré")
    page.select_option("#custom_1", label="Large")
    page.click("#lead-form button[type=submit]")
    page.wait_for_selector("#fact-custom_1:has-text('Large')")

    page.click("#fact-custom_1 .fact-edit")
    page.select_option("#fact-custom_1 select", label="Small")
    page.click("#fact-custom_1 button[type=submit]")
    page.wait_for_selector("#history:has-text('Size of the roof: Large → Small')")

    page.goto(f"{hub.url}/leads/")
    assert "Size of the roof" in page.inner_text("#leads thead")
    assert "Small" in page.inner_text("#leads tbody")
    page.goto(f"{hub.url}/leads/?custom_1=none")
    assert page.locator("#leads tbody tr").count() == 0


def test_a_file_goes_up_with_a_note_and_comes_down_as_it_was(hub, lead_page, tmp_path):
    page, sent = lead_page, tmp_path / "devis d’été.txt"
    sent.write_text("Bonjour")
    page.keyboard.press("t")
    page.wait_for_selector("#composer textarea:focus")
    page.keyboard.type("With the offer")
    page.set_input_files("#composer input[type=file]", sent)
    page.keyboard.press("Control+Enter")
    link = page.wait_for_selector("#history a:has-text('devis d’été.txt')")

    with page.expect_download() as coming:
        link.click()

    assert coming.value.suggested_filename == "devis d’été.txt"
    assert coming.value.path().read_text() == "Bonjour"


def test_a_lead_is_taken_binned_and_brought_back(hub, lead_page):
    page = lead_page
    page.click("text=Take it")
    page.wait_for_selector("#lead-head:has-text('Bob')")
    page.click("#lead-head >> text=Delete")
    page.wait_for_selector("text=Moved to the bin.")
    assert page.locator("#leads tbody tr").count() == 0

    page.click("text=Undo")

    page.wait_for_selector("h1:has-text('Dupré'), #leads:has-text('Dupré')")
    page.goto(f"{hub.url}/leads/")
    assert "Dupré" in page.inner_text("#leads")
