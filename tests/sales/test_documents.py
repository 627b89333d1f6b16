"""The truth table through real documents: what is done to quotations and customers moves the status of their lead."""

import threading
from datetime import date

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.leads.queries import lead_seen_by
from leadhub.leads.services import update_lead
from leadhub.leads.statuses.models import StatusMove
from leadhub.lists.models import LossReason
from leadhub.sales import customers, queries
from leadhub.sales.documents import Quotation
from leadhub.sales.drafts import QuotationDraft
from leadhub.sales.models import Customer, CustomerLead
from leadhub.sales.parties import NotNow
from leadhub.sales.quotations import services as quotations

TODAY = date(2026, 11, 30)


@pytest.fixture
def ids(make_lead):
    """Of three leads, the first one filled."""
    filled = {"last_name": "Dupont", "organisation": "Acme", "email": "ann@acme.example", "source": "whatsapp"}
    return [make_lead(**filled), make_lead(last_name="Durand"), make_lead(last_name="Duval")]


@pytest.fixture
def ada(ids, context, person):
    return person("ada")


@pytest.fixture
def lead(ada, ids):
    return lead_seen_by(ada, ids[0])


class Case:
    """A lead of the hub, with documents by their numbers."""

    def __init__(self, lead, by):
        self.lead, self.by = lead, by

    def row(self, number):
        return db.session.scalars(sa.select(Quotation).where(Quotation.number == number)).one()

    def submit(self, number):
        quotations.add(self.lead, QuotationDraft(number=number, sent_on=TODAY), by=self.by)

    def act(self, name, number, **answers):
        if name == "lose":
            answers["reason"] = db.session.scalars(sa.select(LossReason)).first()
        quotations.act(self.row(number), name, by=self.by, **answers)

    def remove(self, number):
        quotations.remove(self.row(number), by=self.by)

    def choose(self, key):
        reason = {"lost_reason": "price"} if key == "closed" else {}
        update_lead(self.lead, {"status": key} | reason, by=self.by, version=self.lead.version)

    def customer(self):
        customers.make_customer(self.lead, by=self.by)

    def unlink(self):
        customers.unlink_customer(self.lead, by=self.by)


TABLE = [
    ("quotation submitted", [("submit", "Q-1")], "quotation"),
    ("submitted quotation cancelled, nothing else: the last one chosen by hand",
     [("choose", "do-not-contact"), ("choose", "open"), ("submit", "Q-1"), ("act", "cancel", "Q-1")], "open"),
    ("quotation lost, no other live document", [("submit", "Q-1"), ("act", "lose", "Q-1")], "lost-quotation"),
    ("quotation lost, a second one live", [("submit", "Q-1"), ("submit", "Q-2"), ("act", "lose", "Q-1")], "quotation"),
    ("new quotation submitted after a loss",
     [("submit", "Q-1"), ("act", "lose", "Q-1"), ("submit", "Q-2")], "quotation"),
    ("quotation accepted, no order yet", [("submit", "Q-1"), ("act", "accept", "Q-1")], "quotation"),
    ("order confirmed", [("submit", "Q-1"), ("act", "accept", "Q-1"), ("act", "order", "Q-1")], "converted"),
    ("confirmed order cancelled: the customer remains",
     [("submit", "Q-1"), ("act", "order", "Q-1"), ("act", "cancel_order", "Q-1")], "converted"),
    ("customer made by hand from the lead", [("customer",)], "converted"),
    ("customer unlinked: worked out anew from what remains", [("submit", "Q-1"), ("customer",), ("unlink",)],
     "quotation"),
    ("customer unlinked: nothing remains", [("customer",), ("unlink",)], "open"),
    ("a person chooses another status while a document is live: the choice holds",
     [("submit", "Q-1"), ("choose", "opportunity")], "opportunity"),
    ("a person chooses another status while a document is live: until a fact changes",
     [("submit", "Q-1"), ("choose", "opportunity"), ("submit", "Q-2")], "quotation"),
    ("the last document is deleted: the last one chosen by hand",
     [("choose", "opportunity"), ("submit", "Q-1"), ("act", "lose", "Q-1"), ("remove", "Q-1")], "opportunity"),
    ("a lost one is opened again", [("submit", "Q-1"), ("act", "lose", "Q-1"), ("act", "reopen", "Q-1")], "quotation"),
    ('"Do not contact", then a quotation is submitted: stays', [("choose", "do-not-contact"), ("submit", "Q-1")],
     "do-not-contact"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "acts", "status"), TABLE, ids=[row[0] for row in TABLE])
def test_the_status_follows_the_documents(lead, ada, words, acts, status):
    case = Case(lead, ada)
    for name, *arguments in acts:
        getattr(case, name)(*arguments)
    db.session.commit()

    assert db.session.get_one(Lead, lead.id).status.key == status


def test_the_path_says_which_document_it_was(lead, ada):
    case = Case(lead, ada)
    case.submit("Q-12")
    case.act("lose", "Q-12")
    db.session.commit()

    moves = sa.select(StatusMove.cause, StatusMove.arguments).order_by(StatusMove.id)
    assert [tuple(row) for row in db.session.execute(moves)][-2:] == [
        ("quotation_submitted", {"about": "Q-12"}), ("quotation_lost", {"about": "Q-12"})
    ]  # fmt: skip
    assert lead.stage.kind == "lost"


def test_what_is_no_longer_so_is_refused(lead, ada):
    case = Case(lead, ada)
    case.submit("Q-1")
    case.act("cancel", "Q-1")
    for name in ("accept", "lose", "order", "cancel_order"):
        with pytest.raises(NotNow):
            case.act(name, "Q-1")


def test_a_customer_carries_over_and_is_made_once(lead, ada):
    first = customers.make_customer(lead, by=ada)
    assert customers.make_customer(lead, by=ada).id == first.id
    db.session.commit()

    customer = queries.customer_seen_by(ada, first.id)
    assert (customer.title, customer.organisation, customer.source_id) == ("Dupont", "Acme", lead.source_id)
    assert [(reach.kind, reach.value) for reach in customer.reaches] == [("email", "ann@acme.example")]
    assert lead.customer_since == customer.since
    assert [found.id for found in queries.customers_page(ada, "acme dup", None).customers] == [customer.id]
    assert queries.customer_count(ada, "nobody") == 0
    assert [lead.id for lead, _link in queries.leads_of(customer, ada)] == [lead.id]


def test_a_lead_of_an_existing_customer_is_linked_and_of_one_alone(lead, ada, ids):
    customer = customers.make_customer(lead, by=ada)
    other = lead_seen_by(ada, ids[1])
    customers.link_customer(other, customer, by=ada)
    customers.link_customer(other, customer, by=ada)
    third = customers.make_customer(lead_seen_by(ada, ids[2]), by=ada)
    with pytest.raises(customers.HasCustomer):
        customers.link_customer(other, third, by=ada)
    customers.delete_customer(customer, by=ada)
    assert other.customer_since is None
    assert other.status.key == "open"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CustomerLead)) == 1


def test_two_who_make_the_customer_at_once_make_one(app, lead, ada):
    lead_id, made = lead.id, []
    db.session.commit()
    ready = threading.Barrier(2)

    def make():
        with app.app_context():
            mine = db.session.get(Lead, lead_id)
            db.session.rollback()
            ready.wait()
            made.append(customers.make_customer(mine, by=None).id)
            db.session.commit()

    threads = [threading.Thread(target=make) for _number in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert len(set(made)) == 1
    assert len(made) == 2
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Customer)) == 1
