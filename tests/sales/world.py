"""A lead, a customer that was none, and their documents: what can be done with them, and what must hold."""

import copy
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from leadhub.extensions import db
from leadhub.leads import bin
from leadhub.leads.counters import jobs
from leadhub.leads.services import create_lead, update_lead
from leadhub.leads.statuses.facts import facts_of, standing_of
from leadhub.lists.models import LossReason
from leadhub.plugins.api import LeadDraft
from leadhub.sales import customers, facts, queries
from leadhub.sales.documents import ACCEPTED, CANCELLED, DRAFT, LOST, SUBMITTED, Opportunity, Order, Quotation
from leadhub.sales.drafts import LineDraft, OpportunityDraft, OrderDraft, QuotationDraft, WrittenDraft
from leadhub.sales.lines import drafts_of
from leadhub.sales.models import Customer, CustomerLead
from leadhub.sales.money import totals_of
from leadhub.sales.opportunities import services as opportunities
from leadhub.sales.orders import services as orders
from leadhub.sales.parties import today
from leadhub.sales.quotations import services as quotations
from leadhub.sales.quotations import writing
from leadhub.sales.quotations.queries import LIVE
from leadhub.statuses.deletion import delete_status, undo_deletion
from leadhub.statuses.models import Status

DOORS = {Opportunity: opportunities, Quotation: quotations, Order: orders}
STATUSES = ("open", "opportunity", "closed", "do-not-contact")
STAGES = ("sales.in-evaluation", "sales.converted", "sales.lost")
DESK = LineDraft(description="Desk", quantity=Decimal("0.333"), unit_price=Decimal("9.99"), tax_rate=Decimal(20))
BOOK = LineDraft(description="Book", unit_price=Decimal("-0.05"), discount=Decimal(5), tax_rate=Decimal("5.5"))
LINES = ((DESK,), (DESK, BOOK), (BOOK, DESK, DESK), ())


def one_of(choices, number):
    return choices[number % len(choices)]


