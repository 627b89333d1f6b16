"""The command palette: who is offered what, what it finds, what it costs."""

import re

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role
from leadhub.extensions import db
from leadhub.leads.listing.models import SavedView
from leadhub.leads.models import Lead
from leadhub.palette import queries

pytestmark = pytest.mark.one_database  # what it says of the database is said by the services' own tests

PIECE = {"HX-Request": "true", "HX-Request-Type": "partial"}


def entries(answer):
    """The words of each option, in their order."""
    options = re.findall(r'<(?:a|button)[^>]* role="option".*?</(?:a|button)>', answer.text, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", option).split()) for option in options]


def palette(client, text=""):
    return client.get("/palette", query_string={"q": text}, headers=PIECE)


@pytest.mark.parametrize(
    ("name", "offered", "not_offered"),
    [
        ("ada", {"Add a lead", "Import", "Bin", "General", "Users and teams", "Jobs", "Profile", "Sign out"}, set()),
        ("mia", {"Add a lead", "Import", "Bin", "Keyboard"}, {"General", "Audit log", "Jobs"}),
        ("bob", {"Add a lead", "Bin", "Profile"}, {"Import", "General"}),
        ("vic", {"Leads", "Profile", "Keyboard", "Sign out"}, {"Add a lead", "Import", "Bin", "General"}),
    ],
)
def test_actions_are_those_that_the_person_may_do(client_of, name, offered, not_offered):
    found = set(entries(palette(client_of(name))))

    assert offered <= found
    assert not found & not_offered


def test_every_offered_page_opens(client):
    addresses = re.findall(r'role="option"[^>]* href="([^"]+)"', palette(client).text)

    assert len(addresses) > 10
    assert [address for address in addresses if client.get(address).status_code != 200] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [("AUDÍT", "Audit log"), ("use tea", "Users and teams"), ("corbeille", "Bin"), ("settings fie", "Fields")],
)
def test_an_action_is_found_by_beginnings_of_its_words_in_both_languages(client, text, found):
    assert found in entries(palette(client, text))


def test_leads_are_found_newest_first_and_no_more_than_seven(client, make_lead):
    for number in range(9):
        make_lead(last_name=f"Lefèvre {number}", organisation="Cœur")

    found = entries(palette(client, "lefevre COEUR"))

    assert found == [*(f"Lefèvre {number} Cœur Open" for number in range(8, 1, -1)), "Search leads for “lefevre COEUR”"]


def test_hidden_and_binned_leads_are_never_found(app, client, client_of, make_lead):
    ids = {owner: make_lead(last_name=f"Secret {owner}", owner=f"{owner}@example.org") for owner in ("bob", "mia")}
    binned = make_lead(last_name="Secret binned", owner="bob@example.org")
    client.post(f"/leads/{binned}/delete")
    with app.app_context():
        db.session.execute(sa.update(Role).values(reach="own"))
        db.session.execute(sa.update(Lead).where(Lead.id == ids["mia"]).values(organisation="Elsewhere"))
        db.session.commit()

    assert entries(palette(client_of("bob"), "secret")) == ["Secret bob Open", "Search leads for “secret”"]


def test_views_are_found_by_name_those_that_the_person_is_offered(app, client_of):
    with app.app_context():
        for name, owner_id, scope in (
            ("Été chaud", 3, "private"),
            ("Été de Mia", 2, "private"),
            ("Été pour tous", 2, "all"),
        ):
            db.session.add(SavedView(name=name, owner_id=owner_id, scope=scope, query="source=whatsapp"))
        db.session.commit()

    answer = palette(client_of("bob"), "ete")

    assert entries(answer) == ["Été chaud", "Été pour tous", "Search leads for “ete”"]
    assert 'href="/leads/?view=1"' in answer.text


def test_nothing_found_is_said_and_the_search_is_offered(client):
    answer = palette(client, "<zzz>")

    assert "Nothing found." in answer.text
    assert entries(answer) == ["Search leads for “&lt;zzz&gt;”"]
    assert 'href="/leads/?q=%3Czzz%3E"' in answer.text


def test_many_leads_cost_as_many_queries_as_one(client, make_lead, count_queries):
    make_lead(last_name="Lefèvre", owner="bob@example.org", source="whatsapp")
    palette(client, "lefevre")
    with count_queries() as one:
        palette(client, "lefevre")
    for number in range(9):
        make_lead(last_name=f"Lefèvre {number}", owner="mia@example.org", source=f"source {number}")
    with count_queries() as ten:
        palette(client, "lefevre")
    with count_queries() as none:
        palette(client)

    assert len(ten) <= len(one)
    assert not [statement for statement in none if "FROM leads" in statement or "saved_views" in statement]


@pytest.mark.parametrize("text", ["x" * 5000, "a " * 500, "' OR 1=1 --", '"', "%", "-", "\ud83d\ude00", "«»"])
def test_any_text_is_answered_in_bounds(client, text):
    text = text.encode("utf-16", "surrogatepass").decode("utf-16")

    answer = palette(client, text)

    assert answer.status_code == 200
    assert len(answer.text) < 20_000


def test_a_search_that_takes_too_long_costs_the_leads_alone(client, make_lead, monkeypatch):
    def too_long(*args):
        raise queries.TookTooLong

    make_lead(last_name="Import")
    monkeypatch.setattr(queries, "blocks_of", too_long)

    answer = palette(client, "import")

    assert answer.status_code == 200
    assert entries(answer) == ["Import", "Search leads for “import”"]
    assert "too long" in answer.text


def test_without_script_it_is_a_page_with_a_form_and_links(client, make_lead):
    lead_id = make_lead(last_name="Lefèvre")

    page = client.get("/palette?q=Lefe").text.partition("<main")[2]

    assert 'action="/palette"' in page
    assert 'value="Lefe"' in page
    assert f'href="/leads/{lead_id}"' in page
    assert 'role="option"' not in page
    assert 'form="sign-out"' in client.get("/palette").text


def test_the_page_of_keys_tells_them_all(client):
    page = client.get("/keyboard").text.partition("<main")[2]

    assert set(re.findall(r"<kbd>(.*?)</kbd>", page)) >= {
        "j",
        "k",
        "x",
        "n",
        "/",
        "?",
        "Space",
        "Enter",
        "Esc",
        "Ctrl K",
    }
