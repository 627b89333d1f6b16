"""Settings of stages and pipelines in a browser."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True, "color_scheme": "dark"}


def names(page):
    return page.eval_on_selector_all("#rows .list-name", "all => all.map(it => it.textContent)")


@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "dark phone"])
def test_a_stage_is_shaped_deleted_and_given_back(serve, open_page, sign_in, check_access, options):
    hub, page = serve(demo=True), open_page(**options)
    sign_in(page, hub)
    page.goto(f"{hub.url}/settings/pipelines/")
    check_access(page)
    page.click("#rows .list-name:has-text('In evaluation')")
    page.wait_for_selector(".stage-form [name=name_en]")
    check_access(page)
    page.fill("#rows [name=name_en]", "Proposal")
    page.fill("#rows [name=days_to_rot]", "5")
    page.click("#rows .stage-form .btn-primary")
    page.wait_for_selector("#rows .list-name:has-text('Proposal')")
    page.click("[aria-label='Move Proposal down']")
    page.wait_for_load_state()
    assert names(page)[1:3] == ["In negotiation", "Proposal"]

    page.click("#rows .list-name:has-text('First contact')")
    page.click("#rows .list-acts a:has-text('Delete…')")
    page.wait_for_selector("#successor")
    check_access(page)
    assert "60" in page.inner_text("main")
    page.select_option("#successor", label="In negotiation")
    page.click("main .btn-outline-danger")
    page.wait_for_selector("#rows")
    assert "First contact" not in names(page)
    page.click("button:has-text('Undo the deletion')")
    page.wait_for_selector("#rows .list-name:has-text('First contact')")
    page.goto(f"{hub.url}/leads/board/")
    assert page.inner_text("[data-stage='sales.first-contact'] .board-figures") == "60 leads"


def test_leads_go_to_another_pipeline_which_has_a_board_of_its_own(serve, open_page, sign_in, check_access):
    hub, page = serve(demo=True), open_page()
    sign_in(page, hub)
    page.goto(f"{hub.url}/settings/pipelines/")
    page.click("summary:has-text('Add a pipeline')")
    page.check("input[name=ready][value=support]")
    page.click("button:has-text('Add the pipeline')")
    page.wait_for_selector("h2:has-text('Support')")

    page.goto(f"{hub.url}/settings/pipelines/1")
    page.click("summary:has-text('Settings of this pipeline')")
    page.click("a:has-text('Move its leads…')")
    page.wait_for_selector(".mapping select")
    check_access(page)
    page.click("button:has-text('Move the leads')")
    page.wait_for_selector(".alert-success:has-text('60 leads moved.')")

    page.goto(f"{hub.url}/leads/board/?pipeline=support")
    check_access(page)
    assert page.locator(".board-card").count() == 20
    assert page.locator("nav.shapes [aria-current]").inner_text() == "Support"
    page.click(".board-card .card-move")
    page.wait_for_selector("#sheet[open] .move-stage")
    assert page.locator("#sheet .form-label").all_inner_texts() == ["Sales", "Support"]
    page.click("#sheet button:has-text('In evaluation')")
    page.wait_for_selector("#sheet", state="hidden")
    page.click("nav.shapes a:has-text('Sales')")
    page.wait_for_selector("[data-stage='sales.in-evaluation'] .board-card")
