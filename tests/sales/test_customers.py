"""Customers: list, page, form, link and end; who sees which."""

import re
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role, Team
from leadhub.extensions import db
from leadhub.fields.models import FieldRow
from leadhub.leads.checks import FieldRefused
from leadhub.leads.models import Lead
from leadhub.leads.queries import lead_seen_by
from leadhub.plugins.api.leads import Address, Reach
from leadhub.sales import contacts, customer_queries, customers, queries
from leadhub.sales.contacts import ContactDraft
from leadhub.sales.customers import CustomerGone, StaleCustomer
from leadhub.sales.drafts import QuotationDraft
from leadhub.sales.models import Customer
from leadhub.sales.quotations import services as quotations

TODAY = date(2026, 11, 30)


@pytest.fixture
def make_customer(app, person):
    """``make_customer(owner="bob", **values)``: the id of a committed customer."""

    def make(owner="", **values):
        with app.app_context():
            held = {"owner_id": person(owner).id if owner else None, "last_name": "Dupont"}
            made = customers.create_customer(held | values, by=None).id
            db.session.commit()
        return made

    return make


@pytest.fixture
def lead_of(app, make_lead, person):
    """``lead_of(customer_id, **values)``: the id of a lead of that customer."""

    def make(customer_id, **values):
        lead_id = make_lead(**values)
        with app.app_context():
            lead = lead_seen_by(person("ada"), lead_id)
            customers.link_customer(lead, db.session.get(Customer, customer_id), by=person("ada"))
            db.session.commit()
        return lead_id

    return make


@pytest.fixture
def reach(app, person):
    """``reach("own")``: roles see so far; bob, vic and mia are of one team, eve's is another."""

    def put(word):
        with app.app_context():
            if not db.session.scalar(sa.select(Team.id).limit(1)):
                north, south = Team(name="North"), Team(name="South")
                db.session.add_all([north, south])
                for name in ("bob", "vic"):
                    person(name).team = north
                person("mia").team = south
            db.session.execute(sa.update(Role).values(reach=word))
            db.session.commit()

    return put


# Services


def test_a_change_writes_rows_keys_and_a_version(context, person):
    ada = person("ada")
    customer = customers.create_customer({"last_name": "Dupont"}, by=ada)
    db.session.commit()
    values = {
        "is_organisation": True, "organisation": "Éts Cœur", "emails": (Reach(value="Ann@Acme.example", type="work"),),
        "phones": (Reach(value="+33612345678"),), "addresses": (Address(city="Lyon", country="FR"),),
    }  # fmt: skip
    customers.change_customer(customer, values, version=1)
    db.session.commit()

    found = queries.customer_seen_by(ada, customer.id)
    assert (found.title, found.version, found.sort_key) == ("Éts Cœur", 2, "ets coeur")
    assert [(row.kind, row.value, row.key) for row in found.reaches] == [
        ("email", "Ann@Acme.example", "ann@acme.example"), ("phone", "+33612345678", "+33612345678")
    ]  # fmt: skip
    assert [(row.city, row.country) for row in found.addresses] == [("Lyon", "FR")]
    for words in ("coeur", "ANN@acme", "33612", "dupont ets"):
        assert queries.customer_count(ada, words) == 1
    customers.change_customer(found, {"addresses": (Address(city="Paris"),)}, version=2)
    assert found.version == 3


def test_a_stale_save_changes_nothing(context, person):
    customer = customers.create_customer({"last_name": "Dupont"}, by=None)
    customers.change_customer(customer, {"note": "first"}, version=1)
    db.session.commit()
    with pytest.raises(StaleCustomer):
        customers.change_customer(customer, {"note": "second"}, version=1)
    db.session.rollback()
    assert db.session.get(Customer, customer.id).note == "first"


