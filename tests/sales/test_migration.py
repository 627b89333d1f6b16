"""The migration to documents: quotations that were told before become them, to the last minor unit, and go back."""

from datetime import date, datetime

import flask_migrate
import pytest
import sqlalchemy as sa

from leadhub import upgrade
from leadhub.extensions import db
from leadhub.leads.queries import lead_seen_by
from leadhub.leads.statuses.facts import facts_of
from leadhub.sales import customers
from leadhub.sales.documents import Quotation
from leadhub.statuses.rules import ACCEPTED, ORDER

BEFORE, AFTER = "20261203_customers", "20261204_sales"
DAY, SETTLED, ORDERED = date(2026, 3, 1), date(2026, 4, 2), date(2026, 5, 3)
MADE = datetime(2026, 3, 1, 9, 30)
OLD = sa.table(
    "quotations",
    *(
        sa.column(name, type_)
        for name, type_ in {
            "id": sa.Integer, "version": sa.Integer, "lead_id": sa.Integer, "number": sa.String,
            "amount": sa.BigInteger, "currency": sa.String, "sent_on": sa.Date, "state": sa.String,
            "settled_on": sa.Date, "loss_reason_id": sa.Integer, "order_number": sa.String, "ordered_on": sa.Date,
            "created_by_id": sa.Integer, "created_at": sa.DateTime,
        }.items()
    ),
)  # fmt: skip
"""As the migration before had it: amounts were hundredths, whatever the currency."""
FACTS = sa.table("lead_facts", sa.column("at", sa.DateTime), *map(sa.column, ("lead_id", "name", "holds", "about")))


def old(number, currency, amount, state="submitted", **more):
    base = {"version": 3, "number": number, "amount": amount, "currency": currency, "sent_on": DAY, "state": state}
    plain = {"settled_on": None, "loss_reason_id": None, "order_number": "", "ordered_on": None, "created_at": MADE}
    return base | plain | {"created_by_id": None} | more


ROWS = [
    old("Q-1", "EUR", 123456),
    old("Q-2", "JPY", 500000, "ordered", settled_on=SETTLED, order_number="PO-7", ordered_on=ORDERED),
    old("Q-3", "TND", 1234, "lost", settled_on=SETTLED, loss_reason_id=1),
    old("Q-4", "", 999, "cancelled", settled_on=SETTLED),
    old("Q-5", "EUR", None, "accepted", settled_on=SETTLED),
    old("Q-6", "USD", 10**14, "ordered", settled_on=SETTLED, ordered_on=ORDERED),
    old("Q-7", "JPY", 150),  # half a yen was never an amount
    old("Q-8", "CLF", 1),
    old("Q-9", "KWD", 0, "ordered", settled_on=SETTLED, order_number="PO-9", ordered_on=None),
    old("Q-10", "EUR", 100, "ordered", settled_on=SETTLED, order_number="PO-10", ordered_on=ORDERED),
]
MINOR = {
    "Q-1": ("EUR", 123456), "Q-2": ("JPY", 5000), "Q-3": ("TND", 12340), "Q-4": ("EUR", 999), "Q-5": ("EUR", None),
    "Q-6": ("USD", 10**14), "Q-7": ("JPY", 2), "Q-8": ("CLF", 100), "Q-9": ("KWD", 0),
    "Q-10": ("EUR", 100),
}  # fmt: skip


@pytest.fixture
def migrated(context, make_lead):
    """A hub whose old rows have come up: what they were, by number.  Q-10 is alone with its lead, which was told."""
    *leads, last = make_lead(), make_lead(), make_lead()
    db.session.remove()
    flask_migrate.downgrade(upgrade.MIGRATIONS, BEFORE)
    rows = [{"id": place * 10, "lead_id": leads[place % 2]} | row for place, row in enumerate(ROWS, start=1)]
    rows[-1]["lead_id"] = last
    with db.engine.begin() as connection:
        connection.execute(sa.insert(OLD), rows)
        told = {"quotation_submitted": False, "quotation_accepted": False, "order_confirmed": True}
        facts = [{"lead_id": last, "at": MADE, "about": "Q-10", "name": it, "holds": told[it]} for it in told]
        connection.execute(sa.insert(FACTS), facts)
    flask_migrate.upgrade(upgrade.MIGRATIONS, AFTER)
    return {row["number"]: row for row in rows}


def read(statement):
    with db.engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.text(statement)).mappings()]


