"""Taking a status away with all that names it, and back again."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from leadhub.accounts.queries import user_by_email
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads import bin as leads_bin
from leadhub.leads import services as leads
from leadhub.leads.listing.models import SavedView
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.statuses.facts import Said, tell
from leadhub.leads.statuses.models import StatusMove
from leadhub.lists import guard
from leadhub.lists.services import RowGone
from leadhub.statuses import services
from leadhub.statuses.deletion import (
    LEADS,
    NotUndone,
    SuccessorNeeded,
    TooManyLeads,
    delete_status,
    open_deletions,
    undo_deletion,
)
from leadhub.statuses.models import Status, StatusAction, StatusDeletion, StatusRule
from leadhub.statuses.queries import actions_of, bound_rules, default_status, statuses

DEFAULT, RULES, ACTIONS, VIEWS = "statuses.default", "statuses.rules", "statuses.actions", "views.status"


@pytest.fixture
def view(ada):
    """``view("status=open")``: a saved view that asks for this."""

    def keep(query, **changes):
        row = SavedView(name="Hot", owner_id=ada.id, query=query, scope="private", **changes)
        db.session.add(row)
        db.session.flush()
        return row

    return keep


@pytest.fixture
def action(ada, status):
    """``action("open")``: an action of the status."""
    return lambda key: services.add_action(status(key), "add_note", {"text": "Call them."}, by=ada)


@pytest.fixture
def used(fill, view, action):
    """Open is used by everything that can use a status: ids of its leads, its rule, its action, its view."""
    rule = rule_of("opportunity")
    rule.status_id = default_status().id
    found = fill("open", 3), rule, action("open"), view("source=fair&status=closed&status=open")
    db.session.flush()
    return found


def rule_of(key):
    return next(it.row for it in bound_rules() if it.offer.key == key)


def statuses_of(ids):
    """Keys, in the order of the ids."""
    found = sa.select(Lead.id, Status.key).join(Lead.status).where(Lead.id.in_(ids))
    by_id = dict(db.session.execute(found).all())
    return [by_id[lead_id] for lead_id in ids]


def give(lead_id, key, by):
    lead = db.session.get_one(Lead, lead_id)
    leads.update_lead(lead, {"status": key}, by=by, version=lead.version)


def moves_of(lead_id):
    found = db.session.query(StatusMove).filter_by(lead_id=lead_id).order_by(StatusMove.id)
    return [(move.from_names["en"], move.to_names["en"], move.cause) for move in found]


def test_what_nothing_names_goes_without_a_choice(ada, status):
    gone = delete_status(status("do-not-contact").id, None, by=ada)

    assert status("do-not-contact") is None
    assert (gone.moved, gone.label("fr"), open_deletions()) == ({}, "Ne pas contacter", [gone])


@pytest.mark.parametrize("why", ["default", "last to do", "rule", "leads", "action", "view"])
def test_what_something_depends_on_asks_what_takes_its_place(ada, status, draft, fill, view, action, why):
    key = {"default": "open", "last to do": "open", "rule": "opportunity"}.get(why, "closed")
    if why == "last to do":
        services.change_status(status("closed"), draft(status("closed"), is_default=True), by=ada)
    acts = {"leads": lambda: fill(key, 1), "action": lambda: action(key), "view": lambda: view(f"status={key}")}
    acts.get(why, lambda: None)()

    with pytest.raises(SuccessorNeeded) as needed:
        delete_status(status(key).id, None, by=ada)

    assert needed.value.referrer == ""
    assert status(key)


@pytest.mark.parametrize("to", ["itself", "retired", "missing"])
@pytest.mark.one_database
def test_a_successor_is_another_status_that_is_offered(ada, status, used, to):
    services.retire(status("closed"), by=ada)
    successor_id = {"itself": status("open").id, "retired": status("closed").id, "missing": 999_999}[to]

    with pytest.raises(SuccessorNeeded):
        delete_status(status("open").id, successor_id, by=ada)

    assert statuses_of(used[0]) == ["open"] * 3
    assert status("open").is_default


@pytest.mark.one_database
def test_one_that_is_gone_already_is_told(ada):
    with pytest.raises(RowGone):
        delete_status(999_999, None, by=ada)


def test_one_successor_takes_over_all_that_named_it(ada, status, used):
    ids, rule, act, kept_view = used
    new = status("quotation")

    gone = delete_status(status("open").id, new.id, by=ada)

    assert status("open") is None
    assert statuses_of(ids) == ["quotation"] * 3
    assert default_status() is new
    assert (rule.status_id, rule.is_on, act.status_id, act.is_on) == (new.id, True, new.id, True)
    assert kept_view.query == "source=fair&status=closed&status=quotation"
    assert gone.moved == {LEADS: 3, DEFAULT: 1, RULES: 1, ACTIONS: 1, VIEWS: 1}
    assert (gone.successor_id, gone.by_id) == (new.id, ada.id)


def test_each_kind_of_thing_can_get_another_successor(ada, status, used):
    ids, rule, act, kept_view = used
    to = {LEADS: "closed", DEFAULT: "opportunity", RULES: "converted", VIEWS: "do-not-contact"}

    gone = delete_status(status("open").id, status("quotation").id, by=ada, but={key: status(to[key]).id for key in to})

    assert statuses_of(ids) == ["closed"] * 3
    assert default_status().key == "opportunity"
    assert (rule.status_id, act.status_id) == (status("converted").id, status("quotation").id)
    assert kept_view.query == "source=fair&status=closed&status=do-not-contact"
    assert gone.successor_id == status("closed").id


def test_what_can_do_without_is_switched_off(ada, status, used):
    ids, rule, act, kept_view = used
    off = {RULES: None, ACTIONS: None, VIEWS: None}

    delete_status(status("open").id, status("quotation").id, by=ada, but=off)

    assert statuses_of(ids) == ["quotation"] * 3
    assert (rule.status_id, rule.is_on, act.status_id, act.is_on) == (None, False, None, False)
    assert kept_view.query == "source=fair&status=closed"


@pytest.mark.parametrize("referrer", [LEADS, DEFAULT])
@pytest.mark.one_database
def test_neither_leads_nor_the_default_can_do_without(ada, status, used, referrer):
    with pytest.raises(SuccessorNeeded) as needed:
        delete_status(status("open").id, status("quotation").id, by=ada, but={referrer: None})

    assert needed.value.referrer == referrer
    assert statuses_of(used[0]) == ["open"] * 3


def test_each_lead_has_a_line_and_a_step_of_it_in_the_bin_too(ada, status, fill):
    first, binned = fill("closed", 2)
    leads_bin.delete(db.session.get_one(Lead, binned), by=ada)
    before = utcnow()

    gone = delete_status(status("closed").id, status("open").id, by=ada)

    for lead_id, version in ((first, 2), (binned, 3)):
        lead = db.session.get_one(Lead, lead_id)
        assert (lead.status.key, lead.version) == ("open", version)
        assert lead.status_since >= before
        assert moves_of(lead_id) == [("Closed without result", "Open", "replaced")]
        line = db.session.query(LeadEvent).filter_by(lead_id=lead_id, channel="statuses").one()
        assert line.changes == [{"field": "status", "old": "Closed without result", "new": "Open"}]
        assert (line.by_id, line.version) == (ada.id, version)
    moves = db.session.query(StatusMove).all()
    assert {(move.by_id, move.deletion_id, move.is_choice) for move in moves} == {(ada.id, gone.id, False)}


@pytest.mark.one_database
def test_more_leads_than_one_act_can_move_are_refused(ada, status, fill, monkeypatch):
    monkeypatch.setattr(guard, "LEADS_MAX", 3)
    ids = fill("closed", 4)

    with pytest.raises(TooManyLeads):
        delete_status(status("closed").id, status("open").id, by=ada)
    give(ids[0], "open", ada)
    delete_status(status("closed").id, status("open").id, by=ada)

    assert statuses_of(ids) == ["open"] * 4


@pytest.mark.parametrize("why", ["leads", "rule", "action"])
def test_the_database_itself_keeps_a_status_that_something_names(status, fill, action, why):
    key = "opportunity" if why == "rule" else "closed"
    {"leads": lambda: fill(key, 1), "action": lambda: action(key)}.get(why, lambda: None)()
    row_id = status(key).id
    db.session.commit()

    with pytest.raises(IntegrityError):
        db.session.execute(sa.delete(Status).where(Status.id == row_id))


def test_a_deletion_costs_as_many_statements_for_ten_leads_as_for_two_hundred(ada, status, fill, count_queries):
    costs = []
    for key, count in (("do-not-contact", 10), ("lost-quotation", 200)):
        fill(key, count)
        services.bind_rule("opportunity", status(key).id, is_on=True, by=ada)
        services.bind_rule("quotation-lost", None, is_on=False, by=ada)
        services.bind_rule("quotation-expired", None, is_on=False, by=ada)
        db.session.commit()
        row_id, to = status(key).id, status("open").id
        ada.id  # noqa: B018  # loads the person

        with count_queries() as statements:
            delete_status(row_id, to, by=ada)
            db.session.commit()
        costs.append(len(statements))

    assert costs[0] == costs[1] < 60


def test_a_view_that_can_be_taken_back_is_kept_right_though_it_is_not_counted(ada, status, view, fill):
    thrown = view(
        "status=closed",
    )
    thrown.scope = "-private"
    fill("closed", 1)

    gone = delete_status(status("closed").id, status("open").id, by=ada)
    assert thrown.query == "status=open"
    undo_deletion(gone, by=ada)

    assert thrown.query == "status=closed"
    assert gone.moved.get(VIEWS, 0) == 0


def test_an_undo_gives_back_all_that_nobody_has_changed_since(ada, status, used):
    ids, rule, act, kept_view = used
    old_id = status("open").id
    gone = delete_status(old_id, status("quotation").id, by=ada)
    db.session.commit()

    row = undo_deletion(gone, by=ada)
    db.session.commit()

    assert (row.id, row.key, row.names, row.kind, row.position) == (
        old_id,
        "open",
        {"en": "Open", "fr": "Ouvert"},
        "open",
        0,
    )
    assert statuses_of(ids) == ["open"] * 3
    assert default_status() is row
    assert (rule.status_id, rule.is_on, act.status_id, act.is_on) == (old_id, True, old_id, True)
    assert kept_view.query == "source=fair&status=closed&status=open"
    assert (gone.kept, open_deletions()) == ([], [])
    assert moves_of(ids[0]) == [("Open", "Quotation", "replaced"), ("Quotation", "Open", "restored")]
    assert db.session.get_one(Lead, ids[0]).version == 3


def test_an_undo_switches_on_again_what_was_switched_off(ada, status, used):
    _ids, rule, act, kept_view = used
    off = {RULES: None, ACTIONS: None, VIEWS: None}
    gone = delete_status(status("open").id, status("quotation").id, by=ada, but=off)

    undo_deletion(gone, by=ada)

    old_id = status("open").id
    assert (rule.status_id, rule.is_on, act.status_id, act.is_on) == (old_id, True, old_id, True)
    assert kept_view.query == "source=fair&status=closed&status=open"


def test_an_undo_leaves_off_what_was_off(ada, status, used):
    _ids, rule, act, _view = used
    services.bind_rule("opportunity", status("open").id, is_on=False, by=ada)
    services.switch_action(act, is_on=False, by=ada)

    undo_deletion(delete_status(status("open").id, status("quotation").id, by=ada), by=ada)

    assert (rule.status_id, rule.is_on, act.status_id, act.is_on) == (
        status("open").id,
        False,
        status("open").id,
        False,
    )


CHANGES = {
    "lead": "1 lead has got another status since, and keeps it.",
    "default": "The default was changed since, and stays.",
    "rule": "1 automatic rule: changed since, and not given back.",
    "action": "1 action: changed since, and not given back.",
    "view": "1 saved view: changed since, and not given back.",
}


@pytest.mark.parametrize("what", CHANGES)
def test_an_undo_keeps_what_somebody_has_changed_since_and_says_so(ada, status, draft, used, what):
    ids, rule, act, kept_view = used
    gone = delete_status(status("open").id, status("quotation").id, by=ada)
    closed, converted = status("do-not-contact"), status("converted")
    {
        "lead": lambda: give(ids[0], "do-not-contact", ada),
        "default": lambda: services.change_status(closed, draft(closed, is_default=True), by=ada),
        "rule": lambda: services.bind_rule("opportunity", converted.id, is_on=True, by=ada),
        "action": lambda: services.switch_action(act, is_on=False, by=ada),
        "view": lambda: setattr(kept_view, "query", "status=quotation"),
    }[what]()

    undo_deletion(gone, by=ada)

    back, left = ("open", status("open").id), ("do-not-contact", status("quotation").id)
    assert gone.kept == [CHANGES[what]]
    assert statuses_of(ids) == [left[0] if what == "lead" else "open", "open", "open"]
    assert default_status().key == (left[0] if what == "default" else "open")
    assert rule.status_id == (converted.id if what == "rule" else back[1])
    assert act.status_id == (left[1] if what == "action" else back[1])
    assert kept_view.query == ("status=quotation" if what == "view" else "source=fair&status=closed&status=open")


def test_an_undo_gives_no_removed_action_back(ada, status, used):
    _ids, _rule, act, _view = used
    gone = delete_status(status("open").id, status("quotation").id, by=ada)
    services.remove_action(act, by=ada)

    undo_deletion(gone, by=ada)

    assert gone.kept == [CHANGES["action"]]
    assert actions_of(status("open")) == []


def test_after_an_hour_nothing_can_be_undone(ada, status):
    gone = delete_status(status("do-not-contact").id, None, by=ada)
    gone.at = utcnow() - timedelta(minutes=61)

    with pytest.raises(NotUndone):
        undo_deletion(gone, by=ada)

    assert status("do-not-contact") is None
    assert open_deletions() == []


@pytest.mark.one_database
def test_an_undo_is_done_once(ada, status):
    gone = delete_status(status("do-not-contact").id, None, by=ada)
    undo_deletion(gone, by=ada)

    with pytest.raises(NotUndone):
        undo_deletion(gone, by=ada)


def test_a_name_that_was_taken_meanwhile_gets_a_number(ada, status, draft, fill, view):
    ids, kept_view = fill("closed", 1), view("status=closed")
    gone = delete_status(status("closed").id, status("open").id, by=ada)
    taken = services.add_status(draft("Closed without result"), by=ada)

    row = undo_deletion(gone, by=ada)

    assert row.names == {"en": "Closed without result 2", "fr": "Sans suite"}
    assert (row.key, taken.key) == ("closed", "closed without result")
    assert statuses_of(ids) == ["closed"]
    assert kept_view.query == "status=closed"


def test_a_key_that_was_taken_meanwhile_stays_with_who_has_it(ada, status, draft, fill, view):
    ids, kept_view = fill("opportunity", 1), view("status=opportunity")
    gone = delete_status(status("opportunity").id, status("open").id, by=ada)
    taken = services.add_status(draft("Opportunity"), by=ada)

    row = undo_deletion(gone, by=ada)

    assert taken.key != row.key
    assert statuses_of(ids) == [row.key]
    assert rule_of("opportunity").status_id == row.id
    assert kept_view.query == "status=open"
    assert gone.kept == [CHANGES["view"]]


def test_an_undo_after_its_successor_was_deleted_too_leaves_all_where_it_is(ada, status, used):
    ids, rule, act, kept_view = used
    first = delete_status(status("open").id, status("quotation").id, by=ada)
    delete_status(status("quotation").id, status("opportunity").id, by=ada)

    undo_deletion(first, by=ada)

    to = status("opportunity")
    assert statuses_of(ids) == ["opportunity"] * 3
    assert (default_status(), rule.status_id, act.status_id) == (to, to.id, to.id)
    assert kept_view.query == "source=fair&status=closed&status=opportunity"
    assert len(gone_words := first.kept) == 5, gone_words


def test_two_deletions_are_undone_one_after_the_other(ada, status, fill):
    ids = fill("closed", 2)
    first = delete_status(status("closed").id, status("open").id, by=ada)
    second = delete_status(status("open").id, status("quotation").id, by=ada)

    undo_deletion(second, by=ada)
    undo_deletion(first, by=ada)

    assert statuses_of(ids) == ["closed"] * 2
    assert (first.kept, second.kept) == ([], [])


def test_the_last_choice_of_a_status_that_was_deleted_counts_as_what_took_its_place(ada, status, fill):
    (lead_id,) = fill("open", 1)
    give(lead_id, "do-not-contact", ada)
    give(lead_id, "converted", ada)
    tell(lead_id, {"opportunity": Said(True)}, by=ada)
    assert statuses_of([lead_id]) == ["opportunity"]
    first = delete_status(status("converted").id, status("quotation").id, by=ada)
    delete_status(status("quotation").id, status("lost-quotation").id, by=ada)

    tell(lead_id, {"opportunity": Said(False)}, by=ada)
    after_two = statuses_of([lead_id])
    undo_deletion(first, by=ada)
    tell(lead_id, {"opportunity": Said(True)}, by=ada)
    tell(lead_id, {"opportunity": Said(False)}, by=ada)

    assert after_two == ["lost-quotation"]
    assert statuses_of([lead_id]) == ["converted"]


def test_two_who_delete_each_others_successor_are_both_answered(app, status, fill):
    for key in ("closed", "lost-quotation"):
        fill(key, 20)
    pairs = [(status(a).id, status(b).id) for a, b in (("closed", "lost-quotation"), ("lost-quotation", "closed"))]
    db.session.commit()
    start, answers = threading.Barrier(2), []

    def act(row_id, to):
        with app.app_context():
            by = user_by_email("ada@example.org")
            db.session.rollback()
            start.wait(10)
            try:
                delete_status(row_id, to, by=by)
                db.session.commit()
                answers.append("deleted")
            except Exception as error:
                answers.append(type(error).__name__)

    threads = [threading.Thread(target=act, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(answers) in (["SuccessorNeeded", "deleted"], ["RowGone", "deleted"])
    known = {row.id for row in statuses()}
    assert len(known & {pair[0] for pair in pairs}) == 1
    assert set(db.session.scalars(sa.select(Lead.status_id))) <= known


def test_a_lead_gets_the_successor_while_the_default_is_deleted(ada, status, fill, in_another_thread, monkeypatch):
    (lead_id,) = fill("open", 1)
    row_id, to = status("open").id, status("quotation").id
    db.session.commit()
    lock, answers = leads.lock, []

    def begin_deletion(lead):
        answers.append(in_another_thread(lambda mia: delete_status(row_id, to, by=mia).moved))
        lock(lead)

    monkeypatch.setattr(leads, "lock", begin_deletion)
    give(lead_id, "quotation", ada)
    db.session.commit()

    assert [answer()[DEFAULT] for answer in answers] == [1]
    assert statuses_of([lead_id]) == ["quotation"]
    assert moves_of(lead_id) == [("Open", "Quotation", "hand")]


def test_nothing_is_left_of_a_deletion_that_is_rolled_back(ada, status, used):
    db.session.commit()

    delete_status(status("open").id, status("quotation").id, by=ada)
    db.session.rollback()

    assert statuses_of(used[0]) == ["open"] * 3
    counts = [db.session.query(model).count() for model in (StatusDeletion, StatusMove, LeadEvent)]
    assert counts == [0, 0, 0]
    assert {row.status_id for row in db.session.query(StatusAction)} == {status("open").id}
    assert status("open").id in {row.status_id for row in db.session.query(StatusRule)}
