"""A quotation on its way by mail: what is filled in, who gets it, and what keeps it back."""

from dataclasses import replace
from datetime import date

import pytest

from leadhub.extensions import db
from leadhub.jobs.worker import Worker
from leadhub.leads.models import Lead
from leadhub.sales import contacts
from leadhub.sales.company.queries import company
from leadhub.sales.contacts import ContactDraft
from leadhub.sales.documents import Quotation
from leadhub.sales.quotations import pdf, sending, services
from tests import mail_servers
from tests.conftest import missing
from tests.sales.quoting import written

pytestmark = pytest.mark.one_database
MAIL = {"to": "ann@acme.example", "message": "Hello Ann,\r\n\r\nHere it is.\r\nZoé"}


@pytest.fixture
def inbox():
    with mail_servers.running(auth_require_tls=False) as inbox:
        yield inbox


@pytest.fixture
def app(make_app, settings, inbox):
    """A hub with the inbox for its mail server."""
    server = {"smtp_url": f"smtp://127.0.0.1:{inbox.port}", "mail_from": "hub@example.org"}
    return make_app(settings=replace(settings, **server, base_url="http://localhost"))


@pytest.fixture
def lead_id(make_lead):
    return make_lead(last_name="Dupont", organisation="Acme", email="dupont@acme.example")


@pytest.fixture
def ada(lead_id, context, person):
    return person("ada")


@pytest.fixture
def effects(rows):
    def read():
        db.session.rollback()  # they are read beside this session
        return rows("effects")

    return read


def work_off(app):
    db.session.rollback()  # the worker has a session of its own
    Worker(app).work_off()


def again(row):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Quotation, row.id)


def test_a_draft_is_submitted_and_sent(app, client, lead_id, ada, inbox):
    company().name = "Zoé & Co"
    row = written(lead_id, ada, submitted=False)
    page = client.get(f"/quotations/{row.id}/send").text
    assert "Submit and send" in page
    assert 'value="dupont@acme.example"' in page

    answer = client.post(f"/quotations/{row.id}/send", data=MAIL)
    assert (answer.status_code, answer.location) == (303, f"/quotations/{row.id}")
    row = again(row)
    assert (row.state, row.mailed_to) == ("submitted", "ann@acme.example")
    number = row.number
    work_off(app)

    (mail,) = inbox.mails
    text = mail.get_body(["plain"]).get_content().replace("\r\n", "\n")
    assert (mail["To"], mail["Reply-To"]) == ("ann@acme.example", "ada@example.org")
    assert mail["Subject"] == f"Quotation {number} from Zoé & Co"
    assert mail["Auto-Submitted"] is None
    assert text.startswith("Hello Ann,\n\nHere it is.\nZoé\n\nhttp://localhost/q/")
    link = text.split("\n\n")[2].removeprefix("http://localhost")
    assert client.get(link).status_code == 200


def test_the_file_goes_with_it_where_one_can_be_made(app, client, lead_id, ada, inbox):
    if not pdf.works():
        missing("pdf", "WeasyPrint or Debian's Pango is not installed")
    row = written(lead_id, ada)
    client.post(f"/quotations/{row.id}/send", data=MAIL)
    name = sheets_name(row)
    work_off(app)

    (attached,) = inbox.mails[0].iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == (name, "application/pdf")
    assert attached.get_content().startswith(b"%PDF-")


def sheets_name(row):
    return f"{again(row).number}.pdf"


@pytest.mark.parametrize("trouble", ["nowhere", "in the middle"])
def test_without_the_file_the_link_goes_alone(app, client, lead_id, ada, inbox, monkeypatch, trouble):
    monkeypatch.setattr(pdf, "works", lambda: trouble != "nowhere")
    monkeypatch.setattr(pdf, "made_of", lambda html: 1 / 0)
    row = written(lead_id, ada)

    assert ("The PDF is attached." in client.get(f"/quotations/{row.id}/send").text) == (trouble != "nowhere")
    client.post(f"/quotations/{row.id}/send", data=MAIL)
    work_off(app)

    assert [*inbox.mails[0].iter_attachments()] == []
    assert "/q/" in inbox.mails[0].get_body(["plain"]).get_content()


