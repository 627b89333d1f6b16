"""Many people move cards at the same moment: no step of a path is lost or doubled, the order stays total."""

import random
import threading
from collections import Counter

import pytest
import sqlalchemy as sa

from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.leads.board.services import move
from leadhub.leads.checks import FieldRefused
from leadhub.leads.counters.jobs import fold_block
from leadhub.leads.counters.queries import sums_for
from leadhub.leads.models import Lead
from leadhub.leads.services import StaleLead
from leadhub.leads.stages.models import StageMove
from leadhub.pipelines.deletion import delete_stage
from leadhub.pipelines.models import Stage
from tests.leads.board.conftest import FIRST, SECOND, THIRD

PEOPLE = 8
CARDS = 12
OPEN = (FIRST, SECOND, THIRD)


def in_threads(acts):
    """Run these at the same moment; what they raised."""
    start, raised = threading.Barrier(len(acts)), []

    def run(act):
        start.wait(30)
        try:
            act()
        except Exception as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert not any(thread.is_alive() for thread in threads)
    return raised


def mover(app, seed, number, told):
    """Drops cards at random, as often as ``number``; who is told that somebody was faster goes on with another."""

    def act():
        chance = random.Random(seed)  # noqa: S311
        with app.app_context():
            for _time in range(number):
                try:
                    move_one(chance)
                    db.session.commit()
                    told["done"] += 1
                except StaleLead:
                    db.session.rollback()
                    told["late"] += 1

    return act


def move_one(chance):
    ada = user_by_email("ada@example.org")
    lead = db.session.get_one(Lead, chance.randint(1, CARDS))
    key, above = chance.choice(OPEN), chance.choice([0, chance.randint(1, CARDS)])
    changes = {"stage": key} if lead.stage.key != key else {}
    move(lead, changes, by=ada, version=lead.version, after_id=above)


@pytest.mark.slow
def test_two_hundred_moves_at_once(app, make_lead, size):
    for _number in range(CARDS):
        make_lead()
    told = Counter()

    raised = in_threads([mover(app, seed, size(200) // PEOPLE, told) for seed in range(PEOPLE)])

    assert raised == []
    assert told["done"] + told["late"] == size(200) // PEOPLE * PEOPLE
    assert told["done"] > told["late"]
    with app.app_context():
        steps = db.session.execute(
            sa.select(StageMove.lead_id, StageMove.from_id, StageMove.to_id).order_by(StageMove.id)
        ).all()
        changed = sum(db.session.scalars(sa.select(Lead.version - 1)))
        assert len(steps) == CARDS + changed > 2 * PEOPLE
        for lead in db.session.scalars(sa.select(Lead)):
            mine = [(it.from_id, it.to_id) for it in steps if it.lead_id == lead.id]
            assert [left for left, _to in mine[1:]] == [to for _from, to in mine[:-1]]
            assert mine[-1][1] == lead.stage_id
        ranks = db.session.scalars(sa.select(Lead.stage_rank)).all()
        assert len(set(ranks)) == len(ranks) == CARDS
        counted = Counter(db.session.scalars(sa.select(Lead.stage_id)))
        ada = user_by_email("ada@example.org")
        assert {row.stage_id: row.leads for row in sums_for(ada)} == counted
        fold_block()
        assert {row.stage_id: row.leads for row in sums_for(ada)} == counted


def test_a_stage_that_is_deleted_while_cards_go_there_loses_none(app, make_lead):
    ids = [make_lead() for _number in range(PEOPLE)]
    told = Counter()

    def enter(lead_id):
        with app.app_context():
            lead, ada = db.session.get_one(Lead, lead_id), user_by_email("ada@example.org")
            try:
                move(lead, {"stage": SECOND}, by=ada, version=1, after_id=0)
                db.session.commit()
                told["moved"] += 1
            except FieldRefused:
                told["refused"] += 1

    def delete():
        with app.app_context():
            known = {row.key: row.id for row in db.session.scalars(sa.select(Stage))}
            delete_stage(known[SECOND], known[THIRD], by=user_by_email("ada@example.org"))
            db.session.commit()

    raised = in_threads([delete, *(lambda lead_id=lead_id: enter(lead_id) for lead_id in ids)])

    assert raised == []
    assert told["moved"] + told["refused"] == PEOPLE
    with app.app_context():
        keys = Counter(lead.stage.key for lead in db.session.scalars(sa.select(Lead)))
        assert keys == Counter({THIRD: told["moved"], FIRST: told["refused"]})
