"""Cards of plugins on a lead's page: each by itself, and what fails costs its card."""

import time

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.leads.statuses.snapshots import snapshot_of
from leadhub.plugins.api import LeadPanel, TextData, hookimpl

pytestmark = pytest.mark.one_database
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
WRONG = {
    "raises": lambda lead, context: 1 / 0,
    "exits": lambda lead, context: exit(3),
    "text": lambda lead, context: "<b>words</b>",
    "hangs": lambda lead, context: time.sleep(6),
}


def remember(lead, context):
    seen = context.store.get("seen", 0, lead_id=lead.id) + 1
    context.store.set("seen", seen, lead_id=lead.id)
    return TextData(text=f"{lead.title} was seen {seen} times <script>")


class Panels:
    """Offers what it was given."""

    def __init__(self, **loads):
        self.loads = loads

    @hookimpl
    def register_lead_panels(self):
        return [LeadPanel(key=key, title={"en": f"The {key}"}, load=load) for key, load in self.loads.items()]


@pytest.fixture
def app(make_app):
    good = {"nothing": lambda lead, context: None, "remember": remember}
    return make_app([("acme", Panels(**good, **WRONG)), ("other", Panels(fine=lambda *_: TextData(text="fine")))])


def get(client, lead_id, key, **options):
    return client.get(f"/leads/{lead_id}/panels/{key}", **options)


def test_the_page_of_a_lead_asks_for_each_panel(client, make_lead):
    lead_id = make_lead()

    page = client.get(f"/leads/{lead_id}").text

    for key in ("same_company", "acme.remember", "other.fine"):
        assert f'hx-get="/leads/{lead_id}/panels/{key}" hx-trigger="load"' in page
        assert f'<a href="/leads/{lead_id}/panels/{key}">' in page  # without script


def test_a_panel_is_a_page_and_a_piece_of_one(client, make_lead):
    lead_id = make_lead(last_name="Dupont")

    page, piece = (get(client, lead_id, "acme.remember", headers=headers) for headers in ({}, PARTIAL))

    assert "<html" in page.text
    assert "<html" not in piece.text
    assert "Dupont was seen 1 times" in page.text
    assert "Dupont was seen 2 times" in piece.text  # what it has stored is there for the next call
    assert "<script>" not in piece.text


def test_where_there_is_nothing_there_is_no_card(client, make_lead):
    lead_id = make_lead()

    assert get(client, lead_id, "acme.nothing", headers=PARTIAL).text.strip() == ""
    assert "There is nothing to show" in get(client, lead_id, "acme.nothing").text


@pytest.mark.parametrize("key", WRONG)
def test_one_that_fails_costs_its_card(client, make_lead, key):
    lead_id = make_lead()

    card = get(client, lead_id, f"acme.{key}", headers=PARTIAL)

    assert card.status_code == 200
    assert 'data-state="failed"' in card.text
    assert "words" not in card.text
    assert "fine" in get(client, lead_id, "other.fine").text


def test_a_panel_that_is_not_there_or_off_is_404(client, make_lead):
    lead_id = make_lead()
    client.post("/settings/plugins/other/switch", data={})

    assert get(client, lead_id, "other.fine").status_code == 404
    assert get(client, lead_id, "acme.unknown").status_code == 404
    assert "other.fine" not in client.get(f"/leads/{lead_id}").text


@pytest.fixture
def company(app, make_lead):
    """Leads of one company, of mia and bob, and who only seems to belong to it."""
    told = {
        "Anna": {"organisation": "Acme", "owner": "bob@example.org"},
        "Bert": {"organisation": "ACME", "owner": "mia@example.org"},
        "Carl": {"email": "carl@acme.example", "owner": "bob@example.org"},
        "Dora": {"email": "dora@acme.example", "organisation": "Acme", "owner": "bob@example.org"},
        "Emil": {"email": "emil@acme.example.net", "owner": "bob@example.org"},
        "Finn": {"email": "finn@gmail.com", "owner": "bob@example.org"},
        "Gina": {"email": "gina@gmail.com", "owner": "bob@example.org"},
    }
    return {name: make_lead(last_name=name, **values) for name, values in told.items()}


def named(answer, company):
    return {name for name in company if f">{name}<" in answer.text}


def test_others_of_the_company_have_its_name_or_its_domain(client, company):
    of = {
        name: named(get(client, lead_id, "same_company", headers=PARTIAL), company) for name, lead_id in company.items()
    }

    assert of["Anna"] == {"Bert", "Dora"}
    assert of["Carl"] == {"Dora"}
    assert of["Dora"] == {"Anna", "Bert", "Carl"}
    assert of["Emil"] == of["Finn"] == set()


def test_a_panel_shows_no_lead_that_the_reader_may_not_see(app, client_of, company):
    with app.app_context():
        db.session.execute(sa.update(Role).values(reach="own"))
        db.session.commit()
    bob = client_of("bob")

    assert named(get(bob, company["Dora"], "same_company", headers=PARTIAL), company) == {"Anna", "Carl"}
    assert get(bob, company["Bert"], "same_company").status_code == 404


def test_ten_others_ask_as_often_as_one(client, make_lead, count_queries):
    lead_id = make_lead(organisation="Acme")
    make_lead(organisation="Acme")
    get(client, lead_id, "same_company")
    with count_queries() as one:
        get(client, lead_id, "same_company")
    for _number in range(9):
        make_lead(organisation="Acme", owner="mia@example.org", source="whatsapp")

    with count_queries() as ten:
        get(client, lead_id, "same_company")

    assert len(ten) == len(one)


def test_what_is_hidden_from_the_reader_is_empty_for_the_panel_too(app, make_lead):
    lead_id = make_lead(job_title="Baker", email="lou@acme.example", organisation="Acme")
    with app.app_context():
        lead = db.session.get_one(Lead, lead_id)

        told, hidden = snapshot_of(lead), snapshot_of(lead, {"job_title", "email", "received_at", "title"})

        assert (told.job_title, told.email, told.title) == ("Baker", "lou@acme.example", hidden.title)
        assert (hidden.job_title, hidden.email, hidden.received_at, hidden.organisation) == ("", "", None, "Acme")