def test_a_customer_that_is_gone_is_said_to_be(context):
    customer = customers.create_customer({"last_name": "Dupont"}, by=None)
    db.session.commit()
    db.session.execute(sa.delete(Customer), execution_options={"synchronize_session": False})
    with pytest.raises(CustomerGone):
        customers.change_customer(customer, {"note": "x"})


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"is_organisation": True, "last_name": "Dupont"}, "organisation"),
        ({"phones": (Reach(value="0612345678"),)}, "last_name"),
        ({"last_name": "Dupont", "emails": (Reach(value="nowhere"),)}, "email"),
        ({"last_name": "Dupont", "website": "javascript:alert(1)"}, "website"),
    ],
)
def test_what_is_refused_of_a_lead_is_refused_of_a_customer(context, values, field):
    with pytest.raises(FieldRefused) as refused:
        customers.create_customer(values, by=None)
    assert refused.value.field == field
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Customer)) == 0


@pytest.mark.one_database
def test_what_is_not_told_is_empty(context):
    customer = customers.create_customer({"last_name": "Dupont"}, by=None)
    assert (customer.title, customer.sort_key, customer.search_key.strip()) == ("Dupont", "dupont", "dupont")


@pytest.mark.one_database
def test_an_email_is_name_enough(context):
    assert customers.create_customer({"emails": (Reach(value="a@b.example"),)}, by=None).title == "a@b.example"


def test_a_place_in_the_list_reads_back_and_nonsense_does_not():
    for place in (("", 1), ("éts d’or", 7), ("a b", 2**31 - 1)):
        assert customer_queries.place_from(customer_queries.written(place)) == place
    for text in ("", "x", "%%%", "é", "AAAA", "OTk5OTk5OTk5OTkgYQ", "MSAA", "_____w", "=" * 5000, "MSDtoIA"):
        assert customer_queries.place_from(text) is None


# The list


def test_the_list_is_by_name_and_goes_on_behind_a_place(client, make_customer):
    ids = [make_customer(last_name=f"Customer {number:02}") for number in reversed(range(52))]
    first = client.get("/customers/")
    assert "52 customers" in first.text
    assert re.findall(r'id="customer-(\d+)"', first.text) == [str(one) for one in reversed(ids[2:])]

    after = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    assert re.findall(r'id="customer-(\d+)"', client.get(after).text) == [str(ids[1]), str(ids[0])]


def test_nonsense_in_the_address_is_the_first_page(client, make_customer):
    make_customer()
    for after in ("x", "%00", "%25%25", "MSAA", "é", "a" * 3000, "OTk5OTk5OTk5OTkgYQ", "_____w"):
        answer = client.get(f"/customers/?after={after}")
        assert answer.status_code in (200, 400), after
    assert client.get("/customers/?after=MSB6").status_code == 200


def test_the_search_folds_and_wants_every_word(client, make_customer):
    make_customer(last_name="Lefèvre", organisation="Cœur d’Or")
    make_customer(last_name="Lefebvre", organisation="100%")
    assert "1 customer<" in client.get("/customers/?q=COEUR+lefevre").text
    assert "1 customer<" in client.get("/customers/?q=100%25").text
    assert "No customer matches." in client.get("/customers/?q=coeur+lefebvre").text


@pytest.mark.one_database
def test_an_empty_list_says_what_a_customer_is(client):
    page = client.get("/customers/").text
    assert "A contact is one of the people" in page
    assert 'href="/leads/"' in page
    assert 'href="/customers/"' in page.partition("</nav>")[0]


def test_a_list_of_twelve_costs_as_many_queries_as_one_of_two(client, make_customer, count_queries):
    def counted():
        with count_queries() as statements:
            client.get("/customers/")
        return len(statements)

    for number in range(2):
        make_customer(owner=("bob", "mia")[number], emails=(Reach(value=f"a{number}@b.example"),))
    two = counted()
    for number in range(10):
        make_customer(owner=("bob", "mia", "vic")[number % 3], emails=(Reach(value=f"b{number}@b.example"),))
    assert counted() == two


# One of them


