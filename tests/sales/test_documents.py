"""The truth table through real documents: what is done to quotations and customers moves the status of their lead."""

import threading
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.leads.checks import FieldRefused
from leadhub.leads.models import Lead
from leadhub.leads.queries import lead_seen_by
from leadhub.leads.services import create_lead, update_lead
from leadhub.leads.statuses.facts import Said, standing_of, tell
from leadhub.leads.statuses.models import StatusMove
from leadhub.lists.drafts import RowDraft
from leadhub.lists.models import LossReason
from leadhub.plugins.api import LeadDraft
from leadhub.sales import customers, queries
from leadhub.sales.drafts import LineDraft, OpportunityDraft, OrderDraft, QuotationDraft, WrittenDraft
from leadhub.sales.models import Customer, CustomerLead
from leadhub.sales.opportunities import services as opportunities
from leadhub.sales.orders import services as orders
from leadhub.sales.parties import NotNow
from leadhub.sales.quotations import services as quotations
from leadhub.sales.quotations import writing
from leadhub.statuses.models import Status
from leadhub.statuses.queries import bound_rules
from leadhub.statuses.rules import ENQUIRY, IN_PROGRESS
from leadhub.statuses.services import bind_rule, change_status
from tests.sales.truth import TABLE

TODAY = date(2026, 11, 30)
WRITTEN = WrittenDraft(
    currency="EUR", addressee="Acme", lines=(LineDraft(description="Desk", unit_price=Decimal(9)),)
)  # fmt: skip


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
    """A lead of the hub, through the services.  Documents are written here, and are called as the table calls them."""

    def __init__(self, lead, by):
        self.lead, self.by, self.found = lead, by, {}

    def do(self, word, called, answers):
        getattr(self, word)(*called, **answers)

    def opportunity(self, name):
        self.found[name] = opportunities.create(self.lead, OpportunityDraft(title=name, currency="EUR"), by=self.by)

    def win(self, name):
        opportunities.act(self.found[name], "win", by=self.by)

    def lose_opportunity(self, name):
        opportunities.act(self.found[name], "lose", by=self.by, reason=reason())

    def reopen_opportunity(self, name):
        opportunities.act(self.found[name], "reopen", by=self.by)

    def drop_opportunity(self, name):
        opportunities.remove(self.found[name], by=self.by)

    def draft(self, name, of=None):
        found = self.found.get(of)
        self.found[name] = writing.create(self.lead, WRITTEN, by=self.by, opportunity=found)

    def submit(self, name, of=None):
        if name not in self.found:
            self.draft(name, of)
        writing.submit(self.found[name], by=self.by)

    def revise(self, name, of):
        self.found[name] = writing.revise(self.found[of], by=self.by)

    def expire(self, name):
        quotations.expire(self.found[name])

    def accept(self, name):
        self.act(name, "accept")

    def lose(self, name, **answers):
        self.act(name, "lose", reason=reason(), **answers)

    def cancel(self, name):
        self.act(name, "cancel")

    def reopen(self, name):
        self.act(name, "reopen")

    def act(self, name, act, **answers):
        quotations.act(self.found[name], act, by=self.by, **answers)

    def drop(self, name):
        quotations.remove(self.found[name], by=self.by)

    def restore(self, name):
        quotations.restore(self.found[name], by=self.by)

    def order(self, name, of=None):
        if of:
            self.found[name] = orders.create_from(self.found[of], by=self.by)
        else:
            self.found[name] = orders.create(self.lead, OrderDraft(currency="EUR", lines=WRITTEN.lines), by=self.by)

    def confirm(self, name):
        orders.act(self.found[name], "confirm", by=self.by)

    def cancel_order(self, name):
        orders.act(self.found[name], "cancel", by=self.by)

    def reopen_order(self, name):
        orders.act(self.found[name], "reopen", by=self.by)

    def drop_order(self, name):
        orders.remove(self.found[name], by=self.by)

    def customer(self):
        customers.make_customer(self.lead, by=self.by)

    def unlink(self):
        customers.unlink_customer(self.lead, by=self.by)

    def delete_customer(self):
        customers.delete_customer(queries.customer_of(self.lead), by=self.by)

    def choose(self, key):
        answers = {"lost_reason": "price"} if key == "closed" else {}
        update_lead(self.lead, {"status": key} | answers, by=self.by, version=self.lead.version)

    def may_not_choose(self, key):
        with pytest.raises(FieldRefused):
            self.choose(key)

    def enter(self, stage, **answers):
        update_lead(self.lead, {"stage": f"sales.{stage}"} | answers, by=self.by, version=self.lead.version)

    def may_not_enter(self, stage):
        with pytest.raises(FieldRefused):
            self.enter(stage)

    def switch_off(self, rule):
        switch_rules(self.by, off=rule)

    def write_again(self):
        tell(self.lead.id, {ENQUIRY: Said(True)}, by=None)

    def rename(self, key, name):
        row = db.session.scalars(sa.select(Status).where(Status.key == key)).one()
        extras = {it: getattr(row, it) for it in ("kind", "colour", "is_default", "is_lock", "needs_reason")}
        change_status(row, RowDraft(names={"en": name}, extras=extras), by=self.by)


