"""Contacts of customers and of leads: whose they are, which is the primary one, and their pages."""

import re
import threading

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.leads import bin
from leadhub.leads.checks import FieldRefused
from leadhub.leads.models import Lead
from leadhub.leads.queries import lead_seen_by
from leadhub.sales import contacts, customers, queries
from leadhub.sales.contacts import ContactDraft
from leadhub.sales.models import Contact


@pytest.fixture
def ids(make_lead):
    return [make_lead(last_name="Dupont", organisation="Acme"), make_lead(last_name="Durand")]


@pytest.fixture
def ada(ids, context, person):
    return person("ada")


@pytest.fixture
def leads(ada, ids):
    return [lead_seen_by(ada, lead_id) for lead_id in ids]


def add(home, name, **more):
    return contacts.add(home, ContactDraft(last_name=name, **more), by=None)


def named(**home):
    """(name, is it primary) of the contacts of a home."""
    db.session.expire_all()
    return [(contact.last_name, contact.is_primary) for contact in queries.contacts_of(**home)]


def test_the_first_is_primary_and_there_is_one(leads):
    first, second = add(leads[0], "Ann"), add(leads[0], "Bea")
    assert named(lead=leads[0]) == [("Ann", True), ("Bea", False)]
    contacts.make_primary(leads[0], second)
    assert named(lead=leads[0]) == [("Bea", True), ("Ann", False)]
    contacts.change(
        leads[0], first, ContactDraft(last_name="Anna", is_primary=True), seen=contacts.mark_of(first), by=None
    )
    assert named(lead=leads[0]) == [("Anna", True), ("Bea", False)]
    add(leads[0], "Cleo", is_primary=True)
    assert named(lead=leads[0]) == [("Cleo", True), ("Anna", False), ("Bea", False)]


def test_of_those_that_stay_the_oldest_becomes_primary(leads):
    for name in ("Ann", "Cleo", "Bea"):
        add(leads[0], name)
    contacts.remove(leads[0], queries.contacts_of(lead=leads[0])[0], by=None)
    assert named(lead=leads[0]) == [("Cleo", True), ("Bea", False)]


def test_contacts_go_over_to_the_customer_that_the_lead_becomes(leads, ada):
    add(leads[0], "Ann")
    add(leads[0], "Bea", is_primary=True)
    customer = customers.make_customer(leads[0], by=ada)
    add(leads[0], "Cleo")
    add(customer, "Dora")
    assert named(customer=customer) == [("Bea", True), ("Ann", False), ("Cleo", False), ("Dora", False)]
    assert named(lead=leads[0]) == [("Bea", True), ("Ann", False), ("Cleo", False)]


def test_a_second_lead_brings_its_contacts_but_no_second_primary_one(leads, ada):
    add(leads[0], "Ann")
    add(leads[1], "Zoe")
    customer = customers.make_customer(leads[0], by=ada)
    customers.link_customer(leads[1], customer, by=ada)
    assert named(customer=customer) == [("Ann", True), ("Zoe", False)]
    customers.unlink_customer(leads[0], by=ada)
    assert named(customer=customer) == [("Zoe", True)]
    assert named(lead=leads[0]) == [("Ann", True)]


def test_with_the_customer_go_its_own_contacts_and_no_others(leads, ada):
    add(leads[0], "Ann")
    customer = customers.make_customer(leads[0], by=ada)
    add(customer, "Dora", is_primary=True)
    customers.delete_customer(customer, by=ada)
    assert named(lead=leads[0]) == [("Ann", True)]
    assert db.session.scalars(sa.select(Contact.last_name)).all() == ["Ann"]


def test_a_contact_has_something_to_be_known_by(leads):
    for draft, field in (
        (ContactDraft(job_title="Buyer"), "last_name"), (ContactDraft(email="no address"), "email")
    ):  # fmt: skip
        with pytest.raises(FieldRefused) as refused:
            contacts.add(leads[0], draft, by=None)
        assert refused.value.field == field
    assert named(lead=leads[0]) == []


def test_a_contact_of_another_one_is_not_there(leads, ada):
    contact = add(leads[0], "Ann")
    assert contacts.contact_of(leads[0], contact.id) is contact
    assert contacts.contact_of(leads[1], contact.id) is None
    customer = customers.make_customer(leads[1], by=ada)
    assert contacts.contact_of(customer, contact.id) is None


def test_two_who_choose_at_once_leave_one_primary(app, leads):
    lead_id = leads[0].id
    add(leads[0], "Ann")
    chosen = [add(leads[0], name).id for name in ("Bea", "Cleo")]
    db.session.commit()
    ready = threading.Barrier(2)

    def choose(contact_id):
        with app.app_context():
            contact, lead = db.session.get(Contact, contact_id), db.session.get(Lead, lead_id)
            db.session.rollback()
            ready.wait()
            contacts.make_primary(lead, contact)
            db.session.commit()

    threads = [threading.Thread(target=choose, args=[contact_id]) for contact_id in chosen]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert [is_primary for _name, is_primary in named(lead=leads[0])] == [True, False, False]
    assert queries.contacts_of(lead=leads[0])[0].id in chosen