def test_the_page_tells_all(client, app, make_customer, lead_of, person):
    customer_id = make_customer(
        owner="bob", organisation="Acme", website="https://acme.example", language="fr", note="Pays late",
        emails=(Reach(value="a@acme.example", type="work"),), phones=(Reach(value="+33612345678"),),
        addresses=(Address(line1="1 rue Haute", city="Lyon", country="FR"),),
    )  # fmt: skip
    lead_id = lead_of(customer_id, last_name="Asks", source="whatsapp")
    with app.app_context():
        lead = lead_seen_by(person("ada"), lead_id)
        quotations.add(lead, QuotationDraft(number="Q-7", amount=Decimal(120), sent_on=TODAY), by=person("ada"))
        contacts.add(db.session.get(Customer, customer_id), ContactDraft(last_name="Zoe"), by=None)
        db.session.commit()
    page = client.get(f"/customers/{customer_id}").text
    for words in (
        "Acme", "https://acme.example", "French", "Pays late", 'href="mailto:a@acme.example"', "1 rue Haute",
        'href="tel:+33612345678"', "Customer since", "Bob", "Zoe", "Asks", "Converted", "WhatsApp", "Q-7", "Submitted",
        "30 Nov 2026", f'href="/leads/{lead_id}"', 'id="event-',
    ):  # fmt: skip
        assert words in page, words


def test_the_page_of_twelve_leads_costs_as_many_queries_as_of_two(client, app, make_customer, lead_of, count_queries):
    customer_id = make_customer()

    def grow(number):
        lead_id = lead_of(customer_id, source=f"source {number}", owner=("bob", "mia")[number % 2] + "@example.org")
        client.post(f"/leads/{lead_id}/activities/note", data={"body": "Hello"})
        client.post(f"/customers/{customer_id}/contacts", data={"last_name": f"Contact {number}"})
        with app.app_context():
            quotations.add(db.session.get(Lead, lead_id), QuotationDraft(number=f"Q-{number}", sent_on=TODAY), by=None)
            db.session.commit()

    def counted():
        with count_queries() as statements:
            assert client.get(f"/customers/{customer_id}").status_code == 200
        return len(statements)

    for number in range(2):
        grow(number)
    two = counted()
    for number in range(2, 12):
        grow(number)
    assert counted() == two


def test_leads_out_of_reach_are_left_out_with_all_that_is_theirs(client_of, make_customer, lead_of, reach):
    customer_id = make_customer(owner="bob")
    lead_of(customer_id, last_name="Mine", owner="bob@example.org")
    lead_of(customer_id, last_name="Theirs", owner="mia@example.org")
    reach("own")
    page = client_of("bob").get(f"/customers/{customer_id}").text
    assert "Mine" in page
    assert "Theirs" not in page
    assert page.count('<div class="customer-history">') == 1


def test_the_history_leaves_out_what_is_hidden(client, client_of, app, make_customer, lead_of):
    lead_id = lead_of(customer_id := make_customer(), last_name="Asks", website="https://one.example")
    client.post(f"/leads/{lead_id}/fields/website", data={"website": "https://two.example", "version": "9"})
    with app.app_context():
        db.session.add(FieldRow(name="website", shown="more", seen_by="managers"))
        db.session.commit()
    assert "two.example" not in client_of("bob").get(f"/customers/{customer_id}").text


@pytest.mark.parametrize(
    ("word", "seen"), [("all", "bob mia nobody"), ("team", "bob nobody"), ("own", "bob nobody")], ids=str
)
def test_customers_are_seen_as_far_as_the_role_reaches(client_of, make_customer, reach, word, seen):
    ids = {name: make_customer(owner="" if name == "nobody" else name) for name in ("bob", "mia", "nobody")}
    reach(word)
    client = client_of("bob")
    page = client.get("/customers/").text
    for name, customer_id in ids.items():
        is_seen = name in seen.split()
        assert client.get(f"/customers/{customer_id}").status_code == (200 if is_seen else 404)
        assert (f'href="/customers/{customer_id}"' in page) == is_seen