class ToldCase(Case):
    """The same with quotations and orders that were made elsewhere: each is told in a line."""

    def submit(self, name):
        self.found[name] = quotations.add(self.lead, QuotationDraft(number=name, sent_on=TODAY), by=self.by)

    def order(self, name, of):
        self.found[name] = self.found[of]

    def confirm(self, name):
        self.act(name, "order", order_number=name)

    def cancel_order(self, name):
        self.act(name, "cancel_order")


def reason():
    return db.session.scalars(sa.select(LossReason)).first()


def switch_rules(by, *, off=""):
    for it in bound_rules():
        bind_rule(it.offer.key, it.row.status_id, is_on=it.offer.key != off, by=by)


def test_the_status_follows_the_documents(make_lead, ada):
    """Those that were made elsewhere; ``test_table_in_pages`` has those that are written here."""
    db.session.add(Status(key="interested", names={"en": "Interested"}, position=99, kind=IN_PROGRESS, colour="teal"))
    wrong = []
    for row in TABLE:
        if row.only_here:
            continue
        case = ToldCase(create_lead(LeadDraft(channel="form", last_name="Dupont"), by=None), ada)
        for act in row.acts:
            case.do(*act)
        db.session.commit()
        if problem := differences(row, case):
            wrong.append((row.words, problem))
        if ("switch_off",) in [act[:1] for act in row.acts]:
            switch_rules(ada)

    assert wrong == []


def differences(row, case):
    """What is otherwise than the table says."""
    lead, (_facts, verdict) = case.lead, standing_of(case.lead)
    is_so = {"status": lead.status.key, "warns": verdict.held_back.key if verdict.held_back else ""}
    wanted = {"status": row.status, "warns": row.warns} | row.states
    is_so |= {name: case.found[name].state for name in row.states}
    if row.stage:
        is_so["stage"], wanted["stage"] = lead.stage.key, f"sales.{row.stage}"
    if row.cause:
        last = sa.select(StatusMove.cause).where(StatusMove.lead_id == lead.id).order_by(StatusMove.id.desc())
        is_so["cause"], wanted["cause"] = db.session.scalar(last.limit(1)), row.cause
    assert verdict.status.id == lead.status_id
    return {name: (it, wanted[name]) for name, it in is_so.items() if it != wanted[name]}


def test_every_way_knows_the_words_of_the_table():
    words = {word for row in TABLE for word, _called, _answers in row.acts}

    assert [word for word in words if not callable(getattr(Case, word, None))] == []


def test_the_path_says_which_document_it_was(lead, ada):
    case = ToldCase(lead, ada)
    case.submit("Q-12")
    case.lose("Q-12")
    db.session.commit()

    moves = sa.select(StatusMove.cause, StatusMove.arguments).order_by(StatusMove.id)
    assert [tuple(row) for row in db.session.execute(moves)][-2:] == [
        ("quotation_submitted", {"about": "Q-12"}), ("quotation_lost", {"about": "Q-12"})
    ]  # fmt: skip
    assert lead.stage.kind == "lost"


def test_what_is_no_longer_so_is_refused(lead, ada):
    case = ToldCase(lead, ada)
    case.submit("Q-1")
    case.cancel("Q-1")
    for name in ("accept", "lose", "order", "cancel_order"):
        with pytest.raises(NotNow):
            case.act(name="Q-1", act=name, reason=reason())


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
