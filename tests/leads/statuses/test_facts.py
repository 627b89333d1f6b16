"""Telling what has become of a lead's documents, and what is written then."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import NoResultFound

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads import many
from leadhub.leads.many import Act, Before
from leadhub.leads.models import LeadEvent
from leadhub.leads.statuses import facts
from leadhub.leads.statuses.facts import Said, facts_of, live_facts, standing_of, tell
from leadhub.leads.statuses.history import path_of
from leadhub.leads.statuses.models import LeadFact, StatusMove
from leadhub.statuses.deletion import delete_status, undo_deletion
from leadhub.statuses.queries import statuses
from leadhub.statuses.services import add_action


def say(lead, by, **said):
    verdict = tell(lead.id, {name: Said(holds, "Q-1") for name, holds in said.items()}, by=by)
    db.session.commit()
    return verdict


def lines_of(lead):
    return db.session.query(LeadEvent).filter_by(lead_id=lead.id, channel="status").all()


def test_a_move_is_a_line_of_the_history_with_its_cause(new_lead, ada):
    lead = new_lead()

    say(lead, ada, quotation_submitted=True)

    (line,) = lines_of(lead)
    assert line.changes == [{"field": "status", "old": "Open", "new": "Quotation"}]
    assert line.details == {"cause": "quotation_submitted", "arguments": {"about": "Q-1"}}
    assert (line.by_id, line.version, lead.version) == (ada.id, 2, 2)


def test_what_moves_nothing_is_kept_and_leaves_no_line(new_lead, ada):
    lead = new_lead()
    say(lead, ada, quotation_submitted=True)

    say(lead, ada, opportunity=True)

    assert len(lines_of(lead)) == len(db.session.query(StatusMove).all()) == 1
    assert set(live_facts(facts_of(lead.id))) == {"quotation_submitted", "opportunity"}


def test_what_never_was_is_no_change_when_it_ends(new_lead, choose, ada):
    lead = new_lead()
    say(lead, ada, opportunity=True)
    choose(lead, "open")

    say(lead, ada, quotation_submitted=False)

    assert lead.status.key == "open"
    assert db.session.query(LeadFact).filter_by(name="quotation_submitted").all() == []


def test_what_is_said_again_is_a_change(new_lead, choose, ada):
    lead = new_lead()
    say(lead, ada, quotation_submitted=True)
    choose(lead, "open")

    say(lead, ada, quotation_submitted=True)

    assert lead.status.key == "quotation"


def test_the_moment_can_be_told(new_lead, ada):
    lead, at = new_lead(), utcnow() + timedelta(minutes=5)

    tell(lead.id, {"opportunity": Said(True)}, by=None, at=at)

    assert facts_of(lead.id)["opportunity"].at == at
    assert path_of(lead)[-1].entered == lead.status_since == at


def test_a_lead_of_which_nothing_was_told_stands_where_somebody_put_it(new_lead, choose):
    lead = new_lead()
    choose(lead, "quotation")

    facts, verdict = standing_of(lead)

    assert (facts, verdict.status, verdict.cause.key) == ({}, lead.status.standing, "hand")


def test_what_two_tell_of_one_lead_in_the_same_moment_both_counts(new_lead, ada, in_another_thread):
    lead = new_lead()
    lead_id = lead.id
    assert facts_of(lead_id) == {}
    db.session.commit()

    tell(lead_id, {"quotation_submitted": Said(True, "Q-1")}, by=ada)
    answer = in_another_thread(lambda mia: tell(lead_id, {"quotation_submitted": Said(False, "Q-1")}, by=mia).cause.key)
    db.session.commit()

    assert answer() == "quotation_submitted.ended"
    db.session.rollback()
    assert lead.status.key == "open"
    assert [stay.names["en"] for stay in path_of(lead)] == ["Open", "Quotation", "Open"]


def test_a_status_that_is_being_deleted_is_given_to_nobody(new_lead, status, ada, in_another_thread):
    lead = new_lead()
    lead_id = lead.id
    gone = delete_status(status("quotation").id, status("opportunity").id, by=ada)

    answer = in_another_thread(lambda mia: tell(lead_id, {"quotation_submitted": Said(True)}, by=mia).cause.key)
    db.session.commit()

    assert answer() == "quotation_submitted"
    db.session.rollback()
    assert lead.status.key == "opportunity"
    undo_deletion(gone, by=ada)
    say(lead, ada, quotation_submitted=True)
    assert lead.status.key == "quotation"


def test_the_facts_go_with_their_lead(new_lead, ada):
    lead = new_lead()
    say(lead, ada, opportunity=True)

    db.session.delete(lead)
    db.session.commit()

    assert (db.session.query(LeadFact).all(), db.session.query(StatusMove).all()) == ([], [])


def test_an_undone_change_of_many_is_no_choice_and_starts_no_action(new_lead, status, ada, runs):
    lead = new_lead()
    tell(lead.id, {"quotation_submitted": Said(True, "Q-1")}, by=ada)
    add_action(status("quotation"), "add_note", {"text": "Hello"}, by=ada)
    done = many.change([lead.id], Act(act="set", field="status", value="opportunity"), by=ada)
    before = {lead.id: Before(done[lead.id].old, done[lead.id].version)}

    many.give_back(before, Act(act="set", field="status", value="opportunity"), by=ada)
    db.session.flush()
    tell(lead.id, {"quotation_submitted": Said(False, "Q-1")}, by=ada)

    assert lead.status.key == "open"
    assert runs(lead) == []


def test_of_many_leads_each_has_its_own_last_choice(new_lead, choose, ada):
    """However often somebody has chosen for another one since."""
    first, busy = new_lead(), new_lead()
    choose(first, "quotation")
    for turn in range(facts.LOOKED_AT * 2 + 2):
        choose(busy, ("quotation", "open")[turn % 2])
    known = {row.id: row for row in statuses()}

    found = facts._last_choices([first.id, busy.id], known)

    assert {lead_id: choice.status.id for lead_id, choice in found.items()} == {
        first.id: first.status_id, busy.id: busy.status_id,
    }  # fmt: skip


def test_of_a_lead_that_is_gone_nothing_is_told(new_lead, ada):
    lead = new_lead()
    gone = lead.id + 1
    with pytest.raises(NoResultFound):
        facts.tell(gone, {"opportunity": facts.Said(True)}, by=ada)
    assert set(facts.tell_many({it: {"opportunity": facts.Said(True)} for it in (lead.id, gone)}, by=ada)) == {lead.id}
