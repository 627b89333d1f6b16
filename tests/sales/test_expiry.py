"""Quotations run out by themselves, on the hub's calendar; what was deleted goes after the bin's days."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.jobs.models import Effect
from leadhub.jobs.registry import current_registry
from leadhub.jobs.worker import Worker
from leadhub.leads.models import Lead, LeadEvent
from leadhub.sales import jobs, parties
from leadhub.sales.documents import Opportunity, Order, Quotation, QuotationLine
from leadhub.sales.drafts import OpportunityDraft, OrderDraft, QuotationDraft
from leadhub.sales.opportunities import services as opportunities
from leadhub.sales.orders import services as orders
from leadhub.sales.quotations import services, writing
from leadhub.statuses.forms import field_of
from leadhub.statuses.queries import bound_rules
from tests.sales.quoting import LINES, written


@pytest.fixture
def lead_id(make_lead):
    return make_lead(last_name="Dupont", organisation="Acme")


@pytest.fixture
def ada(lead_id, context, person):
    return person("ada")


@pytest.fixture
def run(app, context):
    """``run()``: a round, and what it asked for."""

    def run(kind=jobs.ROUND):
        db.session.rollback()
        for _step in current_registry().handlers[kind].run({}) or ():
            db.session.commit()
        db.session.commit()
        wanted = sa.select(Effect).where(Effect.kind == jobs.EXPIRE).order_by(Effect.id)
        for effect in db.session.scalars(wanted).all():
            payload = dict(effect.payload)
            db.session.delete(effect)
            db.session.commit()
            jobs.expire(payload)
            db.session.commit()

    return run


def run_out(lead_id, ada, day=date(2026, 11, 20)):
    """Submitted in time, and over since."""
    row = written(lead_id, ada)
    row.valid_until = day
    db.session.commit()
    return row


def states():
    db.session.rollback()
    db.session.expire_all()
    found = db.session.scalars(sa.select(Quotation.state).order_by(Quotation.id)).all()
    db.session.rollback()  # others may write again
    return found


def status(lead_id):
    return db.session.get(Lead, lead_id).status.key


def test_what_is_over_runs_out_once(lead_id, ada, run):
    row, still = run_out(lead_id, ada), written(lead_id, ada)
    run()
    run()

    assert states() == ["expired", "submitted"]
    assert (row.settled_on, still.settled_on) == (parties.today(), None)
    assert status(lead_id) == "quotation"  # the other one is open
    told = db.session.scalars(sa.select(LeadEvent).where(LeadEvent.lead_id == lead_id)).all()
    assert [line.channel for line in told if {"new": "Expired"}.items() <= (line.changes or [{}])[0].items()] == [
        "status"
    ]


@pytest.mark.parametrize(
    ("zone", "hour", "state"),
    [
        ("Pacific/Auckland", 10, "submitted"),  # 23:00 on the last day
        ("Pacific/Auckland", 11, "expired"),  # midnight there, thirteen hours before UTC's
        ("Pacific/Honolulu", 33, "submitted"),  # 23:00 there, on UTC's next day
        ("Pacific/Honolulu", 34, "expired"),
        ("UTC", 23, "submitted"),
        ("UTC", 24, "expired"),
    ],
)
def test_the_day_ends_at_the_hubs_midnight(lead_id, ada, run, monkeypatch, zone, hour, state):
    run_out(lead_id, ada, date(2026, 11, 20))
    hub().time_zone = zone
    db.session.commit()
    moment = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(hours=hour)
    monkeypatch.setattr(parties, "utcnow", lambda: moment)

    run()

    assert states() == [state]


def test_only_own_ones_that_wait_for_an_answer(lead_id, ada, run):
    lead = db.session.get(Lead, lead_id)
    draft, accepted, deleted = (run_out(lead_id, ada) for _row in range(3))
    draft.state = "draft"
    services.act(accepted, "accept", by=ada)
    services.remove(deleted, by=ada)
    services.add(lead, QuotationDraft(number="X", sent_on=date(2020, 1, 1)), by=ada)
    endless = written(lead_id, ada)
    endless.valid_until = None
    db.session.commit()

    run()

    assert states() == ["draft", "accepted", "submitted", "submitted", "submitted"]


def test_one_that_fails_stops_no_other(app, lead_id, ada, monkeypatch):
    first, second = run_out(lead_id, ada).id, run_out(lead_id, ada).id
    expire = services.expire
    monkeypatch.setattr(services, "expire", lambda row: 1 / 0 if row.id == first else expire(row))
    db.session.rollback()

    with app.app_context():
        for _step in jobs.begin_round({}):
            db.session.commit()
        db.session.commit()
    db.session.rollback()
    Worker(app).work_off()

    assert states() == ["submitted", "expired"]
    monkeypatch.undo()
    with app.app_context():
        for _step in jobs.begin_round({}):
            db.session.commit()
        waiting = db.session.scalars(
            sa.select(Effect.payload).where(Effect.kind == jobs.EXPIRE, Effect.state == "waiting")
        )
        assert [told["quotation"] for told in waiting] == [first]  # asked for already: not twice
        db.session.rollback()
    assert second


def test_a_lead_in_the_bin_keeps_what_it_has(lead_id, ada, run):
    row = run_out(lead_id, ada)
    row.lead.deleted_at = utcnow()
    db.session.commit()
    run()
    assert states() == ["submitted"]
    jobs.expire({"quotation": row.id})  # it went there after the round

    row.lead.deleted_at = None
    db.session.commit()
    run()
    assert states() == ["expired"]


@pytest.mark.parametrize(("is_on", "key"), [(True, "lost-quotation"), (False, "open")])
def test_the_rule_of_expiry_can_be_switched_off(client, lead_id, ada, run, is_on, key):
    """*Settings > Statuses > Automatic rules*: then the status is the last one that somebody chose."""
    if not is_on:
        bound = bound_rules()
        chosen = {field_of(it.offer.key): it.row.status_id for it in bound}
        chosen[field_of("quotation-expired")] = "none"
        assert client.post("/settings/statuses/rules", data=chosen).status_code == 303
    run_out(lead_id, ada)
    run()

    assert states() == ["expired"]
    assert status(lead_id) == key


def test_many_run_out_block_by_block(lead_id, ada, run, monkeypatch):
    monkeypatch.setattr(jobs, "AT_ONCE", 2)
    for _row in range(5):
        run_out(lead_id, ada)
    run()
    assert set(states()) == {"expired"}


@pytest.fixture
def deleted(lead_id, ada):
    """One of each kind, deleted ten days ago: a function that says which are left."""
    lead = db.session.get(Lead, lead_id)
    opportunity = opportunities.create(lead, OpportunityDraft(title="Desks", currency="EUR"), by=ada)
    kept = written(lead_id, ada)
    kept.opportunity_id = opportunity.id
    quotation = written(lead_id, ada)
    order = orders.create(lead, OrderDraft(currency="EUR", lines=LINES), by=ada)
    for row in (opportunity, quotation, order):
        row.deleted_at = utcnow() - timedelta(days=10)
    db.session.commit()

    def left():
        db.session.rollback()
        db.session.expire_all()
        return [
            db.session.scalar(sa.select(sa.func.count()).select_from(model))
            for model in (Opportunity, Quotation, Order)
        ]

    return left


@pytest.mark.parametrize(("days", "expected"), [(9, [0, 1, 0]), (11, [1, 2, 1]), (0, [1, 2, 1])])
def test_what_was_deleted_goes_when_its_days_are_over(deleted, run, days, expected):
    hub().bin_days = days
    db.session.commit()
    run(jobs.PURGE)
    run(jobs.PURGE)

    assert deleted() == expected
    if expected[1] == 1:
        assert db.session.scalar(sa.select(sa.func.count()).select_from(QuotationLine)) == 2
        assert db.session.scalar(sa.select(Quotation.opportunity_id)) is None


def test_a_number_is_not_given_again_after_its_version_went(lead_id, ada, run):
    first = written(lead_id, ada)
    second = writing.revise(first, by=ada)
    writing.submit(second, by=ada)
    services.remove(second, by=ada)
    second.deleted_at = utcnow() - timedelta(days=99)
    db.session.commit()
    run(jobs.PURGE)

    assert writing.revise(db.session.get(Quotation, first.id), by=ada).revision == 3