def test_what_was_told_is_all_there_in_minor_units(migrated):
    found = {row["number"]: row for row in read("SELECT * FROM quotations ORDER BY id")}

    assert {number: (row["currency"], row["net_minor"]) for number, row in found.items()} == MINOR
    for number, row in found.items():
        was = migrated[number]
        for name in ("id", "version", "lead_id", "loss_reason_id", "created_by_id"):
            assert row[name] == was[name]
        assert (str(row["sent_on"]), str(row["settled_on"])) == (str(was["sent_on"]), str(was["settled_on"]))
        assert str(row["created_at"]).startswith("2026-03-01 09:30")
        assert row["state"] == {"ordered": "accepted"}.get(was["state"], was["state"])
        assert (bool(row["is_own"]), row["revision"], row["sequence"], row["deleted_at"]) == (False, 1, None, None)


def test_an_order_has_a_row_of_its_own(migrated):
    found = read(
        "SELECT q.number AS of, o.number, o.state, o.currency, o.net_minor, o.ordered_on, o.lead_id, q.lead_id AS its "
        "FROM orders o JOIN quotations q ON q.id = o.quotation_id ORDER BY q.id"
    )

    assert [(row["of"], row["number"], row["state"], row["currency"], row["net_minor"]) for row in found] == [
        ("Q-2", "PO-7", "confirmed", "JPY", 5000),
        ("Q-6", "", "confirmed", "USD", 10**14),
        ("Q-9", "PO-9", "confirmed", "KWD", 0),
        ("Q-10", "PO-10", "confirmed", "EUR", 100),
    ]
    assert [str(row["ordered_on"]) for row in found] == [str(ORDERED), str(ORDERED), "None", str(ORDERED)]
    assert all(row["lead_id"] == row["its"] for row in found)


def test_the_next_ones_come_behind_what_was_there(migrated):
    flask_migrate.upgrade(upgrade.MIGRATIONS)
    row = Quotation(lead_id=migrated["Q-1"]["lead_id"], number="X", state="submitted", currency="EUR")
    db.session.add(row)
    db.session.commit()

    assert row.id > max(it["id"] for it in migrated.values())


def test_what_was_so_is_no_news_to_the_leads(migrated, person):
    flask_migrate.upgrade(upgrade.MIGRATIONS)
    ada = person("ada")
    lead = lead_seen_by(ada, migrated["Q-10"]["lead_id"])
    before = facts_of(lead.id)
    assert before[ACCEPTED] == before[ORDER]

    customers.hold(lead)
    customers.renew(lead, by=ada)
    db.session.commit()
    assert facts_of(lead.id) == before


def test_what_has_come_up_goes_down_as_it_was(migrated):
    db.session.remove()
    flask_migrate.downgrade(upgrade.MIGRATIONS, BEFORE)

    with db.engine.connect() as connection:
        found = {row["number"]: dict(row) for row in connection.execute(sa.select(OLD)).mappings()}
    expected = {number: dict(row) for number, row in migrated.items()}
    expected["Q-4"]["currency"] = "EUR"  # the hub's, as it was meant
    expected["Q-7"]["amount"] = 200  # what half a yen was rounded to
    assert found == expected


def test_what_is_new_goes_down_as_far_as_there_is_a_place_for_it(migrated):
    with db.engine.begin() as connection:
        for change in (
            "UPDATE quotations SET state = 'expired' WHERE number = 'Q-1'",
            "UPDATE quotations SET deleted_at = '2026-11-30' WHERE number = 'Q-3'",
            "UPDATE quotations SET state = 'draft', sent_on = NULL WHERE number = 'Q-4'",
            "UPDATE orders SET state = 'cancelled' WHERE number = 'PO-7'",
            "UPDATE orders SET deleted_at = '2026-11-30' WHERE number = 'PO-9'",
        ):
            connection.execute(sa.text(change))
    flask_migrate.downgrade(upgrade.MIGRATIONS, BEFORE)

    states = {row["number"]: row["state"] for row in read("SELECT number, state FROM quotations")}
    assert states == {
        "Q-1": "cancelled", "Q-2": "accepted", "Q-5": "accepted", "Q-6": "ordered", "Q-7": "submitted",
        "Q-8": "submitted", "Q-9": "accepted", "Q-10": "ordered",
    }  # fmt: skip
    assert read("SELECT 1 FROM loss_reasons WHERE key = 'declined'") == []


def test_a_reason_that_is_used_stays(migrated):
    with db.engine.begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE quotations SET loss_reason_id = (SELECT id FROM loss_reasons WHERE key = 'declined') "
                "WHERE number = 'Q-3'"
            )
        )
    flask_migrate.downgrade(upgrade.MIGRATIONS, BEFORE)
    flask_migrate.upgrade(upgrade.MIGRATIONS, AFTER)

    assert len(read("SELECT 1 FROM loss_reasons WHERE key = 'declined'")) == 1
    assert len(read("SELECT 1 FROM company")) == 1
