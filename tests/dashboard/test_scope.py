"""What the whole page of statistics is narrowed to: days, owner, source, type, pipeline."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.lists.drafts import RowDraft
from leadhub.pipelines import services

pytestmark = pytest.mark.one_database  # what is read of the database is said by tests/leads/test_reading.py
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def leads(make_lead):
    """Three of now, one of long ago; two of WhatsApp, one of them ada's."""
    now = datetime.now(UTC)
    make_lead(source="whatsapp", owner="ada@example.org", received_at=now, type="prospect")
    make_lead(source="whatsapp", received_at=now)
    make_lead(source="linkedin", received_at=now)
    make_lead(source="linkedin", received_at=now - timedelta(days=500))


def card(client, key, words):
    return client.get(f"/dashboard/widgets/{key}?{words}", headers=PARTIAL).text


def ways(html):
    """(address, number) of each row of a card's table."""
    found = re.findall(r'href="(/leads/[^"]*)"[^>]*>[^<]*</a></span></th>\s*<td[^>]*>([\d,]+)', html)
    return [(address.replace("&amp;", "&"), int(number)) for address, number in found]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("", [2, 2]),
        ("period=last-30-days", [2, 1]),
        ("period=last-30-days&source=whatsapp", [2]),
        ("source=whatsapp&owner=me", [1]),
        ("owner=none&period=last-365-days", [1, 1]),
        ("type=prospect", [1]),
        ("period=custom&start=2000-01-01&end=2000-12-31", []),
        ("source=none", []),
    ],
)
def test_every_slice_is_narrowed_and_leads_to_just_these(client, leads, words, numbers):
    found = ways(card(client, "leads_by_source", words))

    assert [number for _address, number in found] == numbers
    for address, number in found:
        assert len(re.findall(r'<tr id="lead-', client.get(address).text)) == number


@pytest.mark.parametrize(("words", "number"), [("", 3), ("source=linkedin", 2), ("period=today&source=linkedin", 1)])
def test_a_figure_leads_to_just_these(client, leads, words, number):
    html = card(client, "without_owner", words)
    address, told = re.search(r'href="(/leads/[^"]*)"[^>]*>([\d,]+)<', html).groups()
    assert int(told) == number
    assert len(re.findall(r'<tr id="lead-', client.get(address.replace("&amp;", "&")).text)) == number


def test_what_a_card_asks_for_and_the_page_leaves_out_is_nothing(client, leads):
    """The card is of leads without an owner, the page of ada's."""
    html = card(client, "without_owner", "owner=ada%40example.org")
    address, told = re.search(r'href="(/leads/[^"]*)"[^>]*>([\d,]+)<', html).groups()
    assert int(told) == 0
    assert "No lead matches." in client.get(address.replace("&amp;", "&")).text


def test_the_address_holds_all_of_it_and_each_card_gets_it(client):
    html = client.get("/dashboard/?period=last-7-days&source=whatsapp&leads_over_time.step=day").text
    addresses = re.findall(r'hx-get="(/dashboard/widgets/[^"]*)"', html)
    assert addresses
    assert all("period=last-7-days&amp;source=whatsapp" in address for address in addresses)
    assert re.search(r'<option selected value="last-7-days">', html)
    assert '<input type="hidden" name="leads_over_time.step" value="day">' in html
    assert "on the clock of Europe/Paris" in html


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("period=never", "Choose one from the list."),
        ("source=nowhere", "Choose one from the list."),
        ("period=custom&start=x", "Give a date."),
        ("period=custom&start=2026-02-02&end=2026-02-01", "The range ends before it begins."),
    ],
)
def test_what_can_t_be_understood_is_told_and_nothing_is_counted(client, leads, words, told):
    answer = client.get(f"/dashboard/?{words}", headers=PARTIAL)
    assert answer.status_code == 422
    assert told in answer.text
    refused = card(client, "leads_by_source", words)
    assert told in refused
    assert ways(refused) == []
    assert client.get(f"/dashboard/widgets/leads_by_source/figures.csv?{words}").status_code == 422


def test_days_without_their_period_say_nothing(client, leads):
    found = ways(card(client, "leads_by_source", "start=2000-01-01&end=2000-01-02"))
    assert [number for _address, number in found] == [2, 2]


def test_a_pipeline_narrows_where_there_are_several(app, client, leads):
    assert 'name="pipeline"' not in client.get("/dashboard/").text
    with app.app_context():
        draft = RowDraft(names={"en": "Support", "fr": "Support"}, extras={"team_id": None})
        services.add_pipeline(draft, ready="support", by=user_by_email("ada@example.org"))
        db.session.commit()

    assert 'name="pipeline"' in client.get("/dashboard/").text
    assert [it[1] for it in ways(card(client, "leads_by_source", "pipeline=sales"))] == [2, 2]
    assert ways(card(client, "leads_by_source", "pipeline=support")) == []


def test_what_one_may_not_see_narrows_nothing(client, client_of, leads):
    client.post("/settings/fields/source", data={"shown": "more", "seen_by": "managers", "changed_by": "managers"})
    assert 'name="source"' in client.get("/dashboard/").text
    assert 'id="source"' not in client_of("bob").get("/dashboard/?source=whatsapp").text


def test_options_of_a_card_keep_the_rest_of_the_address(client):
    seen = {"HX-Current-URL": "http://localhost/dashboard/?period=today", "HX-Source": "form#x"}
    answer = client.get(
        "/dashboard/widgets/leads_over_time?period=today&leads_over_time.step=week", headers=PARTIAL | seen
    )
    assert answer.headers["HX-Replace-Url"] == "/dashboard/?leads_over_time.step=week&period=today"