class World:
    """Each kind of document is there already, of both.

    What can be done takes two numbers: ``which`` of the documents, from the youngest on, and ``how``.
    """

    def __init__(self, by):
        self.by = by
        self.lead = create_lead(LeadDraft(channel="form", last_name="Dupont", organisation="Acme"), by=by)
        self.other = customers.create_customer({"last_name": "Other"}, by=by)
        self.given = {}  # a number of ours -> the document that it was given to
        self.last = defaultdict(int)  # of a series and year
        self.said = {}  # what has a number -> what it said then
        self.reason = db.session.scalars(sa.select(LossReason)).first()
        for party in (0, 1):
            self.new_opportunity(party, 0)
            self.new_submitted(party, 0)
            self.new_order(party, 0)
        self.told_quotation(0, 0)
        self.check()

    def as_it_began(self):
        found = copy.copy(self)
        found.given, found.last, found.said = dict(self.given), self.last.copy(), dict(self.said)
        return found

    def do(self, name, which, how):
        was_in_bin = self.lead.deleted_at
        getattr(self, name)(which, how)
        if was_in_bin:
            bin.restore(self.lead, by=self.by)

    def nothing(self, _which, _how):
        pass

    def new_opportunity(self, which, how):
        draft = OpportunityDraft(title=f"Roof {how % 2}", currency="EUR", amount=Decimal(how))
        opportunities.create(self.party(which), draft, by=self.by)

    def new_quotation(self, which, how):
        party = self.party(which)
        writing.create(party, self.written(how), by=self.by, opportunity=self.opportunity_of(party))

    def new_submitted(self, which, how):
        party = self.party(which)
        row = writing.create(party, self.written(how % 3), by=self.by, opportunity=self.opportunity_of(party))
        writing.submit(row, by=self.by)

    def new_order(self, which, how):
        party, number = self.party(which), "by hand" if how % 4 == 1 else ""
        draft = OrderDraft(currency="EUR", lines=one_of(LINES, how), number=number)
        orders.create(party, draft, by=self.by, opportunity=self.opportunity_of(party))

    def told_quotation(self, _which, how):
        amount = one_of((Decimal("99.5"), None, Decimal(0)), how)
        number = f"X-{len(self.rows(Quotation))}"
        quotations.add(self.lead, QuotationDraft(number=number, amount=amount, sent_on=date(2026, 11, 30)), by=self.by)

    def submit(self, which, _how):
        if row := self.pick(Quotation, which, DRAFT):
            writing.submit(row, by=self.by)

    def revise(self, which, _how):
        if row := self.pick(Quotation, which, *LIVE, LOST, CANCELLED):
            writing.revise(row, by=self.by)

    def expire(self, which, _how):
        if row := self.pick(Quotation, which, SUBMITTED):
            quotations.expire(row)

    def order_of(self, which, _how):
        if row := self.pick(Quotation, which, SUBMITTED, ACCEPTED):
            orders.create_from(row, by=self.by)

    def change_opportunity(self, which, how):
        row = self.pick(Opportunity, which)
        draft = OpportunityDraft(title="Wall", currency="JPY", amount=Decimal(how))
        opportunities.change(row, draft, version=self.seen(row, how), by=self.by)

    def change_quotation(self, which, how):
        row = self.pick(Quotation, which)
        if row.is_own:
            writing.change(row, self.written(how), version=self.seen(row, how), by=self.by)
        else:
            draft = QuotationDraft(number=f"{row.number}+", amount=Decimal(7), sent_on=date(2026, 11, 29))
            quotations.change(row, draft, by=self.by)

    def change_order(self, which, how):
        row, draft = self.pick(Order, which), OrderDraft(currency="EUR", lines=one_of(LINES, how))
        orders.change(row, draft, version=self.seen(row, how), by=self.by)

    def do_opportunity(self, which, how):
        self.offered(Opportunity, which, how)

    def do_quotation(self, which, how):
        self.offered(Quotation, which, how)

    def do_order(self, which, how):
        self.offered(Order, which, how)

    def try_any(self, which, how):
        """Offered or not."""
        model = one_of((Quotation, Order, Opportunity), which)
        self.act(self.pick(model, which // 2), one_of((*DOORS[model].ACTS, "remove", "restore"), how), how)

    def make(self, _which, _how):
        customers.make_customer(self.lead, by=self.by)

    def link(self, _which, _how):
        customers.link_customer(self.lead, self.party(1), by=self.by)

    def unlink(self, _which, _how):
        customers.unlink_customer(self.lead, by=self.by)

    def delete_customer(self, which, _how):
        if customer := self.party(1) if which % 2 else queries.customer_of(self.lead):
            customers.delete_customer(customer, by=self.by)

    def bin(self, _which, _how):
        """For one act."""
        bin.delete(self.lead, by=self.by)

    def fold(self, _which, _how):
        jobs.fold_block()

    def choose(self, _which, how):
        key = one_of(STATUSES, how)
        answers = {"lost_reason": "price"} if key == "closed" else {}
        update_lead(self.lead, {"status": key} | answers, by=self.by, version=self.lead.version)

    def move(self, _which, how):
        key = one_of(STAGES, how)
        answers = {"lost_reason": "price"} if key == "sales.lost" else {}
        update_lead(self.lead, {"stage": key} | answers, by=self.by, version=self.lead.version)

    def say_since(self, _which, _how):
        """By hand, without a customer."""
        changes = {"customer_since": self.lead.customer_since or date(2026, 11, 3)}
        update_lead(self.lead, changes, by=self.by, version=self.lead.version)

    def delete_status(self, _which, how):
        """And give it back at once: whoever moves in between would stay where they are."""
        rows = {row.key: row.id for row in db.session.scalars(sa.select(Status))}
        key = one_of(("quotation", "converted", "closed"), how)
        undo_deletion(delete_status(rows[key], rows["open"], by=self.by), by=self.by)

    def offered(self, model, which, how):
        """What a page would offer."""
        row = self.pick(model, which)
        acts = ["restore"] if row.deleted_at else [*DOORS[model].acts_on(row), "remove"]
        self.act(row, one_of(acts, how), how)

    def act(self, row, name, how):
        door, answers = DOORS[type(row)], {}
        if name in ("remove", "restore"):
            getattr(door, name)(row, by=self.by)
            return
        if not isinstance(row, Order):
            answers["reason"] = self.reason
        if isinstance(row, Quotation):
            answers |= {"keeps_opportunity": how % 2 == 0, "order_number": "E-1"}
        door.act(row, name, by=self.by, **answers)

    def party(self, which):
        """The lead, or the other customer, who is made anew where they were deleted."""
        if which % 3 != 1:
            return self.lead
        self.other = db.session.scalar(sa.select(Customer).where(Customer.last_name == "Other").limit(1))
        self.other = self.other or customers.create_customer({"last_name": "Other"}, by=self.by)
        return self.other

    def opportunity_of(self, party):
        """The youngest."""
        column = Opportunity.lead_id if party is self.lead else Opportunity.customer_id
        mine = sa.select(Opportunity).where(column == party.id, Opportunity.deleted_at.is_(None))
        return db.session.scalar(mine.order_by(Opportunity.id.desc()).limit(1))

    def rows(self, model):
        """Those in the bin too, the youngest first."""
        wanted = sa.select(model).order_by(model.id.desc())
        return db.session.scalars(wanted if model is Opportunity else wanted.options(selectinload(model.lines))).all()

    def pick(self, model, which, *states):
        found = [row for row in self.rows(model) if not states or row.state in states]
        return one_of(found, which) if found else None

    def seen(self, row, how):
        """The version that a form would bring; now and then somebody was faster."""
        return row.version - (how % 5 == 4)

    def written(self, how):
        until = None if how % 2 else today() + timedelta(days=9)
        return WrittenDraft(currency="EUR", lines=one_of(LINES, how), addressee="Acme", valid_until=until)

    def check(self):
        db.session.flush()
        db.session.expire_all()
        self.check_lead()
        quotes, bought = self.rows(Quotation), self.rows(Order)
        for row in sorted([*quotes, *bought], key=lambda row: (row.sequence or 0, getattr(row, "revision", 1))):
            self.check_number(row)
            self.check_amounts(row)
        live = [
            (it.series, it.year, it.sequence) for it in quotes if it.is_own and it.state in LIVE and not it.deleted_at
        ]
        assert len(live) == len(set(live))
        standing = [it.quotation_id for it in bought if it.quotation_id and it.state != CANCELLED and not it.deleted_at]
        assert len(standing) == len(set(standing))
        ordered = [it for it in quotes if it.id in standing]
        assert [(it.state, it.deleted_at) for it in ordered] == [(ACCEPTED, None)] * len(ordered)

    def check_lead(self):
        lead = self.lead
        links = db.session.scalars(sa.select(CustomerLead).where(CustomerLead.lead_id == lead.id)).all()
        assert len(links) <= 1
        told, (_facts, verdict) = facts_of(lead.id), standing_of(lead)
        assert lead.status_id == verdict.status.id
        title = links[0].customer.title if links else str(lead.customer_since or "")
        now = facts.facts_of(queries.documents_of(lead, title))
        assert {name: name in told and told[name].holds for name in now} == {name: it.holds for name, it in now.items()}
        assert lead.customer_since or not links

    def check_number(self, row):
        """Given once, rising by one (what is rolled back takes its number along), and what goes out under it stays."""
        if not row.number or row.sequence is None:
            return
        its = (type(row), row.id)
        assert self.given.setdefault(row.number, its) == its
        if its not in self.said:
            self.said[its] = what_it_says(row)
            if getattr(row, "revision", 1) == 1:
                self.last[row.series, row.year] += 1
                assert row.sequence == self.last[row.series, row.year]
        assert self.said[its] == what_it_says(row)

    def check_amounts(self, row):
        if row.lines:
            totals = totals_of(drafts_of(row), row.currency)
            assert (row.net_minor, row.tax_minor, row.total_minor) == (totals.net, totals.tax, totals.total)
            assert row.net_minor == sum(line.net_minor for line in row.lines)


def what_it_says(row):
    """An order that is opened again may be changed but for its number."""
    found = [row.number, row.series, row.year, row.sequence]
    if isinstance(row, Quotation):
        found += [row.title, row.addressee, row.terms, row.currency, row.sent_on, row.valid_until, row.issuer]
        found += [row.net_minor, row.tax_minor, row.total_minor, drafts_of(row)]
    return found