@pytest.mark.one_database
def test_who_reads_finds_no_button_that_would_be_refused(client_of, make_customer, lead_of):
    lead_of(customer_id := make_customer())
    client = client_of("vic")
    page = client.get(f"/customers/{customer_id}").text
    for words in ("/edit", "/delete", "/unlink", "/contacts/new"):
        assert words not in page
    assert "/customers/new" not in client.get("/customers/").text
    assert "/delete" not in client_of("bob").get(f"/customers/{customer_id}").text


@pytest.mark.one_database
def test_texts_of_a_customer_are_escaped(client, make_customer):
    customer_id = make_customer(last_name="<script>alert(1)</script>", note="<b>x</b>")
    for url in ("/customers/", f"/customers/{customer_id}", f"/customers/{customer_id}/edit"):
        assert "<script>alert" not in client.get(url).text
    assert "<b>x" not in client.get(f"/customers/{customer_id}").text


# Its form


def test_a_customer_is_made_by_hand_and_once(client, rows):
    page = client.get("/customers/new").text
    key = re.search(r'name="once"[^>]*value="([^"]+)"', page)[1]
    data = {
        "last_name": " Dupré ", "email": ["z@example.org", "y@example.org"], "email_type": ["work", ""],
        "email_primary": "1", "phone": "0612345678", "industry": "", "owner": "bob@example.org", "note": "a\r\nb",
        "once": key,
    }  # fmt: skip
    answer = client.post("/customers/", data=data)
    again = client.post("/customers/", data=data)
    (row,) = rows("customers")
    assert answer.location == again.location == f"/customers/{row['id']}"
    assert (row["last_name"], row["note"], row["sort_key"]) == ("Dupré", "a\nb", "dupre")
    assert [reach["value"] for reach in rows("customer_reaches")] == ["y@example.org", "z@example.org", "0612345678"]


@pytest.mark.one_database
def test_what_is_wrong_is_told_and_nothing_is_lost(client, rows):
    data = {"is_organisation": "y", "last_name": "Kept", "website": "https://kept.example"}
    answer = client.post("/customers/", data=data)
    assert answer.status_code == 422
    assert "Give the organisation’s name." in answer.text
    assert 'href="#organisation"' in answer.text
    assert "Kept" in answer.text
    assert client.post("/customers/", data={"note": "only"}).status_code == 422
    assert rows("customers") == []


@pytest.mark.one_database
def test_a_row_is_added_without_script(client, rows):
    answer = client.post("/customers/", data={"last_name": "Kept", "email": "a@b.example", "add": "email"})
    assert answer.status_code == 200
    assert answer.text.partition("<template>")[0].count('name="email"') == 2
    assert rows("customers") == []


def test_a_change_is_stored_and_a_stale_one_told(client, make_customer, rows):
    customer_id = make_customer(emails=(Reach(value="a@b.example"),))
    page = client.get(f"/customers/{customer_id}/edit").text
    assert 'value="a@b.example"' in page
    data = {"last_name": "Durand", "email": "", "owner": "", "version": "1"}
    assert client.post(f"/customers/{customer_id}/edit", data=data).status_code == 303
    assert rows("customer_reaches") == []

    answer = client.post(f"/customers/{customer_id}/edit", data=data | {"last_name": "Mine", "note": "typed"})
    assert answer.status_code == 409
    assert "Somebody changed this customer meanwhile." in answer.text
    assert "differs in: Last name, Note" in answer.text
    assert "typed" in answer.text
    assert rows("customers")[0]["last_name"] == "Durand"
    version = re.search(r'name="version"[^>]*value="(\d+)"', answer.text)[1]
    client.post(f"/customers/{customer_id}/edit", data=data | {"last_name": "Mine", "version": version})
    assert rows("customers")[0]["last_name"] == "Mine"


@pytest.mark.one_database
def test_a_customer_given_away_is_said_to_be_out_of_sight(client_of, make_customer, reach):
    customer_id = make_customer(owner="bob")
    reach("own")
    client = client_of("bob")
    data = {"last_name": "Durand", "owner": "mia@example.org", "version": "1"}
    answer = client.post(f"/customers/{customer_id}/edit", data=data, follow_redirects=True)
    assert "no longer among those that you see" in answer.text
    assert client.get(f"/customers/{customer_id}").status_code == 404


