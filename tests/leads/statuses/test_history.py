"""The path of a lead: what is written with each change of its status, and how it is read."""

from datetime import timedelta

import pytest

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads import many
from leadhub.leads.many import Act, Before
from leadhub.leads.services import create_leads, update_lead
from leadhub.leads.statuses.history import SHOWN, path_of
from leadhub.leads.statuses.models import StatusMove
from leadhub.plugins.api import LeadDraft
from leadhub.statuses.deletion import delete_status
from leadhub.statuses.models import Status
from leadhub.statuses.services import add_action


def moves():
    return db.session.query(StatusMove).order_by(StatusMove.id).all()


def names_of(stays):
    return [stay.names["en"] for stay in stays]


def give_many(leads, key, by):
    results = many.change([lead.id for lead in leads], Act(act="set", field="status", value=key), by=by)
    db.session.commit()
    return results


def test_new_leads_have_made_no_step(context):
    create_leads([LeadDraft(channel="import", last_name=str(number)) for number in range(3)], by=None)

    assert moves() == []


def test_the_path_of_a_new_lead_is_where_it_is(new_lead):
    lead = new_lead()

    (stay,) = path_of(lead)

    assert (stay.names["en"], stay.status, stay.left, stay.move) == ("Open", lead.status, None, None)
    assert stay.entered == lead.created_at == lead.status_since


def test_each_step_says_from_where_to_where_by_whom_and_since_when(new_lead, choose, ada):
    lead = new_lead()
    begun = lead.created_at

    choose(lead, "opportunity")
    choose(lead, "quotation")

    first, second = moves()
    assert (first.from_names["fr"], first.to_names["fr"], first.since) == ("Ouvert", "Opportunité", begun)
    assert (second.from_names["fr"], second.to_names["fr"], second.since) == ("Opportunité", "Devis", first.at)
    assert lead.status_since == second.at
    assert {(move.by_id, move.cause, move.is_choice, move.deletion_id) for move in (first, second)} == {
        (ada.id, "hand", True, None)
    }


def test_a_stay_ends_where_the_next_begins(new_lead, choose):
    lead = new_lead()
    for key in ("opportunity", "quotation", "open"):
        choose(lead, key)

    stays = path_of(lead)

    assert names_of(stays) == ["Open", "Opportunity", "Quotation", "Open"]
    assert [stay.left for stay in stays[:-1]] == [stay.entered for stay in stays[1:]]
    assert (stays[0].entered, stays[-1].left) == (lead.created_at, None)
    assert [stay.move.by.name if stay.move else None for stay in stays] == [None, "Ada", "Ada", "Ada"]


def test_the_path_speaks_as_people_spoke_at_the_time(new_lead, choose, status):
    lead = new_lead()
    choose(lead, "quotation")
    status("quotation").names = {"en": "Offer sent"}
    choose(lead, "open")
    choose(lead, "quotation")

    assert names_of(path_of(lead)) == ["Open", "Quotation", "Open", "Offer sent"]


@pytest.mark.one_database
def test_a_status_that_is_gone_stays_on_the_path_by_its_name(new_lead, choose, status, ada):
    lead = new_lead()
    choose(lead, "do-not-contact")
    choose(lead, "open")
    delete_status(status("do-not-contact").id, None, by=ada)

    assert [(stay.names["en"], stay.status and stay.status.key) for stay in path_of(lead)] == [
        ("Open", "open"), ("Do not contact", None), ("Open", "open"),
    ]  # fmt: skip


@pytest.mark.one_database
def test_a_long_path_is_shown_from_its_end(new_lead, choose):
    lead = new_lead()
    for turn in range(SHOWN + 3):
        choose(lead, ("opportunity", "quotation")[turn % 2])

    stays = path_of(lead)

    assert len(stays) == SHOWN + 1
    assert stays[0].is_earlier
    assert not any(stay.is_earlier for stay in stays[1:])
    assert stays[0].entered == moves()[2].at
    assert names_of(stays)[-1] == "Opportunity"


