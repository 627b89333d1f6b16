"""Adding, changing, retiring and ordering statuses; binding rules; actions."""

import pytest

from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.lists import services as lists
from leadhub.lists.services import ListFieldRefused
from leadhub.plugins.api.statuses import Status as Wished
from leadhub.plugins.builtin.automatic_statuses import RULES as CORE
from leadhub.statuses import services
from leadhub.statuses.deletion import delete_status
from leadhub.statuses.models import StatusAction, StatusRule
from leadhub.statuses.queries import (
    action_counts,
    actions_of,
    automatic_ids,
    bound_rules,
    default_status,
    rules_in_force,
    statuses,
)
from leadhub.statuses.services import LIST, BindingGone

NOTE = {"text": "Call them."}


@pytest.fixture
def add(ada, draft):
    """``add("Hot", kind="open")``: a new status."""
    return lambda name, **extras: services.add_status(draft(name, **extras), by=ada)


@pytest.fixture
def add_note(ada):
    """``add_note(row, "First")``: an action that writes this note."""
    return lambda row, text: services.add_action(row, "add_note", {"text": text}, by=ada)


def rule_of(key):
    return next(it.row for it in bound_rules() if it.offer.key == key)


def texts_of(row):
    return [action.settings["text"] for action in actions_of(row)]


def test_a_status_comes_last_with_all_that_was_said_of_it(add):
    row = add("Hot", kind="won", colour="red", is_lock=True, needs_reason=True)

    db.session.expire(row)
    assert statuses()[-1] is row
    assert (row.key, row.kind, row.colour) == ("hot", "won", "red")
    assert (row.is_default, row.is_lock, row.needs_reason, row.retired) == (False, True, True, False)


@pytest.mark.parametrize(("field", "value"), [("kind", "half-won"), ("kind", None), ("colour", "rainbow")])
@pytest.mark.one_database
def test_a_kind_or_colour_that_there_is_not_is_refused(add, ada, draft, status, field, value):
    with pytest.raises(ListFieldRefused) as new:
        add("Hot", **{field: value})
    with pytest.raises(ListFieldRefused) as changed:
        services.change_status(status("open"), draft(status("open"), **{field: value}), by=ada)

    assert (new.value.field, changed.value.field) == (field, field)
    assert len(statuses()) == 7


@pytest.mark.one_database
def test_no_two_statuses_have_one_name(add, ada, draft, status):
    with pytest.raises(ListFieldRefused) as new:
        add("QUOTATION")
    with pytest.raises(ListFieldRefused) as changed:
        services.change_status(status("open"), draft(status("open"), names={"fr": "devis"}), by=ada)

    assert (new.value.field, changed.value.field) == ("name_en", "name_fr")


@pytest.mark.one_database
def test_an_order_of_statuses_is_kept(status):
    ids = [row.id for row in statuses()]

    lists.reorder(LIST, ids[::-1])

    assert [row.id for row in statuses()] == ids[::-1]


def test_another_status_takes_the_default_over(ada, draft, status):
    row = status("quotation")

    services.change_status(row, draft(row, is_default=True), by=ada)

    assert default_status() is row
    assert [it.key for it in statuses() if it.is_default] == ["quotation"]


def test_a_new_status_takes_the_default_over(add):
    row = add("First call", kind="open", is_default=True)

    assert default_status() is row
    assert [it.key for it in statuses() if it.is_default] == ["first call"]


@pytest.mark.one_database
def test_the_default_is_not_given_up(ada, draft, status):
    with pytest.raises(ListFieldRefused) as refused:
        services.change_status(status("open"), draft(status("open"), is_default=False), by=ada)

    assert refused.value.field == "is_default"
    assert status("open").is_default


@pytest.mark.one_database
def test_the_default_is_not_retired(ada, status):
    with pytest.raises(RuleBroken):
        services.retire(status("open"), by=ada)

    assert not status("open").retired