@pytest.mark.one_database
def test_what_a_role_may_not_see_is_neither_shown_nor_emptied(app, client_of, make_customer, rows):
    customer_id = make_customer(website="https://secret.example")
    with app.app_context():
        db.session.add(FieldRow(name="website", shown="more", seen_by="managers"))
        db.session.commit()
    client = client_of("bob")
    for url in ("", "/edit"):
        assert "secret.example" not in client.get(f"/customers/{customer_id}{url}").text
    client.post(f"/customers/{customer_id}/edit", data={"last_name": "Durand", "version": "1", "website": ""})
    (row,) = rows("customers")
    assert (row["last_name"], row["website"]) == ("Durand", "https://secret.example")


# Its leads, and its end


def test_a_lead_is_linked_and_unlinked(client, make_customer, make_lead, rows):
    customer_id, other_id, lead_id = make_customer(), make_customer(last_name="Other"), make_lead(last_name="Asks")
    assert "Dupont" in client.get(f"/leads/{lead_id}/customer/link?q=dup").text
    assert "Other" not in client.get(f"/leads/{lead_id}/customer/link?q=dup").text
    url = f"/leads/{lead_id}/customer/link"
    for wrong in ("", "x", str(2**40)):
        assert client.post(url, data={"customer": wrong}).status_code == 422
    assert client.post(url, data={"customer": "99999"}).status_code == 404
    assert client.post(url, data={"customer": customer_id}).status_code == 303
    taken = client.post(url, data={"customer": other_id})
    assert taken.status_code == 409
    assert "This lead belongs to another customer already." in taken.text
    assert f'href="/customers/{customer_id}#customer-leads"' in taken.text

    assert client.post(f"/customers/{other_id}/leads/{lead_id}/unlink").status_code == 404
    assert client.post(f"/customers/{customer_id}/leads/{lead_id}/unlink").status_code == 303
    assert rows("customer_leads") == []
    assert rows("leads")[0]["customer_since"] is None


@pytest.mark.one_database
def test_a_customer_out_of_reach_is_neither_found_nor_linked(client_of, make_customer, make_lead, reach):
    customer_id, lead_id = make_customer(owner="mia"), make_lead(owner="bob@example.org")
    reach("own")
    client = client_of("bob")
    assert "Dupont" not in client.get(f"/leads/{lead_id}/customer/link").text
    assert client.post(f"/leads/{lead_id}/customer/link", data={"customer": customer_id}).status_code == 404


def test_deleting_says_what_happens_and_asks_for_the_name(client_of, app, make_customer, lead_of, rows):
    customer_id = make_customer()
    lead_id = lead_of(customer_id)
    lead_of(customer_id)
    client = client_of("mia")
    client.post(f"/leads/{lead_id}/contacts", data={"last_name": "Came with it"})
    client.post(f"/customers/{customer_id}/contacts", data={"last_name": "Own"})
    for of in ({"customer": customer_id}, {"lead": lead_id}):
        client.post("/opportunities/", query_string=of, data={"title": "Roof", "currency": "EUR"})
    page = client.get(f"/customers/{customer_id}/delete").text
    assert "1 opportunity, quotation or order of the customer itself is deleted for good." in page
    for words in ("1 contact is deleted.", "2 leads are leads again", "1 contact goes back to the lead"):
        assert words in page
    assert client.post(f"/customers/{customer_id}/delete", data={"name": "Wrong"}).status_code == 422
    assert client.post(f"/customers/{customer_id}/delete", data={"name": "dupont"}).status_code == 303
    assert rows("customers") == rows("customer_leads") == []
    assert [row["lead_id"] for row in rows("opportunities")] == [lead_id]
    assert [row["last_name"] for row in rows("contacts")] == ["Came with it"]
    assert {row["customer_since"] for row in rows("leads")} == {None}
