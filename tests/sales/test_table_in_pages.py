"""The truth table once more, as people drive it: each act is what a page sends."""

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.jobs.models import Effect
from leadhub.leads.models import Lead
from leadhub.leads.statuses.facts import Said, tell
from leadhub.sales import jobs
from leadhub.sales.documents import Opportunity, Order, Quotation
from leadhub.sales.models import CustomerLead
from leadhub.sales.parties import today
from leadhub.statuses.forms import field_of
from leadhub.statuses.models import Status
from leadhub.statuses.queries import bound_rules
from leadhub.statuses.rules import ENQUIRY, IN_PROGRESS
from tests.sales.test_documents import Case, differences
from tests.sales.truth import TABLE

LINE = {"lines_description": "Desk", "lines_quantity": "1", "lines_unit_price": "9", "lines_tax_rate": "20"}
ORDER = {"currency": "EUR", **LINE, "lines_discount": ""}
WRITTEN = {"addressee": "Acme", "language": "en", **ORDER}
AT = {Opportunity: "opportunities", Quotation: "quotations", Order: "orders"}


class PostedCase:
    """A lead of the hub, through its pages."""

    def __init__(self, app, client, lead_id):
        self.app, self.client, self.lead_id, self.kept = app, client, lead_id, {}

    def do(self, word, called, answers):
        getattr(self, word)(*called, **answers)

    def load(self):
        """What ``differences`` looks at; in an app context."""
        self.lead = db.session.get(Lead, self.lead_id)
        self.found = {name: db.session.get(*kept) for name, kept in self.kept.items()}

    def post(self, path, wanted=303, **data):
        answer = self.client.post(path, data=data)
        assert answer.status_code == wanted, (path, answer.status_code)
        page = self.client.get(answer.location).text if wanted == 303 else ""
        assert "alert-warning" not in page, path
        return answer

    def make(self, name, model, path, **data):
        self.post(path, **data)
        with self.app.app_context():
            self.kept[name] = (model, db.session.scalar(sa.select(sa.func.max(model.id))))

    def at(self, name, act):
        model, row_id = self.kept[name]
        return f"/{AT[model]}/{row_id}/{act}"

    def opportunity(self, name):
        self.make(name, Opportunity, f"/opportunities/?lead={self.lead_id}", title=name, currency="EUR", clock="UTC")

    def win(self, name):
        self.post(self.at(name, "win"))

    def lose_opportunity(self, name):
        self.post(self.at(name, "lose"), reason="price")

    def reopen_opportunity(self, name):
        self.post(self.at(name, "reopen"))

    def drop_opportunity(self, name):
        self.post(self.at(name, "delete"))

    def draft(self, name, of=None):
        of = f"&opportunity={self.kept[of][1]}" if of else ""
        self.make(name, Quotation, f"/quotations/?lead={self.lead_id}{of}", **WRITTEN)

    def submit(self, name, of=None):
        if name not in self.kept:
            self.draft(name, of)
        self.post(self.at(name, "submit"))

    def revise(self, name, of):
        self.make(name, Quotation, self.at(of, "revise"))

    def expire(self, name):
        """The day until which it was valid passes, and the worker comes by."""
        with self.app.app_context():
            row = db.session.get(*self.kept[name])
            row.valid_until = today().replace(year=today().year - 1)
            db.session.commit()
            for _step in jobs.begin_round({}):
                db.session.commit()
            for effect in db.session.scalars(sa.select(Effect).where(Effect.kind == jobs.EXPIRE)).all():
                jobs.expire(effect.payload)
                db.session.delete(effect)
            db.session.commit()

    def accept(self, name):
        self.post(self.at(name, "accept"))

    def lose(self, name, keeps_opportunity=False):
        self.post(self.at(name, "lose"), reason="price", **({"keeps_opportunity": "y"} if keeps_opportunity else {}))

    def cancel(self, name):
        self.post(self.at(name, "cancel"))

    def reopen(self, name):
        self.post(self.at(name, "reopen"))

    def drop(self, name):
        self.post(self.at(name, "delete"))

    def restore(self, name):
        self.post(self.at(name, "restore"))

    def order(self, name, of=None):
        if of:
            self.make(name, Order, f"/orders/from/{self.kept[of][1]}")
        else:
            self.make(name, Order, f"/orders/?lead={self.lead_id}", **ORDER)

    def confirm(self, name):
        self.post(self.at(name, "confirm"))

    def cancel_order(self, name):
        self.post(self.at(name, "cancel"))

    def reopen_order(self, name):
        self.post(self.at(name, "reopen"))

    def drop_order(self, name):
        self.post(self.at(name, "delete"))

    def customer(self):
        self.post(f"/leads/{self.lead_id}/customer")

    def unlink(self):
        self.post(f"/leads/{self.lead_id}/customer/unlink")

    def delete_customer(self):
        with self.app.app_context():
            customer = db.session.get(CustomerLead, self.lead_id).customer
            path, name = f"/customers/{customer.id}/delete", customer.title
        self.post(path, name=name)

    def choose(self, key, wanted=303):
        reason = {"lost_reason": "price"} if key == "closed" else {}
        self.post(f"/leads/{self.lead_id}/fields/status", wanted, status=key, version=self.version(), **reason)

    def may_not_choose(self, key):
        self.choose(key, 422)

    def enter(self, stage, wanted=303, **answers):
        path = f"/leads/{self.lead_id}/stage"
        self.post(path, wanted, stage=f"sales.{stage}", version=self.version(), beside=list(answers), **answers)

    def may_not_enter(self, stage):
        self.enter(stage, 422)

    def switch_off(self, rule):
        switch_off(self.app, self.client, rule)

    def write_again(self):
        """No document's: a door tells it."""
        with self.app.app_context():
            tell(self.lead_id, {ENQUIRY: Said(True)}, by=None)
            db.session.commit()

    def rename(self, key, name):
        with self.app.app_context():
            row = db.session.scalars(sa.select(Status).where(Status.key == key)).one()
            path, kept = f"/settings/statuses/{row.id}", {"kind": row.kind, "colour": row.colour}
        self.post(path, name_en=name, name_fr=name, **kept)

    def version(self):
        with self.app.app_context():
            return str(db.session.get(Lead, self.lead_id).version)


def switch_off(app, client, off):
    with app.app_context():
        chosen = {field_of(it.offer.key): it.row.status_id for it in bound_rules()}
    assert client.post("/settings/statuses/rules", data=chosen | {field_of(off): "none"}).status_code == 303


def test_every_way_knows_the_words_of_the_table():
    words = {name for name in vars(Case) if not name.startswith("_")} - {"act"}

    assert words - set(vars(PostedCase)) == set()


@pytest.mark.parametrize("part", range(4))
def test_the_status_follows_what_pages_send(app, client, make_lead, part):
    with app.app_context():
        names = {"en": "Interested"}
        db.session.add(Status(key="interested", names=names, position=99, kind=IN_PROGRESS, colour="teal"))
        db.session.commit()
        bound = {field_of(it.offer.key): it.row.status_id for it in bound_rules()}
    wrong = []
    for row in TABLE[part::4]:
        case = PostedCase(app, client, make_lead(last_name="Dupont"))
        for act in row.acts:
            case.do(*act)
        with app.app_context():
            case.load()
            if problem := differences(row, case):
                wrong.append((row.words, problem))
        if ("switch_off",) in [act[:1] for act in row.acts]:
            client.post("/settings/statuses/rules", data=bound)

    assert wrong == []
