"""People come, forget their password, are away and go; by mail and without, in English and in French."""

import re
import time

import pytest
from passlib.totp import TOTP

from tests import mail_servers
from tests.databases import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
PHRASE = "une phrase facile à retenir"
LANGUAGES = pytest.mark.parametrize("language", ["en", "fr"])
ONE_LANGUAGE = pytest.mark.parametrize("language", ["en"])  # the way in is walked in both
WORDS = {
    "invitation": {"en": "You are invited to LeadHub", "fr": "LeadHub"},
    "reset": {"en": "A new password for LeadHub", "fr": "mot de passe"},
    "handover": {"en": "1 lead is yours now", "fr": "1\u00a0piste"},
}


@pytest.fixture(scope="module")
def mail_server():
    with mail_servers.running() as inbox:
        yield inbox


@pytest.fixture
def inbox(mail_server):
    mail_server.mails.clear()
    return mail_server


@pytest.fixture
def hub(serve, inbox):
    return serve(SMTP_URL=f"smtp://127.0.0.1:{inbox.port}?tls=off", MAIL_FROM="LeadHub <crm@example.org>")


def mail_to(inbox, address, number=1):
    """The newest mail to that address, once there are as many."""
    for _ in range(150):
        found = [mail for mail in inbox.mails if address in mail["To"]]
        if len(found) >= number:
            return found[-1]
        time.sleep(0.1)
    raise AssertionError([mail["To"] for mail in inbox.mails])


def link_in(mail):
    return re.search(r"http://\S+/password/\S+", mail.get_body(("plain",)).get_content())[0]


def speak(page, hub, language):
    page.goto(f"{hub.url}/profile/")
    page.select_option("#language", language)
    page.click("#profile-form button[type=submit]")
    page.wait_for_selector(f"html[lang={language}]")


def hub_in(page, hub, sign_in, language):
    """An admin whose hub speaks that language."""
    sign_in(page, hub)
    page.goto(f"{hub.url}/settings")
    page.select_option("#language", language)
    page.click("#hub-form button[type=submit]")
    page.wait_for_selector(f"html[lang={language}]")


@LANGUAGES
def test_somebody_is_invited_and_joins(hub, inbox, open_page, sign_in, check_access, language):
    page, guest = open_page(), open_page()
    hub_in(page, hub, sign_in, language)
    page.goto(f"{hub.url}/settings/users/")
    page.click("#invite summary")
    page.fill("#email", "zoe@example.org")
    page.fill("#name", "Zoé Dupré")
    check_access(page)
    page.click("#invite button[type=submit]")
    page.wait_for_selector("text=zoe@example.org")

    mail = mail_to(inbox, "zoe@example.org")
    assert WORDS["invitation"][language] in mail["Subject"]
    guest.goto(link_in(mail))
    assert guest.get_attribute("html", "lang") == language
    check_access(guest)
    guest.fill("#new", "court")
    guest.click("#choose button[type=submit]")
    guest.wait_for_selector(".alert-danger")
    assert guest.input_value("#name") == "Zoé Dupré"
    guest.fill("#new", PHRASE)
    guest.click("#choose button[type=submit]")
    guest.wait_for_url("**/leads/")
    guest.goto(link_in(mail))
    check_access(guest)
    assert guest.locator("#new").count() == 0


@ONE_LANGUAGE
def test_a_forgotten_password_is_chosen_anew(hub, inbox, open_page, sign_in, check_access, language):
    page, reader = open_page(), open_page()
    hub_in(page, hub, sign_in, language)
    reader.goto(f"{hub.url}/login")
    reader.click("a[href='/password/forgotten']")
    check_access(reader)
    reader.fill("#email", "bob@example.org")
    reader.click("form[action='/password/forgotten'] button")
    reader.wait_for_selector("p[role=status]")

    mail = mail_to(inbox, "bob@example.org")
    assert WORDS["reset"][language] in mail["Subject"]
    reader.goto(link_in(mail))
    reader.fill("#new", PHRASE)
    reader.click("#choose button[type=submit]")
    reader.wait_for_url("**/login")
    reader.fill("#email", "bob@example.org")
    reader.fill("#password", PHRASE)
    reader.click("#sign-in button[type=submit]")
    reader.wait_for_url("**/leads/")
    assert mail_to(inbox, "bob@example.org", 2)


