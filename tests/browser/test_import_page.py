"""An import as a manager lives it: a file, its columns, progress, refusals; light, dark, on a phone, without script."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LOOKS = pytest.mark.parametrize("options", [{}, {**PHONE, "color_scheme": "dark"}], ids=["wide", "dark phone"])
HEADER = "LEADID,Last Name,Firma,Email,Created Time,Shoe size\n"


@pytest.fixture
def hub(serve):
    return serve()


@pytest.fixture
def write(tmp_path):
    """``write(1000)``: a file of that many leads, and a row that is refused in each hundred."""

    def write(count):
        rows = [
            f"{n},L{n},Firm {n % 9},n{n}@example.org,03/04/2024,\n" if n % 100 else ",,,,,x\n" for n in range(count)
        ]
        path = tmp_path / "leads.csv"
        path.write_text(HEADER + "".join(rows))
        return path

    return write


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def send(page, hub, path):
    page.goto(f"{hub.url}/leads/")
    page.click("a[href='/imports'] >> nth=0")
    page.set_input_files("#file", str(path))
    page.click("#upload-form button[type=submit]")
    page.wait_for_selector("#start-form", timeout=30_000)


@LOOKS
def test_a_file_comes_in_from_the_page(hub, open_page, sign_in, check_access, write, options):
    page = open_page(**options)
    sign_in(page, hub, "mia")
    page.goto(f"{hub.url}/imports")
    check_access(page)
    page.click("#upload-form button[type=submit]")
    page.wait_for_selector(".alert-danger:focus")
    check_access(page)

    send(page, hub, write(3000))
    check_access(page)
    assert fits(page)
    assert page.input_value("#column_2") == "other data"
    page.select_option("#column_2", "organisation")
    page.click("#start-form button.btn-primary")
    page.wait_for_selector("#import-progress")
    check_access(page)
    page.wait_for_selector("text=See the leads", timeout=60_000)

    assert page.inner_text("#count-created") == "2,970"
    assert page.inner_text("#count-refused") == "30"
    assert "30 rows were refused" in page.inner_text("#refusals")
    assert page.get_attribute("#import", "hx-trigger") is None
    page.click("#import-columns summary")
    assert "Organisation" in page.inner_text("#import-columns")
    check_access(page)
    assert fits(page)


def test_progress_moves_by_itself_and_keeps_the_focus(hub, page, sign_in, write):
    sign_in(page, hub, "mia")
    send(page, hub, write(20_000))
    page.click("#start-form button.btn-primary")
    page.wait_for_selector("#import-pause")
    page.focus("#import-pause")
    page.wait_for_selector("#progress-bar:not([value='0'])", timeout=30_000)
    first = page.get_attribute("#progress-bar", "value")
    page.wait_for_selector(f"#progress-bar:not([value='{first}'])", timeout=30_000)
    assert page.evaluate("document.activeElement.id") == "import-pause"

    page.keyboard.press("Enter")
    page.wait_for_selector("#import-resume")
    assert page.inner_text("#import [role=status]") == "Paused"
    page.click("#import-cancel")
    page.wait_for_selector("text=Import cancelled.")

    assert page.inner_text("#import [role=status]") == "Cancelled"


def test_a_file_that_is_no_table_is_told_by_itself(hub, page, sign_in, check_access):
    sign_in(page, hub, "mia")
    page.goto(f"{hub.url}/imports")
    page.set_input_files("#file", {"name": "no.csv", "mimeType": "text/csv", "buffer": b"Nom,Email\n"})
    page.click("#upload-form button[type=submit]")

    page.wait_for_selector("#import-error", timeout=30_000)
    assert "no rows below its header" in page.inner_text("#import-error")
    check_access(page)


def test_without_script_a_reload_shows_how_far_it_is(hub, open_page, sign_in, write):
    page = open_page(java_script_enabled=False)
    sign_in(page, hub, "mia")
    page.goto(f"{hub.url}/imports")
    page.set_input_files("#file", str(write(300)))
    page.click("#upload-form button[type=submit]")

    def reload_until(selector):
        for _ in range(40):
            if page.query_selector(selector):
                return
            page.wait_for_timeout(500)
            page.reload()
        raise AssertionError(page.inner_text("main"))

    reload_until("#start-form")
    page.click("#start-form button.btn-primary")
    reload_until("text=See the leads")

    assert page.inner_text("#count-created") == "297"