@pytest.mark.one_database
def test_a_retired_status_is_no_default(ada, draft, status):
    services.retire(status("closed"), by=ada)

    with pytest.raises(ListFieldRefused) as refused:
        services.change_status(status("closed"), draft(status("closed"), is_default=True), by=ada)

    assert refused.value.field == "is_default"


@pytest.mark.one_database
def test_the_last_status_to_do_stays_one(add, ada, draft, status):
    with pytest.raises(ListFieldRefused) as refused:
        services.change_status(status("open"), draft(status("open"), kind="won"), by=ada)
    add("First call", kind="open")
    services.change_status(status("open"), draft(status("open"), kind="won"), by=ada)

    assert refused.value.field == "kind"
    assert status("open").kind == "won"


@pytest.mark.one_database
def test_a_retired_one_is_not_counted_as_a_status_to_do(add, ada, draft, status):
    services.retire(add("First call", kind="open"), by=ada)

    with pytest.raises(ListFieldRefused):
        services.change_status(status("open"), draft(status("open"), kind="won"), by=ada)


@pytest.mark.one_database
def test_the_last_status_to_do_is_not_retired(add, ada, draft, status):
    services.change_status(status("quotation"), draft(status("quotation"), is_default=True), by=ada)

    with pytest.raises(RuleBroken):
        services.retire(status("open"), by=ada)
    add("First call", kind="open")
    services.retire(status("open"), by=ada)

    assert status("open").retired


@pytest.mark.one_database
def test_a_retired_status_is_given_by_its_rule_and_comes_back(ada, status):
    row = status("quotation")

    services.retire(row, by=ada)
    assert row.id in automatic_ids()
    services.unretire(row, by=ada)

    assert not row.retired


def test_an_id_is_never_given_twice(add, ada):
    newest = add("Hot")
    old = newest.id
    delete_status(old, None, by=ada)
    db.session.commit()

    assert add("Warm").id > old


def test_every_rule_that_is_offered_has_its_row_with_the_status_it_would_like(context):
    given = {it.offer.key: (it.row.is_on, it.row.status_id) for it in bound_rules()}
    by_key = {row.key: row.id for row in statuses()}

    assert given == {offer.key: (True, by_key[offer.wished.key]) for offer in CORE}
    assert services.adopt_rules() == 0


@pytest.mark.one_database
def test_a_rule_gives_another_status_or_none(ada, status):
    services.bind_rule("opportunity", status("closed").id, is_on=True, by=ada)
    assert rule_of("opportunity").status_id == status("closed").id
    services.bind_rule("opportunity", None, is_on=True, by=ada)

    assert (rule_of("opportunity").status_id, rule_of("opportunity").is_on) == (None, False)
    assert "opportunity" not in [rule.key for rule in rules_in_force({row.id: row for row in statuses()})]


@pytest.mark.one_database
def test_a_rule_that_is_off_keeps_its_status(ada, status):
    services.bind_rule("opportunity", status("opportunity").id, is_on=False, by=ada)

    assert (rule_of("opportunity").status_id, rule_of("opportunity").is_on) == (status("opportunity").id, False)
    assert status("opportunity").id not in automatic_ids()


def test_neither_a_rule_nor_a_status_that_is_not_there_is_bound(ada, status):
    with pytest.raises(BindingGone):
        services.bind_rule("telepathy", status("open").id, is_on=True, by=ada)
    with pytest.raises(BindingGone):
        services.bind_rule("opportunity", 999_999, is_on=True, by=ada)

    assert rule_of("opportunity").status_id == status("opportunity").id


@pytest.mark.one_database
def test_a_status_that_a_rule_would_like_is_made_once(ada, add):
    wished = Wished(key="met", names={"en": "Quotation", "fr": "Rencontré"}, kind="in_progress", colour="pink")

    row = services.recreate(wished, by=ada)

    assert (row.key, row.names) == ("met", {"en": "Quotation 2", "fr": "Rencontré"})
    assert services.recreate(wished, by=ada) is row
    assert statuses()[-1] is row