@ONE_LANGUAGE
def test_somebody_goes_and_another_takes_over(hub, inbox, open_page, sign_in, check_access, language):
    page, bob = open_page(), open_page()
    sign_in(bob, hub, "bob")
    bob.goto(f"{hub.url}/leads/new")
    bob.fill("#last_name", "Dupont")
    bob.click("#lead-form button[type=submit]")
    bob.wait_for_selector("h1:has-text('Dupont')")
    hub_in(page, hub, sign_in, language)

    page.goto(f"{hub.url}/settings/users/")
    page.click("text=Bob")
    page.click("#deactivate summary")
    page.select_option("#deactivate select", label="Mia")
    check_access(page)
    page.click("#deactivate button[type=submit]")
    page.wait_for_selector(".alert-warning")
    check_access(page)

    bob.goto(f"{hub.url}/leads/")
    assert "/login" in bob.url
    page.goto(f"{hub.url}/leads/")
    page.click("text=Dupont")
    assert "Mia" in page.inner_text("#fact-owner")
    assert "Bob" in page.inner_text("#history")
    assert WORDS["handover"][language] in mail_to(inbox, "mia@example.org")["Subject"]


def test_two_steps_to_sign_in(hub, open_page, sign_in, check_access):
    page, other = open_page(), open_page()
    sign_in(page, hub, "bob")
    page.goto(f"{hub.url}/profile/two-factor")
    assert page.evaluate("document.querySelector('.qr').naturalWidth") > 100
    key = page.inner_text(".form-hint code").replace("-", "")
    page.fill("#code", TOTP(key=key, format="base32").generate().token)
    page.fill("#old", PASSWORD)
    page.click("form[action='/profile/two-factor'] button[type=submit]")
    page.wait_for_selector(".codes")
    check_access(page)
    recovery = page.inner_text(".codes li >> nth=0")

    other.goto(f"{hub.url}/login")
    other.fill("#email", "bob@example.org")
    other.fill("#password", PASSWORD)
    other.click("#sign-in button[type=submit]")
    other.wait_for_url("**/login/code**")
    check_access(other)
    other.fill("#code", "000000")
    other.click("#code-form button[type=submit]")
    other.wait_for_selector(".alert-danger")
    other.click("a[href^='/login/recovery']")
    check_access(other)
    other.fill("#code", recovery)
    other.click("#code-form button[type=submit]")
    other.wait_for_url("**/leads/**")


def test_without_a_mail_server_the_admin_hands_the_link_over(serve, open_page, sign_in, check_access):
    hub = serve()
    page, guest = open_page(), open_page(java_script_enabled=False)
    sign_in(page, hub)
    page.goto(f"{hub.url}/settings/users/")
    page.click("#invite summary")
    page.fill("#email", "zoe@example.org")
    page.click("#invite button[type=submit]")
    page.wait_for_selector("#link")
    check_access(page)

    guest.goto(page.input_value("#link"))
    guest.fill("#name", "Zoé")
    guest.fill("#new", PHRASE)
    guest.click("#choose button[type=submit]")

    assert guest.url.endswith("/leads/")


def test_a_worker_that_stopped_is_told_to_admins_alone(hub, open_page, sign_in):
    page, bob = open_page(), open_page()
    sign_in(page, hub)
    sign_in(bob, hub, "bob")
    for it in (page, bob):
        it.goto(f"{hub.url}/leads/")

    assert page.locator("#worker-banner").count() == 0
    assert bob.locator("#worker-banner").count() == 0