def test_it_speaks_the_quotations_language(app, client, lead_id, ada, inbox):
    row = written(lead_id, ada, language="fr")
    client.post(f"/quotations/{row.id}/send", data=MAIL)
    work_off(app)

    assert 'lang="fr"' in inbox.mails[0].get_body(["html"]).get_content()


def test_what_a_draft_lacks_is_told_and_nothing_is_sent(client, lead_id, ada, effects):
    row = written(lead_id, ada, submitted=False, valid_until=date(2020, 1, 1))

    answer = client.post(f"/quotations/{row.id}/send", data=MAIL)

    assert answer.status_code == 422
    assert "This day is over." in answer.text
    assert "Here it is." in answer.text
    assert again(row).state == "draft"
    assert effects() == []


@pytest.mark.parametrize(
    "to", ["", "ann", "ann@", "a@b.example, c@d.example", "a@b.example\nBcc: x@y.example", "hélène@b.example"]
)
def test_no_mail_goes_to_what_is_no_address(client, lead_id, ada, effects, to):
    row = written(lead_id, ada, submitted=False)

    answer = client.post(f"/quotations/{row.id}/send", data=MAIL | {"to": to})

    assert answer.status_code == 422
    assert again(row).state == "draft"
    assert effects() == []


def test_without_a_mail_server_it_says_so(client_of, lead_id, ada, effects, monkeypatch):
    monkeypatch.setattr("leadhub.jobs.mail.can_send", lambda: False)
    monkeypatch.setattr("leadhub.sales.quotations.sending_views.can_send", lambda: False)
    row, client = written(lead_id, ada, submitted=False), client_of("ada")

    assert "No mail server is set up." in client.get(f"/quotations/{row.id}/send").text
    answer = client.post(f"/quotations/{row.id}/send", data=MAIL)

    assert answer.status_code == 409
    assert "No mail server is set up." in answer.text
    assert again(row).state == "draft"
    assert effects() == []


def test_the_same_form_sends_one_mail(client, lead_id, ada, effects):
    row = written(lead_id, ada)

    for _time in range(2):
        assert client.post(f"/quotations/{row.id}/send", data=MAIL | {"once": "a"}).status_code == 303

    assert len(effects()) == 1
    assert "Send again" in client.get(f"/quotations/{row.id}/send").text
    client.post(f"/quotations/{row.id}/send", data=MAIL | {"once": "b"})
    assert len(effects()) == 2


def test_one_that_is_settled_is_not_sent(client, lead_id, ada, effects):
    row = written(lead_id, ada)
    services.act(row, "accept", by=ada)
    db.session.commit()

    assert "send-form" not in client.get(f"/quotations/{row.id}/send").text
    assert client.post(f"/quotations/{row.id}/send", data=MAIL).status_code == 409
    assert effects() == []


def test_who_has_unsubscribed_still_gets_what_they_asked_for(client, lead_id, ada):
    row = written(lead_id, ada)
    assert "unsubscribed" not in client.get(f"/quotations/{row.id}/send").text
    row.lead.unsubscribed = True
    db.session.commit()

    assert "They have unsubscribed" in client.get(f"/quotations/{row.id}/send").text
    assert client.post(f"/quotations/{row.id}/send", data=MAIL).status_code == 303


def test_the_address_is_the_one_that_is_known_best(lead_id, ada):
    row = written(lead_id, ada)
    lead = db.session.get(Lead, lead_id)
    contacts.add(lead, ContactDraft(last_name="Martin", email="martin@acme.example"), by=ada)
    assert sending.address_for(row) == "dupont@acme.example"
    lead.email = ""
    db.session.flush()
    assert sending.address_for(row) == "martin@acme.example"
    row.mailed_to = "boss@acme.example"
    assert sending.address_for(row) == "boss@acme.example"


def test_nothing_that_lets_somebody_in_lies_open(client, lead_id, ada, effects):
    row = written(lead_id, ada)
    client.post(f"/quotations/{row.id}/send", data=MAIL)

    payload = str(effects()[0]["payload"])
    assert "ann@" not in payload
    assert "/q/" not in payload


def test_a_sender_whose_address_no_header_can_carry_keeps_no_mail_back(app, client, lead_id, ada, inbox):
    row = written(lead_id, ada)
    ada.email = "zoé@example.org"
    db.session.commit()
    client.post(f"/quotations/{row.id}/send", data=MAIL)
    work_off(app)

    (mail,) = inbox.mails
    assert mail["Reply-To"] is None