@pytest.mark.one_database
def test_a_path_may_begin_in_the_middle(new_lead, status):
    lead = new_lead()
    known = {"to_id": status("open").id, "to_names": {"en": "Open"}, "cause": "hand", "is_choice": True}
    db.session.add(StatusMove(lead_id=lead.id, at=utcnow() - timedelta(days=9), from_id=None, **known))
    db.session.flush()

    assert names_of(path_of(lead)) == ["Open"]


@pytest.mark.one_database
def test_the_same_status_again_is_no_step(new_lead, choose, ada):
    lead = new_lead()
    before = lead.status_since

    assert not update_lead(lead, {"status": "open"}, by=ada, version=lead.version)
    update_lead(lead, {"job_title": "Boss"}, by=ada, version=lead.version)

    assert moves() == []
    assert lead.status_since == before


@pytest.mark.one_database
def test_what_is_rolled_back_leaves_no_step(new_lead, ada):
    lead = new_lead()

    update_lead(lead, {"status": "quotation"}, by=ada, version=lead.version)
    db.session.rollback()

    assert moves() == []


def test_one_choice_for_many_leads_is_a_step_of_each(new_lead, choose, ada):
    leads = [new_lead() for _ in range(3)]
    choose(leads[0], "opportunity")
    choose(leads[2], "quotation")

    results = give_many(leads, "quotation", ada)

    assert [results[lead.id].state for lead in leads] == ["changed", "changed", "unchanged"]
    assert [names_of(path_of(lead)) for lead in leads] == [
        ["Open", "Opportunity", "Quotation"],
        ["Open", "Quotation"],
        ["Open", "Quotation"],
    ]
    steps = moves()[2:]
    assert {(move.by_id, move.cause, move.is_choice) for move in steps} == {(ada.id, "hand", True)}
    assert all(lead.status_since == move.at for lead, move in zip(leads, steps, strict=False))
    assert steps[0].since == moves()[0].at


@pytest.mark.one_database
def test_an_undo_of_many_is_a_step_too(new_lead, ada):
    leads = [new_lead(), new_lead()]
    results = give_many(leads, "quotation", ada)

    before = {lead_id: Before(it.old, it.version) for lead_id, it in results.items()}
    many.give_back(before, Act(act="set", field="status", value="quotation"), by=ada)

    assert [names_of(path_of(lead)) for lead in leads] == [["Open", "Quotation", "Open"]] * 2


def test_many_leads_cost_as_many_statements_as_few(new_lead, status, ada, count_queries):
    for text in ("1", "2"):
        add_action(status("quotation"), "add_note", {"text": text}, by=ada)
    costs = []
    for count in (2, 40):
        leads = [new_lead() for _ in range(count)]
        ids = [lead.id for lead in leads]
        db.session.commit()
        ada.role  # noqa: B018  # loads the person
        with count_queries() as statements:
            many.change(ids, Act(act="set", field="status", value="quotation"), by=ada)
            db.session.commit()
        costs.append(len(statements))

    assert costs[0] == costs[1] < 30


@pytest.mark.parametrize("more", ["actions", "statuses"])
def test_a_change_of_status_costs_as_many_queries_however_many_there_are(
    new_lead, choose, status, ada, count_queries, more
):
    add_action(status("quotation"), "add_note", {"text": "1"}, by=ada)
    costs = []
    for count in (0, 5 if more == "actions" else 23):
        for number in range(count):
            if more == "actions":
                add_action(status("quotation"), "add_note", {"text": str(number)}, by=ada)
            else:
                names = {"en": f"Status {number}"}
                db.session.add(Status(key=f"s{number}", names=names, kind="open", colour="blue", position=number))
        lead = new_lead()
        with count_queries() as statements:
            choose(lead, "quotation")
        costs.append(len(statements))

    assert costs[0] == costs[1] < 30


def test_a_path_costs_as_many_queries_however_long_it_is(new_lead, choose, count_queries):
    costs = []
    for turns in (2, 10):
        lead = new_lead()
        for turn in range(turns):
            choose(lead, ("opportunity", "quotation")[turn % 2])
        lead.status  # noqa: B018  # loads the lead
        with count_queries() as statements:
            assert {stay.move.by.name for stay in path_of(lead) if stay.move} == {"Ada"}
        costs.append(len(statements))

    assert costs[0] == costs[1] <= 3
