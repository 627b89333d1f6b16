"""Documents that nobody wrote, drawn from a seed, straight into the tables: for what counts them."""

import random
from datetime import date, timedelta

from leadhub.extensions import db
from leadhub.sales.documents import (
    ACCEPTED,
    CANCELLED,
    CONFIRMED,
    DRAFT,
    EXPIRED,
    LOST,
    OPEN,
    SUBMITTED,
    WON,
    Opportunity,
    Order,
    Quotation,
)

FIRST, DAYS = date(2026, 8, 1), 120
CURRENCIES = ("EUR", "EUR", "EUR", "CHF", "JPY")


def documents(seed, parties, reasons, number=60):
    """Quotations with versions, orders and opportunities of these (column, id) pairs, some of them deleted."""
    chance = random.Random(seed)
    rows = []
    for place in range(number):
        column, party_id = chance.choice(parties)
        party = {column: party_id, "currency": chance.choice(CURRENCIES)}
        day = FIRST + timedelta(days=chance.randrange(DAYS))
        opportunity = _opportunity(chance, party, day, reasons)
        state = chance.choice([DRAFT, SUBMITTED, ACCEPTED, LOST, LOST, CANCELLED, EXPIRED])
        its = {"series": "Q-", "year": 2026, "sequence": place + 1} if chance.random() < 0.7 else {}
        quotation = _quotation(chance, party, day, state, reasons, its)
        if chance.random() < 0.5:
            quotation.opportunity = opportunity
            if state == LOST and opportunity.state == LOST and chance.random() < 0.7:
                opportunity.closed_on = quotation.settled_on
        rows += [opportunity, quotation]
        if its and chance.random() < 0.3:
            db.session.add_all(rows)
            db.session.flush()
            again = its | {"revision": 2, "revised_from_id": quotation.id}
            rows.append(_quotation(chance, party, day, chance.choice([DRAFT, SUBMITTED, ACCEPTED]), reasons, again))
        if chance.random() < 0.5:
            rows.append(_order(chance, party, day))
    db.session.add_all(rows)
    db.session.flush()
    for row in rows:
        if chance.random() < 0.1:
            row.deleted_at = row.created_at
    db.session.flush()


def _quotation(chance, party, day, state, reasons, its):
    sent = None if state == DRAFT or (state == CANCELLED and chance.random() < 0.5) else day
    settled = day + timedelta(days=chance.randrange(20)) if state not in (DRAFT, SUBMITTED) else None
    return Quotation(
        **party, **its, state=state, sent_on=sent, settled_on=settled, number=f"Q-{its.get('sequence', '')}",
        loss_reason_id=chance.choice([*reasons, None]) if state == LOST else None,
        net_minor=chance.choice([None, chance.randrange(1, 500_000)]),
    )  # fmt: skip


def _order(chance, party, day):
    state = chance.choice([DRAFT, CONFIRMED, CONFIRMED, CANCELLED])
    return Order(
        **party, state=state, ordered_on=None if state == DRAFT else day + timedelta(days=chance.randrange(30)),
        net_minor=chance.choice([None, chance.randrange(1, 500_000)]),
    )  # fmt: skip


def _opportunity(chance, party, day, reasons):
    state = chance.choice([OPEN, OPEN, WON, LOST])
    return Opportunity(
        **party, title="Roof", state=state, expected_close=chance.choice([None, day, day + timedelta(days=90)]),
        probability=chance.choice([None, 10, 33, 75]), amount_minor=chance.choice([None, chance.randrange(500_000)]),
        closed_on=None if state == OPEN else day + timedelta(days=chance.randrange(20)),
        loss_reason_id=chance.choice([*reasons, None]) if state == LOST else None,
    )  # fmt: skip