FILLED = {
    "first_name": " Ann ",
    "last_name": "Martin",
    "job_title": "Buyer",
    "role": "decides",
    "phone": "+33612345678",
}


@pytest.fixture
def customer_id(app, make_lead, person):
    lead_id = make_lead(last_name="Dupont")
    with app.app_context():
        made = customers.make_customer(lead_seen_by(person("ada"), lead_id), by=None).id
        db.session.commit()
    return made


@pytest.mark.one_database
@pytest.mark.parametrize("is_lead", [False, True], ids=["of a customer", "of a lead"])
def test_pages_of_contacts(client, customer_id, make_lead, rows, is_lead):
    home = f"/leads/{make_lead()}" if is_lead else f"/customers/{customer_id}"
    shown = f"{home}/contacts" if is_lead else home
    assert "No contacts yet" in client.get(shown).text
    assert client.get(f"{home}/contacts/new").status_code == 200

    answer = client.post(f"{home}/contacts", data=FILLED)
    assert (answer.status_code, answer.location.partition("#")[0]) == (303, shown)
    page = client.get(shown).text
    assert "Ann Martin" in page
    assert "Buyer · decides" in page
    assert 'href="tel:+33612345678"' in page

    client.post(f"{home}/contacts", data={"email": "bea@acme.example"})
    first, second = rows("contacts")
    assert client.post(f"{home}/contacts/{second['id']}/primary").status_code == 303
    assert [row["is_primary"] for row in rows("contacts")] == [0, 1]
    form = client.get(f"{home}/contacts/{first['id']}/edit").text
    assert "Martin" in form
    changed = FILLED | {"role": "pays", "seen": re.search(r'name="seen"[^>]*value="(\w+)"', form)[1]}
    assert client.post(f"{home}/contacts/{first['id']}", data=changed).status_code == 303
    assert rows("contacts")[0]["role"] == "pays"
    assert "One contact goes for good" in client.get(f"{home}/contacts/{second['id']}/delete").text
    client.post(f"{home}/contacts/{second['id']}/delete")
    assert [(row["id"], row["is_primary"]) for row in rows("contacts")] == [(first["id"], 1)]


@pytest.mark.one_database
def test_what_is_wrong_is_told_at_the_field(client, customer_id, rows):
    for data, words in (
        ({"role": "decides"}, "Give a name, an e-mail or a phone."),
        ({"email": "nowhere"}, "This is not an e-mail address."),
        ({"last_name": "x" * 201}, "At most 200 characters."),
    ):
        answer = client.post(f"/customers/{customer_id}/contacts", data=data)
        assert answer.status_code == 422
        assert words in answer.text
    assert rows("contacts") == []


@pytest.mark.one_database
def test_who_reads_sees_contacts_without_buttons(client, client_of, customer_id):
    client.post(f"/customers/{customer_id}/contacts", data=FILLED)
    page = client_of("vic").get(f"/customers/{customer_id}").text
    assert "Ann Martin" in page
    assert "/contacts/" not in page


@pytest.mark.one_database
def test_names_are_escaped(client, customer_id):
    client.post(f"/customers/{customer_id}/contacts", data={"last_name": "<script>alert(1)</script>"})
    assert "<script>alert" not in client.get(f"/customers/{customer_id}").text


def test_contacts_stay_with_the_customer_when_their_lead_is_gone(context, make_lead, person):
    lead_id = make_lead(last_name="Dupont")
    ada = person("ada")
    lead = db.session.get(Lead, lead_id)
    contacts.add(lead, ContactDraft(last_name="Ann"), by=None)
    customer = customers.make_customer(lead, by=ada)
    bin.delete(lead, by=ada)
    bin.remove([lead_id], by=ada)
    db.session.commit()
    assert [contact.last_name for contact in queries.contacts_of(customer=customer)] == ["Ann"]


def test_contacts_leave_lines_in_the_history_of_their_lead(client, leads):
    lead = leads[0]
    lead_id = lead.id
    contact = add(lead, "Ann", job_title="Buyer")
    contacts.change(lead, contact, ContactDraft(last_name="Anna"), seen=contacts.mark_of(contact), by=None)
    contacts.remove(lead, contact, by=None)
    db.session.commit()

    page = client.get(f"/leads/{lead_id}").text
    assert page.count("Contact Ann") == 3


def test_who_changes_a_contact_second_is_told_and_loses_nothing(client, leads):
    contact = add(leads[0], "Ann")
    at, seen = f"/leads/{leads[0].id}/contacts/{contact.id}", contacts.mark_of(contact)
    db.session.commit()
    typed = {"last_name": "Anna", "seen": seen}
    assert client.post(at, data=typed | {"role": "pays"}).status_code == 303

    late = client.post(at, data=typed | {"job_title": "Buyer"})
    assert late.status_code == 409
    assert "Somebody changed this contact meanwhile." in late.text
    assert 'value="Buyer"' in late.text
    assert "Role" in late.text
