"""The e-mail to the owner of a lead that has entered a status."""

from dataclasses import replace

import pytest

from leadhub.accounts.notices import address_of
from leadhub.extensions import db
from leadhub.leads.statuses import jobs
from leadhub.leads.statuses.effects import NOBODY
from leadhub.leads.statuses.models import FAILED, StatusRun
from leadhub.statuses.services import add_action
from tests import mail_servers


@pytest.fixture
def inbox():
    with mail_servers.running(auth_require_tls=False) as inbox:
        yield inbox


@pytest.fixture
def app(make_app, settings, inbox):
    """A hub with the inbox for its mail server, which knows how it is reached."""
    server = {"smtp_url": f"smtp://127.0.0.1:{inbox.port}", "mail_from": "hub@example.org"}
    return make_app(settings=replace(settings, base_url="https://crm.example.org/hub", **server))


@pytest.fixture
def mail_of_quotation(ada, status):
    add_action(status("quotation"), "mail_owner", {"text": "Call\nthem."}, by=ada)
    db.session.commit()


def text_of(message):
    return message.get_body(["plain"]).get_content().replace("\r\n", "\n")


def test_the_owner_reads_which_lead_entered_which_status(mail_of_quotation, inbox, new_lead, choose, work, runs):
    lead = new_lead(owner="bob@example.org")

    choose(lead, "quotation")
    work()

    (message,) = inbox.mails
    assert (message["To"], message["Subject"]) == ("bob@example.org", "Dupré: Quotation")
    assert "Dupré, which is your lead, has the status “Quotation” now.\n\nCall them.\n" in text_of(message)
    assert f"\nhttps://crm.example.org/hub/leads/{lead.id}\n" in text_of(message)
    assert runs(lead) == [("mail_owner", "done", "")]


@pytest.mark.one_database
def test_it_is_in_the_owners_language_with_the_name_of_that_time(
    mail_of_quotation, inbox, new_lead, choose, work, person, status
):
    person("bob").language = "fr"
    lead = new_lead(owner="bob@example.org")

    choose(lead, "quotation")
    status("quotation").names = {"en": "Offer sent", "fr": "Offre envoyée"}
    work()

    assert inbox.mails[0]["Subject"].replace("\u00a0", " ") in ("Dupré : Devis", "Dupré: Devis")


def test_it_is_sent_once_however_often_it_is_tried(mail_of_quotation, inbox, new_lead, choose, work, ada):
    lead = new_lead(owner="bob@example.org")
    choose(lead, "quotation")
    work()
    run = db.session.query(StatusRun).one()
    run.state = FAILED

    jobs.try_again(run, by=ada)
    work()

    assert len(inbox.mails) == 1


@pytest.mark.one_database
@pytest.mark.parametrize("owner", ["nobody", "somebody who is gone"])
def test_without_an_owner_there_is_nobody_to_write_to(
    mail_of_quotation, inbox, new_lead, choose, work, runs, person, owner
):
    lead = new_lead(owner="bob@example.org" if owner != "nobody" else "")
    choose(lead, "quotation")
    person("bob").active = False

    work()

    assert inbox.mails == []
    assert runs(lead) == [("mail_owner", "skipped", NOBODY)]


@pytest.mark.one_database
def test_a_hub_that_does_not_know_how_it_is_reached_names_no_address(make_app):
    with make_app().app_context():
        assert address_of("leads.show", id=1) == ""
