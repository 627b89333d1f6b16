"""The order within a stage, by hand; two hundred moves at once."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.leads.services import StaleLead, update_lead
from leadhub.leads.stages.models import StageMove
from leadhub.leads.stages.places import place
from leadhub.pipelines.deletion import delete_stage

STAGES = ("sales.first-contact", "sales.in-evaluation", "sales.in-negotiation")


def names_in(stage):
    wanted = db.select(Lead.last_name).where(Lead.stage_id == stage.id, Lead.deleted_at.is_(None))
    return "".join(db.session.scalars(wanted.order_by(Lead.stage_rank, Lead.id)))


def test_cards_are_put_below_others_and_on_top(new_lead, stage):
    leads = {name: new_lead(last_name=name) for name in "abcd"}
    assert names_in(stage("first-contact")) == "dcba"

    for name, above in (("d", "b"), ("a", None), ("c", "d")):
        place(leads[name], leads[above].id if above else None)
        db.session.commit()

    assert names_in(stage("first-contact")) == "abdc"
    assert {lead.version for lead in leads.values()} == {1}


def test_below_what_is_no_longer_there_is_on_top(new_lead, enter, stage):
    leads = {name: new_lead(last_name=name) for name in "ab"}
    enter(leads["b"], "in-evaluation")
    new_lead(last_name="c")

    place(leads["a"], leads["b"].id)

    assert names_in(stage("first-contact")) == "ac"


@pytest.mark.slow
def test_of_two_hundred_moves_at_once_none_is_lost_or_doubled_and_the_order_stays_total(app, new_lead, size):
    ids = [new_lead().id for _ in range(20)]
    db.session.rollback()  # SQLite has one writer, which is none of this thread
    done, lock = [], threading.Lock()

    def move(number):
        nonlocal done
        chance = random.Random(number)
        with app.app_context():
            user = user_by_email("ada@example.org")
            lead = db.session.get_one(Lead, chance.choice(ids))
            wanted = chance.choice([key for key in STAGES if key != lead.stage.key])
            try:
                is_moved = update_lead(lead, {"stage": wanted}, by=user, version=lead.version)
                place(lead, chance.choice(ids))
            except StaleLead:
                db.session.rollback()
            else:
                db.session.commit()
                with lock:
                    done += [1] if is_moved else []

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(move, range(size(200) * 2)))

    moves = db.session.query(StageMove).filter(StageMove.from_id.is_not(None)).order_by(StageMove.id).all()
    assert len(moves) == len(done) > 10
    for lead_id in ids:
        path = [move for move in moves if move.lead_id == lead_id]
        assert [move.from_id for move in path[1:]] == [move.to_id for move in path[:-1]]
        lead = db.session.get_one(Lead, lead_id)
        assert (path[-1].to_id if path else lead.stage_id, lead.version) == (lead.stage_id, 1 + len(path))
    words = db.session.scalars(db.select(Lead.stage_rank)).all()
    assert len(set(words)) == len(ids)


def test_a_stage_that_goes_at_that_moment_takes_the_card_along(app, new_lead, stage):
    """Whoever is first: the card ends in a stage that is there, and its path says how it came there."""
    ids = [new_lead().id for _ in range(6)]
    gone, heir, start = stage("in-evaluation").id, stage("in-negotiation").id, threading.Barrier(4)
    db.session.rollback()
    told = []

    def move(lead_id):
        with app.app_context():
            start.wait(10)
            try:
                user = user_by_email("ada@example.org")
                lead = db.session.get_one(Lead, lead_id)
                update_lead(lead, {"stage": "sales.in-evaluation"}, by=user, version=1)
                db.session.commit()
            except Exception as error:
                db.session.rollback()
                told.append(str(error))

    def delete():
        with app.app_context():
            start.wait(10)
            user = user_by_email("ada@example.org")
            delete_stage(gone, heir, by=user)
            db.session.commit()

    threads = [threading.Thread(target=move, args=[it]) for it in ids[:3]] + [threading.Thread(target=delete)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert set(told) <= {"This choice is no longer there."}
    for lead_id in ids[:3]:
        lead = db.session.get_one(Lead, lead_id)
        last = db.session.query(StageMove).filter_by(lead_id=lead_id).order_by(StageMove.id.desc()).first()
        assert lead.stage_id == last.to_id != gone
    assert db.session.query(StageMove).filter(StageMove.to_id == gone).count() == 3 - len(told)