def test_actions_come_last_and_change_places(add_note, status):
    row = status("quotation")
    first, second, third = (add_note(row, text) for text in ("1", "2", "3"))
    db.session.flush()

    services.move_action(third, up=True)
    assert texts_of(row) == ["1", "3", "2"]
    services.move_action(first, up=True)
    services.move_action(second, up=False)
    assert texts_of(row) == ["1", "3", "2"]
    services.move_action(first, up=False)

    assert texts_of(row) == ["3", "1", "2"]
    assert action_counts() == {row.id: 3}


@pytest.mark.one_database
def test_an_action_is_changed_switched_and_removed(add_note, ada, status):
    action = add_note(status("quotation"), "1")
    db.session.flush()

    services.change_action(action, {"text": "2"}, by=ada)
    services.switch_action(action, is_on=False, by=ada)
    db.session.commit()
    assert (action.settings, action.is_on) == ({"text": "2"}, False)
    services.remove_action(action, by=ada)

    assert actions_of(status("quotation")) == []


@pytest.mark.one_database
def test_what_nothing_offers_and_more_than_enough_is_no_action(add_note, ada, status):
    with pytest.raises(BindingGone):
        services.add_action(status("open"), "telepathy", {}, by=ada)
    for number in range(services.ACTIONS_MAX):
        add_note(status("open"), str(number))
        db.session.flush()

    with pytest.raises(RuleBroken):
        add_note(status("open"), "one more")
    assert len(actions_of(status("open"))) == services.ACTIONS_MAX


def test_an_action_without_a_status_waits_for_one(ada, status):
    action = StatusAction(status_id=None, action="add_note", settings=NOTE, position=0, is_on=False)
    db.session.add(action)
    db.session.flush()

    with pytest.raises(BindingGone):
        services.switch_action(action, is_on=True, by=ada)
    services.move_action(action, up=True)
    services.give_action(action, status("open"), by=ada)

    assert actions_of(status("open")) == [action]
    assert action.is_on


@pytest.mark.parametrize("act", ["add", "give"])
def test_no_action_is_given_to_a_status_that_is_being_deleted(ada, status, in_another_thread, act):
    waiting = StatusAction(status_id=None, action="add_note", settings=NOTE, position=0, is_on=False)
    db.session.add(waiting)
    db.session.commit()
    row_id, action_id = status("quotation").id, waiting.id

    def bind(mia):
        row = status("quotation")
        if row is None:  # SQLite lets nobody in before
            raise BindingGone("")
        if act == "add":
            return services.add_action(row, "add_note", NOTE, by=mia).id
        return services.give_action(db.session.get_one(StatusAction, action_id), row, by=mia)

    delete_status(row_id, status("opportunity").id, by=ada)
    answer = in_another_thread(bind)
    db.session.commit()

    assert isinstance(answer(), BindingGone)
    db.session.rollback()
    assert [it.status_id for it in db.session.query(StatusAction)] == [None]


def test_no_rule_is_bound_to_a_status_that_is_being_deleted(ada, status, in_another_thread):
    row_id, other_id = status("opportunity").id, status("quotation").id
    db.session.commit()
    delete_status(row_id, other_id, by=ada)

    answer = in_another_thread(lambda mia: services.bind_rule("opportunity", row_id, is_on=True, by=mia))
    db.session.commit()

    assert isinstance(answer(), BindingGone)
    db.session.rollback()
    assert db.session.query(StatusRule).filter_by(rule="opportunity").one().status_id == other_id


def test_a_deletion_waits_for_whoever_binds_a_rule(ada, status, in_another_thread, monkeypatch):
    row_id, other_id = status("opportunity").id, status("quotation").id
    kept, answers = lists.kept, []

    def hold(*args):
        answers.append(in_another_thread(lambda mia: delete_status(row_id, other_id, by=mia).row_id))
        return kept(*args)

    monkeypatch.setattr(lists, "kept", hold)
    services.bind_rule("opportunity", row_id, is_on=False, by=ada)
    db.session.commit()

    assert [answer() for answer in answers] == [row_id]
    assert (rule_of("opportunity").status_id, rule_of("opportunity").is_on) == (other_id, False)
