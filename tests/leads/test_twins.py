"""The hint that a lead is there already: exact keys, and nothing that the reader may not see."""

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.leads.twins import MOST, twins_of
from leadhub.plugins.api.leads import Reach


@pytest.fixture
def names(context, person):
    """``names(emails, phones)``: last names of the twins that ada is told of."""
    return lambda emails=(), phones=(), but=None, by="ada": [
        lead.last_name for lead in twins_of(person(by), emails, phones, but=but)
    ]


@pytest.mark.parametrize("typed", ["zoe@example.org", " ZOE@Example.org "])
def test_the_same_e_mail_is_found_however_it_is_written(make_lead, names, typed):
    make_lead(last_name="Dupré", email="Zoe@example.org")
    make_lead(last_name="Faure", email="zoe@example.org.uk")

    assert names([typed]) == ["Dupré"]


@pytest.mark.parametrize("typed", ["06 39 98 12 34", "+33639981234", "0033 6 39 98 12 34"])
def test_the_same_phone_is_found_however_it_is_written(make_lead, names, typed):
    make_lead(last_name="Dupré", phone="06.39.98.12.34")

    assert names([], [typed]) == ["Dupré"]


def test_further_e_mails_and_phones_count_too(make_lead, names):
    make_lead(last_name="Dupré", email="a@example.org", emails=(Reach(value="b@example.org"),))
    make_lead(last_name="Faure", phone="06 39 98 00 00", phones=(Reach(value="06 39 98 12 34", type="mobile"),))

    assert names(["b@example.org"]) == ["Dupré"]
    assert names([], ["06 39 98 12 34"]) == ["Faure"]


@pytest.mark.one_database
@pytest.mark.parametrize("typed", ["", "zoe", "zoe@", "%", "06 39"])
def test_half_an_address_is_nobodys(make_lead, names, typed):
    make_lead(email="zoe@example.org", phone="06 39 98 12 34")

    assert names([typed], [typed]) == []


def test_a_lead_is_not_its_own_twin(make_lead, names):
    lead_id = make_lead(email="zoe@example.org")

    assert names(["zoe@example.org"], but=lead_id) == []


def test_at_most_five_are_told_newest_first(make_lead, names):
    for number in range(MOST + 2):
        make_lead(last_name=f"L{number}", email="zoe@example.org")

    assert names(["zoe@example.org"]) == ["L6", "L5", "L4", "L3", "L2"]


def test_leads_out_of_reach_and_in_the_bin_are_not_told(app, make_lead, names):
    make_lead(last_name="Theirs", email="zoe@example.org", owner="mia@example.org")
    binned = make_lead(last_name="Binned", email="zoe@example.org")
    make_lead(last_name="Mine", email="zoe@example.org", owner="bob@example.org")
    db.session.execute(sa.update(Role).values(reach="own"))
    db.session.execute(sa.update(Lead).where(Lead.id == binned).values(deleted_at=sa.func.current_timestamp()))
    db.session.commit()

    assert names(["zoe@example.org"], by="bob") == ["Mine"]


def test_the_hint_costs_as_many_queries_for_many_as_for_one(client, make_lead, count_queries):
    make_lead(email="a@example.org", source="whatsapp", owner="bob@example.org")
    for number in range(6):
        make_lead(email="b@example.org", source=f"source {number}", owner="mia@example.org")
    with count_queries() as one:
        client.get("/leads/twins?email=a@example.org")
    with count_queries() as many:
        page = client.get("/leads/twins?email=b@example.org&phone=0639981234&phone=0639981235")

    assert page.text.count("<li>") == MOST
    assert len(many) == len(one)


@pytest.mark.one_database
def test_the_hint_is_a_piece_that_escapes_what_it_shows(client, make_lead):
    lead_id = make_lead(last_name="<b>Dupré", email="zoe@example.org")

    piece = client.get("/leads/twins", query_string={"email": "zoe@example.org"})

    assert "<html" not in piece.text
    assert "&lt;b&gt;Dupré" in piece.text
    assert f'href="/leads/{lead_id}"' in piece.text


@pytest.mark.one_database
def test_a_refused_form_tells_of_twins_and_a_good_one_is_stored_all_the_same(client, make_lead, rows):
    make_lead(last_name="Dupré", email="zoe@example.org")

    refused = client.post("/leads/", data={"is_organisation": "y", "email": "zoe@example.org"})
    stored = client.post("/leads/", data={"last_name": "Dupré", "email": "zoe@example.org"})

    assert refused.status_code == 422
    assert 'class="twins"' in refused.text
    assert stored.status_code == 303
    assert len(rows("leads")) == 2
