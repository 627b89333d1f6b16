"""What a person may give a lead as its status, alone or with many others."""

import pytest

from leadhub.extensions import db
from leadhub.leads import many
from leadhub.leads.checks import FieldRefused
from leadhub.leads.many import Act
from leadhub.leads.services import StaleLead, update_lead
from leadhub.leads.statuses.facts import Said, tell

STAYS = "This lead has become a customer, so it stays “Converted”."
ASKS = "“Closed without result” asks for a reason."


@pytest.fixture
def customer(new_lead, ada):
    """A lead of which a customer was made."""
    lead = new_lead()
    tell(lead.id, {"customer": Said(True, "Dupré")}, by=ada)
    db.session.commit()
    return lead


def give_many(leads, key, by):
    results = many.change([lead.id for lead in leads], Act(act="set", field="status", value=key), by=by)
    return [(results[lead.id].state, results[lead.id].reason) for lead in leads]


def test_a_status_that_asks_for_a_reason_is_not_given_without(new_lead, choose):
    lead = new_lead()

    with pytest.raises(FieldRefused) as refused:
        choose(lead, "closed")
    db.session.rollback()

    assert (refused.value.field, str(refused.value)) == ("lost_reason", ASKS)
    assert lead.status.key == "open"


def test_it_is_given_with_one(new_lead, choose):
    lead = new_lead()

    choose(lead, "closed", reason="price")

    assert (lead.status.key, lead.lost_reason.key) == ("closed", "price")


@pytest.mark.one_database
def test_a_reason_that_was_given_before_will_do(new_lead, choose, ada):
    lead = new_lead()
    update_lead(lead, {"lost_reason": "price"}, by=ada, version=lead.version)

    choose(lead, "closed")

    assert lead.status.key == "closed"


@pytest.mark.one_database
def test_a_reason_that_is_taken_away_in_the_same_act_is_none(new_lead, ada):
    lead = new_lead(lost_reason="Price")

    with pytest.raises(FieldRefused) as refused:
        update_lead(lead, {"status": "closed", "lost_reason": ""}, by=ada, version=lead.version)

    assert refused.value.field == "lost_reason"


@pytest.mark.one_database
def test_any_status_can_ask_for_a_reason_or_stop_asking(new_lead, choose, status):
    status("opportunity").needs_reason, status("closed").needs_reason = True, False
    lead = new_lead()

    choose(lead, "closed")
    with pytest.raises(FieldRefused):
        choose(lead, "opportunity")


def test_of_many_leads_those_without_a_reason_are_refused(new_lead, ada):
    told, untold = new_lead(lost_reason="Price"), new_lead()

    assert give_many([told, untold], "closed", ada) == [("changed", ""), ("refused", ASKS)]
    assert (told.status.key, untold.status.key) == ("closed", "open")


def test_a_lead_with_a_customer_stays_converted(customer, choose):
    with pytest.raises(FieldRefused) as refused:
        choose(customer, "open")
    db.session.rollback()

    assert (refused.value.field, str(refused.value)) == ("status", STAYS)
    assert customer.status.key == "converted"


def test_a_lead_with_a_customer_can_be_locked_and_unlocked(customer, choose):
    choose(customer, "do-not-contact")
    assert customer.status.key == "do-not-contact"
    choose(customer, "converted")

    assert customer.status.key == "converted"


def test_of_many_leads_those_with_a_customer_stay_converted(customer, new_lead, ada):
    other = new_lead()

    assert give_many([customer, other], "open", ada) == [("refused", STAYS), ("unchanged", "")]
    assert give_many([customer, other], "opportunity", ada) == [("refused", STAYS), ("changed", "")]
    assert give_many([customer, other], "do-not-contact", ada) == [("changed", ""), ("changed", "")]


@pytest.mark.one_database
def test_documents_without_a_customer_keep_nobody_from_choosing(new_lead, choose, ada):
    lead = new_lead()
    tell(lead.id, {"quotation_submitted": Said(True, "Q-1"), "opportunity": Said(True)}, by=ada)

    choose(lead, "open")

    assert lead.status.key == "open"


@pytest.mark.one_database
def test_whoever_saw_another_status_is_told(new_lead, choose, ada):
    lead = new_lead()
    seen = lead.version
    choose(lead, "quotation")

    with pytest.raises(StaleLead) as stale:
        update_lead(lead, {"status": "opportunity"}, by=ada, version=seen)

    assert stale.value.fields == {"status"}


@pytest.mark.one_database
def test_what_a_rule_changed_meanwhile_is_somebodys_change_too(new_lead, ada):
    lead = new_lead()
    seen = lead.version
    tell(lead.id, {"opportunity": Said(True, "Roof")}, by=ada)

    with pytest.raises(StaleLead):
        update_lead(lead, {"status": "closed", "lost_reason": "price"}, by=ada, version=seen)
    assert update_lead(lead, {"job_title": "Boss"}, by=ada, version=seen)


@pytest.mark.one_database
def test_a_choice_is_judged_at_the_same_cost_for_many(new_lead, ada, count_queries):
    costs = []
    for count in (2, 30):
        leads = [new_lead() for _ in range(count)]
        for lead in leads:
            tell(lead.id, {"customer": Said(True)}, by=ada)
        db.session.commit()
        ids = [lead.id for lead in leads]
        db.session.commit()
        ada.role  # noqa: B018  # loads the person
        with count_queries() as statements:
            many.change(ids, Act(act="set", field="status", value="open"), by=ada)
        costs.append(len(statements))

    assert costs[0] == costs[1]
